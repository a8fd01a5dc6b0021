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
	"hash/fnv"
	"time"

	"watcher/feeds"
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
	After   string // id to go on after
	Limit   int    // 0: all
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
	Before   int64
	Limit    int
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

// Story is a stored story. Counts are kept with it so that lists need no join.
type Story struct {
	ID         string
	Title      string // of its lead article
	Lang       string
	Lead       int64
	Topics     []string // in the order in which they hit
	FirstSeen  time.Time
	LastSeen   time.Time
	Articles   int
	Outlets    int
	Publishers int // independent ones
	Languages  []string
	Kinds      map[string]int // publishers by kind
	Score      float64        // best match score over its threshold
	Sequence   int            // of the newest message about it; 0: never told
	LastTold   time.Time
	ToldPubs   int    // publishers when last told
	ToldTitle  string // title when last told
	MergedFrom []string
	Related    []string
	Muted      bool
	MergedInto string // the story lives on under this id
	Rev        int64  // grows with each write to any story
}

// Voice is who speaks in a story, noted once: an outlet, or an independent
// publisher with its kind.
type Voice struct {
	Story  string
	Name   string
	Outlet bool
	Kind   feeds.Kind
}

// GroupRecord is what grouping keeps for itself.
type GroupRecord struct {
	Table string // "story", "print", "alias", "rule", "background"
	ID    string
	Story string
	Last  time.Time
	Rev   int64
	Data  []byte
}

// StoryReader reads stories.
type StoryReader interface {
	// Story follows merges: the row has the id under which the story lives on.
	Story(ctx context.Context, id string) (Story, error)
	// StoriesOf gives Story for many ids, by the id asked for; those that are
	// not there are left out.
	StoriesOf(ctx context.Context, ids []string) (map[string]Story, error)
	Stories(ctx context.Context, f StoryFilter) ([]Story, error)
	// StoryItems gives a story's items, oldest first.
	StoryItems(ctx context.Context, id string) ([]Item, error)
	// GroupRecords gives grouping's records with Rev > rev and Last >= since, by Rev.
	GroupRecords(ctx context.Context, rev int64, since time.Time) ([]GroupRecord, error)
	// StoryOfLink finds the newest story that holds an item with this canonical link.
	StoryOfLink(ctx context.Context, canonical string) (story string, item int64, err error)
	// StoryHours counts a story's articles for each UTC hour in [from, to).
	StoryHours(ctx context.Context, ids []string, from, to time.Time) (map[string][]int, error)
}

// StoryFilter narrows a list of stories, newest LastSeen first.
type StoryFilter struct {
	Topic    string
	From, To time.Time // LastSeen in [From, To)
	NewFrom  time.Time // FirstSeen not before
	Merged   bool      // include those merged into others
	Before   time.Time // LastSeen before, to go on
	BeforeID string    // with Before: those of that very instant follow this id
	Limit    int
}

// StoryWriter writes stories.
type StoryWriter interface {
	SaveStories(ctx context.Context, ss ...Story) error
	// AddVoices notes who speaks in stories and gives those they did not have; of
	// several wordings of one the first counts.
	AddVoices(ctx context.Context, vs []Voice) ([]Voice, error)
	// ClearVoices forgets them, for a story that is counted anew.
	ClearVoices(ctx context.Context, story string) error
	SaveGroupRecords(ctx context.Context, rs []GroupRecord) error
	MuteStory(ctx context.Context, id string, muted bool) error
	// MoveItems puts items into another story (split, merge).
	MoveItems(ctx context.Context, items []int64, story string) error
}

// ---- deliveries ----

// DeliveryReader reads deliveries, silences and receivers.
type DeliveryReader interface {
	Delivery(ctx context.Context, id string) (notify.Delivery, error)
	Deliveries(ctx context.Context, f DeliveryFilter) ([]notify.Delivery, error)
	Attempts(ctx context.Context, delivery string) ([]notify.Attempt, error)
	// DueDeliveries gives pending deliveries with neither NextAt nor NotBefore after now, for
	// each receiver the oldest few, in the order of their sequence within a subject:
	// a delivery is not due while an earlier one of its receiver and subject is pending or sending.
	DueDeliveries(ctx context.Context, now time.Time, perReceiver, limit int) ([]notify.Delivery, error)
	NextDelivery(ctx context.Context) (time.Time, error)
	// LastRef is the service's id of the newest delivered message of a subject to a receiver.
	LastRef(ctx context.Context, receiver, subject string) (string, error)
	CountDeliveries(ctx context.Context, f DeliveryFilter) (map[string]map[notify.DeliveryState]int, error) // by receiver
	Receivers(ctx context.Context) ([]notify.ReceiverState, error)
	// Places gives the deliveries that took a place in a receiver's budget since
	// an instant, oldest first: ids and topics only.
	Places(ctx context.Context, receiver string, since time.Time) ([]notify.Delivery, error)
	Silences(ctx context.Context, now time.Time, ended bool) ([]Silence, error)
}

// DeliveryFilter narrows a list of deliveries, newest first.
type DeliveryFilter struct {
	Receiver, Subject, Topic, Note string
	States                         []notify.DeliveryState
	Types                          []notify.Type
	From, To                       time.Time // Created in [From, To)
	Before                         string
	Oldest                         bool
	Limit                          int
}

// DeliveryWriter writes deliveries.
type DeliveryWriter interface {
	// Enqueue inserts deliveries; one with the same (Receiver, Subject,
	// Sequence) is passed over: told is told. It wakes other processes.
	Enqueue(ctx context.Context, ds []notify.Delivery) error
	// BeginSend claims a pending delivery until `by`: state sending, one attempt
	// more, payload kept. ErrConflict when it is no longer pending.
	BeginSend(ctx context.Context, id string, payload []byte, at, by time.Time) (notify.Delivery, error)
	// FinishSend keeps the outcome of a try: d's state, times, ref and errors,
	// and its payload, or where that is empty the one that BeginSend kept.
	FinishSend(ctx context.Context, d notify.Delivery, a notify.Attempt) error
	// SaveDelivery replaces state, note, times, payload and event of a delivery that is not being sent.
	SaveDelivery(ctx context.Context, d notify.Delivery) error
	// Requeue makes pending again what is being sent under a claim that ended
	// before the given instant; with a zero one, whatever is being sent.
	Requeue(ctx context.Context, before time.Time) (int, error)
	// LockReceiver makes this transaction the only one that changes a
	// receiver's state or takes places in its budget, until it ends.
	LockReceiver(ctx context.Context, id string) error
	// TakePlace notes that a delivery counts in its receiver's budget from now on.
	TakePlace(ctx context.Context, id string, now time.Time) error
	SaveReceiver(ctx context.Context, r notify.ReceiverState) error
	SaveSilence(ctx context.Context, s Silence) (int64, error)
}

// Silence keeps alerts that it meets from being told until it ends.
type Silence struct {
	ID        int64
	Topics    []string // empty lists meet all
	Feeds     []string
	Pubs      []string
	Story     string
	Text      string // words in the title
	From      time.Time
	Until     time.Time
	Author    string
	Reason    string
	Receivers []string
	Ended     time.Time // by hand, before Until
	Told      bool      // its end was reported
}

// ---- digests ----

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
