package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "data", "watcher.db")
		return func(t *testing.T) store.Store { return open(t, path, sqlite.Options{Exclusive: true}) }
	})
}

func open(t testing.TB, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSoakRetention(t *testing.T) {
	storetest.Retention(t, open(t, filepath.Join(t.TempDir(), "w.db"), sqlite.Options{}))
}
