package ingest

import (
	"context"
	"slices"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// batch saves the states of unchanged feeds together. A state waits until all
// polls in flight have come to join it, and not longer than patience: a poll
// alone waits for nobody.
type batch struct {
	store store.Store

	mu      sync.Mutex
	polls   int // in flight
	waiting []entry
	running bool
	whole   chan struct{} // all who may join have joined
}

// patience is how long a state waits for others, of feeds whose servers take
// their time. It is far below the time between two polls, and a crash meanwhile
// costs what a crash costs anyway: a poll is done again.
const patience = 50 * time.Millisecond

type entry struct {
	st   feeds.State
	p    store.Poll
	done chan error
}

// maxBatch bounds one statement.
const maxBatch = 500

func newBatch(s store.Store) *batch { return &batch{store: s, whole: make(chan struct{}, 1)} }

// enter and leave count the polls in flight.
func (b *batch) enter() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.polls++
}

func (b *batch) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.polls--
	b.tell()
}

func (b *batch) complete() bool { return len(b.waiting) >= min(b.polls, maxBatch) }

// tell lets the one who gathers know when nobody is missing.
func (b *batch) tell() {
	if b.complete() {
		select {
		case b.whole <- struct{}{}:
		default:
		}
	}
}

// save returns once the state is kept, or with the reason why not.
func (b *batch) save(ctx context.Context, st feeds.State, p store.Poll) error {
	e := entry{st, p, make(chan error, 1)}
	b.mu.Lock()
	b.waiting = append(b.waiting, e)
	lead := !b.running
	b.running = true
	b.tell()
	b.mu.Unlock()
	if lead {
		b.flush(ctx)
	}
	return <-e.done
}

// flush saves what waits until nothing does.
func (b *batch) flush(ctx context.Context) {
	for {
		b.gather()
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

// gather waits for others to join those who wait.
func (b *batch) gather() {
	b.mu.Lock()
	select { // what was told before says nothing of now
	case <-b.whole:
	default:
	}
	done := len(b.waiting) == 0 || b.complete()
	b.mu.Unlock()
	if done {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-b.whole:
	case <-timer.C:
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
