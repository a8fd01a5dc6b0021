// Package sqlite keeps watcher's data in one SQLite file: one connection that
// writes, four that read. It owns the file, its lock, its migrations and what
// its errors mean; the statements are sqlstore's.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // the driver

	"watcher/internal/store"
	"watcher/internal/store/sqlstore"
)

// readers is how many transactions read at a time.
const readers = 4

// Options say how a file is opened.
type Options struct {
	Exclusive bool // hold <path>.lock: the daemon
	ReadOnly  bool // never write, never make the file
	Full      bool // synchronous=FULL: a power cut undoes no commit
	AsIs      bool // with ReadOnly: a schema of an earlier program will do, to copy or to check the file
}

// Store is an open file.
type Store struct {
	path     string
	ro       bool
	damage   atomic.Pointer[error] // the first that was met
	lock     *os.File
	wdb, rdb *sql.DB
	writer   *pool // of one: whoever holds it writes
	reader   *pool
	conns    []*conn
	wrote    chan struct{} // somebody has, since the checkpoints last looked
	words    chan struct{} // the same for the merges
	working  sync.WaitGroup
	closed   chan struct{}
	close    sync.Once
	closeErr error
}

var _ store.Movable = (*Store)(nil)

// Open opens the file at path, makes it and its folder (mode 0700) where they
// are missing, and brings its schema up to date. Errors wrap store.ErrNewer,
// ErrCorrupt, ErrFull, ErrReadOnly, ErrLocked or fs.ErrNotExist.
func Open(ctx context.Context, path string, o Options) (_ *Store, err error) {
	s := &Store{path: path, ro: o.ReadOnly, writer: newPool(1), reader: newPool(readers), wrote: make(chan struct{}, 1), words: make(chan struct{}, 1), closed: make(chan struct{})}
	defer func() {
		if err != nil {
			if err = s.explain(err); !strings.HasPrefix(err.Error(), path) {
				err = fmt.Errorf("%s: %w", path, err)
			}
			if cerr := s.Close(); cerr != nil {
				err = errors.Join(err, cerr)
			}
		}
	}()
	if err := prepare(path, o); err != nil {
		return nil, err
	}
	if o.Exclusive {
		if s.lock, err = acquire(path + ".lock"); err != nil {
			return nil, err
		}
	}
	if !o.ReadOnly {
		if s.wdb, err = sql.Open("sqlite", dsn(path, o, true)); err != nil {
			return nil, err
		}
		s.wdb.SetMaxOpenConns(1)
		s.conns = append(s.conns, newConn(s.wdb, true))
		s.writer.put(s.conns[0])
		if err := migrate(ctx, s.wdb); err != nil {
			return nil, err
		}
		if err := ownMerges(ctx, s.wdb); err != nil {
			return nil, err
		}
	}
	if s.rdb, err = sql.Open("sqlite", dsn(path, o, false)); err != nil {
		return nil, err
	}
	s.rdb.SetMaxOpenConns(readers)
	for range readers {
		c := newConn(s.rdb, false)
		s.conns = append(s.conns, c)
		s.reader.put(c)
	}
	if o.ReadOnly {
		if err := readable(ctx, s.rdb, o.AsIs); err != nil {
			return nil, err
		}
		return s, nil
	}
	s.working.Go(s.checkpoints)
	s.working.Go(s.merges)
	return s, nil
}

