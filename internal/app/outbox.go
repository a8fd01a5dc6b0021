package app

import (
	"context"
	"errors"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// outbox serves the sender from the store.
type outbox struct {
	s store.Store
	w *writes
}

func newOutbox(s store.Store) outbox { return outbox{s: s, w: &writes{s: s}} }

func (o outbox) Due(ctx context.Context, now time.Time, perReceiver, limit int) (ds []notify.Delivery, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		ds, err = r.DueDeliveries(ctx, now, perReceiver, limit)
		return err
	})
	return ds, err
}

func (o outbox) Next(ctx context.Context, after time.Time) (at time.Time, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		at, err = r.NextDelivery(ctx)
		return err
	})
	if !at.IsZero() && !at.After(after) {
		// Due already, but behind an earlier one of its story.
		at = after.Add(time.Second)
	}
	return at, err
}

func (o outbox) Waiting(ctx context.Context, receiver, subject string, limit int) (ds []notify.Delivery, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		ds, err = r.Deliveries(ctx, store.DeliveryFilter{Receiver: receiver, Subject: subject, States: []notify.DeliveryState{notify.Pending}, Oldest: true, Limit: limit})
		return err
	})
	return ds, err
}

func (o outbox) Begin(ctx context.Context, id string, payload []byte, at, by time.Time) (d notify.Delivery, err error) {
	err = o.w.do(ctx, id, func(ctx context.Context, tx store.Tx) error {
		d, err = tx.BeginSend(ctx, id, payload, at, by)
		return err
	})
	return d, pending(err)
}

// pending says in the sender's words that a row moved on.
func pending(err error) error {
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return notify.ErrNotPending
	}
	return err
}

func (o outbox) Finish(ctx context.Context, d notify.Delivery, a notify.Attempt) error {
	return o.w.do(ctx, d.ID, func(ctx context.Context, tx store.Tx) error { return tx.FinishSend(ctx, d, a) })
}

func (o outbox) Save(ctx context.Context, d notify.Delivery) error {
	return pending(o.w.do(ctx, d.ID, func(ctx context.Context, tx store.Tx) error { return tx.SaveWaiting(ctx, d) }))
}

func (o outbox) Requeue(ctx context.Context, before time.Time) (n int, err error) {
	err = o.s.Update(ctx, func(tx store.Tx) error {
		n, err = tx.Requeue(ctx, before)
		return err
	})
	return n, err
}

func (o outbox) LastRef(ctx context.Context, receiver, subject string) (ref string, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		ref, err = r.LastRef(ctx, receiver, subject)
		return err
	})
	return ref, err
}

func (o outbox) Receivers(ctx context.Context) (rs []notify.ReceiverState, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		rs, err = r.Receivers(ctx)
		return err
	})
	return rs, err
}

func (o outbox) ChangeReceiver(ctx context.Context, id string, change func(*notify.ReceiverState)) error {
	return o.s.Update(ctx, func(tx store.Tx) error { return store.ChangeReceiver(ctx, tx, id, change) })
}
