package route

import (
	"fmt"
	"strings"
	"time"

	"watcher/notify"
)

// State is what a verdict needs beside the configuration.
type State struct {
	Silences []Silence         // of the store, in force
	Told     []notify.Delivery // stories told to the delivery's receiver in this clock hour
	Away     time.Time         // catching up after a downtime that began then; zero: not
	Network  string            // what is wrong with the network; empty: nothing
}

// The first words of a note say what holds a delivery.
const (
	causeQuiet   = "quiet hours"
	causeSilence = "silence"
	causeBudget  = "budget"
	causeAway    = "away"
	causeMuted   = "the story is muted"
	causeNetwork = "network"
)

// Gate says whether a delivery may go now.
func (c *Config) Gate(d notify.Delivery, f Facts, st State, now time.Time) notify.Verdict {
	if d.ReplayOf != "" || d.Note == notify.ByHand {
		return notify.Verdict{}
	}
	if strings.HasPrefix(string(d.Type), "feed.") && st.Network != "" {
		return notify.Verdict{State: notify.Superseded, Note: causeNetwork + ": " + st.Network}
	}
	if !isStory(d.Type) {
		return c.gateOther(d, now)
	}
	if f.Muted {
		return notify.Verdict{State: notify.Superseded, Note: causeMuted}
	}
	if note, digest := c.holds(d, f, st, now); digest {
		return notify.Verdict{State: notify.Expired, Note: note}
	} else if note != "" {
		return notify.Verdict{State: notify.Held, Note: note}
	}
	if note := c.overBudget(d, st, now); note != "" {
		return notify.Verdict{State: notify.Held, Note: note}
	}
	return notify.Verdict{}
}

// gateOther puts events and roll-ups off to the end of quiet hours. Digests
// and tests go when they were asked for.
func (c *Config) gateOther(d notify.Delivery, now time.Time) notify.Verdict {
	if d.Type == notify.DigestReady || d.Type == notify.Test {
		return notify.Verdict{}
	}
	for _, q := range c.Quiet {
		if end, ok := q.Window.Until(now); ok && q.meets(d.Receiver, d.Priority) {
			return notify.Verdict{NextAt: end, Note: causeQuiet + " until " + c.clock(end, q.Window.Zone, now)}
		}
	}
	return notify.Verdict{}
}

// holds says what holds a story for a time; digest: for good.
func (c *Config) holds(d notify.Delivery, f Facts, st State, now time.Time) (note string, digest bool) {
	for _, list := range [][]Silence{st.Silences, c.Silences} {
		for _, s := range list {
			if until, ok := s.active(now); ok && s.meets(d, f) {
				return fmt.Sprintf("%s %s until %s: %s", causeSilence, s.ID, c.clock(until, nil, now), s.Reason), false
			}
		}
	}
	if !st.Away.IsZero() {
		return causeAway + " since " + c.clock(st.Away, nil, now), false
	}
	for _, q := range c.Quiet {
		if end, ok := q.Window.Until(now); ok && q.meets(d.Receiver, d.Priority) {
			note := causeQuiet + " until " + c.clock(end, q.Window.Zone, now)
			if q.Digest {
				note += ": goes into the digest"
			}
			return note, q.Digest
		}
	}
	return "", false
}

// budgeted says whether a delivery counts in a budget, of its receiver or of a route to it.
func (c *Config) budgeted(d notify.Delivery) bool {
	if !isStory(d.Type) {
		return false
	}
	for _, r := range c.Receivers {
		if r.ID == d.Receiver && r.MaxPerHour > 0 {
			return true
		}
	}
	for _, r := range c.Routes {
		if r.MaxPerHour > 0 && contains(r.To, d.Receiver) {
			return true
		}
	}
	return false
}

// overBudget holds a story for the roll-up at the hour when its receiver, or
// its route, has told enough in this one. What is critical always goes.
func (c *Config) overBudget(d notify.Delivery, st State, now time.Time) string {
	if d.Priority == notify.Critical {
		return ""
	}
	over := func(limit, told int, whose string) string {
		if limit == 0 || told < limit {
			return ""
		}
		return fmt.Sprintf("%s of %d an hour%s: rolled up at %s", causeBudget, limit, whose, c.clock(c.hour(now).Add(time.Hour), nil, now))
	}
	for _, t := range c.targets(d.Topics, d.Priority) {
		if t.receiver.ID != d.Receiver {
			continue
		}
		if note := over(t.receiver.MaxPerHour, len(st.Told), ""); note != "" {
			return note
		}
		told := 0
		for _, other := range st.Told {
			if len(t.route.Topics) == 0 || overlap(t.route.Topics, other.Topics) {
				told++
			}
		}
		return over(t.route.MaxPerHour, told, " for its route")
	}
	return ""
}

// hour is the start of the clock hour in the configured zone.
func (c *Config) hour(t time.Time) time.Time {
	local := t.In(c.zone())
	return t.Add(-time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
}

func (c *Config) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// clock writes an instant as a person near now would say it.
func (c *Config) clock(t time.Time, zone *time.Location, now time.Time) string {
	if zone == nil {
		zone = c.zone()
	}
	t, now = t.In(zone), now.In(zone)
	switch days := t.Sub(now).Abs(); {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04")
	case days < 6*24*time.Hour:
		return t.Format("Mon 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// isStory says whether a delivery tells news of a story; that one went quiet, or
// was corrected, is an event.
func isStory(t notify.Type) bool { return t == notify.StoryNew || t == notify.StoryUpdated }
