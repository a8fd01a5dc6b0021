// Package store says what watcher keeps and how it is reached: the Store, its
// reading and writing transactions, the row types and the errors. It holds no
// SQL: the texts are in sqlstore, the drivers in sqlite and postgres, and one
// suite, storetest, proves both. It decides nothing: what counts as known, as
// a copy or as worth telling is decided by its callers.
//
// Every row type is a value. Times are UTC; a zero time is "none". A method
// that looks for one row returns ErrNotFound when there is none.
package store

import (
	"context"
	"errors"
	"time"

	"watcher/notify"
)

// The errors that callers decide on.
var (
	ErrNotFound = errors.New("not found")
	ErrNotEmpty = errors.New("the database is not empty")
	ErrConflict = errors.New("changed by someone else") // a row's Seq moved on: roll back, read again
	ErrNewer    = errors.New("the database is from a newer version of watcher")
	ErrCorrupt  = errors.New("the database is damaged")
	ErrFull     = errors.New("the disk is full")
	ErrReadOnly = errors.New("the database cannot be written")
	ErrLocked   = errors.New("the database is in use by another process")
)

// Store is a database. It is safe for concurrent use.
type Store interface {
	// Update runs fn in one write transaction: all of it is kept or nothing.
	// fn must use only tx and must not keep it. On SQLite writers queue.
	Update(ctx context.Context, fn func(tx Tx) error) error
	// View runs fn on one consistent state. It never waits for a writer.
	View(ctx context.Context, fn func(r Reader) error) error
	// Backup writes a whole copy to a new file while others write.
	Backup(ctx context.Context, path string) error
	// Check reads the whole database for damage; nil when there is none.
	Check(ctx context.Context) error
	// Stats gives sizes and counts for `db stats`.
	Stats(ctx context.Context) (Stats, error)
	// Wake returns a channel that receives after another process wrote
	// deliveries or due feeds (LISTEN on PostgreSQL); nil where there can be no other.
	Wake() <-chan struct{}
	// Close waits for running transactions.
	Close() error
}

// Reader is a read-only view.
type Reader interface {
	FeedReader
	ItemReader
	StoryReader
	DeliveryReader
	DigestReader
	ReviewReader
	// Get reads a small named value; nil when there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	// Events lists what happened to feeds, receivers and the daemon, newest first.
	Events(ctx context.Context, f EventFilter) ([]Event, error)
}

// Tx is a write transaction; what it wrote it also reads.
type Tx interface {
	Reader
	FeedWriter
	ItemWriter
	StoryWriter
	DeliveryWriter
	DigestWriter
	ReviewWriter
	// Set keeps a small named value; nil removes it.
	Set(ctx context.Context, key string, value []byte) error
	// AddEvent records an event and returns its number.
	AddEvent(ctx context.Context, e Event) (int64, error)
	// LockGrouping makes this transaction the only one that groups items, until
	// it ends. On SQLite the single writer is that already.
	LockGrouping(ctx context.Context) error
	// Prune removes at most chunk rows that are older than their keep and
	// returns how many; 0 means done. Known keys of items that still stand in
	// their feed's document stay, so that an old item can never alert again.
	Prune(ctx context.Context, k Keep, now time.Time, chunk int) (int, error)
}

// Keep says how long rows are kept.
type Keep struct{ Items, Deliveries, Dead, Digests time.Duration }

// ---- feeds ----

// Digest is one issue: a window that was fixed when the row was made, and the
// document from which every form is drawn.
type Digest struct {
	ID       string // of its definition
	Date     string // local date, 2006-01-02; unique with ID
	From, To time.Time
	Zone     string
	Created  time.Time
	Built    time.Time // zero: still to be built
	Sent     time.Time
	Stories  int
	Empty    bool
	Document []byte // JSON
}

// DigestReader reads digests.
type DigestReader interface {
	Digest(ctx context.Context, id, date string) (Digest, error)
	// Digests lists issues without their documents, newest first.
	Digests(ctx context.Context, id string, before string, limit int) ([]Digest, error)
	// DigestNeighbours are the dates before and after; "" where there is none.
	DigestNeighbours(ctx context.Context, id, date string) (older, newer string, err error)
}

// DigestWriter writes digests.
type DigestWriter interface {
	// OpenDigest makes the row for (ID, Date) unless it is there; created tells which.
	OpenDigest(ctx context.Context, d Digest) (created bool, err error)
	SaveDigest(ctx context.Context, d Digest) error
}

// ---- review ----

// Mark is what a person said of a story.
type Mark struct {
	Story string
	Kind  MarkKind
	Text  string // of a note
	By    string
	At    time.Time
	Where string // the digest on which it was made, "id/date"; may be empty
}

// MarkKind is what a mark says.
type MarkKind string

// The kinds of mark.
const (
	Reviewed  MarkKind = "reviewed"
	Dismissed MarkKind = "dismissed"
	Starred   MarkKind = "starred"
	Note      MarkKind = "note"
)

// Session is a login. The token itself is never stored.
type Session struct {
	Hash    []byte // SHA-256 of the token
	User    string
	Created time.Time
	Expires time.Time
}

// ReviewReader reads marks and sessions.
type ReviewReader interface {
	// Marks gives the marks of stories, by the ids asked for: of one that was
	// merged those of the story in which it lives on.
	Marks(ctx context.Context, stories []string) (map[string][]Mark, error)
	AllMarks(ctx context.Context, from, to time.Time) ([]Mark, error)
	Session(ctx context.Context, hash []byte) (Session, error)
}

// ReviewWriter writes marks and sessions.
type ReviewWriter interface {
	// SaveMark sets a mark (one of a kind a story; notes add up); Unmark takes it back.
	SaveMark(ctx context.Context, m Mark) error
	Unmark(ctx context.Context, story string, kind MarkKind) error
	SaveSession(ctx context.Context, s Session) error
	EndSession(ctx context.Context, hash []byte) error
}

// ---- events ----

// Event is something that happened to a feed, a receiver or the daemon.
type Event struct {
	ID      int64
	At      time.Time
	Type    notify.Type
	Subject string
	Title   string
	Text    string
}

// EventFilter narrows a list of events, newest first.
type EventFilter struct {
	Types   []notify.Type
	Subject string
	From    time.Time
	Limit   int
}

// Stats describes a database.
type Stats struct {
	Kind       string // sqlite or postgres
	Path       string // without secrets
	Schema     int    // version of the schema
	Bytes      int64
	FreeBytes  int64
	Rows       map[string]int64
	OldestItem time.Time
	NewestItem time.Time
}

// Tables lists the tables of the schema, in an order in which they can be filled.
func Tables() []string {
	return []string{"feeds", "hosts", "items", "seen", "hits", "revisions", "stories", "story_topics", "voices", "group_records", "deliveries", "attempts",
		"receivers", "silences", "digests", "marks", "sessions", "events", "named"}
}
