package sqlite_test

import (
	"path/filepath"
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) store.Store {
		return open(b, filepath.Join(b.TempDir(), "w.db"), sqlite.Options{})
	})
}
