package sqlite

import (
	"context"
	"errors"
	"fmt"
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
		return fmt.Errorf("%s: %w: %w; look at the disk and at limits on file sizes (ulimit -f)", s.path, store.ErrFull, err)
	}
	return err
}

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
