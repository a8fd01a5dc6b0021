package ingest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"watcher/feeds"
	"watcher/internal/store"
)

// script is a store whose writes a test acts out.
type script struct {
	store.Store
	update func(context.Context) error
}

func (s script) Update(ctx context.Context, _ func(store.Tx) error) error { return s.update(ctx) }

// TestBatchGivenUp: polls that are given up before their states are written,
// or in the middle of it, take no other with them.
func TestBatchGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, stop := context.WithCancel(t.Context())
		stop()
		amid, stop := context.WithCancel(t.Context())
		b := newBatch(script{update: func(ctx context.Context) error { stop(); return ctx.Err() }})
		ctxs := []context.Context{before, amid, t.Context()}
		errs := make([]error, len(ctxs))
		var wg sync.WaitGroup
		for range ctxs {
			b.enter()
		}
		for i, ctx := range ctxs {
			wg.Go(func() {
				defer b.leave()
				errs[i] = b.save(ctx, feeds.State{}, store.Poll{})
			})
			synctest.Wait()
		}
		wg.Wait()
		for i, err := range errs {
			if (i < 2) != errors.Is(err, context.Canceled) || i == 2 && err != nil {
				t.Errorf("poll %d: %v", i, err)
			}
		}
	})
}

// TestBatchPassesOn: who writes is free again after its own state, however many
// come meanwhile.
func TestBatchPassesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b *batch
		var wg sync.WaitGroup
		save := func() {
			b.enter()
			defer b.leave()
			if err := b.save(t.Context(), feeds.State{}, store.Poll{}); err != nil {
				t.Error(err)
			}
		}
		first, writes := make(chan bool), 0
		b = newBatch(script{update: func(context.Context) error {
			if writes++; writes == 1 {
				wg.Go(save)
				synctest.Wait() // it waits
				return nil
			}
			<-first
			return nil
		}})
		save()
		close(first)
		wg.Wait()
		if writes != 2 {
			t.Errorf("%d writes", writes)
		}
	})
}
