package pace

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"watcher/feeds"
)

const (
	sightings    = 3              // of a permanent redirect before it is learnt
	sightingSpan = 48 * time.Hour // and between the first and the last of them
	shrinkEvery  = 24 * time.Hour // a learnt gap shrinks by a tenth per good day
)

// succeed is 200 with a feed, 304, and 200 with the body of last time.
func (w *work) succeed() {
	st, o := &w.st, w.o
	fresh := o.Doc != nil && o.Doc.New > 0
	w.validators()
	if o.Doc != nil {
		w.learn(*o.Doc)
	}
	w.hub(o.Hub, o.HubTopic)
	w.recover(fresh)
	st.Phase, st.Fails, st.NotFound, st.Doubt = feeds.Active, 0, 0, false
	st.FirstFail, st.GoneOnce = time.Time{}, time.Time{}
	st.LastOK, st.LastError = w.now, ""
	if o.Class == Damaged {
		st.LastError = "malformed: " + o.Message
	}
	if fresh || st.LastNew.IsZero() {
		st.LastNew = w.now
	}
	if fresh && st.Baseline && w.pushed() {
		st.HubMisses++ // the hub should have brought it
	}
	st.Baseline = st.Baseline || o.Doc != nil
	w.redirect()
	w.calm()
	gap, until := w.adapt(fresh)
	w.schedule(gap, until)
	w.stale()
}

// validators stores what the server sent, byte for byte, to be given back to
// the host that sent it. A damaged document's are not stored, so that a whole
// one is fetched as soon as there is one.
func (w *work) validators() {
	st, o := &w.st, w.o
	switch {
	case o.Class == Damaged:
		return
	case o.Status == 304 && !o.Conditional:
		// An answer to a question that was not asked: whatever it stands for,
		// it is not what we hold.
		st.ETag, st.LastModified, st.BodyHash, st.ValidFor = "", "", nil, ""
	case o.Status == 304:
		if o.ETag != "" {
			st.ETag = o.ETag
		}
		if o.LastModified != "" {
			st.LastModified = o.LastModified
		}
	default:
		st.ETag, st.LastModified, st.BodyHash, st.ValidFor = o.ETag, o.LastModified, o.BodyHash, o.FinalURL
	}
}

// learn takes from the document what outlives the poll.
func (w *work) learn(d Doc) {
	st := &w.st
	st.Items, st.TTL = d.Items, max(d.TTL, d.Every)
	st.SkipHours, st.SkipDays = d.SkipHours, d.SkipDays
	if d.Title != "" {
		st.Title = d.Title
	}
	if d.SiteLink != "" {
		st.SiteLink = d.SiteLink
	}
	w.hub(d.Hub, d.HubTopic)
	if r := Rhythm(d.Published, w.now); r > 0 {
		st.Rhythm = r
	} else if d.New > 0 && st.Baseline && !st.LastNew.IsZero() {
		// No dates: what was seen arriving stands in for them.
		seen := w.now.Sub(st.LastNew) / time.Duration(d.New)
		if st.Rhythm > 0 {
			seen = (3*st.Rhythm + seen) / 4
		}
		st.Rhythm = seen
	}
}

// hub notes the hub that the feed names; what was agreed with another one ends.
func (w *work) hub(hub, topic string) {
	st := &w.st
	if hub == "" || !w.f.WebSub {
		return
	}
	if topic == "" {
		topic = st.URL
	}
	if hub == st.Hub && topic == st.HubTopic {
		return
	}
	st.Hub, st.HubTopic = hub, topic
	st.HubSecret, st.HubToken, st.HubMisses = "", "", 0
	st.HubTried, st.LeaseFrom, st.LeaseUntil = time.Time{}, time.Time{}, time.Time{}
}

// redirect counts a permanent redirect whose target proved to be the feed, and
// follows it for good once it has stood for two days. A server that moves from
// http to https under the same name is believed at once.
func (w *work) redirect() {
	st, o := &w.st, w.o
	if o.PermanentURL != "" && onlySecured(st.URL, o.PermanentURL) {
		w.move(o.PermanentURL, "the same address over https")
		return
	}
	if !o.Permanent {
		if !o.Redirected {
			st.Permanent = feeds.Redirect{} // the old address answers again
		}
		return
	}
	if st.Permanent.URL != o.PermanentURL {
		st.Permanent = feeds.Redirect{URL: o.PermanentURL, First: w.now}
	}
	st.Permanent.Seen++
	if st.Permanent.Seen >= sightings && w.now.Sub(st.Permanent.First) >= sightingSpan {
		w.move(o.PermanentURL, fmt.Sprintf("a permanent redirect seen %d times since %s", st.Permanent.Seen, w.day(st.Permanent.First)))
	}
}

// move makes an address the feed's own. Validators stay only if that very
// address issued them.
func (w *work) move(to, why string) {
	st := &w.st
	from := st.URL
	st.URL, st.Permanent = to, feeds.Redirect{}
	if st.ValidFor != to {
		st.ETag, st.LastModified, st.BodyHash, st.ValidFor = "", "", nil, ""
	}
	w.tell(Event{Type: FeedMoved, URL: to, Text: fmt.Sprintf("%s moved to %s (%s)", feeds.SafeURL(from), feeds.SafeURL(to), why) + polledThere})
}

// onlySecured tells whether to is from with https for http and nothing else.
func onlySecured(from, to string) bool {
	a, err := url.Parse(from)
	if err != nil {
		return false
	}
	b, err := url.Parse(to)
	if err != nil || a.Scheme != "http" || b.Scheme != "https" {
		return false
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) && a.EscapedPath() == b.EscapedPath() && a.RawQuery == b.RawQuery
}

// calm lets a host's learnt gap shrink while it does not complain.
func (w *work) calm() {
	h := &w.host
	if h.Key != w.o.Host && h.Key != "" {
		return
	}
	h.Fails = 0
	if !h.NotBefore.After(w.now) {
		h.NotBefore = time.Time{} // a rest that is over is not worth keeping
	}
	if h.Gap == 0 {
		return
	}
	for w.now.Sub(h.GapAt) >= shrinkEvery {
		h.Gap, h.GapAt = h.Gap*9/10, h.GapAt.Add(shrinkEvery)
		if h.Gap <= max(w.f.HostGap, time.Second) {
			h.Gap, h.GapAt = 0, time.Time{}
			return
		}
	}
}
