package store

import (
	"context"
	"time"

	"watcher/feeds"
)

// Item is a stored item.
type Item struct {
	feeds.Item
	ID          int64 // public form: ItemID
	FirstSeen   time.Time
	ContentHash feeds.Key
	Publisher   string // of its feed when it came
	FeedKind    feeds.Kind

	// Where it was put; empty when it hit no topic.
	Story      string
	StoryKind  string // new, copy, same, update, related
	CopyOf     int64
	WireCopyOf int64
	Why        []byte // the grouping's record, JSON
	Baseline   bool   // came with its feed's first poll: stored, never told
	Revisions  int
}

// Known is what the store knows of an item that a feed shows again. Key is the
// item's own, or the further key under which it was found; of an item that is
// gone only the key that was asked for.
type Known struct {
	ID          int64
	Key, AltKey feeds.Key
	RawHash     uint64
	ContentHash feeds.Key
	Title       string
	Gone        bool // the item itself was pruned; its key is remembered
}

// Revision is an earlier wording of an item.
type Revision struct {
	Item           int64
	At             time.Time // when the newer wording was seen
	Title, Summary string    // the older wording
	NewTitle       string
	Feed           string
	Story          string
}

// Hit is why an item hit a topic.
type Hit struct {
	Item   int64
	Topic  string
	Score  float64
	Record []byte // match.Hit as JSON
	At     time.Time
}

// ItemReader reads items.
type ItemReader interface {
	Item(ctx context.Context, id int64) (Item, error)
	Items(ctx context.Context, f ItemFilter) ([]Item, error)
	// Scan calls fn for each item first seen in [from, to), oldest first,
	// without holding them all in memory.
	Scan(ctx context.Context, from, to time.Time, fn func(Item) error) error
	// Known looks up keys (Key or AltKey) of one feed's document in one query.
	Known(ctx context.Context, feed string, keys []feeds.Key) ([]Known, error)
	// RawHashes gives the raw hashes of the feed's newest known items with their
	// dates, enough for its document; an older entry that is not among them is
	// found by Known.
	RawHashes(ctx context.Context, feed string) (map[uint64]time.Time, error)
	Hits(ctx context.Context, item int64) ([]Hit, error)
	HitsOf(ctx context.Context, items []int64) (map[int64][]Hit, error)
	Revisions(ctx context.Context, f RevisionFilter) ([]Revision, error)
	// Search finds items by words of their title and text, newest first.
	Search(ctx context.Context, q SearchQuery) (SearchResult, error)
	// TopicVolume counts new stories and hits of a topic for each UTC hour in [from, to).
	TopicVolume(ctx context.Context, topic string, from, to time.Time) ([]Volume, error)
	LastMatch(ctx context.Context, topic string) (time.Time, error)
	CountItems(ctx context.Context, from, to time.Time) (int, error)
}

// ItemFilter narrows a list of items. Zero fields do not narrow.
type ItemFilter struct {
	Feed, Topic, Story string
	From, To           time.Time // first seen in [From, To)
	Before             int64     // id to go on before (newest first)
	Oldest             bool      // oldest first
	Limit              int
}

// RevisionFilter narrows a list of revisions, newest first.
type RevisionFilter struct {
	Item     int64
	Story    string
	From, To time.Time
	Titles   bool // only where the title changed
	Limit    int
}

// SearchQuery is a full-text query: words are joined by AND; "quoted words"
// stand together; a trailing * is a prefix; -word excludes.
type SearchQuery struct {
	Text     string
	From, To time.Time
	Feed     string
	Before   int64 // id, to go on
	Limit    int   // 0: 50
}

// SearchResult is one page of items.
type SearchResult struct {
	Items []Item
	More  bool
}

// Volume is a count of an hour.
type Volume struct {
	Hour          time.Time
	Hits, Stories int
}

// ItemWriter writes items.
type ItemWriter interface {
	// NumberItems sets the IDs of new items that InsertItems keeps in the same
	// transaction, so that they can be placed before they are written.
	NumberItems(ctx context.Context, its []*Item) error
	// InsertItems keeps new items, as placed as they are, and numbers those that
	// are not. An item whose key the feed has already is ErrConflict: the
	// transaction must be given up.
	InsertItems(ctx context.Context, its []*Item) error
	// Revise keeps the older wording as a revision and the newer one as the item.
	Revise(ctx context.Context, id int64, now feeds.Item, hash feeds.Key, at time.Time) error
	// SeenAgain notes new raw hashes and keys of known items.
	SeenAgain(ctx context.Context, feed string, ks []Known, at time.Time) error
	// Stand says what stands in a feed's newest document, by key and by the raw
	// hash of entries that were not decoded: Prune leaves those keys alone
	// for as long as they stand. Call it for each document that was read; it
	// writes at most once a day.
	Stand(ctx context.Context, feed string, keys []feeds.Key, raws []uint64, at time.Time) error
	AddHits(ctx context.Context, hs ...Hit) error
	// PlaceItem records the story decision for an item that is kept already.
	PlaceItem(ctx context.Context, id int64, story, kind string, copyOf, wireCopyOf int64, why []byte) error
}

// ---- stories ----
