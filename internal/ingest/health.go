package ingest

import (
	"context"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/store"
	"watcher/notify"
)

// events records a feed's health events and plans who is told of them.
func (in *Ingest) events(ctx context.Context, tx store.Tx, f feeds.Feed, events []pace.Event, now time.Time) error {
	for _, e := range events {
		ev := store.Event{At: now, Type: notify.Type(e.Type), Subject: f.ID, Title: eventTitle(f, e.Type), Text: e.Text}
		if err := in.event(ctx, tx, ev); err != nil {
			return err
		}
	}
	return nil
}

func (in *Ingest) event(ctx context.Context, tx store.Tx, ev store.Event) error {
	id, err := tx.AddEvent(ctx, ev)
	if err != nil {
		return err
	}
	ev.ID = id
	ds, err := in.Planner.Event(ctx, tx, ev)
	if err != nil || len(ds) == 0 {
		return err
	}
	if err := tx.Enqueue(ctx, ds); err != nil {
		return err
	}
	if in.Wake != nil {
		in.Wake()
	}
	return nil
}

func eventTitle(f feeds.Feed, typ string) string {
	name := f.Name
	if name == "" {
		name = f.ID
	}
	switch typ {
	case pace.FeedFailing:
		return name + " cannot be read"
	case pace.FeedStale:
		return name + " has had nothing new for long"
	case pace.FeedRecovered:
		return name + " is back"
	case pace.FeedGone:
		return name + " is gone"
	case pace.FeedMoved:
		return name + " has moved"
	}
	return name + ": " + typ
}

// network tells once that we are offline, and logs that we are back.
func (in *Ingest) network(ctx context.Context, began, ended bool) {
	switch {
	case ended:
		in.Log.Info("network is back")
	case began:
		in.Log.Warn("most hosts fail: we seem to be offline, no feed is blamed")
		ev := store.Event{At: in.Now(), Type: notify.NetworkDown, Subject: "network", Title: "the network is down",
			Text: "most feeds cannot be reached, so the fault is here: look at this machine's network and DNS; polling goes on at each slot"}
		if err := in.Store.Update(ctx, func(tx store.Tx) error { return in.event(ctx, tx, ev) }); err != nil {
			in.Log.Warn("event not kept", "err", err)
		}
	}
}
