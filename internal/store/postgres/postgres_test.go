package postgres_test

import (
	"context"
	"os"
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		url := pgtest.URL(t)
		return func(t *testing.T) store.Store { return open(t, url, postgres.Options{Listen: true}) }
	})
}

func open(t testing.TB, url string, o postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, o)
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
	storetest.Retention(t, open(t, pgtest.URL(t), postgres.Options{}))
}
