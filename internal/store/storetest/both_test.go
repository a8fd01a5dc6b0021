package storetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/sqlite"
	"watcher/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestCopy moves a file into PostgreSQL, and back into a file.
func TestCopy(t *testing.T) {
	file := func() store.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	first, last := file(), file()
	server, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	storetest.Populate(t, first)
	if err := store.Copy(t.Context(), first, server, nil); err != nil {
		t.Fatal(err)
	}
	if err := store.Copy(t.Context(), server, last, nil); err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, first, last)
}
