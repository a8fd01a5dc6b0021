package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/store/postgres"
	"watcher/internal/store/sqlite"
)

// BackupDir is where backups go: data_dir, else a folder beside the store.
func BackupDir(c *config.Config) string {
	dir := c.DataDir
	if dir == "" {
		dir = "backups"
		if p := StorePath(c); p != "" {
			return filepath.Join(filepath.Dir(p), dir)
		}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.Dir, dir)
	}
	return dir
}

// Backup writes a whole copy of a store to a new SQLite file, which is read
// back before it gets its name. PostgreSQL is copied row by row, as it stands
// at one moment.
func Backup(ctx context.Context, s store.Store, path string) error {
	if _, ok := s.(*postgres.Store); !ok {
		return s.Backup(ctx, path)
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("backup to %s: the file is there already; name a new one", path)
	}
	part := path + ".part"
	defer func() {
		for _, end := range []string{"", "-wal", "-shm"} {
			os.Remove(part + end)
		}
	}()
	to, err := sqlite.Open(ctx, part, sqlite.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(store.Copy(ctx, s, to, nil), to.Close()); err != nil {
		return err
	}
	if err := sqlite.CheckFile(ctx, part); err != nil {
		return fmt.Errorf("backup to %s: the copy does not read back: %w", path, err)
	}
	return os.Rename(part, path)
}

// Rotate writes a backup named for now into dir, and removes the oldest of
// those it made there so that keep are left; keep < 1 removes none.
func Rotate(ctx context.Context, s store.Store, dir string, keep int, now time.Time) (string, error) {
	return store.BackupInto(ctx, backuper{s}, dir, keep, now)
}

// backuper is a store whose Backup works for every kind.
type backuper struct{ store.Store }

func (b backuper) Backup(ctx context.Context, path string) error { return Backup(ctx, b.Store, path) }

// Restore puts a checked backup in the place of a configuration's file, and
// gives the name under which the present one was set aside; "" if there was none.
func Restore(ctx context.Context, c *config.Config, backup string, now time.Time) (aside string, err error) {
	path := StorePath(c)
	if path == "" {
		return "", fmt.Errorf("store %s is no file: make an empty database, name it in store: and run `watcher db copy %s %s`", config.Redact(c.Store), backup, config.Redact(c.Store))
	}
	if err := sqlite.CheckFile(ctx, backup); err != nil {
		return "", err
	}
	part := path + ".restore"
	defer os.Remove(part)
	if err := copyFile(backup, part); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	unlock, err := sqlite.Lock(path) // no daemon may hold the file
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := os.Stat(path); err == nil {
		aside = path + ".before-" + now.UTC().Format("20060102T150405Z")
		for _, end := range []string{"-wal", "-shm", ""} {
			if err := os.Rename(path+end, aside+end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", fmt.Errorf("restore: %w", err)
			}
		}
	}
	return aside, os.Rename(part, path)
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Sync(), w.Close())
}
