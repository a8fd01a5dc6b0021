// Package ingest takes one feed from "due" to "committed". It is the only
// place that knows the whole order: fetch, parse, look up what is known, match,
// group, decide what is told, and keep all of it in one transaction with the
// feed's state, so that a crash at any point repeats a poll and never loses or
// doubles an alert. When a poll is due is the engine's part, how long to wait
// feeds/pace's, who is told notify/route's, sending notify.Sender's.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/metrics"
	"watcher/internal/store"
	"watcher/internal/story"
	"watcher/match"
	"watcher/notify"
)

// Fetcher gets a feed: fetch.Client.
type Fetcher interface {
	Get(ctx context.Context, f feeds.Feed, st feeds.State) (fetch.Result, error)
}

// Planner decides who is told, inside the poll's transaction.
type Planner interface {
	// Story plans the deliveries for a story that changed; none is an answer.
	// It sets what it tells on the story: Sequence, LastTold, ToldPubs, ToldTitle.
	Story(ctx context.Context, tx store.Tx, c Change) ([]notify.Delivery, store.Story, error)
	// Event plans the deliveries for an event.
	Event(ctx context.Context, tx store.Tx, e store.Event) ([]notify.Delivery, error)
}

// Change is what a poll did to one story.
type Change struct {
	Story    store.Story // as it is now
	Before   store.Story // as it was; ID is empty for a story that is new
	Topics   []Topic     // of the story, leading topic first
	Items    []Placed    // added by this poll, oldest first
	NewTitle bool        // its lead's headline was edited
	Fresh    bool        // at least one item is news: no baseline, not old
	Now      time.Time
}

// Placed is an item that was put into a story.
type Placed struct {
	Item     store.Item
	Decision story.Decision
	Hits     []match.Hit
}

// Topic is what alerting needs to know of a topic.
type Topic struct {
	ID            string
	Name          string
	Priority      notify.Priority
	Order         int    // in the file
	On            string // story, item, digest
	Updates       string // developments, all, none
	MinPublishers int
}

// Rules are the compiled topics in force; they are swapped whole.
type Rules struct {
	Set    *match.Set
	Topics map[string]Topic
	pool   sync.Pool
}

// NewRules makes Rules of a compiled set and its topics in file order.
func NewRules(set *match.Set, topics []Topic) *Rules {
	r := &Rules{Set: set, Topics: map[string]Topic{}}
	for i, t := range topics {
		t.Order = i
		r.Topics[t.ID] = t
	}
	r.pool.New = func() any { return set.NewMatcher() }
	return r
}

// Options are what an Ingest is made of.
type Options struct {
	Store   store.Store
	Fetch   Fetcher
	Pacer   *pace.Pacer
	Offline *pace.Offline
	Planner Planner
	Slots   func(feeds.Feed) pace.Slots
	Now     func() time.Time
	Zone    func() *time.Location // of the times in what is told; nil: UTC
	Chance  func() float64        // in [0, 1); nil: random
	Log     *slog.Logger
	Metrics *metrics.Metrics
	// NotifyLast tells items of a baseline that were published so recently.
	NotifyLast time.Duration
	// Shared says that other processes write to the same store.
	Shared bool
	// Wake is called after deliveries were written.
	Wake func()
	// Seen is called for each item that hit a topic, after its commit.
	Seen func(Outcome)
}

// Outcome is what became of one item that hit a topic.
type Outcome struct {
	Item  store.Item
	Topic string
	Told  bool
}

// Ingest works feeds. It is safe for concurrent use, one poll a feed at a time.
type Ingest struct {
	Options
	rules   atomic.Pointer[Rules]
	states  *batch
	commits commits
	group   grouping
	tally   tally
}

// New makes an Ingest with the rules in force.
func New(o Options, rules *Rules) *Ingest {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return time.UTC }
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.New("test", false)
	}
	in := &Ingest{Options: o, states: newBatch(o.Store)}
	in.rules.Store(rules)
	in.group.dirty = true
	return in
}

// SetRules puts other rules in force, for polls that begin from now on.
func (in *Ingest) SetRules(r *Rules) { in.rules.Store(r) }

// Rules gives the rules in force.
func (in *Ingest) Rules() *Rules { return in.rules.Load() }

