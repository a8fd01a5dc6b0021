package route

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"watcher/notify"
)

// EventDecision is something that happened to a feed, a receiver or the
// daemon, or, where a route asks for it, to a story (story.quiet, story.corrected).
type EventDecision struct {
	Type  notify.Type
	Event notify.Event
	// Topics are a story's, the leading one first, or that of topic.silent; of
	// others there are none.
	Topics []string
}

// networkWait is how long a feed's failure waits for others: if over half of
// the feeds fail at once, one network event goes in their place.
const networkWait = 2 * time.Minute

// PlanEvent gives the deliveries of an event: to the receivers of routes that
// name its type, never to the receiver that it is about, and of a story that
// went quiet only to who was told of it. history gives the deliveries to a
// receiver of one subject. Past at_most the row is written, superseded, with the reason.
func (c *Config) PlanEvent(e EventDecision, history func(receiver, subject string) []notify.Delivery, newID func() string, now time.Time) []notify.Delivery {
	var out []notify.Delivery
	about := string(e.Type) + "/" + e.Event.Subject
	for _, t := range c.collect(func(r Route) bool {
		return meetsEvent(r.Events, e.Type) && (len(r.Topics) == 0 || len(e.Topics) == 0 || overlap(r.Topics, e.Topics))
	}) {
		if e.Type == notify.ReceiverDisabled && t.receiver.ID == e.Event.Subject {
			continue
		}
		if e.Type == notify.StoryQuiet && !slices.ContainsFunc(history(t.receiver.ID, e.Event.Subject), wasTold) {
			continue
		}
		event := e.Event
		d := notify.Delivery{ID: newID(), Receiver: t.receiver.ID, Type: e.Type, Subject: about + "/" + c.slot(t.route.AtMost, now), Sequence: 1,
			Topic: first(e.Topics), Topics: e.Topics, Reason: strings.TrimPrefix(string(e.Type), "feed."), Priority: notify.Normal, State: notify.Pending,
			Created: now, NotBefore: now, Event: &event}
		if e.Type == notify.FeedFailing || e.Type == notify.FeedStale {
			d.NotBefore = now.Add(networkWait)
		}
		past := history(d.Receiver, d.Subject)
		told := 0
		for _, p := range past {
			d.Sequence = max(d.Sequence, p.Sequence+1)
			if p.State != notify.Superseded {
				told++
			}
		}
		if r := t.route.AtMost; r.N > 0 && told >= r.N {
			d.State, d.Note = notify.Superseded, fmt.Sprintf("at_most %s: told already as %s", r, past[0].ID)
		}
		d.NextAt, d.Expires = d.NotBefore, d.NotBefore.Add(EventExpire)
		out = append(out, d)
	}
	return out
}

// wasTold says whether a receiver heard of a story by a delivery, or by
// another that went in its place.
func wasTold(d notify.Delivery) bool {
	return d.State == notify.Delivered || d.State == notify.Superseded
}

func first(topics []string) string {
	if len(topics) == 0 {
		return ""
	}
	return topics[0]
}

// Events are the types that a route may name.
func Events() []notify.Type {
	return []notify.Type{notify.StoryCorrected, notify.StoryQuiet, notify.TopicSilent, notify.FeedFailing, notify.FeedStale, notify.FeedRecovered, notify.FeedGone, notify.FeedMoved,
		notify.NetworkDown, notify.ReceiverDisabled, notify.ConfigRejected}
}

// Means says whether a pattern of a route's events meets any event at all.
func Means(pattern string) bool {
	return slices.ContainsFunc(Events(), func(t notify.Type) bool { return meetsEvent([]string{pattern}, t) })
}

// Names says whether a route asks for a type of event.
func (c *Config) Names(t notify.Type) bool {
	return slices.ContainsFunc(c.Routes, func(r Route) bool { return meetsEvent(r.Events, t) })
}

// slot names the stretch in which an event counts against its rate: the local
// day, or a stretch as long as the rate's; without a rate each event is its own.
func (c *Config) slot(r Rate, now time.Time) string {
	switch {
	case r.N == 0:
		return fmt.Sprint(now.UnixMilli())
	case r.Per == 24*time.Hour:
		return now.In(c.zone()).Format("2006-01-02")
	}
	return now.UTC().Truncate(r.Per).Format("2006-01-02T15:04")
}

// String writes a rate as the file has it.
func (r Rate) String() string {
	unit := map[time.Duration]string{time.Minute: "m", time.Hour: "h", 24 * time.Hour: "d"}[r.Per]
	return fmt.Sprintf("%d/%s", r.N, unit)
}

// NetworkDown says whether so many feeds fail that the network is at fault:
// over half of at least three.
func NetworkDown(failing, total int) (string, bool) {
	if total < 3 || failing*2 <= total {
		return "", false
	}
	return fmt.Sprintf("%d of %d feeds fail at once", failing, total), true
}
