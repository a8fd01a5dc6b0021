package pace

import (
	"fmt"
	"strings"
	"time"

	"watcher/feeds"
)

const (
	deadAfter  = 7 * day24
	staleTimes = 10            // medians without an entry
	staleFloor = 3 * time.Hour // a fast feed may sleep a while
)

// The values of State.Health besides "".
const (
	healthFailing = "failing"
	healthDead    = "dead"
	healthStale   = "stale"
)

func (w *work) tell(e Event) { w.events = append(w.events, e) }

// failing tells of the first failure, then once a day while it lasts, and when
// a missing feed has been missing for a week.
func (w *work) failing() {
	st := &w.st
	since := w.now.Sub(st.FirstFail)
	dead := w.o.Class == NotFound && since >= deadAfter && st.Health != healthDead
	if !dead && !st.HealthAt.IsZero() && w.now.Sub(st.HealthAt) < day24 {
		return
	}
	if st.Health != healthDead || w.o.Class != NotFound {
		st.Health = healthFailing
	}
	next := "; next try " + w.stamp(st.NextPoll)
	text := fmt.Sprintf("%s: %s", feeds.SafeURL(st.URL), w.o.Message)
	switch {
	case dead:
		st.Health = healthDead
		text = fmt.Sprintf("%s seems dead: no answer but %d since %s; look for its new address, or remove the feed", feeds.SafeURL(st.URL), w.o.Status, w.day(st.FirstFail))
		next = "; it is still tried about once a day"
	case since >= day24:
		text += fmt.Sprintf(" (%d failures since %s)", st.Fails, w.stamp(st.FirstFail))
	}
	st.HealthAt = w.now
	w.tell(Event{Type: FeedFailing, Text: text + next})
}

// recover ends what was told before. A feed that had gone stale recovers by an
// entry, a failing one by an answer.
func (w *work) recover(fresh bool) {
	st := &w.st
	switch {
	case st.Health == healthStale && fresh:
		w.tell(Event{Type: FeedRecovered, Text: fmt.Sprintf("%s has a new entry after %s of silence", feeds.SafeURL(st.URL), span(w.now.Sub(st.LastNew)))})
	case st.Health != "" && st.Health != healthStale:
		text := feeds.SafeURL(st.URL) + " answers again"
		if !st.FirstFail.IsZero() {
			text += fmt.Sprintf(" after %s and %d failures", span(w.now.Sub(st.FirstFail)), st.Fails)
		}
		w.tell(Event{Type: FeedRecovered, Text: text})
	default:
		return
	}
	st.Health = "" // HealthAt stays: at most one message of a kind a day
}

// stale tells when a feed that answers has brought nothing for ten times the
// gap between its entries.
func (w *work) stale() {
	st := &w.st
	if st.Health != "" || st.Rhythm == 0 {
		return
	}
	quiet := w.now.Sub(st.LastNew)
	if quiet < max(staleTimes*st.Rhythm, staleFloor) {
		return
	}
	st.Health = healthStale
	w.tell(Event{Type: FeedStale, Text: fmt.Sprintf("%s answers but has had no new entry for %s; its entries used to come every %s: look whether the site has moved its feed", feeds.SafeURL(st.URL), span(quiet), span(st.Rhythm))})
}

func (w *work) day(t time.Time) string   { return t.In(w.zone).Format(time.DateOnly) }
func (w *work) stamp(t time.Time) string { return stamp(t.In(w.zone)) }

func stamp(t time.Time) string { return t.Truncate(time.Second).Format(time.RFC3339) }

// span writes a duration as a person would: 3 d, 5 h, 40 min.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", (d+12*time.Hour)/day24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", (d+30*time.Minute)/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", (d+30*time.Second)/time.Minute)
	}
	return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
}
