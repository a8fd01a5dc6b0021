package app

import (
	"context"
	"errors"
	"time"

	"watcher/internal/store"
)

// stepBack is how far a clock may go back before feeds are asked anew; less is
// what keeping time costs.
const stepBack = time.Minute

// caughtBack looks for a clock that was set back, since the last look or since
// the last run. What was polled in a future that did not come would wait for
// it: such feeds are due now.
func (a *App) caughtBack(ctx context.Context) error {
	now := a.Now().Round(0) // wall time: the monotonic one never goes back
	last := time.UnixMilli(a.wall.Swap(now.UnixMilli()))
	if !last.IsZero() && last.Unix() > 0 && !now.Before(last.Add(-stepBack)) {
		return nil
	}
	var ahead []store.FeedRow
	err := a.store.View(ctx, func(r store.Reader) error {
		return store.EachFeed(ctx, r, store.FeedFilter{PolledAfter: now.Add(stepBack)}, func(row store.FeedRow) {
			if row.State.LastPoll.After(now.Add(stepBack)) || row.State.LastOK.After(now.Add(stepBack)) {
				ahead = append(ahead, row)
			}
		})
	})
	if err != nil || len(ahead) == 0 {
		return err
	}
	a.Log.Warn("the clock was set back: feeds polled after now are due again", "count", len(ahead))
	for _, row := range ahead {
		row.State.NextPoll, row.State.LastPoll = now, now
		if row.State.LastOK.After(now) {
			row.State.LastOK = now
		}
		err := a.store.Update(ctx, func(tx store.Tx) error { return tx.SaveState(ctx, row.State, store.Poll{}) })
		if err != nil && !errors.Is(err, store.ErrConflict) { // a poll has just ended: by its own clock
			return err
		}
	}
	a.engine.Wake()
	return nil
}
