package api_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/web/api"
	"watcher/notify"
)

// locking notes whether a receiver was read and written under its lock.
type locking struct {
	store.Store
	bare []string
}

type lockingTx struct {
	store.Tx
	s      *locking
	locked map[string]bool
}

func (s *locking) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return fn(lockingTx{tx, s, map[string]bool{}}) })
}

func (t lockingTx) LockReceiver(ctx context.Context, id string) error {
	t.locked[id] = true
	return t.Tx.LockReceiver(ctx, id)
}

func (t lockingTx) SaveReceiver(ctx context.Context, r notify.ReceiverState) error {
	if !t.locked[r.ID] {
		t.s.bare = append(t.s.bare, r.ID)
	}
	return t.Tx.SaveReceiver(ctx, r)
}

// TestReceiverIsChangedUnderItsLock: or a reader who leaves a mail while the
// receiver is paused on another replica would get mails again.
func TestReceiverIsChangedUnderItsLock(t *testing.T) {
	f, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := &locking{Store: f}
	a := api.StoreActions{Store: s, Receivers: []string{"mail"}, Now: time.Now}
	if err := a.PauseReceiver(t.Context(), "mail", true); err != nil {
		t.Error(err)
	}
	if err := a.PauseReceiver(t.Context(), "nobody", true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown one: %v", err)
	}
	if len(s.bare) > 0 {
		t.Errorf("written without the lock: %v", s.bare)
	}
	err = s.View(t.Context(), func(r store.Reader) error {
		rs, err := r.Receivers(t.Context())
		if len(rs) != 1 || rs[0].ID != "mail" || !rs[0].Paused {
			t.Errorf("receivers: %+v", rs)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
