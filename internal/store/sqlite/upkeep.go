package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"watcher/internal/store"
	"watcher/internal/store/sqlstore"
)

// Backup implements store.Store: VACUUM INTO, beside running writers, to a
// name that only a whole and checked copy gets.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("backup to %s: the file is there already; name a new one", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	part := path + ".part"
	os.Remove(part)
	defer os.Remove(part)
	// A connection of its own: those that read are query_only, and the one
	// that writes must not wait.
	o := Options{}
	c, err := openOne(dsn(s.path, o, true))
	if err != nil {
		return s.explain(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, `VACUUM INTO $1`, part); err != nil {
		return s.explain(fmt.Errorf("backup to %s: %w", path, err))
	}
	if err := os.Chmod(part, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := CheckFile(ctx, part); err != nil {
		return fmt.Errorf("backup to %s: the copy does not read back: %w", path, err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return os.Rename(part, path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Check implements store.Store.
func (s *Store) Check(ctx context.Context) error {
	err := s.in(ctx, s.reader, "BEGIN", func(c *conn) error { return quickCheck(ctx, c) })
	if err != nil && !strings.HasPrefix(err.Error(), s.path) {
		err = fmt.Errorf("%s: %w", s.path, err)
	}
	return err
}

// CheckFile reads a whole file, such as a backup, for damage. One of an earlier
// program will do.
func CheckFile(ctx context.Context, path string) error {
	s, err := Open(ctx, path, Options{ReadOnly: true, AsIs: true})
	if err != nil {
		return err
	}
	return errors.Join(s.Check(ctx), s.Close())
}

func quickCheck(ctx context.Context, c *conn) error {
	rows, err := c.Query(ctx, `PRAGMA quick_check(10)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var faults []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			faults = append(faults, strings.ReplaceAll(line, "\n", ", "))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: %s; keep the file aside and restore a backup that `watcher restore --check FILE` passes", store.ErrCorrupt, strings.Join(faults, "; "))
	}
	return nil
}

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	var st store.Stats
	err := s.in(ctx, s.reader, "BEGIN", func(c *conn) (err error) {
		if st, err = sqlstore.New(c, dialect()).Stats(ctx); err != nil {
			return err
		}
		var size, pages, free int64
		for q, dest := range map[string]*int64{`PRAGMA page_size`: &size, `PRAGMA page_count`: &pages, `PRAGMA freelist_count`: &free} {
			if err := scalar(ctx, c, q, dest); err != nil {
				return err
			}
		}
		st.Bytes, st.FreeBytes = size*pages, size*free
		var version int64
		err = scalar(ctx, c, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`, &version)
		st.Schema = int(version)
		return err
	})
	st.Kind, st.Path = "sqlite", s.path
	return st, err
}

func scalar(ctx context.Context, c *conn, q string, dest any) error {
	rows, err := c.Query(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return rows.Scan(dest)
	}
	return rows.Err()
}

// Dump implements store.Movable.
func (s *Store) Dump(ctx context.Context, put store.Put) error {
	return s.in(ctx, s.reader, "BEGIN", func(c *conn) error { return sqlstore.New(c, dialect()).Dump(ctx, put) })
}

// Fill implements store.Movable.
func (s *Store) Fill(ctx context.Context, fn func(store.Put) error) error {
	return s.Update(ctx, func(tx store.Tx) error { return tx.(*sqlstore.Tx).Fill(ctx, fn) })
}
