package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"watcher/feeds"
	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/match/query"
	"watcher/notify"
	"watcher/notify/route"
)

// routes turns the configuration's routes, quiet hours and silences into the
// form that routing works with, and reports what is wrong with them.
func routes(c *config.Config, zone *time.Location) (*route.Config, []config.Problem) {
	var ps []config.Problem
	bad := func(p config.Pos, path string, err error) {
		if err != nil {
			ps = append(ps, config.Problem{File: c.File, Pos: p, Path: path, Msg: err.Error()})
		}
	}
	window := func(p config.Pos, path string, days []string, from, to, zoneName string) route.Window {
		z := zone
		if zoneName != "" {
			if l, err := time.LoadLocation(zoneName); err == nil {
				z = l
			}
		}
		w, err := route.NewWindow(days, from, to, z)
		if config.WindowError(days, from, to) == nil { // else reported already
			bad(p, path, err)
		}
		return w
	}
	out := &route.Config{Zone: zone}
	for _, r := range c.Receivers {
		out.Receivers = append(out.Receivers, route.Receiver{ID: r.ID, OnUpdate: r.OnUpdate, MaxPerHour: r.MaxPerHour})
	}
	var known []string
	for _, t := range route.Events() {
		known = append(known, string(t))
	}
	for i, r := range c.Routes {
		for _, e := range r.Events {
			if !route.Means(e) {
				ps = append(ps, config.Problem{File: c.File, Pos: r.Pos, Path: fmt.Sprintf("routes[%d].events", i), Warning: true,
					Msg: fmt.Sprintf("no event is called %q%s; there are %s", e, query.DidYouMean(e, known), strings.Join(known, ", "))})
			}
		}
		out.Routes = append(out.Routes, route.Route{Topics: r.Topics, Events: r.Events, MinPriority: notify.Priority(r.MinPriority), To: r.To, Wait: r.Wait.D(),
			UpdateEvery: r.UpdateEvery.D(), UpdateWhen: route.UpdateWhen(r.UpdateWhen), MaxPerHour: r.MaxPerHour, AtMost: route.Rate(r.AtMost),
			ExpireAfter: r.ExpireAfter.D(), Continue: r.Continue})
	}
	for i, q := range c.QuietHours {
		path := "quiet_hours[" + strconv.Itoa(i) + "]"
		out.Quiet = append(out.Quiet, route.Quiet{Receivers: q.Receivers, Window: window(q.Pos, path, q.Days, q.From, q.To, q.Timezone),
			Digest: q.Then == "digest", BreakThrough: notify.Priority(q.BreakThrough)})
	}
	for i, s := range c.Silences {
		path := "silences[" + strconv.Itoa(i) + "]"
		rs := route.Silence{ID: s.ID, Topics: s.Topics, Feeds: s.Feeds, Publishers: s.Publishers, Text: s.Text, Reason: s.Reason, Author: "config"}
		rs.From, _ = time.Parse(time.RFC3339, s.From)
		rs.Until, _ = time.Parse(time.RFC3339, s.Until)
		if s.Weekly != nil {
			w := window(s.Pos, path+".weekly", s.Weekly.Days, s.Weekly.From, s.Weekly.To, s.Weekly.Timezone)
			rs.Weekly = &w
		} else if rs.From.IsZero() && rs.Until.IsZero() {
			continue
		}
		out.Silences = append(out.Silences, rs)
	}
	return out, ps
}

// planner decides who is told, by the routes in force.
type planner struct {
	now func() time.Time
	c   atomic.Pointer[Compiled]
}

func (p *planner) set(c *Compiled) { p.c.Store(c) }

// Story implements ingest.Planner.
func (p *planner) Story(ctx context.Context, tx store.Tx, c ingest.Change) ([]notify.Delivery, store.Story, error) {
	s := c.Story
	if s.Muted || !c.Fresh && !c.NewTitle {
		return nil, s, nil
	}
	ds, err := p.items(ctx, tx, c)
	if err != nil {
		return nil, s, err
	}
	d, ok := decision(c)
	if !ok {
		return ds, s, nil
	}
	if d.PerHour, err = perHour(ctx, tx, s, c.Now); err != nil {
		return nil, s, err
	}
	told, err := p.plan(ctx, tx, d, c.Now)
	if err != nil {
		return nil, s, err
	}
	if len(told) > 0 {
		s.Sequence = d.Sequence
		s.LastTold, s.ToldPubs, s.ToldTitle = c.Now, s.Publishers, s.Title
	}
	return append(ds, told...), s, nil
}

// decision is what routing reads of a story that changed; false when no topic
// of it alerts by story, or too few publishers carry it yet.
func decision(c ingest.Change) (route.Decision, bool) {
	s := c.Story
	d := route.Decision{Story: s.ID, New: s.Sequence == 0, Sequence: s.Sequence + 1, Publishers: s.Publishers, ToldPublishers: s.ToldPubs,
		NewTitle: c.NewTitle || s.Sequence > 0 && s.ToldTitle != "" && s.ToldTitle != s.Title, Official: s.Kinds[string(feeds.Official)] > 0}
	if d.New && !c.Fresh {
		return d, false
	}
	for _, t := range c.Topics {
		if t.On != "story" || d.New && s.Publishers < t.MinPublishers {
			continue
		}
		d.Topics = append(d.Topics, route.Topic{ID: t.ID, Priority: t.Priority, Updates: t.Updates, New: !slices.Contains(c.Before.Topics, t.ID)})
	}
	for _, it := range c.Items {
		if it.Item.Baseline {
			continue
		}
		if it.Decision.Kind == "update" {
			d.Development = development(it)
		}
		d.NewArticles = d.NewArticles || it.Decision.Kind != "copy"
	}
	for kind := range s.Kinds {
		if len(c.Before.Kinds) > 0 && c.Before.Kinds[kind] == 0 {
			d.NewKind = kind
		}
	}
	return d, len(d.Topics) > 0
}

