package pace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
)

// every is a cron schedule with a slot at each multiple of it.
type every time.Duration

func (e every) Next(after time.Time) time.Time {
	return after.Truncate(time.Duration(e)).Add(time.Duration(e))
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const home = "news.example"

func half() float64 { return 0.5 }

func feed() feeds.Feed {
	return feeds.Feed{ID: "f", URL: "http://news.example/feed", AdaptiveMin: 5 * time.Minute, AdaptiveMax: time.Hour, HostGap: 2 * time.Second}
}

func state(change func(*feeds.State)) feeds.State {
	st := feeds.State{Feed: "f", URL: feed().URL, ConfigURL: feed().URL, Phase: feeds.Active, ETag: `"1"`, LastModified: "yesterday", BodyHash: []byte{1}, ValidFor: feed().URL,
		Baseline: true, LastNew: start.Add(-time.Hour), Interval: 20 * time.Minute}
	if change != nil {
		change(&st)
	}
	return st
}

func outcome(c pace.Class, status int) pace.Outcome {
	return pace.Outcome{Class: c, Status: status, Host: home, FinalURL: feed().URL, Conditional: true, Message: fmt.Sprintf("HTTP %d: what and what next", status)}
}

func good(fresh int) pace.Outcome {
	o := outcome(pace.OK, 200)
	o.ETag, o.BodyHash = `W/"2"`, []byte{2}
	return o.Read(pace.Doc{New: fresh, Items: 10})
}

func after(f feeds.Feed, st feeds.State, o pace.Outcome, now time.Time) (feeds.State, feeds.HostState, []pace.Event) {
	return pace.After(f, st, feeds.HostState{Key: home}, o, every(time.Minute), now, half)
}

// The decision table, a line each: what becomes of the validators, of the
// failure count, and when the next poll is. With chance 0.5 a full jitter is
// half of its back-off.
func TestTable(t *testing.T) {
	const kept, dropped, stored = `"1"`, "", `W/"2"`
	h := time.Hour
	m := time.Minute
	set := func(o pace.Outcome, f func(*pace.Outcome)) pace.Outcome { f(&o); return o }
	third := func(st *feeds.State) { st.Fails, st.NotFound, st.FirstFail = 2, 2, start.Add(-h) }
	many := func(st *feeds.State) { st.Fails, st.FirstFail = 40, start.Add(-h) }
	tests := []struct {
		name  string
		st    func(*feeds.State)
		o     pace.Outcome
		etag  string
		fails int
		next  time.Duration // from the poll, the spread within the minute apart
	}{
		{"new entries", nil, good(2), stored, 0, 10 * m},
		{"no new entry", nil, good(0), stored, 0, 30 * m},
		{"same hash", nil, set(outcome(pace.Unchanged, 200), func(o *pace.Outcome) { o.Same, o.ETag = true, `W/"2"` }), stored, 0, 30 * m},
		{"new entries, max-age", nil, set(good(1), func(o *pace.Outcome) { o.Freshness = 2 * h }), stored, 0, 2 * h},
		{"damaged", nil, outcome(pace.OK, 200).Read(pace.Doc{New: 1, Malformed: "cut off"}), kept, 0, 10 * m},
		{"304", nil, outcome(pace.Unchanged, 304), kept, 0, 30 * m},
		{"304 with another validator", nil, set(outcome(pace.Unchanged, 304), func(o *pace.Outcome) { o.ETag = `W/"2"` }), stored, 0, 30 * m},
		{"304 unasked", nil, set(outcome(pace.Unchanged, 304), func(o *pace.Outcome) { o.Conditional = false }), dropped, 0, 30 * m},
		{"304 after failures", many, outcome(pace.Unchanged, 304), kept, 0, 30 * m},
		{"the gap has a bound", func(st *feeds.State) { st.Interval = h }, outcome(pace.Unchanged, 304), kept, 0, h},
		{"half the rhythm is the bound", func(st *feeds.State) { st.Rhythm = 40 * m }, outcome(pace.Unchanged, 304), kept, 0, 20 * m},
		{"a web page", nil, outcome(pace.OK, 200).Unread([]byte("<html>"), "x"), kept, 1, 450 * time.Second},
		{"not a feed", nil, outcome(pace.OK, 200).Unread([]byte("soon"), "x"), kept, 1, 450 * time.Second},
		{"not a feed, for long", many, outcome(pace.OK, 200).Unread([]byte("soon"), "x"), kept, 41, 3 * h},
		{"204", nil, outcome(pace.Odd, 204), kept, 1, 450 * time.Second},
		{"refused", nil, outcome(pace.Refused, 0), kept, 1, 450 * time.Second},
		{"refused, for long", many, outcome(pace.Refused, 0), kept, 41, 12 * h},
		{"404", nil, outcome(pace.NotFound, 404), kept, 1, 450 * time.Second},
		{"404, the third", third, outcome(pace.NotFound, 404), dropped, 3, 30 * m},
		{"404, for long", many, outcome(pace.NotFound, 404), kept, 41, 12 * h},
		{"401", nil, outcome(pace.Denied, 401), kept, 1, 24 * h},
		{"403", nil, outcome(pace.Forbidden, 403), kept, 1, 15 * m},
		{"403, for long", many, outcome(pace.Forbidden, 403), kept, 41, 12 * h},
		{"410", nil, outcome(pace.Gone, 410), dropped, 1, 24 * h},
		{"412", nil, outcome(pace.Precondition, 412), dropped, 0, 0},
		{"412 unconditional", nil, set(outcome(pace.Precondition, 412), func(o *pace.Outcome) { o.Conditional = false }), kept, 1, 450 * time.Second},
		{"429", nil, outcome(pace.TooMany, 429), kept, 1, 40 * m},
		{"429, short gap", func(st *feeds.State) { st.Interval = m }, outcome(pace.TooMany, 429), kept, 1, 15 * m},
		{"429 with Retry-After", nil, set(outcome(pace.TooMany, 429), func(o *pace.Outcome) { o.RetryAfter = 3 * h }), kept, 1, 3 * h},
		{"429 for a month", nil, set(outcome(pace.TooMany, 429), func(o *pace.Outcome) { o.RetryAfter = 30 * 24 * h }), kept, 1, 7 * 24 * h},
		{"503 with Retry-After", nil, set(outcome(pace.ServerError, 503), func(o *pace.Outcome) { o.RetryAfter = 2 * h }), kept, 1, 2 * h},
		{"404 with Retry-After", nil, set(outcome(pace.NotFound, 404), func(o *pace.Outcome) { o.RetryAfter = 2 * h }), kept, 1, 2 * h},
		{"500", nil, outcome(pace.ServerError, 500), kept, 1, 450 * time.Second},
		{"500, for long", many, outcome(pace.ServerError, 500), kept, 41, 3 * h},
		{"no answer", nil, outcome(pace.Network, 0), kept, 1, 150 * time.Second},
		{"no answer, for long", many, outcome(pace.Network, 0), kept, 41, 3 * h},
		{"no network", nil, set(outcome(pace.Network, 0), func(o *pace.Outcome) { o.Blame = pace.Ours }), kept, 0, 0},
		{"too large", nil, outcome(pace.TooLarge, 200), kept, 1, 450 * time.Second},
		{"held", nil, (&pace.Later{Key: home, Until: start.Add(3 * h)}).Outcome(start), kept, 0, 3 * h},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st, _, _ := after(feed(), state(tt.st), tt.o, start)
			if st.ETag != tt.etag {
				t.Errorf("etag %q, want %q", st.ETag, tt.etag)
			}
			if st.Fails != tt.fails {
				t.Errorf("fails %d, want %d", st.Fails, tt.fails)
			}
			if wait := st.NextPoll.Sub(start); wait < tt.next || wait > tt.next+2*time.Minute {
				t.Errorf("next poll after %v, want %v", wait, tt.next)
			}
			if failed := tt.fails > 0; failed != (st.Phase == feeds.BackOff) || failed && st.LastError == "" {
				t.Errorf("phase %s, error %q", st.Phase, st.LastError)
			}
		})
	}
}

