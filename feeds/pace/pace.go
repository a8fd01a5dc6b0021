// Package pace owns what an outcome does to a feed's and a host's state: when
// the next poll is, what is remembered, which events are told. After is the
// decision table; it is pure, with the time and the chance handed in. Pacer is
// the gate that every request of one process passes. Fetching is feeds/fetch,
// saving the states is the store's part.
package pace

import (
	"time"

	"watcher/feeds"
)

// Never is when a feed is polled that is polled no more.
var Never = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Slots tells when polling is allowed: the first slot after a time, or zero
// when there is none.
type Slots interface {
	Next(after time.Time) time.Time
}

// Event is a change in a feed's health that a person may want to hear of.
type Event struct {
	Type string // feed.failing, feed.stale, feed.recovered, feed.gone, feed.moved
	Text string // what, and what next
	URL  string // feed.moved: the new address
}

// The types of Event, with those of the network as a whole.
const (
	FeedFailing   = "feed.failing"
	FeedStale     = "feed.stale"
	FeedRecovered = "feed.recovered"
	FeedGone      = "feed.gone"
	FeedMoved     = "feed.moved"
	NetworkDown   = "network.down"
)

// Due tells whether a feed may be polled now. A feed never polled is due at
// once; all others wait for their saved time, whatever restarts between.
func Due(f feeds.Feed, st feeds.State, now time.Time) bool {
	if f.Paused || f.Removed || st.Phase == feeds.Gone || st.Phase == feeds.Paused {
		return false
	}
	return st.ConfigURL != "" && st.ConfigURL != f.URL || !st.NextPoll.After(now)
}

// Adopt gives the state that a poll of f starts from. Where the owner gave the
// feed another address nothing learnt of the old one holds; on another host
// even the baseline is taken anew.
func Adopt(f feeds.Feed, st feeds.State) feeds.State {
	if st.ConfigURL == f.URL && st.URL != "" {
		return st
	}
	fresh := feeds.State{Feed: f.ID, URL: f.URL, ConfigURL: f.URL, Seq: st.Seq, Phase: feeds.Active}
	if st.ConfigURL != "" && feeds.Host(st.ConfigURL) == feeds.Host(f.URL) {
		fresh.Baseline, fresh.LastNew, fresh.Rhythm, fresh.Title = st.Baseline, st.LastNew, st.Rhythm, st.Title
	}
	return fresh
}

// Revive takes a feed out of whatever held it back: it is due at once, with
// nothing counted against it. Its host's own wishes stand.
func Revive(st feeds.State) feeds.State {
	st.Phase, st.Fails, st.NotFound, st.Doubt = feeds.Active, 0, 0, false
	st.Health = ""
	st.FirstFail, st.GoneOnce, st.NextPoll, st.Slot = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return st
}

// After gives the states of a feed and of the host that answered (Outcome.Host)
// after one poll, and what there is to tell. The times in what is told are in
// now's zone; chance gives numbers in [0, 1).
func After(f feeds.Feed, st feeds.State, host feeds.HostState, o Outcome, slots Slots, now time.Time, chance func() float64) (feeds.State, feeds.HostState, []Event) {
	w := &work{f: f, st: Adopt(f, st), host: host, o: o, slots: slots, now: now.UTC(), zone: now.Location(), chance: chance}
	if o.Pushed && o.Doc != nil {
		w.push()
		return w.st, w.host, w.events
	}
	if o.Class != Held {
		w.st.LastPoll, w.st.LastStatus, w.st.Diagnosis = w.now.Add(-o.Elapsed), o.Status, ""
	}
	switch {
	case o.Class == Held:
		w.held()
	case o.Class == Network && o.Blame != Theirs:
		w.ours()
	case o.Class == OK, o.Class == Unchanged, o.Class == Damaged:
		w.succeed()
	default:
		w.fail()
	}
	if w.host.Key == "" {
		w.host.Key = o.Host
	}
	return w.st, w.host, w.events
}

// work is one call of After.
type work struct {
	f      feeds.Feed
	st     feeds.State
	host   feeds.HostState
	o      Outcome
	slots  Slots
	now    time.Time
	zone   *time.Location // of people
	chance func() float64
	events []Event
}

// held leaves everything as it was: nothing was asked of the feed.
func (w *work) held() {
	w.st.LastError = w.o.Message
	w.schedule(0, w.now.Add(w.o.RetryAfter))
}

// ours is a failure of our own network, or one that may be: not counted, and
// tried again at the next slot.
func (w *work) ours() {
	w.st.LastError = w.o.Message
	w.st.Doubt = w.o.Blame == Unclear
	w.schedule(0, time.Time{})
}

// push takes a document that the hub has brought: news, and nothing said about
// when to ask next.
func (w *work) push() {
	items := w.st.Items
	w.learn(*w.o.Doc)
	w.st.Items = max(w.st.Items, items) // a hub may send the new entries alone
	if w.o.Doc.New > 0 {
		w.recover(true)
		w.st.LastNew, w.st.HubMisses = w.now, 0
	}
}

const hubMisses = 3 // entries that a hub may fail to bring

// pushed tells whether a hub is trusted to bring what is new.
func (w *work) pushed() bool {
	return w.f.WebSub && w.st.LeaseUntil.After(w.now) && w.st.HubMisses < hubMisses
}
