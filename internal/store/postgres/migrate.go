package postgres

import (
	"context"
	"embed"
	"errors"
	"io/fs"

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
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return v.Raised(err)
}

// schema looks at the database's version.
func (s *Store) schema(ctx context.Context) (v sqlstore.Schema, err error) {
	if v.Want, err = sqlstore.Newest(migrations); err != nil {
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
