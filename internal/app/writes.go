package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"watcher/internal/store"
)

// writes has small writes that arrive together share a transaction: whoever
// comes first commits for all that came while the one before was committed.
// A busy sender so pays for one commit where it would pay for many, and one
// that is idle waits for nobody.
type writes struct {
	s store.Store

	mu      sync.Mutex
	waiting []*write
	busy    bool // somebody is committing
}

// write is one caller's part of a transaction.
type write struct {
	key  string
	fn   func(context.Context, store.Tx) error
	err  error
	turn chan bool // true: it is done; false: its caller commits next
}

const (
	writesAtOnce = 64
	writesWithin = 10 * time.Second // for a transaction; nobody's patience ends another's write
)

// do runs fn in a transaction with others and returns when that was committed.
// key is the row that fn writes: rows are written in their order, so that two
// processes never wait for each other. An error of fn that wraps store.ErrConflict
// or ErrNotFound says that it wrote nothing; it leaves the others alone.
func (w *writes) do(ctx context.Context, key string, fn func(context.Context, store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mine := &write{key: key, fn: fn, turn: make(chan bool, 1)}
	w.mu.Lock()
	w.waiting = append(w.waiting, mine)
	first := !w.busy
	w.busy = true
	w.mu.Unlock()
	if !first && <-mine.turn {
		return mine.err
	}
	w.round(ctx, mine)
	return mine.err
}

// round commits what waits, mine first among it, and passes the work on.
func (w *writes) round(ctx context.Context, mine *write) {
	w.mu.Lock()
	n := min(len(w.waiting), writesAtOnce)
	now := slices.Clone(w.waiting[:n])
	w.waiting = w.waiting[n:]
	w.mu.Unlock()
	slices.SortStableFunc(now, func(a, b *write) int { return cmp.Compare(a.key, b.key) })
	if err := w.commit(ctx, now); err != nil && n > 1 {
		for _, one := range now { // one of them spoils it: each by itself
			if err := w.commit(ctx, []*write{one}); err != nil {
				one.err = err
			}
		}
	} else if err != nil {
		now[0].err = err
	}
	for _, one := range now {
		if one != mine {
			one.turn <- true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy = len(w.waiting) > 0; w.busy {
		w.waiting[0].turn <- false
	}
}

// commit writes all in one transaction, or nothing; what a write says of its
// own row is in its err.
func (w *writes) commit(ctx context.Context, all []*write) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writesWithin)
	defer cancel()
	return w.s.Update(ctx, func(tx store.Tx) error {
		for _, one := range all {
			one.err = one.fn(ctx, tx) // again where the transaction is repeated
			if one.err != nil && !errors.Is(one.err, store.ErrConflict) && !errors.Is(one.err, store.ErrNotFound) {
				return one.err
			}
		}
		return nil
	})
}
