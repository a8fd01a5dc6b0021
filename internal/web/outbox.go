package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

type deliveriesPage struct {
	Receivers       []receiverLine
	Rows            []deliveryLine
	Pager           pager
	States          []notify.DeliveryState
	State           notify.DeliveryState
	Receiver, Empty string
}

type receiverLine struct {
	ID, State, Class, Counts, Act, ActText string
	LastOK                                 moment
}

type deliveryLine struct {
	told
	Subject      subject
	Attempts     int
	Last         string
	Resend, Drop bool
}

const deliveryRows = 40

var allStates = []notify.DeliveryState{notify.Pending, notify.Sending, notify.Delivered, notify.Superseded, notify.Held, notify.Expired, notify.Dead}

// deliveries shows receivers and messages.
func (s *site) deliveries(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := deliveriesPage{States: allStates, State: notify.DeliveryState(q.Get("state")), Receiver: strings.TrimSpace(q.Get("receiver"))}
	f := store.DeliveryFilter{Receiver: p.Receiver, Before: q.Get("before"), Limit: deliveryRows}
	if p.State != "" {
		f.States = []notify.DeliveryState{p.State}
	}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		states, err := rd.Receivers(ctx)
		if err != nil {
			return err
		}
		// What was delivered is not counted: it is most of the table.
		counts, err := rd.CountDeliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Pending, notify.Sending, notify.Held, notify.Expired, notify.Dead}})
		if err != nil {
			return err
		}
		for _, rc := range api.Receivers(states, counts, s.Now()) {
			p.Receivers = append(p.Receivers, s.receiverLine(rc))
		}
		ds, err := rd.Deliveries(ctx, f)
		if err != nil {
			return err
		}
		about, err := s.subjects(ctx, rd, ds)
		for _, d := range ds {
			p.Rows = append(p.Rows, s.deliveryLine(d, about[d.Subject]))
		}
		if len(ds) == deliveryRows {
			p.Pager.Older, p.Pager.OlderText = with(r, "before", ds[deliveryRows-1].ID), "older messages"
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Empty = "No message yet: alerts appear here as soon as a story is told."
	if p.State != "" || p.Receiver != "" {
		p.Empty = "No message is like that."
	}
	return s.show(w, r, "Deliveries", "/deliveries", "deliveries", p)
}

func (s *site) receiverLine(rc api.Receiver) receiverLine {
	l := receiverLine{ID: rc.ID, State: "● ok", Class: "new", Act: "pause", ActText: "Pause"}
	switch rc.State {
	case "disabled":
		l.State, l.Class, l.Act, l.ActText = "✗ disabled: "+rc.Why, "bad", "enable", "Enable"
	case "paused":
		l.State, l.Class, l.Act, l.ActText = "⏸ paused", "warn", "resume", "Resume"
	case "degraded":
		l.State, l.Class = "▲ degraded: "+rc.Why, "bad"
	case "failing":
		l.State, l.Class = "▲ failing, "+digest.Plural(rc.Fails, "try", "tries")+" in a row", "warn"
	}
	if rc.LastOK != nil {
		l.LastOK = s.moment(*rc.LastOK)
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(rc.Messages)) {
		parts = append(parts, itoa(rc.Messages[k])+" "+k)
	}
	if l.Counts = strings.Join(parts, ", "); l.Counts == "" {
		l.Counts = "nothing waits"
	}
	return l
}

func (s *site) deliveryLine(d notify.Delivery, about subject) deliveryLine {
	l := deliveryLine{told: told{d.ID, d.Receiver, whatOf(d), stateText(d), stateClass(d.State), s.moment(d.Created)}, Subject: about, Attempts: d.Attempts}
	if d.LastStatus > 0 {
		l.Last = itoa(d.LastStatus)
	}
	if d.LastError != "" {
		l.Last = strings.TrimSpace(l.Last + " " + feeds.Clip(feeds.OneLine(d.LastError), 120))
	}
	l.Resend = d.State != notify.Pending && d.State != notify.Sending && d.State != notify.Delivered && d.State != notify.Superseded
	l.Drop = d.State == notify.Pending || d.State == notify.Held || d.State == notify.Expired
	return l
}

type deliveryPage struct {
	deliveryLine
	Facts   []fact
	Tries   []tryLine
	Payload string
}

type tryLine struct {
	At                               moment
	Status, Class, Took, Err, Answer string
}

// delivery shows one message: what it says and each try.
func (s *site) delivery(w http.ResponseWriter, r *http.Request) error {
	var p deliveryPage
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		d, err := rd.Delivery(ctx, r.PathValue("id"))
		if err != nil {
			return err
		}
		about, err := s.subjects(ctx, rd, []notify.Delivery{d})
		if err != nil {
			return err
		}
		p = deliveryPage{deliveryLine: s.deliveryLine(d, about[d.Subject])}
		p.Facts = []fact{{Name: "About", Text: cmp.Or(p.Subject.Title, d.Subject), Href: p.Subject.Href}, {Name: "Topics", Text: strings.Join(d.Topics, ", ")}, {Name: "Made", Time: s.moment(d.Created)}, {Name: "Id", Text: d.ID}, {Name: "Type", Text: string(d.Type)}}
		p.Facts = slices.DeleteFunc(p.Facts, func(f fact) bool { return f.Text == "" && f.Time.ISO == "" })
		if d.State == notify.Pending {
			p.Facts = append(p.Facts, fact{Name: "Next try", Text: "at once", Time: s.moment(d.NextAt)})
		}
		if !d.Expires.IsZero() {
			p.Facts = append(p.Facts, fact{Name: "Expires", Time: s.moment(d.Expires)})
		}
		if d.ReplayOf != "" {
			p.Facts = append(p.Facts, fact{Name: "Replay of", Text: d.ReplayOf, Href: "/deliveries/" + d.ReplayOf})
		}
		var pretty bytes.Buffer
		if len(d.Payload) > 0 && json.Indent(&pretty, d.Payload, "", "  ") == nil {
			p.Payload = feeds.Clip(pretty.String(), 24<<10)
		}
		tries, err := rd.Attempts(ctx, d.ID)
		for _, a := range tries {
			l := tryLine{At: s.moment(a.At), Status: "no answer", Class: "bad", Took: fmt.Sprintf("%d ms", a.Elapsed.Milliseconds()), Err: feeds.OneLine(a.Err), Answer: feeds.Clip(a.Answer, 2048)}
			if a.Status > 0 {
				l.Status = itoa(a.Status)
			}
			if a.Err == "" {
				l.Class, l.Status = "new", "✓ "+l.Status
			}
			p.Tries = append(p.Tries, l)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, p.What, "/deliveries", "delivery", p)
}
