package storetest

import (
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Bench says what the daemon's common transactions cost on a store.
func Bench(b *testing.B, open func(b *testing.B) store.Store) {
	b.Run("500 unchanged polls in a statement", func(b *testing.B) {
		s, ctx := open(b), b.Context()
		var sts []feeds.State
		var ps []store.Poll
		must(b, s.Update(ctx, func(tx store.Tx) error {
			var fs []feeds.Feed
			for i := range 500 {
				f := Feed(fmt.Sprintf("f%03d", i))
				fs = append(fs, f)
				sts = append(sts, feeds.State{Feed: f.ID, Phase: feeds.Active, NextPoll: T0, ETag: `"0123456789"`, LastPoll: T0, LastOK: T0, Baseline: true, Interval: time.Hour})
				ps = append(ps, store.Poll{At: T0, Status: 304, Outcome: "unchanged"})
			}
			return tx.SyncFeeds(ctx, fs)
		}))
		for b.Loop() {
			must(b, s.Update(ctx, func(tx store.Tx) error { _, err := tx.SaveStates(ctx, sts, ps); return err }))
			for i := range sts {
				sts[i].Seq++
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/500, "us/poll")
	})
	b.Run("a poll with one new item that is told", func(b *testing.B) {
		s, ctx := open(b), b.Context()
		must(b, s.Update(ctx, func(tx store.Tx) error { return tx.SaveFeed(ctx, Feed("a")) }))
		st := feeds.State{Feed: "a", Phase: feeds.Active, NextPoll: T0}
		for n := 0; b.Loop(); n++ {
			must(b, s.Update(ctx, func(tx store.Tx) error {
				it := Item("a", fmt.Sprint("g", n), fmt.Sprint("A headline of an ordinary length, number ", n), T0.Add(time.Duration(n)*time.Second))
				id := fmt.Sprint("st_", n)
				if err := tx.InsertItems(ctx, []*store.Item{it}); err != nil {
					return err
				}
				for _, err := range []error{tx.AddHits(ctx, store.Hit{Item: it.ID, Topic: "talks", At: T0}), tx.PlaceItem(ctx, it.ID, id, "new", 0, 0, nil),
					tx.SaveStories(ctx, store.Story{ID: id, Topics: []string{"talks"}, FirstSeen: T0, LastSeen: T0}),
					tx.Enqueue(ctx, []notify.Delivery{Delivery(fmt.Sprint("m", n), "desk", id, 1, T0)})} {
					if err != nil {
						return err
					}
				}
				return tx.SaveState(ctx, st, store.Poll{At: T0, Status: 200, Outcome: "ok", New: 1})
			}))
			st.Seq++
		}
	})
	b.Run("due deliveries, 10,000 queued to 50 receivers", func(b *testing.B) {
		s, ctx := open(b), b.Context()
		must(b, s.Update(ctx, func(tx store.Tx) error {
			var ds []notify.Delivery
			for i := range 10_000 {
				ds = append(ds, Delivery(fmt.Sprint("m", i), fmt.Sprint("r", i%50), fmt.Sprint("st_", i/100), i/50, T0.Add(time.Duration(i)*time.Millisecond)))
			}
			return tx.Enqueue(ctx, ds)
		}))
		for b.Loop() {
			must(b, s.View(ctx, func(r store.Reader) error {
				ds, err := r.DueDeliveries(ctx, T0.Add(time.Hour), 4, 200)
				if err == nil && len(ds) == 0 {
					b.Error("nothing is due")
				}
				return err
			}))
		}
	})
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
