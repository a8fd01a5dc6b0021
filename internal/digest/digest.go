// Package digest owns a period's news: which stories belong to it, in which
// order and why, what changed since the period before, and what could not be
// seen. One Document holds all of it and is what the store keeps; the text,
// the mail, the Markdown, the page and the entries of feeds are drawn from it
// and from nothing else, so they agree. Sending is left to notify, pages to web.
package digest

import (
	"time"

	"watcher/internal/schedule"
)

// Schema is the form of a stored Document. It only grows.
const Schema = "watcher.digest.v1"

// Definition is one configured digest.
type Definition struct {
	ID     string
	Name   string         // shown; empty: made from ID
	Topics []Topic        // stories of any other topic stay out; none: all
	At     schedule.Daily // when it is due, by the clocks of its zone
	To     []string       // receivers

	Top            int           // full entries; 0: 7
	MinScore       float64       // stories that rank lower are counted, not shown
	Empty          Empty         // what to do on a day without stories
	AlarmAfterDays int           // days without a story after which the digest says so loudly; 0: 3
	CatchUp        time.Duration // a digest missed by more than this folds into the next; 0: 6 h
	Rules          string        // version of the rules in force
}

// Topic is a topic as a digest shows it.
type Topic struct{ ID, Name string }

// Empty says what becomes of a digest without stories.
type Empty string

// The choices for an empty digest.
const (
	Short Empty = "short" // a short message: nothing today, and what is broken
	Skip  Empty = "skip"  // no message
)

// Document is one issue of a digest. All text in it is plain.
type Document struct {
	Schema string    `json:"schema"`
	ID     string    `json:"id"`
	Date   string    `json:"date"` // local date, 2006-01-02
	Name   string    `json:"name"`
	Title  string    `json:"title"`
	Zone   string    `json:"zone"`
	From   time.Time `json:"from"` // the window is [From, To)
	To     time.Time `json:"to"`
	Built  time.Time `json:"built"`
	Rules  string    `json:"rules,omitempty"`

	Empty     bool `json:"empty"`
	EmptyDays int  `json:"empty_days,omitempty"` // in a row, this one included
	Alarm     bool `json:"alarm,omitempty"`

	Head        Head         `json:"head"`
	Changes     Changes      `json:"changes"`
	Starred     []Starred    `json:"starred"`
	Top         []Story      `json:"top"`
	Also        []Story      `json:"also"`
	Single      []Story      `json:"single_source"`
	Left        Left         `json:"left_out"`
	Corrections []Correction `json:"corrections"`
	Official    []Article    `json:"official"`
	Topics      []TopicCount `json:"topics"`
	Coverage    Coverage     `json:"coverage"`

	// LastItem is the newest item that the build could see: what was committed
	// later, though first seen earlier, belongs to the next window.
	LastItem int64 `json:"last_item,omitempty"`
}

// Head is the period in figures.
type Head struct {
	Stories      int `json:"stories"`
	Articles     int `json:"articles"`
	Publishers   int `json:"publishers"`
	Feeds        int `json:"feeds"`
	FeedsHealthy int `json:"feeds_healthy"`
}

// Changes is what is different from the period before.
type Changes struct {
	New       int           `json:"new"`
	Grew      int           `json:"grew"`
	Quiet     int           `json:"quiet"`
	Corrected int           `json:"corrected"`
	WentQuiet []Ref         `json:"went_quiet"`
	Topics    []TopicChange `json:"topics"` // those far from their usual day
}

// TopicChange is a topic's day against its usual day.
type TopicChange struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Ratio float64 `json:"ratio"`
}

// Ref names a story.
type Ref struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Lang  string `json:"lang"`
	Dir   string `json:"dir"`
}

// Starred is a story that a person starred or noted since the issue before.
type Starred struct {
	Ref
	Mark     string `json:"mark,omitempty"` // note: noted and not starred
	Day      string `json:"day"`            // local date of the star
	Articles int    `json:"articles"`       // in this window
	Note     string `json:"note,omitempty"`
}

