// Package api is /api/v1: what the pages show and do, as JSON, for verbs on the
// same machine and for other programs. Its routes are one table, from which the
// OpenAPI document is made, so the two cannot part. It also says, as interfaces,
// what it and the pages ask of the rest of watcher: Actions and Rules.
package api

import (
	"context"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Options make the API.
type Options struct {
	Store   store.Store
	Actions Actions
	Rules   Rules
	Topics  []Topic
	Version string
	Status  func(ctx context.Context) (Status, error)
	User    func(ctx context.Context) string // who asks
	Now     func() time.Time
}

// Topic is a topic as its owner configured it.
type Topic struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Priority notify.Priority `json:"priority"`
	Source   string          `json:"rule"` // its YAML, as it stands
}

// Actions is what a person may do. internal/app implements it. An id that
// is not there is store.ErrNotFound; what can be done by a running daemon alone
// is ErrOffline; any other refusal says why.
type Actions interface {
	Reload(ctx context.Context) error
	// AddFeed keeps a feed in the store after one fetch that proves it.
	AddFeed(ctx context.Context, f NewFeed) (feeds.Feed, error)
	PollFeed(ctx context.Context, id string) error
	PauseFeed(ctx context.Context, id string, paused bool) error
	RemoveFeed(ctx context.Context, id string) error
	AddSilence(ctx context.Context, s store.Silence) (int64, error)
	EndSilence(ctx context.Context, id int64) error
	// SplitStory moves items into a story of their own and gives its id.
	SplitStory(ctx context.Context, story string, items []int64) (string, error)
	MergeStories(ctx context.Context, into, from string) error
	MuteStory(ctx context.Context, id string, muted bool) error
	Mark(ctx context.Context, m store.Mark) error
	Unmark(ctx context.Context, story string, kind store.MarkKind) error
	ResendDelivery(ctx context.Context, id string) error
	// ReplayDelivery sends what was delivered once more, under a new id.
	ReplayDelivery(ctx context.Context, id string) (string, error)
	DropDelivery(ctx context.Context, id string) error
	EnableReceiver(ctx context.Context, id string) error
	PauseReceiver(ctx context.Context, id string, paused bool) error
	// SendDigest sends an issue to its receivers again and says to how many; an
	// empty date is today's, made now where it does not stand yet.
	SendDigest(ctx context.Context, id, date string) (int, error)
}

// NewFeed is a wish for a feed.
type NewFeed struct {
	URL       string   `json:"url"`
	ID        string   `json:"id,omitempty"`
	Name      string   `json:"name,omitempty"`
	Publisher string   `json:"publisher,omitempty"`
	Kind      string   `json:"kind,omitempty"`
	Tags      []string `json:"tags,omitempty"`

	Found bool `json:"-"` // named by a site's page: the next page is no way to go on
}

// Rules tries rules. internal/app implements it with match and feeds/fetch.
type Rules interface {
	// Try shows what a rule makes of an item or of what stands at an address.
	Try(ctx context.Context, t Trial) (TrialResult, error)
	// Backtest runs a rule over what is stored.
	Backtest(ctx context.Context, b Backtest) (BacktestResult, error)
	// Explain shows what a topic's rule makes of a stored item.
	Explain(ctx context.Context, topic string, item store.Item) (Verdict, error)
}

// Trial asks for a verdict on a text or an address.
type Trial struct {
	Topic string `json:"topic,omitempty"` // a configured topic; empty with an empty Rule: all
	Rule  string `json:"rule,omitempty"`  // a rule, or a topic's YAML; goes before Topic
	URL   string `json:"url,omitempty"`   // fetched under the same guard as feeds
	Title string `json:"title,omitempty"`
	Text  string `json:"text,omitempty"`
	Lang  string `json:"lang,omitempty"`
}

// TrialResult is a verdict for each item and topic tried.
type TrialResult struct {
	Items []TriedItem `json:"items"`
}

// TriedItem is an item and what the rules made of it.
type TriedItem struct {
	Title    string    `json:"title"`
	Text     string    `json:"text"` // plain
	Link     string    `json:"link,omitempty"`
	Lang     string    `json:"lang,omitempty"`
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is what one rule makes of one item, clause by clause.
type Verdict struct {
	Topic     string       `json:"topic"`
	Name      string       `json:"name"`
	Match     bool         `json:"match"`
	Score     float64      `json:"score"`
	Threshold float64      `json:"threshold"`
	Clauses   []Clause     `json:"clauses"`
	Hits      []notify.Hit `json:"hits"`
	Missing   []string     `json:"missing"`
	Masked    []string     `json:"masked,omitempty"`
}

// Clause is a part of a rule.
type Clause struct {
	Text  string       `json:"text"`
	Depth int          `json:"depth"`
	OK    bool         `json:"ok"`
	Note  string       `json:"note,omitempty"` // "distance 7 of 30", "+2", "absent"
	Hits  []notify.Hit `json:"hits,omitempty"`
}

// Backtest asks what a rule would have hit.
type Backtest struct {
	Topic string    `json:"topic,omitempty"`
	Rule  string    `json:"rule,omitempty"` // another version of it: gained and lost are told
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// BacktestResult is what a rule would have hit.
type BacktestResult struct {
	Items   int            `json:"items"` // looked at
	Hits    int            `json:"hits"`
	Before  int            `json:"hits_before"` // of the rule as configured, when another was tried
	PerDay  []DayCount     `json:"per_day"`
	Sample  []BacktestItem `json:"sample"`
	Gained  []BacktestItem `json:"gained,omitempty"`
	Lost    []BacktestItem `json:"lost,omitempty"`
	Elapsed time.Duration  `json:"elapsed_ns"`
}

// DayCount is a day's hits.
type DayCount struct {
	Day  string `json:"day"`
	Hits int    `json:"hits"`
}

// BacktestItem is an item of a back-test.
type BacktestItem struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at,omitzero"`
	Outlet string    `json:"outlet"`
	Title  string    `json:"title"`
	URL    string    `json:"url"`
	Why    []string  `json:"why"`
}

// Status is what the daemon is doing. internal/app fills it.
type Status struct {
	State        string         `json:"state"` // ok or degraded
	Reasons      []string       `json:"reasons"`
	Line         string         `json:"line"`
	Version      string         `json:"version"`
	Started      time.Time      `json:"started"`
	Uptime       string         `json:"uptime"`
	Config       string         `json:"config"` // its file
	Rules        string         `json:"rules"`  // hash of the configuration in force
	Store        string         `json:"store"`  // without secrets
	Feeds        map[string]int `json:"feeds"`  // by phase
	Queued       map[string]int `json:"queued"` // deliveries waiting, by receiver
	Dead         int            `json:"dead"`
	LastBeat     time.Time      `json:"last_beat,omitzero"`
	NextPoll     time.Time      `json:"next_poll,omitzero"`
	NextDelivery time.Time      `json:"next_delivery,omitzero"` // nothing waits: left out
	Digests      []NextDigest   `json:"digests"`
}

// NextDigest is when a digest is due.
type NextDigest struct {
	ID   string    `json:"id"`
	Next time.Time `json:"next,omitzero"`
	Last string    `json:"last,omitempty"` // date of the newest issue
}
