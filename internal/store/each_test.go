package store

import (
	"context"
	"fmt"
	"testing"

	"watcher/feeds"
)

// many has so many feeds, and gives them a page at a time.
type many struct {
	FeedReader
	n int
}

func (m many) Feeds(_ context.Context, f FeedFilter) (rows []FeedRow, _ error) {
	for i := range m.n {
		if id := fmt.Sprintf("f%05d", i); id > f.After && len(rows) < f.Limit {
			rows = append(rows, FeedRow{Feed: feeds.Feed{ID: id}})
		}
	}
	return rows, nil
}

// TestEachFeed: every feed is met once, in order, whatever the last page holds.
func TestEachFeed(t *testing.T) {
	for _, n := range []int{0, 1, feedsAtOnce, feedsAtOnce + 1, 2*feedsAtOnce + 7} {
		i := 0
		err := EachFeed(t.Context(), many{n: n}, FeedFilter{}, func(r FeedRow) {
			if want := fmt.Sprintf("f%05d", i); r.Feed.ID != want {
				t.Fatalf("of %d: met %s, want %s", n, r.Feed.ID, want)
			}
			i++
		})
		if err != nil || i != n {
			t.Errorf("%d of %d feeds, %v", i, n, err)
		}
	}
}
