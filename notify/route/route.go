// Package route decides who is told, and when: routes in plain words, spacing
// of updates, priorities, budgets, quiet hours, silences, what waits after a
// downtime, and what is said when all that ends. It is pure: it gets the facts
// and the time and gives deliveries and verdicts. It sends, stores and
// composes nothing, but for roll-ups, whose rows it knows best.
//
// The order of calls:
//
//  1. In the transaction of a poll, for each story that changed: Plan gives the
//     deliveries to enqueue, with `wait` and `update_every` in NotBefore.
//     For an event: PlanEvent.
//  2. The Sender asks Desk.Gate (notify.Options.Gate) before the first try: it
//     goes, or its row becomes held, superseded or expired with a note that
//     says why. Holding happens there and not in Plan, so that a silence made
//     in between, quiet hours that begin during `wait`, and a budget that
//     others used up all count.
//  3. About once a minute (notify.Options.Tick), Desk.Release looks at the held
//     rows: what nothing holds any more is told, in one message where more
//     than one story waited. The caller enqueues Send and saves Change in one transaction.
//  4. At start after a downtime: Desk.Away before the Sender runs, Desk.Back
//     when the first round of polls is over; what waited comes as one message.
//  5. Explain answers `routes explain` from the same rules.
package route

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"watcher/notify"
)

// Config is who may be told, and when.
type Config struct {
	Receivers []Receiver // in the order of the file
	Routes    []Route    // none: every story to every receiver
	Quiet     []Quiet
	Silences  []Silence // of the file; those of the store come with State
	Zone      *time.Location
}

// Receiver is what routing needs of a receiver.
type Receiver struct {
	ID         string
	OnUpdate   string // none: updates are not told
	MaxPerHour int    // 0: no budget
}

// Route sends what it meets to some receivers. One with Events carries those
// events only; one without carries stories only.
type Route struct {
	Topics      []string // none: all
	Events      []string // "feed.*", "receiver.disabled", "*"
	MinPriority notify.Priority
	To          []string
	Wait        time.Duration
	UpdateEvery time.Duration
	UpdateWhen  UpdateWhen
	MaxPerHour  int  // a budget for this route's topics
	AtMost      Rate // for events
	ExpireAfter time.Duration
	Continue    bool
}

// UpdateWhen says which growth of a story is worth an update.
type UpdateWhen struct {
	Publishers  []int // reached
	NewKind     bool  // a kind of publisher that the story had not
	TitleChange bool
}

// Rate is a number a time; N of 0 is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// Defaults of a route.
const (
	DefaultUpdateEvery = 15 * time.Minute
	DefaultExpire      = 24 * time.Hour
	EventExpire        = 12 * time.Hour
)

// DefaultRoute is the route in force where there are none.
func DefaultRoute() Route {
	return Route{UpdateEvery: DefaultUpdateEvery, ExpireAfter: DefaultExpire,
		UpdateWhen: UpdateWhen{Publishers: []int{3, 6, 12}, NewKind: true}}
}

// Topic is what routing needs of a topic that a story hit.
type Topic struct {
	ID       string
	Priority notify.Priority
	Updates  string // developments, all, none; empty: developments
	New      bool   // the story hits it since this change
}

// Decision is a story that changed.
type Decision struct {
	Story    string
	Topics   []Topic // leading first; those with alerts (`alert.on: digest` left out)
	New      bool    // never told before
	Sequence int     // of the next message about it

	Publishers     int // independent ones, now
	ToldPublishers int // when it was last told
	NewKind        string
	NewTitle       bool
	Development    string // why grouping called it one (new_figures …); empty: none
	NewArticles    bool   // anything at all came, copies left out
	Official       bool   // an official source is among its publishers
	PerHour        int    // articles of the last hour; more than FastGrowth need not be counted
}

// Plan gives the deliveries of a story that changed. history gives the
// deliveries of this story to a receiver so far, by sequence; newID makes ids.
func (c *Config) Plan(d Decision, history func(receiver string) []notify.Delivery, newID func() string, now time.Time) []notify.Delivery {
	if len(d.Topics) == 0 {
		return nil
	}
	lead := leading(d.Topics)
	priority := Raise(lead.Priority, d)
	var ids []string
	for _, t := range d.Topics {
		ids = append(ids, t.ID)
	}
	var out []notify.Delivery
	for _, t := range c.targets(ids, priority) {
		past := history(t.receiver.ID)
		typ, reason := d.reason(t.route, past)
		if reason == "" || (typ == notify.StoryUpdated && t.receiver.OnUpdate == "none") {
			continue
		}
		dl := notify.Delivery{ID: newID(), Receiver: t.receiver.ID, Type: typ, Subject: d.Story, Topic: lead.ID, Topics: ids, Sequence: d.Sequence,
			Reason: reason, Priority: priority, State: notify.Pending, Created: now, NotBefore: now}
		space(&dl, t.route, past)
		dl.NextAt = dl.NotBefore
		if t.route.ExpireAfter > 0 {
			dl.Expires = dl.NotBefore.Add(t.route.ExpireAfter)
		}
		out = append(out, dl)
	}
	return out
}

