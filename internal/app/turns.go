package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watcher/internal/store"
)

var errAlone = errors.New("no other process sends")

// turns keeps the times of a receiver's last sends where all replicas see
// them, so that together they stay within what its service takes.
func (a *App) turns(ctx context.Context, receiver string, change func([]time.Time) []time.Time) error {
	if a.store == nil || !a.shared() {
		return errAlone
	}
	return takeTurn(ctx, a.store, receiver, change)
}

func takeTurn(ctx context.Context, s store.Store, receiver string, change func([]time.Time) []time.Time) error {
	return s.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockReceiver(ctx, receiver); err != nil {
			return err
		}
		key := "turns/" + receiver
		text, err := tx.Get(ctx, key)
		if err != nil {
			return err
		}
		var at []time.Time
		if len(text) > 0 && json.Unmarshal(text, &at) != nil {
			at = nil // of another version: start anew
		}
		if text, err = json.Marshal(change(at)); err != nil {
			return fmt.Errorf("turns of %s: %w", receiver, err)
		}
		return tx.Set(ctx, key, text)
	})
}