// perHour counts a story's articles of the last hour, as far as it matters:
// what stood in a feed before it was watched is no growth.
func perHour(ctx context.Context, tx store.Tx, s store.Story, now time.Time) (n int, err error) {
	if s.Articles < route.FastGrowth {
		return s.Articles, nil
	}
	items, err := tx.Items(ctx, store.ItemFilter{Story: s.ID, From: now.Add(-time.Hour), Limit: 5 * route.FastGrowth})
	for _, it := range items {
		if !it.Baseline {
			n++
		}
	}
	return n, err
}

func development(p ingest.Placed) string {
	w := p.Decision.Why
	switch {
	case len(w.Figures) > 0:
		return "new_figures"
	case len(w.Events) > 0:
		return "new_event"
	}
	return "new_lead"
}

func (p *planner) plan(ctx context.Context, tx store.Tx, d route.Decision, now time.Time) ([]notify.Delivery, error) {
	var failed error
	history := func(receiver string) []notify.Delivery {
		ds, err := tx.Deliveries(ctx, store.DeliveryFilter{Receiver: receiver, Subject: d.Story, Oldest: true})
		failed = errors.Join(failed, err)
		return ds
	}
	ds := p.c.Load().Routes.Plan(d, history, newID, now)
	return ds, failed
}

// items plans for topics that alert by item: each article is its own subject.
func (p *planner) items(ctx context.Context, tx store.Tx, c ingest.Change) ([]notify.Delivery, error) {
	var topics []route.Topic
	for _, t := range c.Topics {
		if t.On == "item" {
			topics = append(topics, route.Topic{ID: t.ID, Priority: t.Priority, Updates: "none"})
		}
	}
	if len(topics) == 0 {
		return nil, nil
	}
	var out []notify.Delivery
	for _, it := range c.Items {
		if it.Item.Baseline {
			continue
		}
		ds, err := p.plan(ctx, tx, route.Decision{Story: "item:" + store.ItemID(it.Item.ID), Topics: topics, New: true, Sequence: 1, Publishers: 1, NewArticles: true}, c.Now)
		if err != nil {
			return nil, err
		}
		out = append(out, ds...)
	}
	return out, nil
}

// Event implements ingest.Planner.
func (p *planner) Event(ctx context.Context, tx store.Tx, e store.Event) ([]notify.Delivery, error) {
	var failed error
	history := func(receiver, subject string) []notify.Delivery {
		ds, err := tx.Deliveries(ctx, store.DeliveryFilter{Receiver: receiver, Subject: subject, Oldest: true})
		failed = errors.Join(failed, err)
		return ds
	}
	ed := route.EventDecision{Type: e.Type, Event: notify.Event{Subject: e.Subject, Title: e.Title, Text: e.Text}}
	c := p.c.Load()
	switch e.Type {
	case notify.TopicSilent:
		ed.Topics = []string{e.Subject}
	case notify.StoryQuiet, notify.StoryCorrected:
		s, err := tx.Story(ctx, e.Subject)
		if err != nil {
			return nil, err
		}
		ed.Topics = c.ranked(s.Topics)
	}
	ds := c.Routes.PlanEvent(ed, history, newID, e.At)
	return ds, failed
}

// ranked puts a story's topics in order, the leading one first: by priority,
// then as they stand in the file. One that is configured no more comes last.
func (c *Compiled) ranked(ids []string) []string {
	rank := func(id string) (priority, order int) {
		for _, t := range c.Topics {
			if t.ID == id {
				return -t.Priority.Rank(), t.Order
			}
		}
		return 1, 0
	}
	ids = slices.Clone(ids)
	slices.SortStableFunc(ids, func(a, b string) int {
		pa, oa := rank(a)
		pb, ob := rank(b)
		return cmp.Or(cmp.Compare(pa, pb), cmp.Compare(oa, ob))
	})
	return ids
}

const aliveKey = "alive"

// alive notes that the daemon runs, so that the next start knows how long it
// was away.
func (a *App) alive(ctx context.Context) error {
	return a.store.Update(ctx, func(tx store.Tx) error {
		return tx.Set(ctx, aliveKey, []byte(a.Now().UTC().Format(time.RFC3339)))
	})
}

// sinceWhen is when the daemon last ran; zero: never.
func (a *App) sinceWhen(ctx context.Context) (at time.Time, err error) {
	err = a.store.View(ctx, func(r store.Reader) error {
		text, err := r.Get(ctx, aliveKey)
		at, _ = time.Parse(time.RFC3339, string(text))
		return err
	})
	return at, err
}
