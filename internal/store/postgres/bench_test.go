package postgres_test

import (
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) store.Store { return open(b, pgtest.URL(b), postgres.Options{}) })
}
