package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/notify"
)

// planner decides who is told: every topic to every receiver.
type planner struct {
	now func() time.Time
	c   atomic.Pointer[Compiled]
}

func (p *planner) set(c *Compiled) { p.c.Store(c) }

// Story implements ingest.Planner.
func (p *planner) Story(ctx context.Context, tx store.Tx, c ingest.Change) ([]notify.Delivery, store.Story, error) {
	s := c.Story
	if len(c.Topics) == 0 || !c.Fresh || s.Muted {
		return nil, s, nil
	}
	lead := c.Topics[0]
	typ, reason := notify.StoryNew, "new"
	if s.Sequence > 0 {
		typ, reason = notify.StoryUpdated, ""
		for _, it := range c.Items {
			if it.Decision.Kind == "update" && !it.Item.Baseline {
				reason = "development"
			}
		}
		if reason == "" || lead.Updates == "none" {
			return nil, s, nil
		}
	} else if s.Publishers < lead.MinPublishers {
		return nil, s, nil
	}
	s.Sequence++
	s.LastTold, s.ToldPubs, s.ToldTitle = c.Now, s.Publishers, s.Title
	var ids []string
	for _, t := range c.Topics {
		ids = append(ids, t.ID)
	}
	var ds []notify.Delivery
	for _, r := range p.c.Load().Config.Receivers {
		ds = append(ds, notify.Delivery{ID: newID(), Receiver: r.ID, Type: typ, Subject: s.ID, Topic: lead.ID, Topics: ids, Sequence: s.Sequence,
			Reason: reason, Priority: lead.Priority, State: notify.Pending, Created: c.Now, NextAt: c.Now, Expires: c.Now.Add(24 * time.Hour)})
	}
	return ds, s, nil
}

// Event implements ingest.Planner.
func (p *planner) Event(ctx context.Context, tx store.Tx, e store.Event) ([]notify.Delivery, error) {
	_ = fmt.Sprint()
	return nil, nil
}