// Story is a story of the window.
type Story struct {
	Ref
	Summary     string         `json:"summary"`
	State       string         `json:"state"` // new or grew
	Late        bool           `json:"late,omitempty"`
	Starred     bool           `json:"starred,omitempty"`
	Topics      []string       `json:"topics"`
	FirstSeen   time.Time      `json:"first_seen"`
	LastSeen    time.Time      `json:"last_seen"`
	Articles    int            `json:"articles"`
	NewArticles int            `json:"new_articles"` // in the window
	Outlets     int            `json:"outlets"`
	Publishers  int            `json:"publishers"`
	Kinds       map[string]int `json:"kinds"`
	Languages   []string       `json:"languages"`
	Bars        []int          `json:"bars"` // articles in each 24th of the window
	Links       []Article      `json:"links"`
	Why         []Reason       `json:"why"`
	Score       float64        `json:"score"`
	Threshold   float64        `json:"threshold"`
	Rank        Rank           `json:"rank"`
}

// Reason is a piece of text that met a rule.
type Reason struct {
	Text string `json:"text"`
	Via  string `json:"via,omitempty"` // the entity it stands for
}

// Article is one item behind a story.
type Article struct {
	ID        string    `json:"id"`
	Story     string    `json:"story,omitempty"`
	Outlet    string    `json:"outlet"`
	Publisher string    `json:"publisher"`
	Kind      string    `json:"kind"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Lang      string    `json:"lang"`
	Dir       string    `json:"dir"`
	At        time.Time `json:"at"`
}

// Correction is a headline that was changed after it had been seen.
type Correction struct {
	Story  string    `json:"story"`
	Item   string    `json:"item"`
	Outlet string    `json:"outlet"`
	Old    string    `json:"old"`
	New    string    `json:"new"`
	Dir    string    `json:"dir"`
	Lang   string    `json:"lang"`
	At     time.Time `json:"at"`
}

// Left counts stories that the digest does not list.
type Left struct {
	BelowFloor int `json:"below_floor"`
	Also       int `json:"also"`
	Single     int `json:"single_source"`
	Dismissed  int `json:"dismissed"`
	Muted      int `json:"muted"`
}

// TopicCount is a topic's share of the window.
type TopicCount struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Stories int            `json:"stories"`
	New     int            `json:"new"`
	Median  *float64       `json:"median"` // new stories a day over 14 days; null: too little history
	Told    int            `json:"told"`   // alerts delivered
	Held    map[string]int `json:"held"`   // alerts not told, by reason
}

// HeldTotal counts the alerts that were not told.
func (t TopicCount) HeldTotal() int {
	n := 0
	for _, k := range t.Held {
		n += k
	}
	return n
}

// Coverage is what could not be seen or was not told.
type Coverage struct {
	Feeds       []FeedHole     `json:"feeds"`
	Held        map[string]int `json:"held"`        // alerts not told, by reason
	Undelivered int            `json:"undelivered"` // digests of the days before that reached nobody
}

// FeedHole is a feed that fails or is silent.
type FeedHole struct {
	ID      string        `json:"id"`
	Name    string        `json:"name"`
	State   string        `json:"state"` // failing, stale or gone
	Since   time.Time     `json:"since,omitzero"`
	Usual   time.Duration `json:"usual_gap,omitempty"` // in nanoseconds
	Problem string        `json:"problem,omitempty"`
}

// Stories gives every story of the document, in its order.
func (d *Document) Stories() []Story {
	all := make([]Story, 0, len(d.Top)+len(d.Also)+len(d.Single))
	all = append(all, d.Top...)
	all = append(all, d.Also...)
	return append(all, d.Single...)
}

// Key is the name in marks and addresses: id/date.
func (d *Document) Key() string { return d.ID + "/" + d.Date }

// Location is the zone in which the digest speaks of times.
func (d *Document) Location() *time.Location {
	if z, err := time.LoadLocation(d.Zone); err == nil {
		return z
	}
	return time.UTC
}
