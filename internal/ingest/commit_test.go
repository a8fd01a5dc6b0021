package ingest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"watcher/internal/store"
	"watcher/internal/store/sqlite"
)

// TestCommit has documents wait for one that is being written: they share the
// next transaction, and one of them that fails takes no other with it.
func TestCommit(t *testing.T) {
	for _, bad := range []int{-1, 1} {
		t.Run(fmt.Sprint("bad ", bad), func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in := New(Options{Store: s}, NewRules(nil, nil))
			began, hold := make(chan bool), make(chan bool)
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := in.update(t.Context(), func(context.Context, *turn) error { close(began); <-hold; return nil }); err != nil {
					t.Error(err)
				}
			})
			<-began
			broken := errors.New("broken")
			turns := map[*turn]bool{}
			var errs [3]error
			for i := range errs {
				wg.Go(func() {
					errs[i] = in.update(t.Context(), func(ctx context.Context, tn *turn) error {
						turns[tn] = true // one at a time: the store has one writer
						if err := tn.tx.Set(ctx, fmt.Sprint("document ", i), []byte{1}); err != nil {
							return err
						}
						if i == bad {
							return broken
						}
						return nil
					})
				})
			}
			for waiting := 0; waiting < len(errs); runtime.Gosched() {
				in.commits.mu.Lock()
				waiting = len(in.commits.waiting)
				in.commits.mu.Unlock()
			}
			close(hold)
			wg.Wait()
			if want := map[int]int{-1: 1, 1: 4}[bad]; len(turns) != want {
				t.Errorf("%d transactions, want %d", len(turns), want)
			}
			err = s.View(t.Context(), func(r store.Reader) error {
				for i, got := range errs {
					v, err := r.Get(t.Context(), fmt.Sprint("document ", i))
					if err != nil {
						return err
					}
					if kept := v != nil; kept == (i == bad) || errors.Is(got, broken) != (i == bad) {
						t.Errorf("document %d: kept %v, %v", i, kept, got)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCommitPanic: a document that panics takes down its own caller, not those
// who share its transaction, and the next ones are kept.
func TestCommitPanic(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in := New(Options{Store: s}, NewRules(nil, nil))
	began, hold := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	update := func(fn func(context.Context, *turn) error) (got any) {
		defer func() { got = recover() }()
		if err := in.update(t.Context(), fn); err != nil {
			t.Error(err)
		}
		return nil
	}
	wg.Go(func() { update(func(context.Context, *turn) error { close(began); <-hold; return nil }) })
	<-began
	var got [3]any
	for i := range got {
		wg.Go(func() {
			got[i] = update(func(ctx context.Context, tn *turn) error {
				if i == 1 {
					panic("spoilt")
				}
				return tn.tx.Set(ctx, fmt.Sprint("document ", i), []byte{1})
			})
		})
	}
	for waiting := 0; waiting < len(got); runtime.Gosched() {
		in.commits.mu.Lock()
		waiting = len(in.commits.waiting)
		in.commits.mu.Unlock()
	}
	close(hold)
	wg.Wait()
	for i, p := range got {
		if text, _ := p.(string); (i == 1) != strings.HasPrefix(text, "spoilt\n") || i != 1 && p != nil {
			t.Errorf("document %d: panic %v", i, p)
		}
		err := s.View(t.Context(), func(r store.Reader) error {
			v, err := r.Get(t.Context(), fmt.Sprint("document ", i))
			if kept := v != nil; kept == (i == 1) {
				t.Errorf("document %d: kept %v", i, kept)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
