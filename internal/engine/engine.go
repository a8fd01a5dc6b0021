// Package engine says how due work is handed out. One process works the due
// rows itself (local); replicas share them as River jobs, one a shard of hosts
// (river). Both pass one suite. What a poll does is ingest's part; deliveries
// are worked by notify.Sender from their rows in both.
package engine

import (
	"context"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// Engine hands out feeds that are due until its context ends.
type Engine interface {
	// Run works due feeds until ctx ends, then waits for polls in flight for
	// at most the grace period. Its error says why work could not go on.
	Run(ctx context.Context) error
	// Wake has the engine look for due feeds now: one was added or revived.
	Wake()
}

// Source tells what is due. store.Store serves it through StoreSource.
type Source interface {
	Due(ctx context.Context, now time.Time, after store.Turn, shard, limit int) ([]store.FeedRow, error)
	NextDue(ctx context.Context, shard int) (time.Time, error)
}

// Poller works one feed from due to committed. It may be called from many
// goroutines, for a feed from one at a time. start is when the poll was let
// through its host's gate.
type Poller interface {
	// Poll returns an error only when its outcome could not be kept.
	Poll(ctx context.Context, row store.FeedRow) error
	// Hold puts a feed off whose host asked to be left alone.
	Hold(ctx context.Context, row store.FeedRow, until time.Time)
}

// Round sums up what was done since nothing was due; it is logged in one line.
type Round struct {
	Feeds   int
	Elapsed time.Duration
}

// StoreSource reads what is due from a store.
type StoreSource struct {
	Store store.Store
	// Feed fills in what the configuration says for every feed, where the feed
	// lives in the store; nil: nothing.
	Feed func(feeds.Feed) feeds.Feed
}

// Due implements Source.
func (s StoreSource) Due(ctx context.Context, now time.Time, after store.Turn, shard, limit int) (rows []store.FeedRow, err error) {
	err = s.Store.View(ctx, func(r store.Reader) error {
		rows, err = r.DueFeeds(ctx, now, after, shard, limit)
		return err
	})
	Fill(rows, s.Feed)
	return rows, err
}

// Fill has feed fill in the feeds that live in the store.
func Fill(rows []store.FeedRow, feed func(feeds.Feed) feeds.Feed) {
	for i := range rows {
		if rows[i].Feed.Stored && feed != nil {
			rows[i].Feed = feed(rows[i].Feed)
		}
	}
}

// NextDue implements Source.
func (s StoreSource) NextDue(ctx context.Context, shard int) (at time.Time, err error) {
	err = s.Store.View(ctx, func(r store.Reader) error {
		at, err = r.NextDue(ctx, shard)
		return err
	})
	return at, err
}
