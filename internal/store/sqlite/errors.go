package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	driver "modernc.org/sqlite"

	"watcher/internal/store"
)

// SQLite's primary result codes that a person can do something about.
const (
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeIO       = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
)

// explain says what an error of the driver means: where, what and what next.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || strings.HasPrefix(err.Error(), s.path) {
		return err
	}
	for _, told := range []error{store.ErrFull, store.ErrCorrupt, store.ErrReadOnly, store.ErrLocked} {
		if errors.Is(err, told) { // by another store, as a copy runs over two
			return err
		}
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codeFull:
		return fmt.Errorf("%s: %w: %w; nothing that was kept is lost: free some space and it goes on", s.path, store.ErrFull, err)
	case codeCorrupt, codeNotADB:
		err = fmt.Errorf("%s: %w: %w; stop watcher, keep the file aside and restore a backup (`watcher restore --check FILE` reads one)", s.path, store.ErrCorrupt, err)
		s.damage.CompareAndSwap(nil, &err)
		return err
	case codeReadOnly, codeCantOpen:
		return fmt.Errorf("%s: %w: %w; the file, its folder and its -wal and -shm must be writable by this user", s.path, store.ErrReadOnly, err)
	case codeBusy, codeLocked:
		return fmt.Errorf("%s: %w: %w; another program holds it: let it end", s.path, store.ErrLocked, err)
	case codeIO:
		if err := s.readOnlyDisk(); err != nil {
			return err
		}
		return fmt.Errorf("%s: %w: %w; look at the disk and at limits on file sizes (ulimit -f)", s.path, store.ErrFull, err)
	}
	return err
}

// readOnlyDisk tells a disk that the kernel lets nobody write any more, as it
// does once it met damage: to SQLite that is an input or output error like any
// other. The database itself is not opened for it: closing it would let go of
// this process's locks.
func (s *Store) readOnlyDisk() error {
	probe, err := os.CreateTemp(filepath.Dir(s.path), probeName)
	if err != nil {
		if full(err) {
			return nil
		}
		return fmt.Errorf("%s: %w: %w; nothing that was kept is lost: look at what the kernel says of the disk (dmesg) and make it writable; if it has to be mounted anew, start watcher again afterwards",
			s.path, store.ErrReadOnly, err)
	}
	os.Remove(probe.Name())
	probe.Close()
	return nil
}

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
