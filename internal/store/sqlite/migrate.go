package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"

	"watcher/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

func provider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir)
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	v, err := schema(ctx, db)
	if err == nil {
		err = v.Known()
	}
	if err != nil || v.Have == v.Want {
		return err
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return v.Raised(err)
}

// readable refuses a schema that a reader cannot read; asIs takes those of
// earlier programs too.
func readable(ctx context.Context, db *sql.DB, asIs bool) error {
	v, err := schema(ctx, db)
	switch {
	case err != nil:
		return err
	case asIs && v.Have == 0:
		return errors.New("the file is empty: it holds no store")
	case asIs:
		return v.Known()
	}
	return v.Current()
}

// schema looks at the file's version.
func schema(ctx context.Context, db *sql.DB) (v sqlstore.Schema, err error) {
	if v.Want, err = sqlstore.Newest(migrations); err != nil {
		return v, err
	}
	var tables, ours int
	if err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'goose_db_version') FROM sqlite_master`).Scan(&tables, &ours); err != nil {
		return v, err
	}
	switch {
	case ours > 0:
		err = db.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&v.Have)
	case tables > 0:
		err = errors.New("this is a database of another program: name a file of watcher's own")
	}
	return v, err
}
