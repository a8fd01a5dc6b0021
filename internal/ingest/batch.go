package ingest

import (
	"context"
	"slices"
	"sync"

	"watcher/feeds"
	"watcher/internal/store"
)

// batch saves the states of unchanged feeds together: while one statement
// runs, others gather for the next. Nobody waits for a timer.
type batch struct {
	store store.Store

	mu      sync.Mutex
	waiting []entry
	running bool
}

type entry struct {
	st   feeds.State
	p    store.Poll
	done chan error
}

// maxBatch bounds one statement.
const maxBatch = 500

// save returns once the state is kept, or with the reason why not.
func (b *batch) save(ctx context.Context, st feeds.State, p store.Poll) error {
	e := entry{st, p, make(chan error, 1)}
	b.mu.Lock()
	b.waiting = append(b.waiting, e)
	lead := !b.running
	b.running = true
	b.mu.Unlock()
	if lead {
		b.flush(ctx)
	}
	return <-e.done
}

// flush saves what waits until nothing does.
func (b *batch) flush(ctx context.Context) {
	for {
		b.mu.Lock()
		n := min(len(b.waiting), maxBatch)
		if n == 0 {
			b.running = false
			b.mu.Unlock()
			return
		}
		now := b.waiting[:n:n]
		b.waiting = slices.Clone(b.waiting[n:])
		b.mu.Unlock()
		b.write(ctx, now)
	}
}

func (b *batch) write(ctx context.Context, es []entry) {
	sts, ps := make([]feeds.State, len(es)), make([]store.Poll, len(es))
	for i, e := range es {
		sts[i], ps[i] = e.st, e.p
	}
	err := b.store.Update(ctx, func(tx store.Tx) error {
		// A state in conflict was changed by someone else meanwhile: theirs stands.
		_, err := tx.SaveStates(ctx, sts, ps)
		return err
	})
	for _, e := range es {
		e.done <- err
	}
}
