package app

import (
	"context"
	"time"

	"watcher/internal/config"
	"watcher/internal/engine"
	"watcher/internal/engine/local"
	"watcher/internal/engine/river"
	"watcher/internal/store"
	"watcher/internal/store/postgres"
)

// shared tells whether other processes may work from the same store.
func (a *App) shared() bool {
	_, ok := a.store.(*postgres.Store)
	return ok
}

// engines makes what hands out due feeds: one process works a file's, replicas
// share those of a PostgreSQL.
func (a *App) engines(cfg *config.Config) {
	beat := func() { a.beat.Store(a.Now().UnixMilli()) }
	a.rounds = local.New(local.Options{Source: engine.StoreSource{Store: a.store, Feed: a.polled}, Poller: a.ingest, Gate: a.pacer, Now: a.Now, Log: a.Log, Idle: a.round, Beat: beat})
	a.engine = a.rounds
	if s, ok := a.store.(*postgres.Store); ok {
		a.engine = river.New(river.Options{Store: s, Feed: a.polled, Poller: a.ingest, Gate: a.pacer, Now: a.Now, Log: a.Log, Timeout: cfg.Polling.Timeout.D(), Idle: a.round, Beat: beat})
	}
}

const (
	// inHand is how long a replica may take for one send. A delivery that is
	// longer in its hands was left behind and is sent again, under its id.
	inHand = time.Minute
	// handCheck is how often replicas look for such.
	handCheck = 10 * time.Second
)

// replicas hears what other processes wrote, and takes over what they left.
func (a *App) replicas(ctx context.Context) error {
	if !a.shared() {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(handCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.store.Wake():
			a.sender.Wake()
			a.engine.Wake()
		case <-tick.C:
			n := 0
			err := a.store.Update(ctx, func(tx store.Tx) (err error) {
				n, err = tx.Requeue(ctx, a.Now().Add(-inHand))
				return err
			})
			switch {
			case err != nil && ctx.Err() == nil:
				a.Log.Warn("deliveries left behind cannot be taken over", "err", err)
			case n > 0:
				a.Log.Warn("deliveries that a replica left behind are sent again", "count", n)
				a.sender.Wake()
			}
		}
	}
}
