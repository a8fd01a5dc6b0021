package river

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
)

// TestDuePassesOverThoseThatRest: feeds whose polls could not be kept stand
// before all others, as the longest due. Those behind them get their turn.
func TestDuePassesOverThoseThatRest(t *testing.T) {
	s, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []feeds.Feed
	for i := range 7 {
		all = append(all, feeds.Feed{ID: fmt.Sprint("f", i), URL: fmt.Sprintf("https://h.example/%d", i)})
	}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.SyncFeeds(t.Context(), all) }); err != nil {
		t.Fatal(err)
	}
	e := New(Options{Store: s, Gate: pace.NewPacer(time.Now)})
	for _, f := range all[:4] {
		e.pause(f.ID)
	}
	r := &run{e: e, shard: store.ShardOf(all[0].URL)}
	var after store.Turn
	for _, want := range [][]string{{"f4", "f5"}, {"f6"}, nil} {
		rows, err := r.Due(t.Context(), time.Now(), after, -1, 2)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			got, after = append(got, row.Feed.ID), row.Turn()
		}
		if !slices.Equal(got, want) {
			t.Errorf("due: %v, want %v", got, want)
		}
	}
}
