package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"watcher/internal/store"
)

// acquire holds the lock file, with this process's id in it. The kernel lets
// go of it when the process ends, however it ends.
func acquire(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	}
	if err := hold(f); err != nil {
		pid, _ := io.ReadAll(io.LimitReader(f, 32))
		f.Close()
		who := "another process"
		if _, err := strconv.Atoi(strings.TrimSpace(string(pid))); err == nil {
			who = "process " + strings.TrimSpace(string(pid))
		}
		return nil, fmt.Errorf("%s: %w: %s runs on it; stop that one, or give this one a store: of its own", strings.TrimSuffix(path, ".lock"), store.ErrLocked, who)
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// release lets go. The file stays: removing it would let two hold "the" lock.
func release(f *os.File) error {
	f.Truncate(0)
	return f.Close()
}

// Lock holds a store's lock without opening it, as long as nobody else does.
func Lock(path string) (unlock func() error, err error) {
	f, err := acquire(path + ".lock")
	if err != nil {
		return nil, err
	}
	return func() error { return release(f) }, nil
}
