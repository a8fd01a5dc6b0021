package backtest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/backtest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/match"
	"watcher/match/matchtest"
	"watcher/match/query"
)

// BenchmarkRun is a back-test over 50,000 items of a SQLite file, of which one in
// a hundred hits. Two seconds are what a person waits for.
func BenchmarkRun(b *testing.B) {
	const count = 50000
	ctx, day := context.Background(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	s, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for from := 0; from < count; from += 500 {
		var items []*store.Item
		for i := from; i < from+500; i++ {
			title := fmt.Sprintf("Council of district %d votes on its budget", i)
			if i%100 == 0 {
				title = fmt.Sprintf("Envoys of Iran hold talks in city %d", i)
			}
			at := day.Add(time.Duration(i) * 20 * time.Second)
			it := feeds.Item{Feed: "f", GUID: fmt.Sprint(i), Title: title, Link: fmt.Sprintf("https://example.org/%d", i), Published: at,
				Summary: "<p>The vote came after a long debate about roads, schools and the water supply of the villages round the lake, the council said.</p>"}
			feeds.Normalize(&it)
			items = append(items, &store.Item{Item: it, FirstSeen: at})
		}
		if err := s.Update(ctx, func(tx store.Tx) error { return tx.InsertItems(ctx, items) }); err != nil {
			b.Fatal(err)
		}
	}
	set, errs, _ := match.Compile(match.Config{Topics: []match.Topic{{ID: "talks", Match: query.Source{Text: "iran AND talks"}}}})
	if errs != nil {
		b.Fatal(match.Join(errs))
	}
	now := day.AddDate(0, 1, 0)
	best := matchtest.Best(b, func() {
		var r backtest.Result
		err := s.View(ctx, func(read store.Reader) (err error) {
			r, err = backtest.Run(ctx, backtest.Test{Topic: "talks", Set: set}, read.Scan, day, now, now)
			return err
		})
		if err != nil || r.Items != count || r.Hits != count/100 {
			b.Fatalf("%d items, %d hits, %v", r.Items, r.Hits, err)
		}
	})
	b.ReportMetric(best.Seconds(), "cpu-s/run")
}
