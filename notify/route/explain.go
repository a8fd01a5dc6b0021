package route

import (
	"fmt"
	"time"

	"watcher/notify"
)

// Line says for one receiver whether it would be told of a new story, when and why.
type Line struct {
	Receiver string    `json:"receiver"`
	Told     bool      `json:"told"`
	At       time.Time `json:"at,omitzero"` // left out when it is not told
	Route    string    `json:"route"`
	Why      string    `json:"why"`
}

// Explain says who would be told of a new story of a topic that came at an
// instant, and when: every receiver has a line.
func (c *Config) Explain(topic string, p notify.Priority, silences []Silence, at time.Time) []Line {
	targets := c.targets([]string{topic}, p)
	var out []Line
	for _, r := range c.Receivers {
		line := Line{Receiver: r.ID, Route: "none", Why: "no route for stories of this topic and priority names it"}
		if p == notify.Low {
			line.Why = "priority low: in the digest only"
		}
		for _, t := range targets {
			if t.receiver.ID == r.ID {
				line = c.explain(t, topic, p, silences, at)
			}
		}
		out = append(out, line)
	}
	return out
}

func (c *Config) explain(t target, topic string, p notify.Priority, silences []Silence, at time.Time) Line {
	line := Line{Receiver: t.receiver.ID, Told: true, At: at, Route: "default", Why: "at once"}
	if t.index >= 0 {
		line.Route = fmt.Sprintf("routes[%d]", t.index)
	}
	if t.route.Wait > 0 {
		line.At = at.Add(t.route.Wait)
		line.Why = "after wait " + t.route.Wait.String()
	}
	d := notify.Delivery{Receiver: t.receiver.ID, Type: notify.StoryNew, Topic: topic, Topics: []string{topic}, Priority: p}
	for range 10 { // out of one hold into the next
		note, digest := c.holds(d, Facts{}, State{Silences: silences}, line.At)
		if digest {
			return Line{Receiver: line.Receiver, Route: line.Route, Why: note}
		}
		if note == "" {
			break
		}
		line.Why = "held: " + note
		next := c.holdEnd(d, silences, line.At)
		if !next.After(line.At) {
			break
		}
		line.At = next
	}
	limit := t.receiver.MaxPerHour
	if t.route.MaxPerHour > 0 && (limit == 0 || t.route.MaxPerHour < limit) {
		limit = t.route.MaxPerHour
	}
	if limit > 0 && p != notify.Critical {
		line.Why += fmt.Sprintf("; at most %d an hour, then one roll-up at the hour", limit)
	}
	return line
}

// holdEnd is when the first of what holds a delivery ends.
func (c *Config) holdEnd(d notify.Delivery, silences []Silence, now time.Time) time.Time {
	for _, list := range [][]Silence{silences, c.Silences} {
		for _, s := range list {
			if until, ok := s.active(now); ok && s.meets(d, Facts{}) {
				return until
			}
		}
	}
	for _, q := range c.Quiet {
		if end, ok := q.Window.Until(now); ok && q.meets(d.Receiver, d.Priority) {
			return end
		}
	}
	return now
}
