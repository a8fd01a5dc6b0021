package river_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"watcher/internal/engine"
	"watcher/internal/engine/enginetest"
	"watcher/internal/engine/river"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func open(t *testing.T, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Fixture {
		s := open(t, pgtest.URL(t))
		return enginetest.Fixture{Store: s, Many: true, New: func(o enginetest.Setup) engine.Engine {
			return river.New(river.Options{Store: s, Poller: o.Poller, Gate: o.Gate, Grace: o.Grace, Idle: o.Idle,
				MinRest: 100 * time.Millisecond, MaxRest: 300 * time.Millisecond, Pulse: 300 * time.Millisecond, Timeout: time.Second, Slice: time.Second})
		}}
	})
}

// TestMigrateTogether makes River's tables from several replicas at once.
func TestMigrateTogether(t *testing.T) {
	url := pgtest.URL(t)
	var wg sync.WaitGroup
	for range 4 {
		s := open(t, url)
		wg.Go(func() {
			if err := river.Migrate(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
