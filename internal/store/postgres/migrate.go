package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"watcher/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, one replica at a time. A migration
// only adds: replicas of the version before go on beside it.
func (s *Store) migrate(ctx context.Context) error {
	v, err := s.schema(ctx)
	if err == nil {
		err = v.Known()
	}
	if err != nil || v.Have == v.Want {
		return err
	}
	dir, err := fs.Sub(s.files, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*s.pool.Config().ConnConfig, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET lock_timeout = '2s'")
		return err
	}))
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	return v.Raised(patiently(ctx, func() error { _, err := p.Up(ctx); return err }))
}

// patiently has up wait its turn. Whoever waits for a table's lock holds up all
// who come after it, and replicas at work take the tables in other orders: a
// migration gives way after two seconds, or where the server finds a deadlock,
// and tries again while they go on.
func patiently(ctx context.Context, up func() error) error {
	const tries = 30
	for n := 1; ; n++ {
		err := up()
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "40P01" && e.Code != "55P03" {
			return err
		}
		if n == tries {
			return fmt.Errorf("tables are in use by others, such as a long backup: let them end and start again (%s)", e.Message)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(200+rand.IntN(800)) * time.Millisecond):
		}
	}
}

// schema looks at the database's version.
func (s *Store) schema(ctx context.Context) (v sqlstore.Schema, err error) {
	if v.Want, err = sqlstore.Newest(s.files); err != nil {
		return v, err
	}
	var there, foreign bool
	err = s.pool.QueryRow(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL, to_regclass('feeds') IS NOT NULL OR to_regclass('items') IS NOT NULL`).Scan(&there, &foreign)
	if err == nil && foreign && !there {
		err = errors.New("this is a database of another program: name one of watcher's own")
	}
	if err != nil || !there {
		return v, err
	}
	err = s.pool.QueryRow(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&v.Have)
	return v, err
}
