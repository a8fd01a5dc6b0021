package notify

import "time"

// Schema is the form of a message on a webhook. It only grows; receivers
// ignore fields they do not know.
const Schema = "watcher.webhook.v1"

// Type is what a message is about.
type Type string

// The types of message.
const (
	StoryNew         Type = "story.new"
	StoryUpdated     Type = "story.updated"
	StoryCorrected   Type = "story.corrected"
	StoryQuiet       Type = "story.quiet"
	DigestReady      Type = "digest.ready"
	Rollup           Type = "story.rollup" // what was held or over budget, in one message
	TopicSilent      Type = "topic.silent"
	FeedFailing      Type = "feed.failing"
	FeedStale        Type = "feed.stale"
	FeedRecovered    Type = "feed.recovered"
	FeedGone         Type = "feed.gone"
	FeedMoved        Type = "feed.moved"
	NetworkDown      Type = "network.down"
	ReceiverDisabled Type = "receiver.disabled"
	ConfigRejected   Type = "config.rejected"
	Test             Type = "watcher.test"
)

// Priority orders topics.
type Priority string

// The priorities, lowest first.
const (
	Low      Priority = "low"
	Normal   Priority = "normal"
	High     Priority = "high"
	Critical Priority = "critical"
)

// Rank gives 0 for low up to 3 for critical; an unknown priority is normal.
func (p Priority) Rank() int {
	switch p {
	case Low:
		return 0
	case High:
		return 2
	case Critical:
		return 3
	}
	return 1
}

// Message is what one delivery says, in the JSON form watcher.webhook.v1. All
// text is plain; times are UTC.
type Message struct {
	Schema    string    `json:"schema"`
	Type      Type      `json:"type"`
	ID        string    `json:"id"`
	Timestamp time.Time `json:"timestamp"`
	Sequence  int       `json:"sequence"`
	Reason    string    `json:"reason"`
	Late      bool      `json:"late"`
	Held      string    `json:"held,omitempty"` // what kept it back on purpose: quiet hours, silence 3, budget …
	Test      bool      `json:"test"`
	ReplayOf  *string   `json:"replay_of"`
	Topics    []string  `json:"topics"`
	Topic     *Topic    `json:"topic,omitempty"`
	Story     *Story    `json:"story,omitempty"`
	Changes   *Changes  `json:"changes,omitempty"`
	Articles  []Article `json:"articles,omitempty"`
	Truncated Truncated `json:"truncated"`
	Links     Links     `json:"links"`

	Event  *Event      `json:"event,omitempty"`   // feed.*, network.down, receiver.disabled …
	Digest *DigestNote `json:"digest,omitempty"`  // digest.ready
	Rollup []RollupRow `json:"stories,omitempty"` // story.rollup: one row a story

	// Attempt and Previous are the sender's: the number of this try, from 1,
	// and the service's id of the last message about the same story, for
	// receivers that edit or thread.
	Attempt  int    `json:"-"`
	Previous string `json:"-"`

	clean bool // the Sender's: it was cleaned when it was composed, and is not changed since
}

// Topic is the topic of a message: of those the story hit, the one of highest
// priority, then the first in the file.
type Topic struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Priority Priority `json:"priority"`
	URL      string   `json:"url,omitempty"`
}

// Story is a story as a receiver sees it.
type Story struct {
	ID         string         `json:"id"`
	URL        string         `json:"url,omitempty"`
	Title      string         `json:"title"`
	Lang       string         `json:"lang"`
	Dir        string         `json:"dir"`   // ltr or rtl
	State      string         `json:"state"` // new, growing, quiet
	FirstSeen  time.Time      `json:"first_seen"`
	LastSeen   time.Time      `json:"last_seen"`
	Articles   int            `json:"articles"`
	Outlets    int            `json:"outlets"`
	Publishers int            `json:"publishers"` // independent ones
	Languages  []string       `json:"languages"`
	Kinds      map[string]int `json:"kinds"`
	PerHour    int            `json:"per_hour"`
	Score      float64        `json:"score"`
	MergedFrom []string       `json:"merged_from"`
}

// Changes says what is new since the last message about the story.
type Changes struct {
	NewArticles   int      `json:"new_articles"`
	NewPublishers int      `json:"new_publishers"`
	PreviousTitle *string  `json:"previous_title"`
	Facts         []string `json:"facts,omitempty"` // new figures or words, as they stand
}

// Article is one item behind a story.
type Article struct {
	ID            string     `json:"id"`
	Feed          string     `json:"feed"`
	Outlet        string     `json:"outlet"`
	Publisher     string     `json:"publisher"`
	Kind          string     `json:"kind"`
	URL           string     `json:"url"`
	Title         string     `json:"title"`
	Lang          string     `json:"lang"`
	Published     *time.Time `json:"published"`
	PublishedFrom string     `json:"published_from"` // feed or fetched
	Fetched       time.Time  `json:"fetched"`
	Summary       string     `json:"summary"` // plain, at most 400 characters
	WireCopyOf    *string    `json:"wire_copy_of"`
	Match         *Match     `json:"match,omitempty"`
}

// Match is why an article hit its topic: the record of `watcher match --json`.
type Match struct {
	Score     float64 `json:"score"`
	Threshold float64 `json:"threshold"`
	Hits      []Hit   `json:"hits"`
}

// Hit is one place where a clause of the rule was found.
type Hit struct {
	Clause string `json:"clause"`
	Field  string `json:"field"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Text   string `json:"text"`
	Via    string `json:"via,omitempty"`
	Form   string `json:"form"`
}

// Truncated counts what was left out to keep the message short.
type Truncated struct {
	Articles int `json:"articles"`
}

// Links lead to the pages; empty without server.public_url.
type Links struct {
	Explain string `json:"explain,omitempty"`
	Mute    string `json:"mute,omitempty"`
}

// Event is a message that is about the daemon's own life.
type Event struct {
	Subject string `json:"subject"` // feed or receiver id, file
	Title   string `json:"title"`   // one line
	Text    string `json:"text"`    // what happened and what next
	URL     string `json:"url,omitempty"`
}

// DigestNote announces a digest. HTML is filled for mail only.
type DigestNote struct {
	ID      string    `json:"id"`
	Date    string    `json:"date"`
	Title   string    `json:"title"`
	URL     string    `json:"url,omitempty"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Stories int       `json:"stories"`
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitempty"`
}

// RollupRow is one story of a roll-up.
type RollupRow struct {
	Story      string   `json:"story"`
	Topic      string   `json:"topic"`
	Title      string   `json:"title"`
	URL        string   `json:"url,omitempty"`
	Publishers int      `json:"publishers"`
	Priority   Priority `json:"priority,omitempty"`
	Why        string   `json:"why"` // budget, quiet hours, silence, downtime
}
