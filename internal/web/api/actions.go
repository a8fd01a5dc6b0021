package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// MaxSilence is the longest silence.
const MaxSilence = 30 * 24 * time.Hour

// StoreActions does what needs nothing but the store: verbs use it when no
// daemon runs, and internal/app builds on it.
type StoreActions struct {
	Store     store.Store
	Receivers []string // configured ones; the store knows only those that were sent to
	Now       func() time.Time
	NewID     func(prefix string) string // a ULID behind msg_ or st_
}

var _ Actions = StoreActions{}

func (a StoreActions) now() time.Time { return a.Now().UTC() }

// Reload needs the daemon.
func (a StoreActions) Reload(context.Context) error { return ErrOffline }

// AddFeed needs the daemon.
func (a StoreActions) AddFeed(context.Context, NewFeed) (feeds.Feed, error) {
	return feeds.Feed{}, ErrOffline
}

// PollFeed makes a feed due at once.
func (a StoreActions) PollFeed(ctx context.Context, id string) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		f, err := tx.Feed(ctx, id)
		if err != nil {
			return err
		}
		if f.Feed.Paused || f.State.Phase == feeds.Paused {
			return bad("feed %s is paused", id)
		}
		f.State.NextPoll = a.now()
		if f.State.Phase == feeds.Gone {
			f.State.Phase = feeds.Active // by hand: it is asked again
		}
		return tx.SaveState(ctx, f.State, store.Poll{})
	})
}

// PauseFeed stops or resumes polling.
func (a StoreActions) PauseFeed(ctx context.Context, id string, paused bool) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		f, err := tx.Feed(ctx, id)
		if err != nil {
			return err
		}
		if !paused && f.State.Phase == feeds.Gone {
			f.State.Phase, f.State.NextPoll, f.State.GoneOnce = feeds.Active, a.now(), time.Time{} // by hand: it is asked again
			if err := tx.SaveState(ctx, f.State, store.Poll{}); err != nil {
				return err
			}
		}
		return tx.PauseFeed(ctx, id, paused)
	})
}

// RemoveFeed takes a stored feed out; its history stays.
func (a StoreActions) RemoveFeed(ctx context.Context, id string) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		f, err := tx.Feed(ctx, id)
		switch {
		case err != nil:
			return err
		case !f.Feed.Stored:
			return bad("feed %s stands in the configuration file: take it out there", id)
		}
		return tx.RemoveFeed(ctx, id)
	})
}

// AddSilence begins a silence; its end is needed.
func (a StoreActions) AddSilence(ctx context.Context, s store.Silence) (int64, error) {
	if s.From.IsZero() {
		s.From = a.now()
	}
	switch {
	case s.Until.IsZero():
		return 0, bad("a silence needs an end")
	case !s.Until.After(s.From), !s.Until.After(a.now()):
		return 0, bad("the silence would end before it begins")
	case s.Until.Sub(s.From) > MaxSilence:
		return 0, bad("a silence lasts 30 days at most")
	case len(s.Topics)+len(s.Feeds)+len(s.Pubs)+len(s.Receivers) == 0 && s.Story == "" && s.Text == "":
		return 0, bad("say what to silence: a topic, feed, publisher, receiver, story or words of the title")
	case s.Reason == "":
		return 0, bad("a silence needs a reason: it is told at the end")
	}
	var id int64
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		var err error
		id, err = tx.SaveSilence(ctx, s)
		return err
	})
	return id, err
}

// EndSilence ends a silence before its time.
func (a StoreActions) EndSilence(ctx context.Context, id int64) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		all, err := tx.Silences(ctx, a.now(), true)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.ID != id {
				continue
			}
			if !s.Ended.IsZero() || !s.Until.After(a.now()) {
				return bad("silence %d has ended already", id)
			}
			s.Ended = a.now()
			_, err := tx.SaveSilence(ctx, s)
			return err
		}
		return fmt.Errorf("silence %d: %w", id, store.ErrNotFound)
	})
}

// SplitStory needs grouping, which remembers it.
func (a StoreActions) SplitStory(context.Context, string, []int64) (string, error) {
	return "", ErrOffline
}

// MergeStories needs grouping, which remembers it.
func (a StoreActions) MergeStories(context.Context, string, string) error { return ErrOffline }

// MuteStory stops or allows further alerts about a story.
func (a StoreActions) MuteStory(ctx context.Context, id string, muted bool) error {
	return a.onStory(ctx, id, func(tx store.Tx, s store.Story) error { return tx.MuteStory(ctx, s.ID, muted) })
}

// Mark sets a mark.
func (a StoreActions) Mark(ctx context.Context, m store.Mark) error {
	switch m.Kind {
	case store.Reviewed, store.Dismissed, store.Starred:
	case store.Note:
		if m.Text = feeds.Clip(feeds.PlainText(m.Text), 2000); m.Text == "" {
			return bad("the note is empty")
		}
	default:
		return bad("unknown mark %q: reviewed, dismissed, starred or note", m.Kind)
	}
	if m.At.IsZero() {
		m.At = a.now()
	}
	return a.onStory(ctx, m.Story, func(tx store.Tx, s store.Story) error {
		m.Story = s.ID
		return tx.SaveMark(ctx, m)
	})
}

// Unmark takes a mark back.
func (a StoreActions) Unmark(ctx context.Context, story string, kind store.MarkKind) error {
	return a.onStory(ctx, story, func(tx store.Tx, s store.Story) error { return tx.Unmark(ctx, s.ID, kind) })
}

func (a StoreActions) onStory(ctx context.Context, id string, fn func(store.Tx, store.Story) error) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Story(ctx, id)
		if err != nil {
			return err
		}
		return fn(tx, s)
	})
}

// PauseReceiver keeps what is due for a receiver waiting.
func (a StoreActions) PauseReceiver(ctx context.Context, id string, paused bool) error {
	return a.onReceiver(ctx, id, func(r *notify.ReceiverState) { r.Paused = paused })
}

func (a StoreActions) onReceiver(ctx context.Context, id string, change func(*notify.ReceiverState)) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		if !slices.Contains(a.Receivers, id) {
			all, err := tx.Receivers(ctx)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(all, func(r notify.ReceiverState) bool { return r.ID == id }) {
				return fmt.Errorf("receiver %s: %w", id, store.ErrNotFound)
			}
		}
		return store.ChangeReceiver(ctx, tx, id, change)
	})
}

// SendDigest needs the digest's definition, which the store does not hold.
func (a StoreActions) SendDigest(context.Context, string, string) (int, error) {
	return 0, ErrOffline
}
