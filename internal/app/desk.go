package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"watcher/feeds"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/notify"
	"watcher/notify/route"
)

// desk reads for route.Desk.
type desk struct {
	s       store.Store
	url     func(story string) string
	offline func() bool
}

// manyArticles is from where on a story's articles are not read one by one.
const manyArticles = 200

// Facts implements route.Source.
func (k desk) Facts(ctx context.Context, subject string) (f route.Facts, err error) {
	err = k.s.View(ctx, func(r store.Reader) error {
		id, err := storyOf(ctx, r, subject)
		if err != nil {
			return err
		}
		s, err := r.Story(ctx, id)
		if err != nil {
			return err
		}
		f = route.Facts{Title: s.Title, URL: k.url(s.ID), Publishers: s.Publishers, Muted: s.Muted, Published: s.LastSeen}
		if s.Articles > manyArticles { // no silence of one feed or publisher meets so large a story
			return nil
		}
		items, err := r.StoryItems(ctx, s.ID)
		for _, it := range items {
			if !slices.Contains(f.PublishedBy, it.Publisher) {
				f.PublishedBy = append(f.PublishedBy, it.Publisher)
			}
			if !slices.Contains(f.Feeds, it.Feed) {
				f.Feeds = append(f.Feeds, it.Feed)
			}
			if t := ingest.LiveTime(it); t.After(f.Published) {
				f.Published = t
			}
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = notify.ErrUnknown
	}
	return f, err
}

// storyOf gives the story that a delivery's subject is about: itself, or that
// of its item.
func storyOf(ctx context.Context, r store.Reader, subject string) (string, error) {
	if len(subject) < 5 || subject[:5] != "item:" {
		return subject, nil
	}
	id, err := store.ParseItemID(subject[5:])
	if err != nil {
		return "", store.ErrNotFound
	}
	it, err := r.Item(ctx, id)
	return it.Story, err
}

// Silences implements route.Source.
func (k desk) Silences(ctx context.Context, now time.Time) (out []route.Silence, err error) {
	err = k.s.View(ctx, func(r store.Reader) error {
		ss, err := r.Silences(ctx, now, false)
		for _, s := range ss {
			out = append(out, route.Silence{ID: strconv.FormatInt(s.ID, 10), Receivers: s.Receivers, Topics: s.Topics, Feeds: s.Feeds, Publishers: s.Pubs,
				Story: s.Story, Text: s.Text, From: s.From, Until: s.Until, Author: s.Author, Reason: s.Reason})
		}
		return err
	})
	return out, err
}

// Take implements route.Source: counted and noted under a lock of the
// receiver's, so that replicas keep one budget.
func (k desk) Take(ctx context.Context, d notify.Delivery, since, now time.Time, judge func([]notify.Delivery) notify.Verdict) (v notify.Verdict, err error) {
	err = k.s.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockReceiver(ctx, d.Receiver); err != nil {
			return err
		}
		told, err := tx.Places(ctx, d.Receiver, since)
		if err != nil {
			return err
		}
		if v = judge(slices.DeleteFunc(told, func(o notify.Delivery) bool { return o.ID == d.ID })); v != (notify.Verdict{}) {
			return nil
		}
		return tx.TakePlace(ctx, d.ID, now)
	})
	return v, err
}

// Held implements route.Source.
func (k desk) Held(ctx context.Context) (ds []notify.Delivery, err error) {
	err = k.s.View(ctx, func(r store.Reader) error {
		ds, err = r.Deliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Held}, Oldest: true})
		return err
	})
	return ds, err
}

// Network implements route.Source.
func (k desk) Network(ctx context.Context) (failing, total int, err error) {
	err = k.s.View(ctx, func(r store.Reader) error {
		counts, err := r.FeedCounts(ctx)
		for phase, n := range counts {
			total += n
			if phase == feeds.BackOff {
				failing += n
			}
		}
		return err
	})
	if err == nil && k.offline() {
		failing = total
	}
	return failing, total, err
}

// release tells what nothing holds any more.
func (a *App) release(ctx context.Context, now time.Time) (time.Time, error) {
	next := now.Add(time.Minute)
	out, err := a.desk.Release(ctx, now)
	if err != nil || len(out.Send)+len(out.Change) == 0 {
		return next, err
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		// One of several replicas releases what is held; the others find it gone.
		if err := tx.LockGrouping(ctx); err != nil {
			return err
		}
		for _, d := range out.Change {
			now, err := tx.Delivery(ctx, d.ID)
			if err != nil {
				return err
			}
			if now.State != notify.Held {
				return store.ErrConflict
			}
			if err := tx.SaveDelivery(ctx, d); err != nil {
				return err
			}
		}
		return tx.Enqueue(ctx, out.Send)
	})
	if errors.Is(err, store.ErrConflict) {
		return next, nil
	}
	if err == nil {
		a.wakeSender()
	}
	return next, err
}
