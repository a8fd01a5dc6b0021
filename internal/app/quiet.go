package app

import (
	"context"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

const (
	// quietAfter is how long nothing may come to a story before it went quiet.
	quietAfter = 24 * time.Hour
	// quietBack is how far back a start looks for those that went quiet meanwhile.
	quietBack = 7 * 24 * time.Hour
	// quietKey notes the instant up to which stories were looked at.
	quietKey = "story.quiet"
)

// quietStories says story.quiet of each story that was told and to which
// nothing has come for a day, where a route asks for that. What counts is when
// an article was seen here: one that a slow feed brings a day late is news, and
// its story does not go quiet in the same hour. A story that grows again may go
// quiet again.
func (a *App) quietStories(ctx context.Context) error {
	if !a.now.Load().Routes.Names(notify.StoryQuiet) {
		return a.forgetQuiet(ctx)
	}
	return a.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockGrouping(ctx); err != nil { // of several replicas one does it
			return err
		}
		noted, err := tx.Get(ctx, quietKey)
		if err != nil {
			return err
		}
		now := a.Now().UTC()
		to := now.Add(-quietAfter)
		from, err := time.Parse(time.RFC3339Nano, string(noted))
		if err != nil {
			from = to
		}
		if oldest := to.Add(-quietBack); from.Before(oldest) {
			from = oldest
		}
		if from.Before(to) {
			ss, err := tx.Stories(ctx, store.StoryFilter{RestFrom: from, RestTo: to})
			if err != nil {
				return err
			}
			for _, s := range ss {
				if s.Sequence == 0 || s.Muted {
					continue
				}
				ev := store.Event{At: now, Type: notify.StoryQuiet, Subject: s.ID, Title: s.Title, Text: "Nothing new has come for a day: " +
					Count(s.Articles, "article") + " of " + Count(s.Publishers, "publisher")}
				if err := a.tellEvent(ctx, tx, ev); err != nil {
					return err
				}
			}
		} else if err == nil {
			return nil
		}
		return tx.Set(ctx, quietKey, []byte(to.Format(time.RFC3339Nano)))
	})
}

// forgetQuiet has who asks for story.quiet later hear of it from then on.
func (a *App) forgetQuiet(ctx context.Context) error {
	var noted []byte
	err := a.store.View(ctx, func(r store.Reader) (err error) {
		noted, err = r.Get(ctx, quietKey)
		return err
	})
	if err != nil || len(noted) == 0 {
		return err
	}
	return a.store.Update(ctx, func(tx store.Tx) error { return tx.Set(ctx, quietKey, nil) })
}
