package store

import (
	"context"
	"hash/fnv"
	"time"

	"watcher/feeds"
)

// FeedRow is a feed with what polling has learnt of it.
type FeedRow struct {
	Feed  feeds.Feed
	State feeds.State
	Shard int
	Polls []Poll // newest first, at most 50; filled by Feed, not by lists
}

// Poll is one poll in a feed's recent history.
type Poll struct {
	At      time.Time
	Status  int    // HTTP status; 0: no answer
	Outcome string // a word of the decision table: ok, unchanged, network … (unknown ones are kept as "other")
	Elapsed time.Duration
	New     int
	Bytes   int
}

// Turn is a feed's place among those that are due: the longest due comes
// first, then the first by id. The zero Turn is before all others.
type Turn struct {
	At   time.Time
	Feed string
}

// Turn gives the feed's place among those that are due.
func (r FeedRow) Turn() Turn { return Turn{r.State.NextPoll, r.Feed.ID} }

// FeedReader reads feeds and hosts.
type FeedReader interface {
	Feed(ctx context.Context, id string) (FeedRow, error)
	Feeds(ctx context.Context, f FeedFilter) ([]FeedRow, error)
	// DueFeeds gives feeds whose State.NextPoll is not after now, in the order
	// of their turns, those behind after; shard < 0: all. Removed, paused and
	// gone feeds are never due.
	DueFeeds(ctx context.Context, now time.Time, after Turn, shard, limit int) ([]FeedRow, error)
	// NextDue is the instant at which the next feed falls due; zero: none will.
	NextDue(ctx context.Context, shard int) (time.Time, error)
	// Hosts gives what is known of these pacing keys; nil: of all.
	Hosts(ctx context.Context, keys []string) (map[string]feeds.HostState, error)
	FeedCounts(ctx context.Context) (map[feeds.Phase]int, error)
}

// FeedFilter narrows a list of feeds.
type FeedFilter struct {
	Removed bool // include feeds that are no longer configured
	Tag     string
	URL     string // the configured address
	// PolledAfter keeps feeds whose newest poll that is kept was after it, and
	// whose next one is too. Zero: all.
	PolledAfter time.Time
	After       string // id to go on after
	Limit       int    // 0: all
}

// FeedWriter writes feeds and hosts.
type FeedWriter interface {
	// SaveFeed inserts or replaces the configured part of a feed; its State is
	// made on insert (due at once) and otherwise left alone. Paused is taken on
	// insert only; PauseFeed changes it. A stored feed never replaces one from
	// the file with the same id or URL: ErrConflict, naming the holder.
	SaveFeed(ctx context.Context, f feeds.Feed) error
	// SyncFeeds makes the feeds of the file be exactly these; others that came
	// from the file are marked removed, stored ones stay.
	SyncFeeds(ctx context.Context, configured []feeds.Feed) error
	RemoveFeed(ctx context.Context, id string) error
	PauseFeed(ctx context.Context, id string, paused bool) error
	// SaveState keeps a feed's state and adds p to its polls (unless p.At is zero). ErrConflict when State.Seq
	// is not the stored one; the stored one then is State.Seq+1.
	SaveState(ctx context.Context, st feeds.State, p Poll) error
	// SaveStates is SaveState for many unchanged feeds in one statement; a
	// state in conflict is left out and named.
	SaveStates(ctx context.Context, sts []feeds.State, ps []Poll) (conflicts []string, err error)
	SaveHost(ctx context.Context, h feeds.HostState) error
}

// ---- items ----

// Shards is how many shards feeds are spread over. All feeds of a pacing key
// are in one shard, so that one replica at a time asks their host. With 64, ten
// million feeds are 90 polls a second a shard at a mean interval of 30 minutes,
// and an idle database is asked 14 times a second.
const Shards = 64

// ShardOf gives the shard of a feed with this address.
func ShardOf(url string) int {
	h := fnv.New32a()
	h.Write([]byte(feeds.PacingKey(url)))
	return int(h.Sum32() % Shards)
}
