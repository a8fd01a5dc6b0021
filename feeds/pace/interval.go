package pace

import (
	"hash/fnv"
	"slices"
	"time"
)

const (
	freshCap     = 24 * time.Hour // a server's wish for rest is kept up to this
	rhythmWindow = 20             // entries that make the rhythm
	maxSteps     = 2000           // slots looked at one by one
)

// Rhythm is the median gap between the newest entries, 0 when fewer than three
// are dated. Entries of one instant count as one: many feeds date a batch.
func Rhythm(published []time.Time, now time.Time) time.Duration {
	times := make([]time.Time, 0, len(published))
	for _, t := range published {
		if !t.IsZero() && t.Before(now.Add(time.Hour)) {
			times = append(times, t)
		}
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	times = slices.CompactFunc(times, time.Time.Equal)
	times = times[:min(len(times), rhythmWindow)]
	if len(times) < 3 {
		return 0
	}
	gaps := make([]time.Duration, 0, len(times))
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, times[i-1].Sub(times[i]))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// adapt moves the adaptive gap after a successful poll and gives the wait that
// it and the server's freshness ask for: gap may end at any slot near it, the
// server's until is kept to the second.
func (w *work) adapt(fresh bool) (gap time.Duration, until time.Time) {
	rest := min(max(w.o.Freshness, w.st.TTL), freshCap)
	if w.pushed() {
		rest = freshCap // what is new is pushed; polling only looks after the hub
	}
	until = w.now.Add(rest)
	if w.f.AdaptiveOff {
		w.st.Interval = 0
		return 0, until
	}
	low, high := w.f.AdaptiveMin, max(w.f.AdaptiveMax, w.f.AdaptiveMin)
	if w.st.Rhythm > 0 {
		high = min(high, max(w.st.Rhythm/2, low))
	}
	i := w.st.Interval
	switch {
	case i == 0 && w.st.Rhythm > 0:
		i = w.st.Rhythm / 2
	case i == 0:
		i = low
	case fresh:
		i /= 2
	default:
		i = i * 3 / 2
	}
	w.st.Interval = min(max(i, low), high)
	return time.Duration(float64(w.st.Interval) * (0.9 + 0.2*w.chance())), until
}

// schedule sets the next poll: the first slot that is gap after this poll's
// own slot, spread by the address, and not before until. gap is our own wish
// and counts from slot to slot; until is the server's and counts exactly.
func (w *work) schedule(gap time.Duration, until time.Time) {
	if w.host.NotBefore.After(until) && w.host.Key == w.o.Host {
		until = w.host.NotBefore
	}
	base := w.now
	if !w.st.Slot.IsZero() && w.st.Slot.Before(w.now) && w.slots.Next(w.st.Slot).After(w.now) {
		base = w.st.Slot
	}
	at := func(slot time.Time) (time.Time, bool) {
		length := w.slots.Next(slot).Sub(slot)
		span := spreadSpan(length)
		t := slot.Add(Spread(w.st.URL, span))
		if t.Before(until) && until.Sub(slot) <= min(length, 2*span) {
			t = until // the server's rest ends within the slot: be late rather than skip it
		}
		return t, !slot.Before(base.Add(gap)) && t.After(w.now) && !t.Before(until)
	}
	slot := w.first(base, gap, until)
	for range maxSteps {
		if slot.IsZero() {
			w.st.Slot, w.st.NextPoll = time.Time{}, Never
			return
		}
		if t, ok := at(slot); ok {
			if s, moved := w.unskipped(slot); moved {
				slot = s
				t = slot.Add(Spread(w.st.URL, spreadSpan(w.slots.Next(slot).Sub(slot))))
			}
			w.st.Slot, w.st.NextPoll = slot, t
			return
		}
		slot = w.slots.Next(slot)
	}
	w.st.Slot, w.st.NextPoll = time.Time{}, maxTime(until, base.Add(gap))
}

// first leaps near the target where the slots between are many.
func (w *work) first(base time.Time, gap time.Duration, until time.Time) time.Time {
	slot := w.slots.Next(base)
	target := maxTime(base.Add(gap), until)
	if length := w.slots.Next(slot).Sub(slot); length > 0 && target.Sub(slot)/length > 100 {
		return w.slots.Next(target.Add(-2 * length).Add(-time.Minute))
	}
	return slot
}

// unskipped moves a slot out of the hours and days in which the document asks
// for rest, by 24 hours at most.
func (w *work) unskipped(slot time.Time) (time.Time, bool) {
	if !w.skips(slot) {
		return slot, false
	}
	end := slot.Add(24 * time.Hour)
	for s := slot; ; {
		// To the end of the hour first: a skip never ends within one.
		s = w.slots.Next(s.UTC().Truncate(time.Hour).Add(time.Hour - time.Nanosecond))
		if s.IsZero() || s.After(end) {
			return slot, false // all is skipped: the wish makes no sense
		}
		if !w.skips(s) {
			return s, true
		}
	}
}

func (w *work) skips(t time.Time) bool {
	t = t.UTC()
	return slices.Contains(w.st.SkipHours, t.Hour()) || slices.Contains(w.st.SkipDays, t.Weekday())
}

// spreadSpan is how much of a slot its polls are spread over.
func spreadSpan(slot time.Duration) time.Duration {
	if slot < time.Minute {
		return 0
	}
	return time.Minute
}

// Spread is a feed's place within span: always the same for an address, so
// that feeds due at one slot do not start together.
func Spread(url string, span time.Duration) time.Duration {
	if span <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(url))
	// Fold the high half in: the low bits of FNV alone run in step for addresses that differ in a digit.
	sum := h.Sum64()
	sum ^= sum >> 32
	sum *= 0x9e3779b97f4a7c15
	sum ^= sum >> 29
	return time.Duration(sum%uint64(span/time.Millisecond)) * time.Millisecond
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
