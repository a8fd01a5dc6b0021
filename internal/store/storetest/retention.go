package storetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"watcher/internal/store"
)

// Retention removes 100,000 old items and takes a backup, both beside a
// writer, and says how long that writer had to wait. It takes a minute or two.
func Retention(t *testing.T, s store.Store) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to prune 100,000 items beside a writer")
	}
	const items, each = 100_000, 500
	now := time.Now() // by which PostgreSQL makes its partitions
	first := now.AddDate(-1, 0, 0)
	for i := 0; i < items; i += each {
		var its []*store.Item
		for j := range each {
			its = append(its, Item("a", fmt.Sprint("g", i+j), fmt.Sprintf("Harbour %d is dredged", i+j), first.Add(time.Duration(i+j)*time.Second)))
		}
		update(t, s, func(tx store.Tx) error {
			if err := tx.InsertItems(t.Context(), its); err != nil {
				return err
			}
			for _, it := range its[:each/10] {
				if err := tx.AddHits(t.Context(), store.Hit{Item: it.ID, Topic: "talks", At: it.FirstSeen, Record: []byte("{}")}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	t.Logf("a writer alone: %s", beside(t, s, func() { time.Sleep(5 * time.Second) }))
	var err error
	copying := beside(t, s, func() { err = s.Backup(t.Context(), filepath.Join(t.TempDir(), "b.db")) })
	switch {
	case errors.Is(err, errors.ErrUnsupported): // a server has its own
	case err != nil:
		t.Error(err)
	default:
		t.Logf("beside a backup: %s", copying)
	}
	removed, began := 0, time.Now()
	pruning := beside(t, s, func() {
		if removed, err = store.PruneAll(t.Context(), s, store.Keep{Items: 30 * 24 * time.Hour}, now, 50*time.Millisecond); err != nil {
			t.Error(err)
		}
	})
	t.Logf("beside retention, %d rows in %s: %s", removed, time.Since(began).Round(time.Second), pruning)
	view(t, s, func(r store.Reader) error {
		n, err := r.CountItems(t.Context(), time.Time{}, time.Time{})
		equal(t, "items left", n, 0)
		return err
	})
	if removed < items {
		t.Errorf("%d rows removed", removed)
	}
}

// waits are how long small writes took.
type waits []time.Duration

func (w waits) String() string {
	slices.Sort(w)
	at := func(p int) time.Duration { return w[min(len(w)*p/100, len(w)-1)].Round(100 * time.Microsecond) }
	long := 0
	for _, d := range w {
		if d > 100*time.Millisecond {
			long++
		}
	}
	return fmt.Sprintf("%d writes, half of them within %s, 99 %% within %s, %d over 100 ms, the longest %s", len(w), at(50), at(99), long, w[len(w)-1].Round(time.Millisecond))
}

// beside writes a row again and again while work runs.
func beside(t *testing.T, s store.Store, work func()) (w waits) {
	t.Helper()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			began := time.Now()
			if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Set(t.Context(), "beside", fmt.Append(nil, i)) }); err != nil {
				t.Error(err)
				return
			}
			w = append(w, time.Since(began))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	work()
	close(done)
	wg.Wait()
	return w
}
