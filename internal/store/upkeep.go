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

// PruneChunk is how many rows one transaction of PruneAll removes at most: each
// is about a page that is written, for its keys lie all over their indexes.
const PruneChunk = 100

const (
	leastChunk = 10
	pruneTime  = 25 * time.Millisecond // that one should take
	pruneRest  = 4                     // times as long as it took: the disk is others' too
	longRest   = 10 * time.Second
)

// PruneAll removes what is past its keep, a chunk at a time with a pause in
// which others write. Where the disk or the machine is slow, chunks become
// smaller and pauses longer: it may take all night. It gives how many rows went.
func PruneAll(ctx context.Context, s Store, k Keep, now time.Time, pause time.Duration) (int, error) {
	total, chunk := 0, PruneChunk
	for {
		var n int
		var began time.Time // not while it waited for its turn
		err := s.Update(ctx, func(tx Tx) (err error) {
			began = time.Now()
			n, err = tx.Prune(ctx, k, now, chunk)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		took := time.Since(began)
		chunk = nextChunk(chunk, took)
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(max(pause, min(pruneRest*took, longRest))):
		}
	}
}

// nextChunk comes nearer to what may take pruneTime: quickly down, slowly up.
func nextChunk(chunk int, took time.Duration) int {
	switch {
	case took > pruneTime:
		return max(int(int64(chunk)*int64(pruneTime)/int64(took)), chunk/8, leastChunk)
	case took < pruneTime/2:
		return min(chunk+chunk/4+1, PruneChunk)
	}
	return chunk
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
