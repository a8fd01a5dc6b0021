// Package postgres keeps watcher's data in PostgreSQL, for any number of
// replicas. It owns the pool, the migrations, the partitions of items, what
// wakes the other replicas, and what errors mean; the statements are sqlstore's.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"watcher/internal/store"
	"watcher/internal/store/sqlstore"
)

// maxConns is the size of the pool where the address does not say pool_max_conns.
const maxConns = 16

// Options say how a database is opened.
type Options struct {
	ReadOnly bool             // never write, never migrate
	Listen   bool             // hold a connection that hears of what others wrote
	Now      func() time.Time // nil: time.Now; for the partitions

	migrations fs.FS // tests: of another version; nil: this one's
}

// Store is an open database.
type Store struct {
	pool   *pgxpool.Pool
	where  string // the address without secrets
	ro     bool
	now    func() time.Time
	files  fs.FS // migrations
	wake   chan struct{}
	cancel context.CancelFunc
	wg     sync.WaitGroup
	gate   sync.RWMutex // held for reading by transactions, for writing by Close
	closed bool
}

var _ store.Movable = (*Store)(nil)

// Open connects to url and brings the schema up to date; replicas that start
// together take turns. Errors wrap store.ErrNewer and the like.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err) // pgx leaves the password out
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = maxConns
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "watcher"
	}
	s := &Store{ro: o.ReadOnly, now: o.Now, where: place(cfg.ConnConfig), files: o.migrations}
	if s.now == nil {
		s.now = time.Now
	}
	if s.files == nil {
		s.files = migrations
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, s.explain(err)
	}
	if err := s.start(ctx, o); err != nil {
		s.pool.Close()
		if err = s.explain(err); !strings.HasPrefix(err.Error(), s.where) {
			err = fmt.Errorf("%s: %w", s.where, err)
		}
		return nil, err
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, o Options) error {
	if err := s.pool.Ping(ctx); err != nil {
		return err
	}
	if o.ReadOnly {
		v, err := s.schema(ctx)
		return errors.Join(err, v.Current())
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.Update(ctx, func(tx store.Tx) error { return s.partitions(ctx, tx.(*sqlstore.Tx).Conn(), s.now(), 1) }); err != nil {
		return err
	}
	if o.Listen {
		s.wake = make(chan struct{}, 1)
		ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
		s.wg.Go(func() { s.listen(ctx) })
	}
	return nil
}

// place names a database in messages.
func place(c *pgx.ConnConfig) string {
	return fmt.Sprintf("postgres://%s@%s/%s", c.User, c.Host, c.Database)
}

// Pool is the pool, for the engine whose jobs live in the same database.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Raw gives the transaction beneath tx, for the engine to end a job in it.
func Raw(tx store.Tx) pgx.Tx { return tx.(*sqlstore.Tx).Conn().(conn).tx }

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.ro {
		return fmt.Errorf("%s: %w: it was opened for reading", s.where, store.ErrReadOnly)
	}
	return s.in(ctx, pgx.TxOptions{}, func(c conn) error { return fn(sqlstore.New(c, s.dialect())) })
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return s.in(ctx, o, func(c conn) error { return fn(sqlstore.New(c, s.dialect())) })
}

func (s *Store) in(ctx context.Context, o pgx.TxOptions, fn func(conn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return fmt.Errorf("%s: the database is closed", s.where)
	}
	tx, err := s.pool.BeginTx(ctx, o)
	if err != nil {
		return s.explain(err)
	}
	last := context.WithoutCancel(ctx)
	done := false
	defer func() {
		if !done {
			tx.Rollback(last)
		}
	}()
	if err := fn(conn{tx}); err != nil {
		return s.explain(err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = tx.Commit(last)
	done = err == nil
	return s.explain(err)
}

// Wake implements store.Store.
func (s *Store) Wake() <-chan struct{} { return s.wake }

// Close implements store.Store.
func (s *Store) Close() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.cancel != nil {
		s.cancel()
		s.wg.Wait()
	}
	s.pool.Close()
	return nil
}

// channel is what writers of deliveries and feeds notify.
const channel = "watcher"

// listen passes notifications on until ctx ends. A lost connection is made
// anew, and then counts as a notification: one may have been missed.
func (s *Store) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.hear(ctx); err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (s *Store) hear(ctx context.Context) error {
	c, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		select {
		case s.wake <- struct{}{}:
		default:
		}
		if _, err := c.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

// Backup implements store.Store. PostgreSQL has its own tools for the whole.
func (s *Store) Backup(ctx context.Context, path string) error {
	return fmt.Errorf("%s: use pg_dump or your server's backups, or `watcher db copy` into a SQLite file: %w", s.where, errors.ErrUnsupported)
}

// Check implements store.Store: every row is read.
func (s *Store) Check(ctx context.Context) error {
	return s.Dump(ctx, func(string, []string, [][]any) error { return nil })
}

// Dump implements store.Movable.
func (s *Store) Dump(ctx context.Context, put store.Put) error {
	return s.View(ctx, func(r store.Reader) error { return r.(*sqlstore.Tx).Dump(ctx, put) })
}

// Fill implements store.Movable.
func (s *Store) Fill(ctx context.Context, fn func(store.Put) error) error {
	return s.Update(ctx, func(tx store.Tx) error {
		t := tx.(*sqlstore.Tx)
		if err := s.partitions(ctx, t.Conn(), s.now(), 12); err != nil {
			return err
		}
		return t.Fill(ctx, fn)
	})
}

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	var st store.Stats
	err := s.View(ctx, func(r store.Reader) (err error) {
		t := r.(*sqlstore.Tx)
		if st, err = t.Stats(ctx); err != nil {
			return err
		}
		tx := Raw(t)
		return errors.Join(tx.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&st.Bytes),
			tx.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&st.Schema))
	})
	st.Kind, st.Path = "postgres", s.where
	return st, err
}
