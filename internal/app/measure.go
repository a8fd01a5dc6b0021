package app

import (
	"context"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// timed measures how long a writer of polls waits for its turn.
type timed struct {
	store.Store
	wait interface{ Observe(float64) }
}

func (t timed) Update(ctx context.Context, fn func(store.Tx) error) error {
	asked, began := time.Now(), false
	return t.Store.Update(ctx, func(tx store.Tx) error {
		if !began { // not again where a transaction is repeated
			began = true
			t.wait.Observe(time.Since(asked).Seconds())
		}
		return fn(tx)
	})
}

// late measures the promise: from the time an item was published to the time a
// receiver took its alert.
func (a *App) late(d notify.Delivery, now time.Time) {
	if d.Type != notify.StoryNew {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	f, err := desk{s: a.store, url: a.storyURL}.Facts(ctx, d.Subject)
	if err != nil || f.Published.IsZero() || now.Before(f.Published) {
		return
	}
	a.Metrics.PublishSend.WithLabelValues(d.Receiver).Observe(now.Sub(f.Published).Seconds())
}
