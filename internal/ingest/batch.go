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
	waiting []*entry
	running bool
	whole   chan struct{} // all who may join have joined
}

// patience is how long a state waits for others, of feeds whose servers take
// their time. It is far below the time between two polls, and a crash meanwhile
// costs what a crash costs anyway: a poll is done again.
const patience = 50 * time.Millisecond

// entry is one poll's state on its way.
type entry struct {
	ctx  context.Context
	st   feeds.State
	p    store.Poll
	err  error
	turn chan bool // true: it is done; false: its poll writes next
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
	e := &entry{ctx: ctx, st: st, p: p, turn: make(chan bool, 1)}
	b.mu.Lock()
	b.waiting = append(b.waiting, e)
	first := !b.running
	b.running = true
	b.tell()
	b.mu.Unlock()
	if first || !<-e.turn {
		b.round(e)
	}
	return e.err
}

// round saves what waits, mine first among it, and passes the work on, so that
// no poll is held up by those that come after it.
func (b *batch) round(mine *entry) {
	b.gather()
	b.mu.Lock()
	n := min(len(b.waiting), maxBatch)
	now := slices.Clone(b.waiting[:n])
	b.waiting = slices.Delete(b.waiting, 0, n)
	b.mu.Unlock()
	b.write(now)
	for _, e := range now {
		if e != mine {
			e.turn <- true
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running = len(b.waiting) > 0; b.running {
		b.waiting[0].turn <- false
	}
}

// gather waits for others to join those who wait.
func (b *batch) gather() {
	b.mu.Lock()
	select { // what was told before says nothing of now
	case <-b.whole:
	default:
	}
	done := b.complete()
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

// write keeps the states; a poll that is given up takes no other with it.
func (b *batch) write(es []*entry) {
	for len(es) > 0 {
		var live []*entry
		for _, e := range es {
			if e.err = e.ctx.Err(); e.err == nil {
				live = append(live, e)
			}
		}
		if es = live; len(es) == 0 {
			return
		}
		sts, ps := make([]feeds.State, len(es)), make([]store.Poll, len(es))
		for i, e := range es {
			sts[i], ps[i] = e.st, e.p
		}
		ctx := es[0].ctx
		err := b.store.Update(ctx, func(tx store.Tx) error {
			// A state in conflict was changed by someone else meanwhile: theirs stands.
			_, err := tx.SaveStates(ctx, sts, ps)
			return err
		})
		if err != nil && ctx.Err() != nil {
			continue // without those given up
		}
		for _, e := range es {
			e.err = err
		}
		return
	}
}