func TestAdaptiveOff(t *testing.T) {
	f := feed()
	f.AdaptiveOff = true
	for _, tt := range []struct {
		o    pace.Outcome
		want time.Duration
	}{
		{good(0), 10 * time.Minute},
		{good(1), 10 * time.Minute},
		{outcome(pace.Unchanged, 304), 10 * time.Minute},
		{func() pace.Outcome { o := good(0); o.Freshness = 10 * time.Minute; return o }(), 10 * time.Minute},
		{func() pace.Outcome { o := good(0); o.Freshness = 15 * time.Minute; return o }(), 20 * time.Minute},
		{outcome(pace.OK, 200).Read(pace.Doc{TTL: time.Hour}), time.Hour},
		{outcome(pace.OK, 200).Read(pace.Doc{Every: 100 * time.Hour}), 24 * time.Hour},
	} {
		st, _, _ := pace.After(f, state(nil), feeds.HostState{Key: home}, tt.o, every(10*time.Minute), start, half)
		if wait := st.NextPoll.Sub(start); wait < tt.want || wait >= tt.want+time.Minute {
			t.Errorf("%+v: %v, want %v", tt.o, wait, tt.want)
		}
	}
}

// A max-age as long as the slot must not make it every second slot, however
// long the answer took; and the poll is never under the max-age.
func TestMaxAgeAsLongAsTheSlot(t *testing.T) {
	f := feed()
	f.AdaptiveOff = true
	st, now := state(nil), start
	o := good(0)
	o.Freshness = 10 * time.Minute
	polls := 0
	for ; now.Before(start.Add(24 * time.Hour)); polls++ {
		answered := now.Add(300 * time.Millisecond)
		st, _, _ = pace.After(f, st, feeds.HostState{Key: home}, o, every(10*time.Minute), answered, half)
		if st.NextPoll.Sub(answered) < o.Freshness {
			t.Fatalf("poll %v after an answer with a max-age of %v", st.NextPoll.Sub(answered), o.Freshness)
		}
		now = st.NextPoll
	}
	if polls < 24*6-3 {
		t.Errorf("%d polls in a day of 144 slots", polls)
	}
}

