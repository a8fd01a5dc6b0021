package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"watcher/internal/store"
)

// What is written reaches the file without a writer doing it, also beside a
// reader that has been reading for long, and the journal begins anew instead
// of growing.
func TestCheckpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write := func(n int) {
		t.Helper()
		for i := range n {
			if err := s.Update(t.Context(), func(tx store.Tx) error {
				return tx.Set(t.Context(), fmt.Sprint("k", i), bytes.Repeat([]byte{byte(i)}, 100<<10))
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	settled := func() {
		t.Helper()
		db, err := openOne(dsn(path, Options{}, true))
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(db, false)
		defer func() { c.close(); db.Close() }()
		var pages, moved int
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
			if pages, moved, err = wal(t.Context(), c, "NOOP"); err != nil {
				t.Fatal(err)
			}
			if pages-moved < checkpointPages {
				return
			}
			write(1)
		}
		t.Fatalf("%d of %d pages of the journal are in the file", moved, pages)
	}
	write(200)
	settled()
	err = s.View(t.Context(), func(r store.Reader) error {
		if _, err := r.Get(t.Context(), "k1"); err != nil {
			return err
		}
		write(200) // the reader keeps the journal from beginning anew
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	settled()
	before := size(t, path+"-wal")
	for range 4 {
		write(200)
		settled()
	}
	if after := size(t, path+"-wal"); after > max(2*before, journalPages*4096) {
		t.Errorf("the journal grew from %d to %d bytes", before, after)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := CheckFile(context.Background(), path); err != nil {
		t.Error(err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
