package sqlite

import (
	"os"

	"golang.org/x/sys/windows"
)

// hold locks a byte far behind the text, which others may go on reading.
func hold(f *os.File) error {
	at := &windows.Overlapped{Offset: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
}