func TestSkips(t *testing.T) {
	f := feed()
	f.AdaptiveOff = true
	next := func(d pace.Doc) time.Time {
		st, _, _ := pace.After(f, state(nil), feeds.HostState{Key: home}, outcome(pace.OK, 200).Read(d), every(10*time.Minute), start, half)
		return st.NextPoll
	}
	if got := next(pace.Doc{SkipHours: []int{12, 13, 14}}); got.Hour() != 15 || got.Day() != 23 {
		t.Errorf("skipped hours: %v", got)
	}
	if got := next(pace.Doc{SkipDays: []time.Weekday{time.Monday}}); got.Day() != 24 || got.Hour() != 0 {
		t.Errorf("skipped day: %v", got)
	}
	if got := next(pace.Doc{SkipDays: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}); got.Sub(start) > 12*time.Minute {
		t.Errorf("every day skipped: %v", got)
	}
}

func TestFirstPollIsDueAtOnce(t *testing.T) {
	f := feed()
	if !pace.Due(f, feeds.State{}, start) {
		t.Error("a feed never polled is not due")
	}
	st, _, _ := after(f, feeds.State{}, good(10), start)
	if pace.Due(f, st, start.Add(time.Second)) || !pace.Due(f, st, st.NextPoll) {
		t.Errorf("due at %v", st.NextPoll)
	}
	if !st.Baseline || st.URL != f.URL || st.ConfigURL != f.URL {
		t.Errorf("%+v", st)
	}
	f.URL = "http://other.example/feed"
	if !pace.Due(f, st, start) {
		t.Error("a feed with a new address is not due")
	}
	if got := pace.Adopt(f, st); got.Baseline || got.ETag != "" || got.URL != f.URL {
		t.Errorf("a new address on another host: %+v", got)
	}
	f.URL = "http://news.example/feed2"
	if got := pace.Adopt(f, st); !got.Baseline || got.ETag != "" {
		t.Errorf("a new address on the same host: %+v", got)
	}
	f.Paused = true
	if pace.Due(f, st, start) {
		t.Error("a paused feed is due")
	}
}

func TestPermanentRedirect(t *testing.T) {
	f := feed()
	to := "http://elsewhere.example/feed"
	o := outcome(pace.Unchanged, 304)
	o.Redirected, o.Permanent, o.PermanentURL, o.FinalURL, o.Host = true, true, to, to, "elsewhere.example"
	host := feeds.HostState{Key: o.Host}
	st := state(func(st *feeds.State) { st.ValidFor = to })
	var events []pace.Event
	for i, at := range []time.Duration{0, time.Hour, 47 * time.Hour} {
		st, _, events = pace.After(f, st, host, o, every(time.Minute), start.Add(at), half)
		if st.URL != f.URL || len(events) > 0 {
			t.Fatalf("learnt at sighting %d: %v", i, events)
		}
	}
	temp := o
	temp.Permanent, temp.PermanentURL = false, ""
	if st, _, _ := pace.After(f, st, host, temp, every(time.Minute), start.Add(49*time.Hour), half); st.URL != f.URL {
		t.Error("a temporary redirect was learnt")
	}
	st, _, events = pace.After(f, st, host, o, every(time.Minute), start.Add(48*time.Hour), half)
	if st.URL != to || len(events) != 1 || events[0].Type != pace.FeedMoved || events[0].URL != to {
		t.Fatalf("not learnt: %s %v", st.URL, events)
	}
	if st.ETag == "" {
		t.Error("the target's own validators were dropped")
	}

	// Not while the target is no feed.
	bad := o.Unread([]byte("<html>"), "")
	if st, _, _ := pace.After(f, state(func(st *feeds.State) {
		st.Permanent = feeds.Redirect{URL: to, Seen: 9, First: start.Add(-99 * time.Hour)}
	}), host, bad, every(time.Minute), start, half); st.URL != f.URL {
		t.Error("a redirect to a page was learnt")
	}
	// A 404 at the old address applies what was tracked.
	tracked := state(func(st *feeds.State) { st.Permanent = feeds.Redirect{URL: to, Seen: 1, First: start} })
	if st, _, events := after(f, tracked, outcome(pace.NotFound, 404), start); st.URL != to || len(events) != 1 || st.ETag != "" {
		t.Errorf("404 with a tracked redirect: %s %v", st.URL, events)
	}
	// https in place of http is believed at once.
	o.PermanentURL, o.FinalURL, o.Host = "https://news.example/feed", "https://news.example/feed", home
	if st, _, events := after(f, state(nil), o, start); st.URL != o.FinalURL || len(events) != 1 {
		t.Errorf("https: %s %v", st.URL, events)
	}
}

