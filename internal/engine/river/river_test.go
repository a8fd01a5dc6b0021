package river_test

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/engine"
	"watcher/internal/engine/enginetest"
	"watcher/internal/engine/river"
	"watcher/internal/store"
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
				MinRest: 100 * time.Millisecond, MaxRest: 300 * time.Millisecond, Pulse: 300 * time.Millisecond, Timeout: func() time.Duration { return time.Second }, Slice: time.Second})
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

// patient is a server that takes its time, longer than a fetch was allowed
// when the engine started.
type patient struct{ ended chan error }

func (p *patient) Poll(ctx context.Context, _ store.FeedRow) error {
	select {
	case <-ctx.Done():
	case <-time.After(4 * time.Second):
	}
	select {
	case p.ended <- ctx.Err():
	default:
	}
	return nil
}

func (p *patient) Hold(context.Context, store.FeedRow, time.Time) {}

// TestTimeoutFollowsReload lets a fetch take what is configured now: an engine
// that kept the timeout of its start would cut it off after 2.2 s.
func TestTimeoutFollowsReload(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.URL(t))
	var timeout atomic.Int64
	timeout.Store(int64(100 * time.Millisecond))
	p, turned := &patient{ended: make(chan error, 1)}, make(chan struct{}, 1)
	e := river.New(river.Options{Store: s, Poller: p, Gate: pace.NewPacer(time.Now), Slice: 100 * time.Millisecond, MinRest: 100 * time.Millisecond, Pulse: 300 * time.Millisecond,
		Timeout: func() time.Duration { return time.Duration(timeout.Load()) },
		Beat: func() {
			select {
			case turned <- struct{}{}:
			default:
			}
		}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	<-turned
	timeout.Store(int64(time.Minute)) // a reload
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return tx.SyncFeeds(t.Context(), []feeds.Feed{{ID: "a", URL: "https://a.example/feed"}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("the poll was cut off: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