// dsn sets every connection of a pool alike: a pragma that is executed reaches
// only the connection that happens to run it.
func dsn(path string, o Options, write bool) string {
	v := url.Values{}
	pragma := func(p string) { v.Add("_pragma", p) }
	pragma("busy_timeout(5000)")
	pragma("foreign_keys(1)")
	pragma("temp_store(MEMORY)")
	switch {
	case write:
		pragma("cache_size(-2048)")
		pragma("cache_spill(1024)") // pages: what a transaction of some hundred items writes is not cut short and read again
		pragma("journal_mode(WAL)")
		pragma("synchronous(" + map[bool]string{true: "FULL", false: "NORMAL"}[o.Full] + ")")
		pragma("journal_size_limit(67108864)")
		pragma("wal_autocheckpoint(0)") // checkpoints does them
		v.Set("_txlock", "immediate")
	case o.ReadOnly:
		pragma("cache_size(-8192)")
		v.Set("mode", "ro")
		if frozen(path) {
			v.Set("immutable", "1")
		}
		pragma("query_only(1)")
	default: // one of several beside the writer
		pragma("cache_size(-512)")
		pragma("query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.ro {
		return fmt.Errorf("%s: %w: it was opened for reading", s.path, store.ErrReadOnly)
	}
	err := s.in(ctx, s.writer, "BEGIN IMMEDIATE", func(c *conn) error { return fn(sqlstore.New(c, dialect())) })
	if err == nil {
		wake(s.wrote)
		wake(s.words)
	}
	return err
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	return s.in(ctx, s.reader, "BEGIN", func(c *conn) error { return fn(sqlstore.New(c, dialect())) })
}

// in runs fn in a transaction on a connection of the pool.
func (s *Store) in(ctx context.Context, p *pool, begin string, fn func(*conn) error) error {
	select {
	case <-s.closed:
		return fmt.Errorf("%s: the database is closed", s.path)
	case <-ctx.Done():
		return ctx.Err()
	case <-p.free:
	}
	c := p.get()
	defer p.put(c)
	return s.explain(c.transact(ctx, begin, fn))
}

// Wake implements store.Store: one process has the file to itself.
func (s *Store) Wake() <-chan struct{} { return nil }

// Damage is the damage that was met in the file since it was opened; nil: none.
func (s *Store) Damage() error {
	if err := s.damage.Load(); err != nil {
		return *err
	}
	return nil
}

// Statements is how many were run so far, the ends of transactions included.
func (s *Store) Statements() (n int64) {
	for _, c := range s.conns {
		n += c.ran.Load()
	}
	return n
}

// Path is the file.
func (s *Store) Path() string { return s.path }

// Close implements store.Store.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.closed)
		s.working.Wait()
		if s.rdb != nil {
			s.closeErr = errors.Join(s.closeErr, drain(s.reader, s.rdb))
		}
		if s.wdb != nil {
			s.closeErr = errors.Join(s.closeErr, drain(s.writer, s.wdb))
		}
		if s.lock != nil {
			s.closeErr = errors.Join(s.closeErr, release(s.lock))
		}
	})
	return s.closeErr
}

// drain waits for a pool's connections to come back and closes them.
func drain(p *pool, db *sql.DB) error {
	var errs []error
	for range cap(p.free) {
		<-p.free
		errs = append(errs, p.get().close())
	}
	return errors.Join(append(errs, db.Close())...)
}

// prepare makes the folder, and finds out what would stop the file from being
// written before SQLite says so in fewer words.
func prepare(path string, o Options) error {
	dir := filepath.Dir(path)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a folder; name a file in it, such as %s", path, filepath.Join(path, "watcher.db"))
	}
	if o.ReadOnly {
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) && o.AsIs {
			return fmt.Errorf("%s: %w", path, os.ErrNotExist)
		}
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: %w: no database yet; `watcher run` or `watcher once` makes it", path, os.ErrNotExist)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", store.ErrReadOnly, err)
		}
		return f.Close()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%s: %w: its folder cannot be made (uid %d): %w; make it, or set store: to a folder that this user may write", path, store.ErrReadOnly, os.Getuid(), err)
	}
	probe, err := os.CreateTemp(dir, probeName)
	if err != nil {
		return unwritable(path, dir, err)
	}
	os.Remove(probe.Name())
	probe.Close()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w (uid %d): %w; let this user write it: chown %d %s*", path, store.ErrReadOnly, os.Getuid(), err, os.Getuid(), path)
	}
	return f.Close()
}

// probeName is of a file that is made only to see whether one can be made.
const probeName = ".watcher-probe-*"

func unwritable(path, dir string, err error) error {
	if full(err) {
		return fmt.Errorf("%s: %w: %w; free some space in %s and start again", path, store.ErrFull, err, dir)
	}
	return fmt.Errorf("%s: %w: uid %d may not write in %s: %w; run: chown %d %s (SQLite keeps its journal beside the file)",
		path, store.ErrReadOnly, os.Getuid(), dir, err, os.Getuid(), dir)
}

// frozen tells a file that can only be read as it stands: in a folder that
// cannot be written and with no journal beside it.
func frozen(path string) bool {
	if _, err := os.Stat(path + "-wal"); err == nil {
		return false
	}
	probe, err := os.CreateTemp(filepath.Dir(path), probeName)
	if err != nil {
		return true
	}
	probe.Close()
	os.Remove(probe.Name())
	return false
}
