package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"watcher/internal/store"
)

// commits writes the documents that polls bring together: while one
// transaction runs, others gather for the next. Nobody waits for a timer, and
// a document that cannot be kept takes no other with it.
type commits struct {
	turn sync.Mutex // held by who writes

	mu      sync.Mutex
	waiting []*document
}

// document is what one poll does in a transaction.
type document struct {
	ctx  context.Context
	run  func(context.Context, *turn) error
	done chan error
}

// together bounds one transaction, in documents.
const together = 16

// turn is one transaction, and the grouping if something in it needs that.
type turn struct {
	*Ingest
	tx     store.Tx
	locked bool
}

// update runs fn in a transaction, which it may share with others, and returns
// once all is kept, or with the reason why not. It may run fn twice. Where fn
// panics, so does its own caller, whoever ran it.
func (in *Ingest) update(ctx context.Context, fn func(context.Context, *turn) error) error {
	d := &document{ctx, fn, make(chan error, 1)}
	c := &in.commits
	c.mu.Lock()
	c.waiting = append(c.waiting, d)
	c.mu.Unlock()
	c.turn.Lock()
	defer c.turn.Unlock()
	for {
		select {
		case err := <-d.done: // who had the turn before has written it too
			var p *panicked
			if errors.As(err, &p) {
				panic(fmt.Sprintf("%v\n%s", p.value, p.stack))
			}
			return err
		default:
			in.write(c.next())
		}
	}
}

// next takes what goes into one transaction, oldest first.
func (c *commits) next() []*document {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), together)
	ds := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	return ds
}

// write keeps documents together or, where that fails, one by one.
func (in *Ingest) write(ds []*document) {
	err := in.transact(ds)
	for _, d := range ds {
		if err != nil && len(ds) > 1 {
			d.done <- in.transact([]*document{d})
		} else {
			d.done <- err
		}
	}
}

func (in *Ingest) transact(ds []*document) (err error) {
	ctx := ds[0].ctx
	t := &turn{Ingest: in}
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{p, debug.Stack()}
		}
		t.unlock(err)
	}()
	err = in.Store.Update(ctx, func(tx store.Tx) error {
		t.tx = tx
		for _, d := range ds {
			if err := d.run(ctx, t); err != nil {
				return err
			}
		}
		if !t.locked {
			return nil
		}
		return tx.SaveGroupRecords(ctx, t.group.records(in.Now()))
	})
	return err
}

// panicked is what a document panicked with, on its way to its own caller: that
// may be a request's goroutine, which the server recovers, and its neighbours
// are other feeds' polls.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// lock takes the grouping for the rest of the transaction and brings it up to
// date. The database's lock comes first: whoever holds it goes on.
func (t *turn) lock(ctx context.Context) error {
	if t.locked {
		return nil
	}
	if err := t.tx.LockGrouping(ctx); err != nil {
		return err
	}
	t.group.mu.Lock()
	t.locked = true
	return t.group.catchUp(ctx, t.tx, t.Now(), t.Shared)
}

// unlock ends what lock began, once the transaction's fate is known.
func (t *turn) unlock(err error) {
	if !t.locked {
		return
	}
	switch {
	case t.group.g == nil: // it could not be read
	case err != nil:
		t.group.g.Rollback()
	default:
		t.group.g.Commit()
	}
	t.locked = false
	t.group.mu.Unlock()
}
