package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"watcher/internal/store"
)

// counting counts transactions and holds the first until it is let go.
type counting struct {
	store.Store
	mu    sync.Mutex
	n     int
	first chan struct{}
}

func (c *counting) Update(ctx context.Context, fn func(store.Tx) error) error {
	c.mu.Lock()
	c.n++
	first := c.n == 1
	c.mu.Unlock()
	if first {
		<-c.first
	}
	return c.Store.Update(ctx, fn)
}

// queued waits until n writes wait for the first to be committed.
func (w *writes) queued(n int) {
	for {
		w.mu.Lock()
		waiting := len(w.waiting)
		w.mu.Unlock()
		if waiting >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestWritesShareTransactions: what arrives while one is committed is committed
// together; a write that loses its row, or fails, spoils none of the others.
func TestWritesShareTransactions(t *testing.T) { eachStore(t, writesShareTransactions) }

func writesShareTransactions(t *testing.T, real store.Store) {
	s := &counting{Store: real, first: make(chan struct{})}
	w := &writes{s: s}
	boom := errors.New("boom")
	const n = 40
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			errs[i] = w.do(t.Context(), fmt.Sprintf("k%02d", i), func(ctx context.Context, tx store.Tx) error {
				switch i {
				case 7:
					return fmt.Errorf("row: %w", store.ErrConflict)
				case 9:
					return boom
				}
				return tx.Set(ctx, fmt.Sprintf("k%02d", i), []byte("x"))
			})
		})
	}
	w.queued(n - 1)
	close(s.first)
	wg.Wait()
	kept := 0
	err := s.View(t.Context(), func(r store.Reader) error {
		for i := range n {
			v, err := r.Get(t.Context(), fmt.Sprintf("k%02d", i))
			if err != nil {
				return err
			}
			if v != nil {
				kept++
			}
		}
		return nil
	})
	if err != nil || kept != n-2 {
		t.Errorf("%d kept, want %d: %v", kept, n-2, err)
	}
	for i, err := range errs {
		want := map[int]error{7: store.ErrConflict, 9: boom}[i]
		if !errors.Is(err, want) {
			t.Errorf("write %d: %v, want %v", i, err, want)
		}
	}
	// One for the first, one for the rest, which the failure spoils, and then one each.
	if s.n > 2+n {
		t.Errorf("%d transactions for %d writes", s.n, n)
	}
}

// TestWritesOfManyAreFew: without a failure forty writes are two transactions.
func TestWritesOfManyAreFew(t *testing.T) {
	s := &counting{Store: outboxStore(t), first: make(chan struct{})}
	w := &writes{s: s}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if err := w.do(t.Context(), fmt.Sprint(i), func(ctx context.Context, tx store.Tx) error { return tx.Set(ctx, fmt.Sprint(i), []byte("x")) }); err != nil {
				t.Error(err)
			}
		})
	}
	w.queued(39)
	close(s.first)
	wg.Wait()
	if s.n != 2 {
		t.Errorf("%d transactions, want 2", s.n)
	}
}