// space sets when a delivery may go: after `wait` for a new story, not sooner
// than `update_every` after the last message for an update. An update of a
// story whose first message still waits is told with it.
func space(d *notify.Delivery, r Route, past []notify.Delivery) {
	if d.Type == notify.StoryNew {
		d.NotBefore = d.NotBefore.Add(r.Wait)
		return
	}
	for _, p := range past {
		switch {
		case p.State == notify.Pending && p.Attempts == 0 && p.Type == notify.StoryNew:
			d.State, d.Note = notify.Superseded, "told with "+p.ID+", which has yet to go"
			return
		case p.State == notify.Pending, p.State == notify.Sending, p.State == notify.Delivered:
			last := p.NotBefore
			if p.State == notify.Delivered && p.LastAt.After(last) {
				last = p.LastAt
			}
			if p.Type == notify.StoryUpdated && p.State == notify.Pending && p.Attempts == 0 {
				// It goes in place of the one that waits, at the same instant.
				if p.NotBefore.After(d.NotBefore) {
					d.NotBefore = p.NotBefore
				}
				continue
			}
			if at := last.Add(r.UpdateEvery); at.After(d.NotBefore) {
				d.NotBefore = at
			}
		}
	}
}

// target is a receiver to tell, by the first route that names it.
type target struct {
	receiver Receiver
	route    Route
	index    int // of the route; -1: there are none
}

// targets goes through the routes for a story: the first match wins unless it
// says continue.
func (c *Config) targets(topics []string, p notify.Priority) []target {
	if p == notify.Low {
		return nil // in the digest only
	}
	if len(c.Routes) == 0 {
		var out []target
		for _, r := range c.Receivers {
			out = append(out, target{r, DefaultRoute(), -1})
		}
		return out
	}
	return c.collect(func(r Route) bool {
		return len(r.Events) == 0 && (len(r.Topics) == 0 || overlap(r.Topics, topics)) && p.Rank() >= r.minimum()
	})
}

func (c *Config) collect(meets func(Route) bool) []target {
	var out []target
	for i, r := range c.Routes {
		if !meets(r) {
			continue
		}
		for _, id := range r.To {
			known := slices.IndexFunc(c.Receivers, func(x Receiver) bool { return x.ID == id })
			if known >= 0 && !slices.ContainsFunc(out, func(t target) bool { return t.receiver.ID == id }) {
				out = append(out, target{c.Receivers[known], r, i})
			}
		}
		if !r.Continue {
			break
		}
	}
	return out
}

func (r Route) minimum() int {
	if r.MinPriority == "" {
		return 0
	}
	return r.MinPriority.Rank()
}

// leading is the topic of highest priority, then the first.
func leading(ts []Topic) Topic {
	lead := ts[0]
	for _, t := range ts[1:] {
		if t.Priority.Rank() > lead.Priority.Rank() {
			lead = t
		}
	}
	return lead
}

// Raise gives the priority of a story: its topic's, one step higher when many
// publishers carry it, an official source is among them or it grows fast, and
// one more when it is everywhere. A low topic is raised by publishers only.
func Raise(p notify.Priority, d Decision) notify.Priority {
	rank := p.Rank()
	if d.Publishers >= manyPublishers || (rank > 0 && (d.Official || d.PerHour >= FastGrowth)) {
		rank++
	}
	if d.Publishers >= everywhere {
		rank++
	}
	return []notify.Priority{notify.Low, notify.Normal, notify.High, notify.Critical}[min(rank, 3)]
}

const (
	manyPublishers = 6
	everywhere     = 12
)

// FastGrowth is from how many articles an hour on a story is raised.
const FastGrowth = 10

// reason says why a receiver is told of a change; empty: it is not.
func (d Decision) reason(r Route, past []notify.Delivery) (notify.Type, string) {
	if len(past) == 0 && (d.New || slices.ContainsFunc(d.Topics, func(t Topic) bool { return t.New && (len(r.Topics) == 0 || slices.Contains(r.Topics, t.ID)) })) {
		return notify.StoryNew, "new"
	}
	updates := leading(d.Topics).Updates
	if d.New || updates == "none" {
		return "", ""
	}
	typ := notify.StoryUpdated
	if len(past) == 0 {
		typ = notify.StoryNew // the first that this receiver hears of it
	}
	for i := len(r.UpdateWhen.Publishers) - 1; i >= 0; i-- {
		if n := r.UpdateWhen.Publishers[i]; d.ToldPublishers < n && n <= d.Publishers {
			return typ, fmt.Sprintf("publishers_reached_%d", n)
		}
	}
	switch {
	case d.Development != "":
		return typ, d.Development
	case d.NewKind != "" && r.UpdateWhen.NewKind:
		return typ, "new_kind_" + d.NewKind
	case d.NewTitle && r.UpdateWhen.TitleChange:
		return typ, "title_change"
	case d.NewArticles && updates == "all":
		return typ, "new_articles"
	}
	return "", ""
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// meetsEvent says whether one of the patterns names the type: whole, or with a
// star at its end. A star alone is all that happens to the daemon; who wants to
// hear of every story that went quiet says so.
func meetsEvent(patterns []string, t notify.Type) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if p == "*" && strings.HasPrefix(string(t), "story.") {
			return false
		}
		start, star := strings.CutSuffix(p, "*")
		return p == string(t) || (star && strings.HasPrefix(string(t), start))
	})
}
