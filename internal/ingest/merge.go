package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/store"
)

// A permanent redirect may lead to an address that another feed is polled at.
// Then that one is polled for both: a server is not asked twice for one
// document, and what the redirected feed brought stays where it is.

// holder names the feed, other than f, that is polled at the address that st
// has learnt; "" when there is none. wide looks at learnt addresses as well.
func holder(ctx context.Context, r store.Reader, f feeds.Feed, st feeds.State, wide bool) (string, error) {
	id, met := "", 0
	look := func(row store.FeedRow) {
		g := row.State
		at := g.URL == st.URL && g.ConfigURL == row.Feed.URL || row.Feed.URL == st.URL && g.ConfigURL != st.URL // learnt, or not polled yet
		if met++; id == "" && at && row.Feed.ID != f.ID && g.Merged == "" && !row.Feed.Paused && !row.Feed.Removed && g.Phase != feeds.Gone && g.Phase != feeds.Paused {
			id = row.Feed.ID
		}
	}
	err := store.EachFeed(ctx, r, store.FeedFilter{URL: st.URL}, look)
	if err == nil && met == 0 && wide {
		err = store.EachFeed(ctx, r, store.FeedFilter{}, look)
	}
	if err != nil {
		return "", fmt.Errorf("look for another feed at the new address of %s: %w", f.ID, err)
	}
	return id, nil
}

// moved looks, when a poll has found that its feed has moved, whether another
// feed is there already, and merges the two.
func moved(ctx context.Context, r store.Reader, f feeds.Feed, st feeds.State, events []pace.Event, now time.Time) (feeds.State, []pace.Event, error) {
	for i, e := range events {
		if e.Type != pace.FeedMoved {
			continue
		}
		id, err := holder(ctx, r, f, st, true)
		if err != nil || id == "" {
			return st, events, err
		}
		events = append([]pace.Event{}, events...)
		events[i] = pace.MergedInto(e, id)
		return pace.Merge(st, id, now), events, nil
	}
	return st, events, nil
}

// merged looks whether another feed is polled at the address that f has moved
// to, once a day or whenever a merged f is due, and tells whether f rests. Where the other one has
// been removed or paused, f is polled again itself: st is without the merge.
func (in *Ingest) merged(ctx context.Context, f feeds.Feed, st *feeds.State) (rests bool, err error) {
	now := in.Now()
	if st.URL == f.URL || st.Merged == "" && sameDay(st.LastOK, now) {
		return false, nil
	}
	var id string
	if err := in.Store.View(ctx, func(r store.Reader) (err error) {
		id, err = holder(ctx, r, f, *st, st.Merged != "")
		return err
	}); err != nil {
		return false, err
	}
	switch {
	case id == "" && st.Merged == "":
		return false, nil
	case id == "":
		in.Log.Info("polled itself again: the feed it was merged with is gone", "feed", f.ID)
		*st = pace.Part(*st)
		return false, nil
	}
	var events []pace.Event
	if st.Merged == "" {
		events = append(events, pace.MergedInto(pace.Event{Type: pace.FeedMoved, URL: st.URL, Text: feeds.SafeURL(f.URL) + " has moved to " + feeds.SafeURL(st.URL)}, id))
	}
	rest := pace.Merge(*st, id, now)
	err = in.Store.Update(ctx, func(tx store.Tx) error {
		if err := in.events(ctx, tx, f, events, now); err != nil {
			return err
		}
		return tx.SaveState(ctx, rest, store.Poll{})
	})
	if errors.Is(err, store.ErrConflict) {
		err = nil // worked by someone else meanwhile
	}
	return true, err
}
