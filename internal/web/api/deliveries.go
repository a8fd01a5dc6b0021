package api

import (
	"context"
	"encoding/json"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// What a person can do to messages.

// ResendDelivery makes a delivery pending again, under the same id. Nothing
// holds it, it does not expire, and it has the whole schedule of tries.
func (a StoreActions) ResendDelivery(ctx context.Context, id string) error {
	return a.onDelivery(ctx, id, func(tx store.Tx, d notify.Delivery) error {
		switch d.State {
		case notify.Pending, notify.Sending:
			return bad("delivery %s is %s already", id, d.State)
		}
		now := a.now()
		d.State, d.Note, d.NextAt, d.NotBefore, d.Expires, d.Faults = notify.Pending, notify.ByHand, now, now, time.Time{}, 0
		return tx.SaveDelivery(ctx, d)
	})
}

// ReplayDelivery sends what was told once more, word for word, under a new id
// that names the old one. It has a subject of its own: in the story's it would
// take the place of the story's next message.
func (a StoreActions) ReplayDelivery(ctx context.Context, id string) (string, error) {
	fresh := a.NewID("msg_")
	err := a.onDelivery(ctx, id, func(tx store.Tx, d notify.Delivery) error {
		if len(d.Payload) == 0 {
			return bad("delivery %s was never sent, so there is nothing to replay: resend it", id)
		}
		var m notify.Message
		if err := json.Unmarshal(d.Payload, &m); err != nil {
			return bad("the message of delivery %s cannot be read: %v", id, err)
		}
		m.ID, m.ReplayOf = fresh, &id
		payload, err := m.Encode()
		if err != nil {
			return err
		}
		subject := "replay/" + id
		past, err := tx.Deliveries(ctx, store.DeliveryFilter{Receiver: d.Receiver, Subject: subject})
		if err != nil {
			return err
		}
		now := a.now()
		return tx.Enqueue(ctx, []notify.Delivery{{ID: fresh, Receiver: d.Receiver, Type: d.Type, Subject: subject, Topic: d.Topic, Topics: d.Topics,
			Sequence: len(past) + 1, Reason: d.Reason, Priority: d.Priority, ReplayOf: id, State: notify.Pending, Created: now, NotBefore: now, NextAt: now,
			Event: d.Event, Payload: payload}})
	})
	return fresh, err
}

// DropDelivery gives a delivery up.
func (a StoreActions) DropDelivery(ctx context.Context, id string) error {
	return a.onDelivery(ctx, id, func(tx store.Tx, d notify.Delivery) error {
		switch d.State {
		case notify.Delivered, notify.Sending:
			return bad("delivery %s is %s: only what waits, is held or was given up can be dropped", id, d.State)
		}
		d.State, d.Note, d.NextAt = notify.Dead, notify.Dropped, time.Time{}
		return tx.SaveDelivery(ctx, d)
	})
}

func (a StoreActions) onDelivery(ctx context.Context, id string, fn func(store.Tx, notify.Delivery) error) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Delivery(ctx, id)
		if err != nil {
			return err
		}
		return fn(tx, d)
	})
}

// EnableReceiver takes a receiver that was disabled or paused into service
// again; what waits for a later try is due now.
func (a StoreActions) EnableReceiver(ctx context.Context, id string) error {
	if err := a.onReceiver(ctx, id, notify.Enabled); err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx store.Tx) error {
		waiting, err := tx.Deliveries(ctx, store.DeliveryFilter{Receiver: id, States: []notify.DeliveryState{notify.Pending}})
		if err != nil {
			return err
		}
		for _, d := range waiting {
			if d.Attempts == 0 || !d.NextAt.After(a.now()) {
				continue
			}
			d.NextAt = a.now()
			if err := tx.SaveDelivery(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}
