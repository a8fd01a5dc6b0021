package api

import (
	"cmp"
	"encoding/json"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/notify"
)

// The shapes of the answers. They only grow.

// Story is a story with what people said of it.
type Story struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Lang       string         `json:"lang"`
	Dir        string         `json:"dir"`
	Topics     []string       `json:"topics"`
	FirstSeen  time.Time      `json:"first_seen"`
	LastSeen   time.Time      `json:"last_seen"`
	Articles   int            `json:"articles"`
	Outlets    int            `json:"outlets"`
	Publishers int            `json:"publishers"`
	Languages  []string       `json:"languages"`
	Kinds      map[string]int `json:"kinds"`
	Score      float64        `json:"score"`
	Sequence   int            `json:"sequence"`
	Muted      bool           `json:"muted"`
	MergedFrom []string       `json:"merged_from"`
	Related    []string       `json:"related"`
	Marks      []Mark         `json:"marks"`
	Items      []Item         `json:"items,omitempty"`
}

// StoryOf is a stored story as the API shows it.
func StoryOf(s store.Story, marks []store.Mark) Story {
	out := Story{ID: s.ID, Title: s.Title, Lang: s.Lang, Dir: digest.Dir(s.Lang, s.Title), Topics: list(s.Topics), FirstSeen: s.FirstSeen, LastSeen: s.LastSeen,
		Articles: s.Articles, Outlets: s.Outlets, Publishers: s.Publishers, Languages: list(s.Languages), Kinds: s.Kinds, Score: s.Score, Sequence: s.Sequence,
		Muted: s.Muted, MergedFrom: list(s.MergedFrom), Related: list(s.Related), Marks: []Mark{}}
	if out.Kinds == nil {
		out.Kinds = map[string]int{}
	}
	for _, m := range marks {
		out.Marks = append(out.Marks, MarkOf(m))
	}
	return out
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Mark is what a person said of a story.
type Mark struct {
	Story string    `json:"story"`
	Kind  string    `json:"kind"` // reviewed, dismissed, starred or note
	Text  string    `json:"text,omitempty"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Where string    `json:"where,omitempty"` // the digest on which it was made
	Title string    `json:"title,omitempty"` // the story's headline, in lists of marks
}

// MarkOf is a mark as the API and the exports show it.
func MarkOf(m store.Mark) Mark {
	return Mark{Story: m.Story, Kind: string(m.Kind), Text: m.Text, By: m.By, At: m.At, Where: m.Where}
}

// Item is an article.
type Item struct {
	ID         string         `json:"id"`
	Feed       string         `json:"feed"`
	Outlet     string         `json:"outlet"`
	Publisher  string         `json:"publisher"`
	Kind       string         `json:"kind"`
	URL        string         `json:"url"`
	Title      string         `json:"title"`
	Summary    string         `json:"summary"` // plain
	Lang       string         `json:"lang"`
	Published  *time.Time     `json:"published"`
	FirstSeen  time.Time      `json:"first_seen"`
	Story      string         `json:"story,omitempty"`
	StoryKind  string         `json:"story_kind,omitempty"` // new, copy, same, update or related
	CopyOf     string         `json:"copy_of,omitempty"`
	WireCopyOf string         `json:"wire_copy_of,omitempty"`
	Revisions  int            `json:"revisions"`
	Hits       []TopicHit     `json:"hits"`
	Grouping   map[string]any `json:"grouping,omitempty"`
}

// TopicHit is why an article hit a topic: the record of `match --json`.
type TopicHit struct {
	Topic     string       `json:"topic"`
	Score     float64      `json:"score"`
	Threshold float64      `json:"threshold"`
	Hits      []notify.Hit `json:"hits"`
}

// ItemOf is a stored article as the API shows it.
func ItemOf(it store.Item, hits []store.Hit) Item {
	out := Item{ID: store.ItemID(it.ID), Feed: it.Feed, Outlet: cmp.Or(it.Source, it.Feed), Publisher: it.Publisher, Kind: string(it.FeedKind), URL: it.Link,
		Title: it.Title, Summary: feeds.Clip(feeds.PlainText(it.Summary), 1000), Lang: it.Lang, FirstSeen: it.FirstSeen, Story: it.Story, StoryKind: it.StoryKind,
		Revisions: it.Revisions, Hits: []TopicHit{}}
	if !it.Published.IsZero() {
		out.Published = &it.Published
	}
	if it.CopyOf > 0 {
		out.CopyOf = store.ItemID(it.CopyOf)
	}
	if it.WireCopyOf > 0 {
		out.WireCopyOf = store.ItemID(it.WireCopyOf)
	}
	for _, h := range hits {
		out.Hits = append(out.Hits, HitOf(h))
	}
	json.Unmarshal(it.Why, &out.Grouping) // a record that cannot be read is not shown
	return out
}

// HitOf reads a stored hit.
func HitOf(h store.Hit) TopicHit {
	var m notify.Match
	json.Unmarshal(h.Record, &m) // without its record the score still stands
	return TopicHit{Topic: h.Topic, Score: cmp.Or(m.Score, h.Score), Threshold: m.Threshold, Hits: list(m.Hits)}
}

// Feed is a feed and how it does.
type Feed struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"` // without credentials
	Name      string     `json:"name"`
	Publisher string     `json:"publisher"`
	Kind      string     `json:"kind"`
	Tags      []string   `json:"tags"`
	Origin    string     `json:"origin"` // file or store
	Phase     string     `json:"phase"`
	Health    string     `json:"health"` // ok, failing, stale, gone, paused or new
	Fails     int        `json:"fails"`
	LastPoll  *time.Time `json:"last_poll"`
	LastOK    *time.Time `json:"last_ok"`
	LastNew   *time.Time `json:"last_new"`
	NextPoll  *time.Time `json:"next_poll"`
	Status    int        `json:"last_status"`
	Error     string     `json:"last_error"`
	Interval  string     `json:"interval"`
	Rhythm    string     `json:"rhythm"`
	Items     int        `json:"items"`
	Polls     []Poll     `json:"polls,omitempty"`
}

// Poll is one poll.
type Poll struct {
	At      time.Time `json:"at"`
	Status  int       `json:"status"`
	Outcome string    `json:"outcome"`
	MS      int64     `json:"ms"`
	New     int       `json:"new"`
	Bytes   int       `json:"bytes"`
}

func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Health is one word for how a feed does.
func Health(f store.FeedRow) string {
	switch {
	case f.Feed.Removed:
		return "removed"
	case f.Feed.Paused || f.State.Phase == feeds.Paused:
		return "paused"
	case f.State.Phase == feeds.Gone:
		return "gone"
	case f.State.Phase == feeds.BackOff, f.State.Health == "failing", f.State.Fails > 0:
		return "failing"
	case f.State.Health != "":
		return f.State.Health
	case f.State.LastOK.IsZero():
		return "new"
	}
	return "ok"
}

func feedOf(f store.FeedRow) Feed {
	st := f.State
	out := Feed{ID: f.Feed.ID, URL: feeds.SafeURL(f.Feed.URL), Name: f.Feed.Outlet(st.Title), Publisher: f.Feed.Publisher, Kind: string(f.Feed.Kind), Tags: list(f.Feed.Tags), Origin: "file",
		Phase: string(st.Phase), Health: Health(f), Fails: st.Fails, LastPoll: stamp(st.LastPoll), LastOK: stamp(st.LastOK), LastNew: stamp(st.LastNew), NextPoll: stamp(st.NextPoll),
		Status: st.LastStatus, Error: st.LastError, Interval: st.Interval.String(), Rhythm: st.Rhythm.String(), Items: st.Items}
	if f.Feed.Stored {
		out.Origin = "store"
	}
	for _, p := range f.Polls {
		out.Polls = append(out.Polls, Poll{p.At, p.Status, p.Outcome, p.Elapsed.Milliseconds(), p.New, p.Bytes})
	}
	return out
}

// Delivery is a message on its way to a receiver.
type Delivery struct {
	ID         string          `json:"id"`
	Receiver   string          `json:"receiver"`
	Type       string          `json:"type"`
	Subject    string          `json:"subject"`
	Topics     []string        `json:"topics"`
	Sequence   int             `json:"sequence"`
	Reason     string          `json:"reason"`
	State      string          `json:"state"`
	Note       string          `json:"note"`
	Created    time.Time       `json:"created"`
	Next       *time.Time      `json:"next"`
	Attempts   int             `json:"attempts"`
	LastStatus int             `json:"last_status"`
	LastError  string          `json:"last_error"`
	ReplayOf   string          `json:"replay_of,omitempty"`
	Payload    json.RawMessage `json:"payload,omitempty"`
	Tries      []Try           `json:"tries,omitempty"`
}

// Try is one try of a delivery.
type Try struct {
	N      int       `json:"n"`
	At     time.Time `json:"at"`
	MS     int64     `json:"ms"`
	Status int       `json:"status"`
	Answer string    `json:"answer"`
	Error  string    `json:"error"`
}

// DeliveryOf is a delivery as the API shows it; its tries and its message where
// they were read.
func DeliveryOf(d notify.Delivery, tries []notify.Attempt) Delivery {
	out := Delivery{ID: d.ID, Receiver: d.Receiver, Type: string(d.Type), Subject: d.Subject, Topics: list(d.Topics), Sequence: d.Sequence, Reason: d.Reason,
		State: string(d.State), Note: d.Note, Created: d.Created, Attempts: d.Attempts, LastStatus: d.LastStatus, LastError: d.LastError, ReplayOf: d.ReplayOf}
	if d.State == notify.Pending {
		out.Next = stamp(d.NextAt)
	}
	for _, a := range tries {
		out.Tries = append(out.Tries, Try{a.N, a.At, a.Elapsed.Milliseconds(), a.Status, a.Answer, a.Err})
	}
	return out
}

// Receiver is a receiver and what waits for it.
type Receiver struct {
	ID       string         `json:"id"`
	State    string         `json:"state"` // ok, failing, degraded, paused or disabled
	Why      string         `json:"why,omitempty"`
	Fails    int            `json:"fails"`
	LastOK   *time.Time     `json:"last_ok"`
	Paused   *time.Time     `json:"paused_until,omitempty"` // Retry-After of the service
	Messages map[string]int `json:"messages"`               // by state
	// Unsubscribed are the addresses that want no more mails.
	Unsubscribed []string `json:"unsubscribed,omitempty"`
}

// ReceiverOf joins a receiver's state with the count of its deliveries.
func ReceiverOf(r notify.ReceiverState, counts map[notify.DeliveryState]int, now time.Time) Receiver {
	out := Receiver{ID: r.ID, State: "ok", Fails: r.Fails, LastOK: stamp(r.LastOK), Messages: map[string]int{}}
	switch {
	case r.Disabled != "":
		out.State, out.Why = "disabled", r.Disabled
	case r.Paused:
		out.State, out.Why = "paused", "by hand"
	case r.Degraded:
		out.State, out.Why = "degraded", r.LastError
	case r.Fails > 0:
		out.State, out.Why = "failing", r.LastError
	}
	if r.NotBefore.After(now) {
		out.Paused = stamp(r.NotBefore)
	}
	for _, o := range r.OptedOut {
		out.Unsubscribed = append(out.Unsubscribed, o.Address)
	}
	for state, n := range counts {
		out.Messages[string(state)] = n
	}
	return out
}

// Silence keeps alerts from being told until it ends.
type Silence struct {
	ID        int64      `json:"id"`
	Topics    []string   `json:"topics"`
	Feeds     []string   `json:"feeds"`
	Pubs      []string   `json:"publishers"`
	Receivers []string   `json:"receivers"`
	Story     string     `json:"story"`
	Text      string     `json:"text"`
	From      time.Time  `json:"from"`
	Until     time.Time  `json:"until"`
	Author    string     `json:"author"`
	Reason    string     `json:"reason"`
	Ended     *time.Time `json:"ended"`
}

// SilenceOf is a silence as the API shows it.
func SilenceOf(s store.Silence) Silence {
	return Silence{s.ID, list(s.Topics), list(s.Feeds), list(s.Pubs), list(s.Receivers), s.Story, s.Text, s.From, s.Until, s.Author, s.Reason, stamp(s.Ended)}
}

// NewSilence is a wish for a silence. Give until, or a length such as 4h.
type NewSilence struct {
	Topics    []string  `json:"topics,omitempty"`
	Feeds     []string  `json:"feeds,omitempty"`
	Pubs      []string  `json:"publishers,omitempty"`
	Receivers []string  `json:"receivers,omitempty"`
	Story     string    `json:"story,omitempty"`
	Text      string    `json:"text,omitempty"`
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until,omitzero"`
	For       string    `json:"for,omitempty"`
	Author    string    `json:"author,omitempty"`
	Reason    string    `json:"reason"`
}

// Issue is a digest in a list.
type Issue struct {
	ID      string     `json:"id"`
	Date    string     `json:"date"`
	From    time.Time  `json:"from"`
	To      time.Time  `json:"to"`
	Stories int        `json:"stories"`
	Empty   bool       `json:"empty"`
	Sent    *time.Time `json:"sent"`
}

// Event is something that happened to a feed, a receiver or the daemon.
type Event struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Type    string    `json:"type"`
	Subject string    `json:"subject"`
	Title   string    `json:"title"`
	Text    string    `json:"text"`
}
