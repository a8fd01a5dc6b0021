package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// PruneChunk is how many rows one transaction of PruneAll removes: more, and
// writers feel it.
const PruneChunk = 200

// PruneAll removes what is past its keep, a chunk at a time with a pause in
// which others write. It gives how many rows went.
func PruneAll(ctx context.Context, s Store, k Keep, now time.Time, pause time.Duration) (int, error) {
	total := 0
	for {
		var n int
		err := s.Update(ctx, func(tx Tx) (err error) {
			n, err = tx.Prune(ctx, k, now, PruneChunk)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// backupForm is the name of a rotated backup.
const backupForm = "watcher-20060102T150405Z.db"

// BackupInto writes a backup named for now into dir and removes all but the
// newest keep of those it made there earlier (keep < 1: removes none). An
// older one goes only after the new one has been read back.
func BackupInto(ctx context.Context, s Store, dir string, keep int, now time.Time) (string, error) {
	path := filepath.Join(dir, now.UTC().Format(backupForm))
	if err := s.Backup(ctx, path); err != nil {
		return "", err
	}
	all, err := Backups(dir)
	if err != nil || keep < 1 || len(all) <= keep {
		return path, err
	}
	var errs []error
	for _, old := range all[:len(all)-keep] {
		if old != path {
			errs = append(errs, os.Remove(old))
		}
	}
	return path, errors.Join(errs...)
}

// Backups lists the rotated backups in dir, oldest first.
func Backups(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("backups: %w", err)
	}
	var out []string
	for _, e := range entries {
		if _, err := time.Parse(backupForm, e.Name()); err == nil && strings.HasSuffix(e.Name(), ".db") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(out)
	return out, nil
}
