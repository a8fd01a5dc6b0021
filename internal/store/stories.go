package store

import (
	"context"
	"time"

	"watcher/feeds"
)

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
	// GroupRecordsOf gives those of one table by their ids, in no order; what is
	// not there is left out.
	GroupRecordsOf(ctx context.Context, table string, ids []string) ([]GroupRecord, error)
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
	// RestFrom, RestTo: its newest article came here, whatever its own date, in
	// [RestFrom, RestTo); both or neither.
	RestFrom, RestTo time.Time
	Merged           bool      // include those merged into others
	Before           time.Time // LastSeen before, to go on
	BeforeID         string    // with Before: those of that very instant follow this id
	Limit            int
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