func TestGone(t *testing.T) {
	f := feed()
	o := outcome(pace.Gone, 410)
	st, _, events := after(f, state(nil), o, start)
	if st.Phase != feeds.BackOff || len(events) != 1 || events[0].Type != pace.FeedFailing {
		t.Fatalf("first 410: %s %v", st.Phase, events)
	}
	if early, _, _ := after(f, st, o, start.Add(time.Hour)); early.Phase == feeds.Gone {
		t.Error("gone after an hour")
	}
	if back, _, _ := after(f, st, good(1), start.Add(time.Hour)); !back.GoneOnce.IsZero() {
		t.Error("a 410 is remembered after a success")
	}
	st, _, events = after(f, st, o, st.NextPoll)
	if st.Phase != feeds.Gone || len(events) != 1 || events[0].Type != pace.FeedGone || pace.Due(f, st, start.AddDate(50, 0, 0)) {
		t.Errorf("second 410: %s %v, next %v", st.Phase, events, st.NextPoll)
	}
	if !pace.Due(f, pace.Revive(st), start) {
		t.Error("a revived feed is not due")
	}
}

func TestHost(t *testing.T) {
	f := feed()
	o := outcome(pace.TooMany, 429)
	o.RetryAfter = time.Hour
	_, host, _ := after(f, state(nil), o, start)
	if host.NotBefore.Sub(start) != time.Hour || host.Gap != 4*time.Second {
		t.Fatalf("after 429: %+v", host)
	}
	_, host, _ = pace.After(f, state(nil), host, outcome(pace.Forbidden, 403), every(time.Minute), start.Add(time.Hour), half)
	if host.Gap != 8*time.Second {
		t.Fatalf("after 403: %+v", host)
	}
	now := start.Add(time.Hour)
	for range 3 {
		now = now.Add(24 * time.Hour)
		_, host, _ = pace.After(f, state(nil), host, good(0), every(time.Minute), now, half)
	}
	if host.Gap < 5800*time.Millisecond || host.Gap > 5900*time.Millisecond {
		t.Errorf("three good days later: %v", host.Gap)
	}
	_, host, _ = pace.After(f, state(nil), host, good(0), every(time.Minute), now.Add(100*24*time.Hour), half)
	if host.Gap != 0 {
		t.Errorf("much later: %v", host.Gap)
	}

	// A 503 of one service says nothing of the others behind a private address.
	o = outcome(pace.ServerError, 503)
	o.RetryAfter = time.Hour
	if _, host, _ := after(f, state(nil), o, start); host.NotBefore.IsZero() {
		t.Error("503 with Retry-After of a public host")
	}
	o.Host = "10.0.0.1:8080"
	if st, host, _ := pace.After(f, state(nil), feeds.HostState{Key: o.Host}, o, every(time.Minute), start, half); !host.NotBefore.IsZero() || st.NextPoll.Sub(start) < time.Hour {
		t.Errorf("503 of a private host: %v, next %v", host.NotBefore, st.NextPoll)
	}
}