// Poll works one feed. The error says that what came of it could not be kept;
// whatever the feed's server did is part of the feed's state instead.
func (in *Ingest) Poll(ctx context.Context, row store.FeedRow) error {
	start := in.Now()
	if due := row.State.NextPoll; !due.IsZero() {
		in.Metrics.SchedulerLag.Set(max(0, start.Sub(due).Seconds()))
	}
	in.states.enter()
	defer in.states.leave()
	f, st := row.Feed, pace.Adopt(row.Feed, row.State)
	if rests, err := in.merged(ctx, f, &st); err != nil || rests {
		return err
	}
	res, err := in.Fetch.Get(ctx, f, st)
	if err != nil {
		return nil // stopped: nothing was learnt, the feed stays due
	}
	if err := in.work(ctx, f, st, res, start); err != nil {
		in.tally.add(func(t *Tally) { t.Unkept++ })
		return err
	}
	return nil
}

// Adopt works an answer that was fetched already, to prove a new feed f.
func (in *Ingest) Adopt(ctx context.Context, f feeds.Feed, res fetch.Result) error {
	var row store.FeedRow
	if err := in.Store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.Feed(ctx, f.ID)
		return err
	}); err != nil {
		return err
	}
	return in.work(ctx, f, pace.Adopt(f, row.State), res, in.Now())
}

// Push works a document that a feed's hub has brought. store.ErrConflict says
// that the feed was worked meanwhile: read its row again.
func (in *Ingest) Push(ctx context.Context, row store.FeedRow, body []byte, contentType string) error {
	f, st := row.Feed, pace.Adopt(row.Feed, row.State)
	if st.Merged != "" {
		return nil // a last one, after the hub was left
	}
	o := pace.Outcome{Class: pace.OK, Status: 200, Pushed: true, Host: feeds.PacingKey(st.URL), FinalURL: st.URL}
	doc, o := in.read(ctx, f, st, fetch.Result{Body: body, ContentType: contentType}, o)
	if o.Doc == nil {
		in.Log.Warn("a push is no feed", "feed", f.ID, "err", o.Message)
		return nil
	}
	return in.document(ctx, f, st, doc, o, in.Now())
}

func (in *Ingest) work(ctx context.Context, f feeds.Feed, st feeds.State, res fetch.Result, start time.Time) error {
	o := res.Outcome
	if in.Offline != nil {
		var began, ended bool
		o, began, ended = in.Offline.Note(o, st.Doubt, in.Now())
		in.network(ctx, began, ended)
	}
	var doc reading
	if o.Class == pace.OK && res.Body != nil {
		doc, o = in.read(ctx, f, st, res, o)
	}
	if o.Doc == nil {
		return in.keep(ctx, f, st, o, start)
	}
	err := in.document(ctx, f, st, doc, o, start)
	if errors.Is(err, store.ErrConflict) {
		in.Log.Debug("polled by someone else meanwhile", "feed", f.ID)
		return nil
	}
	return err
}

// Hold puts off a feed whose host wants to be left alone.
func (in *Ingest) Hold(ctx context.Context, row store.FeedRow, until time.Time) {
	now := in.Now()
	st := pace.Adopt(row.Feed, row.State)
	o := pace.Outcome{Class: pace.Held, Host: feeds.PacingKey(st.URL), RetryAfter: until.Sub(now), Message: "its host asked to be left alone until " + until.In(in.Zone()).Format(time.RFC3339)}
	if err := in.keep(ctx, row.Feed, st, o, now); err != nil {
		in.Log.Warn("feed not put off", "feed", row.Feed.ID, "err", err)
	}
}

// keep saves the state after a poll that brought no document: a 304, the same
// body, a failure. Many of them share a statement.
func (in *Ingest) keep(ctx context.Context, f feeds.Feed, st feeds.State, o pace.Outcome, start time.Time) error {
	now := in.Now()
	before := in.Pacer.Host(o.Host)
	after, host, events := pace.After(f, st, before, o, in.Slots(f), now.In(in.Zone()), in.Chance)
	in.Pacer.Save(host)
	in.count(f, o, 0, now.Sub(start))
	p := poll(start, o, 0, 0)
	if len(events) == 0 && !o.Class.Failed() && !hostWorthKeeping(host) && !hostWorthKeeping(before) {
		return in.states.save(ctx, after, p)
	}
	return in.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.SaveHost(ctx, host); err != nil {
			return err
		}
		last, told, err := moved(ctx, tx, f, after, events, now)
		if err != nil {
			return err
		}
		if err := in.events(ctx, tx, f, told, now); err != nil {
			return err
		}
		return tx.SaveState(ctx, last, p)
	})
}

// hostWorthKeeping tells whether a restart must remember a host's state.
func hostWorthKeeping(h feeds.HostState) bool {
	return h.Gap > 0 || !h.NotBefore.IsZero()
}

func poll(start time.Time, o pace.Outcome, fresh, bytes int) store.Poll {
	return store.Poll{At: start, Status: o.Status, Outcome: string(o.Class), Elapsed: o.Elapsed, New: fresh, Bytes: bytes}
}
