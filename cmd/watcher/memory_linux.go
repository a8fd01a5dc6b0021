package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropProgram takes the pages of code and constants out of our memory: half of
// them are the start's (every package's init, flags, the schema), and the
// kernel keeps all that were read once. They are the file's, never written, so
// that nothing is lost.
func dropProgram() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	// from-to mode offset device inode path
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		where, rest, _ := strings.Cut(lines.Text(), " ")
		mode, _, _ := strings.Cut(rest, " ")
		if !strings.HasSuffix(rest, " "+exe) || !strings.HasPrefix(mode, "r-") {
			continue
		}
		a, b, _ := strings.Cut(where, "-")
		from, err1 := strconv.ParseUint(a, 16, 64)
		to, err2 := strconv.ParseUint(b, 16, 64)
		if err1 == nil && err2 == nil {
			unix.Syscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}