// A failing feed is tried for ever, and tells once a day.
func TestNeverGivesUp(t *testing.T) {
	f := feed()
	st, now := state(nil), start
	told, dead, polls := 0, 0, 0
	for end := start.Add(30 * 24 * time.Hour); now.Before(end); polls++ {
		var events []pace.Event
		st, _, events = after(f, st, outcome(pace.NotFound, 404), now)
		if wait := st.NextPoll.Sub(now); wait > 25*time.Hour {
			t.Fatalf("next poll after %v", wait)
		}
		for _, e := range events {
			told++
			if strings.Contains(e.Text, "dead") {
				dead++
			}
		}
		now = st.NextPoll
	}
	if told < 15 || told > 31 || dead != 1 || polls < 30 {
		t.Errorf("%d polls, %d events, %d of them dead", polls, told, dead)
	}
	st, _, events := after(f, st, good(1), now)
	if len(events) != 1 || events[0].Type != pace.FeedRecovered || st.Health != "" {
		t.Errorf("recovery: %v", events)
	}
}

// A feed that fails now and then tells once a day, and recovers only from what
// was told.
func TestFlapping(t *testing.T) {
	st := state(nil)
	var told []string
	for h := range 40 {
		o := good(0)
		if h%2 == 0 {
			o = outcome(pace.ServerError, 500)
		}
		var events []pace.Event
		st, _, events = after(feed(), st, o, start.Add(time.Duration(h)*time.Hour))
		for _, e := range events {
			told = append(told, fmt.Sprint(h, " ", e.Type))
		}
	}
	if got := strings.Join(told, ", "); got != "0 feed.failing, 1 feed.recovered, 24 feed.failing, 25 feed.recovered" {
		t.Error(got)
	}
}

func TestStale(t *testing.T) {
	f := feed()
	var dates []time.Time
	for i := range 20 {
		dates = append(dates, start.Add(-time.Duration(i)*time.Hour))
	}
	o := outcome(pace.OK, 200).Read(pace.Doc{New: 20, Items: 20, Published: dates})
	st, _, _ := after(f, feeds.State{}, o, start)
	if st.Rhythm != time.Hour {
		t.Fatalf("rhythm %v", st.Rhythm)
	}
	quiet := outcome(pace.Unchanged, 304)
	st, _, events := after(f, st, quiet, start.Add(9*time.Hour))
	if len(events) > 0 {
		t.Fatalf("stale too soon: %v", events)
	}
	st, _, events = after(f, st, quiet, start.Add(11*time.Hour))
	if len(events) != 1 || events[0].Type != pace.FeedStale {
		t.Fatalf("not stale: %v", events)
	}
	if _, _, again := after(f, st, quiet, start.Add(30*time.Hour)); len(again) > 0 {
		t.Errorf("stale twice: %v", again)
	}
	_, _, events = after(f, st, good(1), start.Add(31*time.Hour))
	if len(events) != 1 || events[0].Type != pace.FeedRecovered {
		t.Errorf("a new entry: %v", events)
	}
}

func TestNoSecretInEvents(t *testing.T) {
	f := feed()
	f.URL = "http://me:hunter2@news.example/feed"
	for _, o := range []pace.Outcome{outcome(pace.NotFound, 404), outcome(pace.Gone, 410)} {
		_, _, events := after(f, feeds.State{}, o, start)
		if len(events) != 1 || strings.Contains(events[0].Text, "hunter2") {
			t.Errorf("%v", events)
		}
	}
}

func TestSpread(t *testing.T) {
	var parts [6]int
	for i := range 600 {
		d := pace.Spread(fmt.Sprintf("http://news.example/feed/%d", i), time.Minute)
		if d < 0 || d >= time.Minute {
			t.Fatal(d)
		}
		parts[int(d/(10*time.Second))]++
	}
	for i, n := range parts {
		if n < 60 || n > 140 {
			t.Errorf("%d of 600 feeds in part %d", n, i)
		}
	}
}

func TestUnread(t *testing.T) {
	o := outcome(pace.OK, 200)
	for _, tt := range []struct {
		body       string
		alternates []string
		class      pace.Class
		word       string
	}{
		{"<!DOCTYPE html><p>", []string{"/rss"}, pace.Page, "http://news.example/rss"},
		{" \ufeff<!-- hm --><?xml version='1.0'?><HTML>", nil, pace.Page, "discover"},
		{"{}", nil, pace.NotFeed, "because"},
		{"  ", nil, pace.NotFeed, "empty"},
	} {
		got := o.Unread([]byte(tt.body), "because", tt.alternates...)
		if got.Class != tt.class || !strings.Contains(got.Message, tt.word) {
			t.Errorf("%q: %s %q", tt.body, got.Class, got.Message)
		}
	}
	o.Truncated = true
	if got := o.Unread([]byte("<rss>"), "x"); got.Class != pace.TooLarge {
		t.Errorf("cut off: %s", got.Class)
	}
	if got := o.Read(pace.Doc{New: 1}); got.Class != pace.Damaged {
		t.Errorf("cut off, some entries: %s", got.Class)
	}
}
