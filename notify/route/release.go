package route

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"watcher/notify"
)

// Held is a held delivery with what its story is now.
type Held struct {
	Delivery notify.Delivery
	Facts    Facts
}

// Released is what the end of a hold brings.
type Released struct {
	Send   []notify.Delivery // new messages: roll-ups
	Change []notify.Delivery // held rows with a new state or note
}

const (
	catchUpOver = 3              // stories that wait after a downtime: more come as one message
	catchUpAge  = 24 * time.Hour // older ones go into the digest
	rollupRows  = 40
)

// Release tells what nothing holds any more. Where more than one story waited
// for a receiver and the same cause they come as one message; a silence always
// ends with a line that says what was held.
func (c *Config) Release(held []Held, st State, newID func() string, now time.Time) Released {
	var out Released
	type group struct{ receiver, cause string }
	free := map[group][]Held{}
	for _, h := range held {
		note, digest := c.holds(h.Delivery, h.Facts, st, now)
		switch {
		case h.Facts.Muted:
			out.change(h.Delivery, notify.Superseded, causeMuted)
		case digest:
			out.change(h.Delivery, notify.Expired, note)
		case note != "":
			if cause(note) != cause(h.Delivery.Note) {
				out.change(h.Delivery, notify.Held, note+" (before that, "+h.Delivery.Note+")")
			}
		case cause(h.Delivery.Note) == causeBudget && !c.hour(now).After(h.Delivery.LastAt):
			// Its hour is not over.
		default:
			g := group{h.Delivery.Receiver, cause(h.Delivery.Note)}
			free[g] = append(free[g], h)
		}
	}
	for _, g := range slices.SortedFunc(maps.Keys(free), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.receiver, b.receiver), cmp.Compare(a.cause, b.cause))
	}) {
		c.free(&out, g.receiver, g.cause, free[g], newID, now)
	}
	return out
}

func (r *Released) change(d notify.Delivery, state notify.DeliveryState, note string) {
	d.State, d.Note = state, note
	r.Change = append(r.Change, d)
}

// free tells the stories that one cause held for one receiver.
func (c *Config) free(out *Released, receiver, why string, held []Held, newID func() string, now time.Time) {
	few := 1
	if why == causeAway {
		few = catchUpOver
		held = slices.DeleteFunc(held, func(h Held) bool {
			at := h.Facts.Published
			old := !at.IsZero() && now.Sub(at) > catchUpAge
			if old {
				out.change(h.Delivery, notify.Expired, "older than 24 h when watcher came back: goes into the digest")
			}
			return old
		})
	}
	stories := map[string][]Held{}
	for _, h := range held {
		stories[h.Delivery.Subject] = append(stories[h.Delivery.Subject], h)
	}
	if len(stories) == 0 {
		return
	}
	if len(stories) <= few && !strings.HasPrefix(why, causeSilence) {
		for _, id := range slices.Sorted(maps.Keys(stories)) {
			c.single(out, stories[id], now)
		}
		return
	}
	c.rollup(out, receiver, why, stories, newID, now)
}

// single lets the first message about a story go; it says how the story stands now.
func (c *Config) single(out *Released, held []Held, now time.Time) {
	slices.SortFunc(held, func(a, b Held) int { return cmp.Compare(a.Delivery.Sequence, b.Delivery.Sequence) })
	d := held[0].Delivery
	if !d.Expires.IsZero() {
		d.Expires = now.Add(d.Expires.Sub(d.Created))
	}
	d.NotBefore, d.NextAt = now, now
	out.change(d, notify.Pending, notify.WasHeld+d.Note)
	for _, h := range held[1:] {
		out.change(h.Delivery, notify.Superseded, "told with "+d.ID+" ("+h.Delivery.Note+")")
	}
}

