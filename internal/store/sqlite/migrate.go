package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"watcher/internal/store"
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
	have, want, err := versions(ctx, db)
	switch {
	case err != nil:
		return err
	case have > want:
		return newer(have, want)
	case have == want:
		return nil
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema from version %d to %d: %w", have, want, err)
	}
	return nil
}

// current refuses a schema that a reader cannot read as it is.
func current(ctx context.Context, db *sql.DB) error {
	have, want, err := versions(ctx, db)
	switch {
	case err != nil:
		return err
	case have > want:
		return newer(have, want)
	case have < want:
		return fmt.Errorf("its schema is version %d and this program reads %d: start `watcher run` once to bring it up to date", have, want)
	}
	return nil
}

func newer(have, want int64) error {
	return fmt.Errorf("%w: its schema is version %d, this program knows %d; nothing was changed; run the newer watcher again, or restore a backup of before the upgrade", store.ErrNewer, have, want)
}

// versions gives the schema's version, 0 in an empty file, and the newest known.
func versions(ctx context.Context, db *sql.DB) (have, want int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	want = int64(len(names)) // 0001 … without a gap
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'`).Scan(&tables); err != nil {
		return 0, want, err
	}
	if tables == 0 {
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
			return 0, want, err
		}
		if tables > 0 {
			return 0, want, errors.New("this is a database of another program; set store: to a file of watcher's own")
		}
		return 0, want, nil
	}
	err = db.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	return have, want, err
}
