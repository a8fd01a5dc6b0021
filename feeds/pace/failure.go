package pace

import (
	"strings"
	"time"

	"watcher/feeds"
)

const (
	day24        = 24 * time.Hour
	retryCap     = 7 * day24 // longest Retry-After that is kept
	minTooMany   = 15 * time.Minute
	maxGap       = 10 * time.Minute // a learnt gap grows no further
	backOffFloor = 30 * time.Second
)

// backOff is one line of the table's "next poll": base x 2^n with full jitter
// under a cap, or a fixed wait.
type backOff struct {
	base, cap time.Duration
	fixed     time.Duration
}

func backOffOf(c Class) backOff {
	switch c {
	case Page, NotFeed, Odd, ServerError:
		return backOff{base: 15 * time.Minute, cap: 6 * time.Hour}
	case Network:
		return backOff{base: 5 * time.Minute, cap: 6 * time.Hour}
	case Forbidden:
		return backOff{base: 30 * time.Minute, cap: day24}
	case Denied, Gone:
		return backOff{fixed: day24}
	default: // Refused, NotFound, TooLarge
		return backOff{base: 15 * time.Minute, cap: day24}
	}
}

// wait is the pause after the n-th failure in a row, n from 1.
func (b backOff) wait(n int, chance float64) time.Duration {
	if b.fixed > 0 {
		return b.fixed
	}
	d := b.cap
	if n < 20 {
		d = min(b.base<<(n-1), b.cap)
	}
	return max(time.Duration(float64(d)*chance), backOffFloor)
}

// fail is every outcome that counts against the feed.
func (w *work) fail() {
	st, o := &w.st, w.o
	st.LastError, st.Diagnosis, st.Doubt = o.Message, o.Diagnosis, false
	if o.Class == Precondition && o.Conditional {
		// Our validators are not understood: once more without them.
		w.dropValidators()
		w.schedule(0, w.now.Add(min(o.RetryAfter, retryCap)))
		return
	}
	if st.Fails++; st.Fails == 1 {
		st.FirstFail = w.now
	}
	st.Phase = feeds.BackOff
	wait := backOffOf(o.Class).wait(st.Fails, w.chance())
	switch o.Class {
	case NotFound, Precondition:
		if w.applyTracked() {
			return
		}
		if st.NotFound++; st.NotFound >= 3 {
			w.dropValidators()
		}
	case Forbidden:
		w.widen()
	case TooMany:
		wait = max(2*st.Interval, minTooMany)
		w.widen()
		w.silence(max(o.RetryAfter, minTooMany))
	case Gone:
		w.dropValidators()
		if w.gone() {
			return
		}
	}
	if o.Class != Gone {
		st.GoneOnce = time.Time{}
	}
	if o.RetryAfter > 0 {
		wait = max(wait, min(o.RetryAfter, retryCap))
		if o.Class != ServerError || !private(o.Host) {
			w.silence(o.RetryAfter)
		}
	}
	if w.host.Key == o.Host || w.host.Key == "" {
		w.host.Fails++
	}
	w.schedule(0, w.now.Add(wait))
	w.failing()
}

func (w *work) dropValidators() {
	w.st.ETag, w.st.LastModified, w.st.BodyHash, w.st.ValidFor = "", "", nil, ""
}

// applyTracked follows a permanent redirect that was under observation when
// the old address is taken away.
func (w *work) applyTracked() bool {
	st := &w.st
	if st.Permanent.URL == "" || w.o.Redirected {
		return false
	}
	w.move(st.Permanent.URL, "a permanent redirect, and the old address is gone")
	w.dropValidators()
	w.schedule(0, time.Time{})
	return true
}

// gone counts a 410; the second one, a day after the first, is final.
func (w *work) gone() bool {
	st := &w.st
	if st.GoneOnce.IsZero() {
		st.GoneOnce = w.now
		return false
	}
	if w.now.Sub(st.GoneOnce) < day24 {
		return false
	}
	st.Phase, st.NextPoll, st.Slot = feeds.Gone, Never, time.Time{}
	st.Health, st.HealthAt = "gone", w.now
	w.tell(Event{Type: FeedGone, Text: feeds.SafeURL(st.URL) + " has said twice, a day apart, that it is gone for good (410): it is polled no more; remove the feed, or revive it with: watcher feeds resume " + w.f.ID})
	return true
}

// widen doubles the gap between two requests of a host that complains.
func (w *work) widen() {
	h := &w.host
	if h.Key != "" && h.Key != w.o.Host {
		return
	}
	h.Gap = min(2*max(h.Gap, w.f.HostGap, time.Second), maxGap)
	h.GapAt = w.now
}

// silence keeps every feed of a host quiet for a while.
func (w *work) silence(d time.Duration) {
	if w.host.Key != "" && w.host.Key != w.o.Host {
		return
	}
	w.host.Key = w.o.Host
	w.host.NotBefore = maxTime(w.host.NotBefore, w.now.Add(min(d, retryCap)))
}

// private tells pacing keys that stand for a machine of one's own rather than
// for a site: an address or a name of the local network. Behind one of those
// live many services, and one of them being down says nothing of the others.
func private(key string) bool {
	if strings.Contains(key, ":") {
		return true
	}
	for _, s := range []string{".local", ".internal", ".lan", ".home.arpa", ".localhost", ".test"} {
		if strings.HasSuffix(key, s) {
			return true
		}
	}
	return false
}