// rollup tells many stories in one message.
func (c *Config) rollup(out *Released, receiver, why string, stories map[string][]Held, newID func() string, now time.Time) {
	d := notify.Delivery{ID: newID(), Receiver: receiver, Type: notify.Rollup, Subject: fmt.Sprintf("rollup/%s/%d", why, now.Unix()), Sequence: 1,
		Reason: why, Priority: notify.Normal, State: notify.Pending, Created: now, NotBefore: now, NextAt: now, Expires: now.Add(DefaultExpire)}
	since := now
	var rows []notify.RollupRow
	var note string
	for _, id := range slices.Sorted(maps.Keys(stories)) {
		last := stories[id][len(stories[id])-1]
		urgency := last.Delivery.Priority
		for _, h := range stories[id] {
			if h.Delivery.Priority.Rank() > urgency.Rank() {
				urgency = h.Delivery.Priority
			}
			if h.Delivery.Created.Before(since) {
				since = h.Delivery.Created
			}
			note = h.Delivery.Note
			out.change(h.Delivery, notify.Superseded, "told in "+d.ID+" ("+h.Delivery.Note+")")
		}
		for _, t := range last.Delivery.Topics {
			if !contains(d.Topics, t) {
				d.Topics = append(d.Topics, t)
			}
		}
		if urgency.Rank() > d.Priority.Rank() {
			d.Priority = urgency
		}
		rows = append(rows, notify.RollupRow{Story: id, Topic: last.Delivery.Topic, Title: last.Facts.Title, URL: last.Facts.URL, Publishers: last.Facts.Publishers, Priority: urgency, Why: why})
	}
	slices.SortStableFunc(rows, func(a, b notify.RollupRow) int { return cmp.Compare(b.Publishers, a.Publishers) })
	m := notify.Message{Schema: notify.Schema, Type: notify.Rollup, ID: d.ID, Timestamp: now.UTC(), Sequence: 1, Reason: why, Topics: d.Topics}
	if m.Topics == nil {
		m.Topics = []string{}
	}
	m.Event = &notify.Event{Subject: why, Title: c.said(why, note, len(rows), since, now, c.quietZone(receiver))}
	if n := len(rows) - rollupRows; n > 0 {
		rows, m.Truncated.Articles = rows[:rollupRows], n
	}
	m.Rollup = rows
	m = m.Clean()
	d.Payload, _ = m.Encode() // strings and numbers: it can always be written
	out.Send = append(out.Send, d)
}

// said is the line of a roll-up.
func (c *Config) said(why, note string, n int, since, now time.Time, quiet *time.Location) string {
	stories := "1 story"
	more := "1 more story"
	if n != 1 {
		stories, more = fmt.Sprintf("%d stories", n), fmt.Sprintf("%d more stories", n)
	}
	switch {
	case strings.HasPrefix(why, causeSilence):
		_, reason, _ := strings.Cut(note, ": ")
		return fmt.Sprintf("held %s since %s (reason: %s)", stories, c.clock(since, nil, now), reason)
	case why == causeAway:
		from, _, _ := strings.Cut(strings.TrimPrefix(note, causeAway+" since "), " (")
		return fmt.Sprintf("%s while watcher was away, since %s", stories, from)
	case why == causeBudget:
		limit, _, _ := strings.Cut(strings.TrimPrefix(note, causeBudget+" of "), ":")
		return fmt.Sprintf("%s (over the budget of %s)", more, limit)
	}
	return fmt.Sprintf("%s during quiet hours, since %s", stories, c.clock(since, quiet, now))
}

// quietZone is the zone in which a receiver's quiet hours are given.
func (c *Config) quietZone(receiver string) *time.Location {
	for _, q := range c.Quiet {
		if len(q.Receivers) == 0 || contains(q.Receivers, receiver) {
			return q.Window.Zone
		}
	}
	return nil
}

// cause is what holds a delivery, from its note: "quiet hours", "silence 3",
// "budget", "away".
func cause(note string) string {
	for _, c := range []string{causeQuiet, causeBudget, causeAway, causeMuted, causeNetwork} {
		if strings.HasPrefix(note, c) {
			return c
		}
	}
	if rest, ok := strings.CutPrefix(note, causeSilence+" "); ok {
		id, _, _ := strings.Cut(rest, " until ")
		return causeSilence + " " + id
	}
	return "held"
}

// Cause is the short form of a note, for a metric's label.
func Cause(note string) string {
	switch c := cause(note); c {
	case causeQuiet:
		return c
	case causeMuted:
		return "muted"
	default:
		c, _, _ = strings.Cut(c, " ")
		return c
	}
}
