package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
	"watcher/notify/route"
)

// Actions is what a person can do to what is stored, from a page, the API or a
// verb. The daemon wakes its parts after them; a verb without a daemon leaves
// that nil. It implements api.Actions.
type Actions struct {
	Store  store.Store
	Ingest *ingest.Ingest
	Config func() *config.Config
	Fetch  ingest.Fetcher
	Now    func() time.Time

	ReloadConfig func(context.Context) error // nil: no daemon
	WakeEngine   func()
	WakeSender   func()
	Digest       func(ctx context.Context, id, date string) (int, error)
}

// NewActions makes Actions for a verb that opened the store itself.
func NewActions(s store.Store, c *config.Config, version string) *Actions {
	return &Actions{Store: s, Ingest: ingest.New(ingest.Options{Store: s, Planner: noPlan{}, Shared: true}, ingest.NewRules(nil, nil)),
		Config: func() *config.Config { return c }, Fetch: fetch.New(fetch.Options{Version: version, Contact: c.Polling.Contact}), Now: time.Now}
}

// noPlan tells nobody: a verb's corrections are seen by the daemon's pages.
type noPlan struct{}

func (noPlan) Story(_ context.Context, _ store.Tx, c ingest.Change) ([]notify.Delivery, store.Story, error) {
	return nil, c.Story, nil
}

func (noPlan) Event(context.Context, store.Tx, store.Event) ([]notify.Delivery, error) {
	return nil, nil
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// Reload has the daemon read its configuration again.
func (a *Actions) Reload(ctx context.Context) error {
	if a.ReloadConfig == nil {
		return errors.New("no daemon runs")
	}
	return a.ReloadConfig(ctx)
}

// AddFeed keeps a feed in the store after one fetch that proves it; what was
// fetched is its first poll's business, which follows with the validators.
func (a *Actions) AddFeed(ctx context.Context, n api.NewFeed) (feeds.Feed, error) {
	u, err := url.Parse(n.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return feeds.Feed{}, fmt.Errorf("%q is no address: write https://host/path", n.URL)
	}
	f := feeds.Feed{ID: n.ID, URL: n.URL, Name: n.Name, Publisher: n.Publisher, Kind: feeds.Kind(n.Kind), Tags: n.Tags, Stored: true, Notify: true}
	if f.ID == "" {
		f.ID = config.Slug(n.URL)
	}
	f = Polled(f, a.Config())
	res, err := a.Fetch.Get(ctx, f, feeds.State{})
	if err != nil {
		return f, err
	}
	if res.Class != pace.OK {
		return f, fmt.Errorf("%s: %s", n.URL, res.Message)
	}
	doc, err := parse.Parse(res.Body, parse.Options{URL: res.FinalURL, ContentType: res.ContentType, Feed: f})
	var no *parse.NotFeedError
	switch {
	case errors.As(err, &no) && len(no.Alternates) > 0:
		return f, fmt.Errorf("%s is a web page; its feed is %s: add that", n.URL, no.Alternates[0])
	case err != nil:
		return f, fmt.Errorf("%s: %w", n.URL, err)
	}
	if f.Name == "" {
		f.Name = doc.Title
	}
	if err := a.Store.Update(ctx, func(tx store.Tx) error { return tx.SaveFeed(ctx, f) }); err != nil {
		return f, err
	}
	call(a.WakeEngine)
	return f, nil
}

// PollFeed makes a feed due now; its host's own wishes stand.
func (a *Actions) PollFeed(ctx context.Context, id string) error {
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		row, err := tx.Feed(ctx, id)
		if err != nil {
			return fmt.Errorf("feed %s: %w", id, err)
		}
		return tx.SaveState(ctx, pace.Revive(row.State), store.Poll{})
	})
	if err == nil {
		call(a.WakeEngine)
	}
	return err
}

// PauseFeed stops polling a feed, or begins again.
func (a *Actions) PauseFeed(ctx context.Context, id string, paused bool) error {
	err := a.Store.Update(ctx, func(tx store.Tx) error { return named("feed", id, tx.PauseFeed(ctx, id, paused)) })
	if err == nil {
		call(a.WakeEngine)
	}
	return err
}

// RemoveFeed takes a feed of the store away; its history stays.
func (a *Actions) RemoveFeed(ctx context.Context, id string) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		row, err := tx.Feed(ctx, id)
		if err != nil {
			return named("feed", id, err)
		}
		if !row.Feed.Stored {
			return fmt.Errorf("feed %s stands in the configuration: take it out there", id)
		}
		return tx.RemoveFeed(ctx, id)
	})
}

func named(what, id string, err error) error {
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, id, err)
	}
	return nil
}

// AddSilence keeps what it meets from being told until it ends.
func (a *Actions) AddSilence(ctx context.Context, s store.Silence) (id int64, err error) {
	now := a.Now()
	if s.From.IsZero() {
		s.From = now
	}
	switch {
	case s.Until.IsZero() || !s.Until.After(now):
		return 0, errors.New("a silence needs an end in the future")
	case s.Until.Sub(s.From) > route.MaxSilence:
		return 0, errors.New("a silence lasts 30 days at most; for longer ones use silences: in the configuration")
	case strings.TrimSpace(s.Reason) == "":
		return 0, errors.New("a silence needs a reason: others will ask")
	}
	err = a.Store.Update(ctx, func(tx store.Tx) (err error) {
		id, err = tx.SaveSilence(ctx, s)
		return err
	})
	return id, err
}

