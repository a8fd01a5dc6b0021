package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/store/postgres"
	"watcher/internal/store/sqlite"
)

// StorePath gives the file of a SQLite store, absolute, and "" for PostgreSQL.
func StorePath(c *config.Config) string {
	path, ok := strings.CutPrefix(c.Store, "sqlite:")
	if !ok {
		return ""
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	return path
}

// RunPath is where the daemon's run file stands.
func RunPath(c *config.Config) string {
	if p := StorePath(c); p != "" {
		return p + ".run"
	}
	return filepath.Join(c.Dir, "watcher.run")
}

// LastWrite is when a store that is a file was last written to; zero where
// that cannot be known.
func LastWrite(c *config.Config) (at time.Time) {
	path := StorePath(c)
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); path != "" && err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}

// Access says how a store is opened.
type Access int

// Read opens an existing store for reading, AsIs for copying or checking it,
// whatever program wrote it last, Write for a verb that changes something, Own
// for the daemon: no other may own a file, any number PostgreSQL.
const (
	Read Access = iota
	AsIs
	Write
	Own
)

func options(a Access) sqlite.Options {
	return sqlite.Options{ReadOnly: a <= AsIs, AsIs: a == AsIs, Exclusive: a == Own}
}

// OpenStore opens the store that a configuration names.
func OpenStore(ctx context.Context, c *config.Config, a Access) (store.Store, error) {
	if path := StorePath(c); path != "" {
		return sqlite.Open(ctx, path, options(a))
	}
	return OpenAddress(ctx, c.Store, a)
}

// OpenAddress opens a store by what could stand in a configuration, or by the
// path of a file.
func OpenAddress(ctx context.Context, address string, a Access) (store.Store, error) {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return postgres.Open(ctx, address, postgres.Options{ReadOnly: a <= AsIs, Listen: a == Own})
	}
	return sqlite.Open(ctx, strings.TrimPrefix(address, "sqlite:"), options(a))
}

// scratchStore opens a copy of the configured store in a folder of its own, or
// an empty one where there is none yet: a dry run sees what the daemon would
// see and changes nothing.
func scratchStore(ctx context.Context, c *config.Config) (s store.Store, dir string, err error) {
	if StorePath(c) == "" {
		return nil, "", errors.New("a dry run needs a SQLite store: it works on a copy of it")
	}
	if dir, err = os.MkdirTemp("", "watcher-dry-"); err != nil {
		return nil, "", err
	}
	path := filepath.Join(dir, "watcher.db")
	if StoreExists(c) {
		real, err := OpenStore(ctx, c, Read)
		if err == nil {
			err = errors.Join(real.Backup(ctx, path), real.Close())
		}
		if err != nil {
			os.RemoveAll(dir)
			return nil, "", err
		}
	}
	s, err = sqlite.Open(ctx, path, sqlite.Options{})
	return s, dir, err
}

// StoreExists tells whether there is a store to read.
func StoreExists(c *config.Config) bool {
	path := StorePath(c)
	if path == "" {
		return true
	}
	_, err := os.Stat(path)
	return err == nil
}
