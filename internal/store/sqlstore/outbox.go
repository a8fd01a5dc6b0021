package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// enqueueRows is how many deliveries go into one statement.
const enqueueRows = 25

// Enqueue implements store.DeliveryWriter.
func (t *Tx) Enqueue(ctx context.Context, ds []notify.Delivery) error {
	for len(ds) > 0 {
		n := min(len(ds), enqueueRows)
		var args []any
		for _, d := range ds[:n] {
			data, err := pack(d, inColumns...)
			if err != nil {
				return fmt.Errorf("delivery %s: %w", d.ID, err)
			}
			state := d.State
			if state == "" {
				state = notify.Pending
			}
			args = append(args, d.ID, d.Receiver, string(d.Type), d.Subject, d.Topic, d.Sequence, string(state), d.Note,
				ms(d.Created), ms(d.NextAt), dueAt(d), d.Attempts, d.Ref, data, blob(d.Payload))
		}
		err := t.exec(ctx, `INSERT INTO deliveries (id, receiver, type, subject, topic, sequence, state, note, created, next_at, due_at, attempts, ref, data, payload)
			VALUES `+t.d.values(n, 15)+` ON CONFLICT DO NOTHING`, args...)
		if err != nil {
			return err
		}
		ds = ds[n:]
	}
	return t.notify(ctx)
}

// BeginSend implements store.DeliveryWriter.
func (t *Tx) BeginSend(ctx context.Context, id string, payload []byte, when, by time.Time) (d notify.Delivery, err error) {
	miss := fmt.Errorf("delivery %s: %w", id, store.ErrConflict)
	err = t.each(ctx, `UPDATE deliveries AS d SET state = 'sending', attempts = attempts + 1, payload = $2, sending_at = $3, send_by = $4
		WHERE d.id = $1 AND d.state = 'pending' AND d.next_at <= $3 RETURNING `+returned, []any{id, blob(payload), ms(when), ms(by)}, func(rows Rows) error {
		miss = nil
		d, err = scanDelivery(rows)
		return err
	})
	return d, errors.Join(err, miss)
}

// FinishSend implements store.DeliveryWriter.
func (t *Tx) FinishSend(ctx context.Context, d notify.Delivery, a notify.Attempt) error {
	data, err := pack(d, inColumns...)
	if err != nil {
		return fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	var payload any // NULL: as it stands
	if len(d.Payload) > 0 {
		payload = d.Payload
	}
	err = t.must(ctx, fmt.Errorf("delivery %s: %w", d.ID, store.ErrConflict),
		`UPDATE deliveries SET state = $2, note = $3, next_at = $4, due_at = $5, attempts = $6, ref = $7, data = $8, payload = COALESCE($9, payload)
			WHERE id = $1 AND state = 'sending'`, d.ID, string(d.State), d.Note, ms(d.NextAt), dueAt(d), d.Attempts, d.Ref, data, payload)
	if err != nil {
		return err
	}
	if a.Delivery == "" {
		a.Delivery = d.ID
	}
	return t.exec(ctx, `INSERT INTO attempts (delivery, n, at, elapsed, status, answer, err) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (delivery, n) DO UPDATE SET at = excluded.at, elapsed = excluded.elapsed, status = excluded.status, answer = excluded.answer, err = excluded.err`,
		a.Delivery, a.N, ms(a.At), a.Elapsed.Milliseconds(), a.Status, a.Answer, a.Err)
}

// SaveDelivery implements store.DeliveryWriter.
func (t *Tx) SaveDelivery(ctx context.Context, d notify.Delivery) error {
	return t.saveDelivery(ctx, d, `state <> 'sending'`)
}

// SaveWaiting implements store.DeliveryWriter.
func (t *Tx) SaveWaiting(ctx context.Context, d notify.Delivery) error {
	return t.saveDelivery(ctx, d, `state = 'pending' AND attempts = $6`)
}

func (t *Tx) saveDelivery(ctx context.Context, d notify.Delivery, where string) error {
	data, err := pack(d, inColumns...)
	if err != nil {
		return fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	return t.must(ctx, fmt.Errorf("delivery %s: %w", d.ID, store.ErrConflict),
		`UPDATE deliveries SET state = $2, note = $3, next_at = $4, due_at = $5, attempts = $6, ref = $7, data = $8, payload = $9 WHERE id = $1 AND `+where,
		d.ID, string(d.State), d.Note, ms(d.NextAt), dueAt(d), d.Attempts, d.Ref, data, blob(d.Payload))
}

// claimedAtLeast is how long a claim lasts that does not say: one of the
// program before send_by was kept.
const claimedAtLeast = time.Minute

// Requeue implements store.DeliveryWriter.
func (t *Tx) Requeue(ctx context.Context, before time.Time) (int, error) {
	if before.IsZero() {
		n, err := t.c.Exec(ctx, `UPDATE deliveries SET state = 'pending' WHERE state = 'sending'`)
		return int(n), err
	}
	n, err := t.c.Exec(ctx, `UPDATE deliveries SET state = 'pending' WHERE state = 'sending' AND send_by < $1 AND (send_by > 0 OR sending_at < $2)`,
		ms(before), ms(before.Add(-claimedAtLeast)))
	return int(n), err
}

// LockReceiver implements store.DeliveryWriter: writing its row, even as it
// is, has other transactions wait for this one.
func (t *Tx) LockReceiver(ctx context.Context, id string) error {
	return t.exec(ctx, `INSERT INTO receivers (id, state) VALUES ($1, '') ON CONFLICT (id) DO UPDATE SET state = receivers.state`, id)
}

// TakePlace implements store.DeliveryWriter.
func (t *Tx) TakePlace(ctx context.Context, id string, now time.Time) error {
	return t.exec(ctx, `UPDATE deliveries SET told_at = $2 WHERE id = $1`, id, ms(now))
}

// SaveReceiver implements store.DeliveryWriter.
func (t *Tx) SaveReceiver(ctx context.Context, r notify.ReceiverState) error {
	state, err := pack(r, "ID")
	if err != nil {
		return fmt.Errorf("receiver %s: %w", r.ID, err)
	}
	return t.exec(ctx, `INSERT INTO receivers (id, state) VALUES ($1,$2) ON CONFLICT (id) DO UPDATE SET state = excluded.state`, r.ID, state)
}

// SaveSilence implements store.DeliveryWriter.
func (t *Tx) SaveSilence(ctx context.Context, s store.Silence) (int64, error) {
	data, err := pack(s, "ID")
	if err != nil {
		return 0, fmt.Errorf("silence %d: %w", s.ID, err)
	}
	ends := ms(s.Until)
	if !s.Ended.IsZero() && ms(s.Ended) < ends {
		ends = ms(s.Ended)
	}
	if s.ID != 0 {
		return s.ID, t.must(ctx, fmt.Errorf("silence %d: %w", s.ID, store.ErrNotFound), `UPDATE silences SET ends_at = $2, data = $3 WHERE id = $1`, s.ID, ends, data)
	}
	err = t.one(ctx, `INSERT INTO silences (ends_at, data) VALUES ($1,$2) RETURNING id`, []any{ends, data}, &s.ID)
	return s.ID, err
}
