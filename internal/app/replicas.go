package app

import (
	"context"
	"time"

	"watcher/internal/engine"
	"watcher/internal/engine/local"
	"watcher/internal/engine/river"
	"watcher/internal/store/postgres"
)

// shared tells whether other processes may work from the same store.
func (a *App) shared() bool {
	_, ok := a.store.(*postgres.Store)
	return ok
}

// engines makes what hands out due feeds: one process works a file's, replicas
// share those of a PostgreSQL.
func (a *App) engines() {
	beat := func() { a.beat.Store(a.Now().UnixMilli()) }
	a.rounds = local.New(local.Options{Source: engine.StoreSource{Store: a.store, Feed: a.polled}, Poller: a.ingest, Gate: a.pacer, Now: a.Now, Log: a.Log, Idle: a.round, Beat: beat})
	a.engine = a.rounds
	if s, ok := a.store.(*postgres.Store); ok {
		timeout := func() time.Duration { return a.now.Load().Config.Polling.Timeout.D() }
		gap := func() time.Duration { return a.now.Load().Config.Polling.HostGap.D() }
		a.engine = river.New(river.Options{Store: s, Feed: a.polled, Poller: a.ingest, Gate: a.pacer, Now: a.Now, Log: a.Log, Timeout: timeout, HostGap: gap, Idle: a.round, Beat: beat})
	}
}

// replicas hears what other processes wrote.
func (a *App) replicas(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.store.Wake(): // nil where there is no other process
			a.sender.Wake()
			a.engine.Wake()
		}
	}
}