// EndSilence ends a silence now.
func (a *Actions) EndSilence(ctx context.Context, id int64) error {
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		ss, err := tx.Silences(ctx, a.Now(), true)
		if err != nil {
			return err
		}
		for _, s := range ss {
			if s.ID == id {
				s.Ended = a.Now()
				_, err := tx.SaveSilence(ctx, s)
				return err
			}
		}
		return named("silence", fmt.Sprint(id), store.ErrNotFound)
	})
	if err == nil {
		call(a.WakeSender)
	}
	return err
}

// SplitStory moves items into a story of their own and gives its id.
func (a *Actions) SplitStory(ctx context.Context, id string, items []int64) (string, error) {
	return a.Ingest.Split(ctx, id, items)
}

// MergeStories puts one story into another.
func (a *Actions) MergeStories(ctx context.Context, into, from string) error {
	return a.Ingest.Merge(ctx, into, from)
}

// MuteStory keeps a story from being told again, or lets it be.
func (a *Actions) MuteStory(ctx context.Context, id string, muted bool) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Story(ctx, id)
		if err != nil {
			return named("story", id, err)
		}
		return tx.MuteStory(ctx, s.ID, muted)
	})
}

// Mark keeps what a person said of a story.
func (a *Actions) Mark(ctx context.Context, m store.Mark) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Story(ctx, m.Story)
		if err != nil {
			return named("story", m.Story, err)
		}
		m.Story = s.ID
		if m.At.IsZero() {
			m.At = a.Now()
		}
		return tx.SaveMark(ctx, m)
	})
}

// Unmark takes a mark back.
func (a *Actions) Unmark(ctx context.Context, id string, kind store.MarkKind) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Story(ctx, id)
		if err != nil {
			return named("story", id, err)
		}
		return tx.Unmark(ctx, s.ID, kind)
	})
}

// ResendDelivery sends a dead, held or expired delivery again, under its id.
func (a *Actions) ResendDelivery(ctx context.Context, id string) error {
	return a.change(ctx, id, func(d *notify.Delivery) error {
		if d.State == notify.Sending || d.State == notify.Pending {
			return fmt.Errorf("delivery %s is on its way already", id)
		}
		now := a.Now()
		d.State, d.Note, d.NextAt, d.NotBefore, d.Faults, d.Expires = notify.Pending, "sent again by hand", now, now, 0, time.Time{}
		return nil
	})
}

// DropDelivery gives a waiting delivery up.
func (a *Actions) DropDelivery(ctx context.Context, id string) error {
	return a.change(ctx, id, func(d *notify.Delivery) error {
		if d.State == notify.Delivered || d.State == notify.Sending {
			return fmt.Errorf("delivery %s is %s", id, d.State)
		}
		d.State, d.Note = notify.Superseded, "dropped by hand"
		return nil
	})
}

func (a *Actions) change(ctx context.Context, id string, f func(*notify.Delivery) error) error {
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Delivery(ctx, id)
		if err != nil {
			return named("delivery", id, err)
		}
		if err := f(&d); err != nil {
			return err
		}
		return tx.SaveDelivery(ctx, d)
	})
	if err == nil {
		call(a.WakeSender)
	}
	return err
}

// ReplayDelivery sends what was delivered once more, under a new id.
func (a *Actions) ReplayDelivery(ctx context.Context, id string) (string, error) {
	var fresh notify.Delivery
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Delivery(ctx, id)
		if err != nil {
			return named("delivery", id, err)
		}
		past, err := tx.Deliveries(ctx, store.DeliveryFilter{Receiver: d.Receiver, Subject: "replay/" + id})
		if err != nil {
			return err
		}
		now := a.Now()
		fresh = d
		fresh.ID, fresh.ReplayOf, fresh.Sequence = newID(), id, len(past)+1
		fresh.State, fresh.Note, fresh.Created, fresh.NextAt, fresh.NotBefore, fresh.Attempts, fresh.Faults = notify.Pending, "", now, now, now, 0, 0
		fresh.Expires, fresh.LastAt, fresh.LastStatus, fresh.LastError, fresh.Ref, fresh.Payload = time.Time{}, time.Time{}, 0, "", "", nil
		return tx.Enqueue(ctx, []notify.Delivery{fresh})
	})
	if err == nil {
		call(a.WakeSender)
	}
	return fresh.ID, err
}

// EnableReceiver lets a disabled or paused receiver be sent to again.
func (a *Actions) EnableReceiver(ctx context.Context, id string) error {
	return a.receiver(ctx, id, func(r *notify.ReceiverState) {
		*r = notify.ReceiverState{ID: id, LastOK: r.LastOK}
	})
}

// PauseReceiver keeps messages for a receiver waiting, or lets them go.
func (a *Actions) PauseReceiver(ctx context.Context, id string, paused bool) error {
	return a.receiver(ctx, id, func(r *notify.ReceiverState) { r.Paused = paused })
}

func (a *Actions) receiver(ctx context.Context, id string, change func(*notify.ReceiverState)) error {
	known := false
	for _, r := range a.Config().Receivers {
		known = known || r.ID == id
	}
	if !known {
		return named("receiver", id, store.ErrNotFound)
	}
	err := outbox{a.Store}.ChangeReceiver(ctx, id, change)
	if err == nil {
		call(a.WakeSender)
	}
	return err
}

// SendDigest sends an issue to its receivers again and says to how many.
func (a *Actions) SendDigest(ctx context.Context, id, date string) (int, error) {
	if a.Digest == nil {
		return 0, errors.New("no daemon runs")
	}
	return a.Digest(ctx, id, date)
}
