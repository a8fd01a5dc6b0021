package ingest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
)

// slow are servers that say "unchanged", each after a time of its own.
type slow struct{ takes map[string]time.Duration }

func (s slow) Get(_ context.Context, f feeds.Feed, _ feeds.State) (fetch.Result, error) {
	time.Sleep(s.takes[f.ID])
	return unchanged(304), nil
}

// counted counts write transactions.
type counted struct {
	store.Store
	mu sync.Mutex
	n  int
}

func (c *counted) Update(ctx context.Context, fn func(store.Tx) error) error {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.Store.Update(ctx, fn)
}

// TestUnchangedShareTransactions polls sixty feeds at once whose servers
// answer over a fifth of a second: they are kept in few transactions, and a
// feed alone waits for no other.
func TestUnchangedShareTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		takes, all := map[string]time.Duration{}, []feeds.Feed{}
		for i := range 60 {
			f := feeds.Feed{ID: fmt.Sprintf("f%02d", i), URL: fmt.Sprintf("https://h%d.example/feed", i)}
			takes[f.ID], all = time.Duration(i)*3*time.Millisecond, append(all, f)
		}
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.SyncFeeds(t.Context(), all) }); err != nil {
			t.Fatal(err)
		}
		c := &counted{Store: s}
		in := ingest.New(ingest.Options{Store: c, Fetch: slow{takes}, Pacer: pace.NewPacer(time.Now), Planner: nobody{},
			Slots: func(feeds.Feed) pace.Slots { return minutes{} }}, ingest.NewRules(nil, nil))
		poll := func(f feeds.Feed) {
			if err := in.Poll(t.Context(), store.FeedRow{Feed: f, State: feeds.State{Feed: f.ID}}); err != nil {
				t.Error(err)
			}
		}
		var wg sync.WaitGroup
		for _, f := range all[1:] {
			wg.Go(func() { poll(f) })
		}
		wg.Wait()
		if c.n > 5 {
			t.Errorf("%d transactions for 59 unchanged feeds", c.n)
		}
		began := time.Now()
		poll(all[0])
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a feed polled alone waited %s", waited)
		}
		counts := 0
		err = s.View(t.Context(), func(r store.Reader) error {
			rows, err := r.Feeds(t.Context(), store.FeedFilter{})
			for _, row := range rows {
				counts += int(row.State.Seq)
			}
			return err
		})
		if err != nil || counts != 60 {
			t.Errorf("%d states kept, %v", counts, err)
		}
	})
}
