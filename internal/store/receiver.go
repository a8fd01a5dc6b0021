package store

import (
	"context"

	"watcher/notify"
)

// ChangeReceiver reads a receiver's state, changes it and keeps it. Whoever
// else changes it waits until the transaction ends, so that none undoes what
// the other one wrote.
func ChangeReceiver(ctx context.Context, tx Tx, id string, change func(*notify.ReceiverState)) error {
	if err := tx.LockReceiver(ctx, id); err != nil {
		return err
	}
	all, err := tx.Receivers(ctx)
	if err != nil {
		return err
	}
	state := notify.ReceiverState{ID: id}
	for _, r := range all {
		if r.ID == id {
			state = r
		}
	}
	change(&state)
	return tx.SaveReceiver(ctx, state)
}
