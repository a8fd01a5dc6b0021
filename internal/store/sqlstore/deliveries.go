package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

const deliveryColumns = `d.id, d.receiver, d.type, d.subject, d.topic, d.sequence, d.state, d.note, d.created, d.next_at, d.attempts, d.ref, d.data, d.payload`

// returned are deliveryColumns for RETURNING, where nothing may be joined; PostgreSQL knows the alias there, SQLite does not.
var returned = strings.ReplaceAll(deliveryColumns, "d.", "")

// inColumns are the fields of a delivery that have columns.
var inColumns = []string{"ID", "Receiver", "Type", "Subject", "Topic", "Sequence", "State", "Note", "Created", "NextAt", "Attempts", "Ref", "Payload"}

func scanDelivery(rows Rows) (notify.Delivery, error) {
	var d, more notify.Delivery
	var data string
	var created, next int64
	err := rows.Scan(&d.ID, &d.Receiver, &d.Type, &d.Subject, &d.Topic, &d.Sequence, &d.State, &d.Note, &created, &next, &d.Attempts, &d.Ref, &data, &d.Payload)
	if err != nil {
		return d, err
	}
	if err := unpack(data, &more); err != nil {
		return d, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	more.ID, more.Receiver, more.Type, more.Subject, more.Topic, more.Sequence = d.ID, d.Receiver, d.Type, d.Subject, d.Topic, d.Sequence
	more.State, more.Note, more.Created, more.NextAt, more.Attempts, more.Ref = d.State, d.Note, at(created), at(next), d.Attempts, d.Ref
	if len(d.Payload) > 0 {
		more.Payload = d.Payload
	}
	return more, nil
}

// dueAt is when a delivery may go: not before either of its times.
func dueAt(d notify.Delivery) int64 { return max(ms(d.NextAt), ms(d.NotBefore)) }

func (t *Tx) deliveries(ctx context.Context, q *query) ([]notify.Delivery, error) {
	var out []notify.Delivery
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		d, err := scanDelivery(rows)
		out = append(out, d)
		return err
	})
	return out, err
}

// Delivery implements store.DeliveryReader.
func (t *Tx) Delivery(ctx context.Context, id string) (notify.Delivery, error) {
	var q query
	q.WriteString(`SELECT ` + deliveryColumns + ` FROM deliveries d`)
	q.and(`d.id = ?`, id)
	all, err := t.deliveries(ctx, &q)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return notify.Delivery{}, err
	}
	return all[0], nil
}

// matching adds the conditions of a filter.
func (t *Tx) matching(q *query, f store.DeliveryFilter) {
	for _, c := range [][2]string{{"d.receiver", f.Receiver}, {"d.subject", f.Subject}, {"d.topic", f.Topic}, {"d.note", f.Note}} {
		if c[1] != "" {
			q.and(c[0]+` = ?`, c[1])
		}
	}
	if len(f.States) > 0 {
		q.and(`d.state IN (SELECT e.v FROM `+t.d.Each("?", Col{"v", Text})+` e)`, texts(f.States))
	}
	if len(f.Types) > 0 {
		q.and(`d.type IN (SELECT e.v FROM `+t.d.Each("?", Col{"v", Text})+` e)`, texts(f.Types))
	}
	q.window("d.created", f.From, f.To)
}

// Deliveries implements store.DeliveryReader.
func (t *Tx) Deliveries(ctx context.Context, f store.DeliveryFilter) ([]notify.Delivery, error) {
	var q query
	q.WriteString(`SELECT ` + deliveryColumns + ` FROM deliveries d`)
	t.matching(&q, f)
	order, beyond := ` ORDER BY d.created DESC, d.id DESC`, `<`
	if f.Oldest {
		order, beyond = ` ORDER BY d.created, d.id`, `>`
	}
	if f.Before != "" {
		q.and(`(d.created, d.id) `+beyond+` (SELECT b.created, b.id FROM deliveries b WHERE b.id = ?)`, f.Before)
	}
	q.WriteString(order)
	q.limit(f.Limit)
	return t.deliveries(ctx, &q)
}

// Attempts implements store.DeliveryReader.
func (t *Tx) Attempts(ctx context.Context, delivery string) ([]notify.Attempt, error) {
	var out []notify.Attempt
	err := t.each(ctx, `SELECT delivery, n, at, elapsed, status, answer, err FROM attempts WHERE delivery = $1 ORDER BY n`, []any{delivery}, func(rows Rows) error {
		var a notify.Attempt
		var when, elapsed int64
		err := rows.Scan(&a.Delivery, &a.N, &when, &elapsed, &a.Status, &a.Answer, &a.Err)
		a.At, a.Elapsed = at(when), time.Duration(elapsed)*time.Millisecond
		out = append(out, a)
		return err
	})
	return out, err
}

// unblocked is the condition that nothing earlier of the same receiver and
// subject is under way. It is no NOT EXISTS, of which PostgreSQL would make a
// join over the whole queue.
const unblocked = `COALESCE((SELECT 1 FROM deliveries e WHERE e.receiver = d.receiver AND e.subject = d.subject AND e.sequence < d.sequence AND e.state IN ('pending', 'sending') LIMIT 1), 0) = 0`

// DueDeliveries implements store.DeliveryReader. One short query a receiver:
// a queue of one that is away costs the others nothing.
func (t *Tx) DueDeliveries(ctx context.Context, now time.Time, perReceiver, limit int) ([]notify.Delivery, error) {
	receivers, err := t.waiting(ctx, now)
	if err != nil {
		return nil, err
	}
	var out []notify.Delivery
	for _, r := range receivers {
		n := perReceiver
		if limit > 0 {
			n = min(max(n, 0), limit-len(out))
			if perReceiver <= 0 {
				n = limit - len(out)
			}
			if n <= 0 {
				break
			}
		}
		var q query
		q.WriteString(`SELECT ` + deliveryColumns + ` FROM deliveries d WHERE d.state = 'pending'`)
		q.where = true
		q.and(`d.receiver = ? AND d.due_at <= ?`, r, ms(now))
		q.and(unblocked)
		q.WriteString(` ORDER BY d.due_at, d.id`)
		q.limit(n)
		ds, err := t.deliveries(ctx, &q)
		if err != nil {
			return nil, err
		}
		out = append(out, ds...)
	}
	return out, nil
}

// waiting lists the receivers that have due deliveries, the longest waiting first.
func (t *Tx) waiting(ctx context.Context, now time.Time) ([]string, error) {
	var out []string
	err := t.each(ctx, `WITH RECURSIVE r(receiver) AS (
			SELECT min(receiver) FROM deliveries WHERE state = 'pending'
			UNION ALL SELECT (SELECT min(receiver) FROM deliveries WHERE state = 'pending' AND receiver > r.receiver) FROM r WHERE r.receiver IS NOT NULL)
		SELECT x.receiver FROM (SELECT r.receiver, (SELECT min(due_at) FROM deliveries d WHERE d.state = 'pending' AND d.receiver = r.receiver) AS first FROM r WHERE r.receiver IS NOT NULL) x
		WHERE x.first <= $1 ORDER BY x.first, x.receiver`, []any{ms(now)}, func(rows Rows) error {
		var r string
		err := rows.Scan(&r)
		out = append(out, r)
		return err
	})
	return out, err
}

// NextDelivery implements store.DeliveryReader.
func (t *Tx) NextDelivery(ctx context.Context) (time.Time, error) {
	var next int64
	err := t.one(ctx, `SELECT d.due_at FROM deliveries d WHERE d.state = 'pending' AND `+unblocked+` ORDER BY d.due_at LIMIT 1`, nil, &next)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil
	}
	return time.UnixMilli(next).UTC(), err
}

// LastRef implements store.DeliveryReader.
func (t *Tx) LastRef(ctx context.Context, receiver, subject string) (string, error) {
	var ref string
	err := t.one(ctx, `SELECT ref FROM deliveries WHERE receiver = $1 AND subject = $2 AND state = 'delivered' AND ref <> '' ORDER BY sequence DESC LIMIT 1`,
		[]any{receiver, subject}, &ref)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return ref, err
}

// CountDeliveries implements store.DeliveryReader.
func (t *Tx) CountDeliveries(ctx context.Context, f store.DeliveryFilter) (map[string]map[notify.DeliveryState]int, error) {
	var q query
	if alone := (store.DeliveryFilter{States: f.States}); len(f.States) > 0 && reflect.DeepEqual(f, alone) {
		// By the index, from receiver to receiver: what was delivered is most of
		// the table and is seldom asked for.
		q.WriteString(`WITH RECURSIVE r(receiver) AS (
				SELECT min(receiver) FROM deliveries
				UNION ALL SELECT (SELECT min(receiver) FROM deliveries WHERE receiver > r.receiver) FROM r WHERE r.receiver IS NOT NULL)
			SELECT x.receiver, x.v, x.n FROM (SELECT r.receiver, e.v, (SELECT count(*) FROM deliveries d WHERE d.receiver = r.receiver AND d.state = e.v) AS n
				FROM r, ` + t.d.Each("$1", Col{"v", Text}) + ` e WHERE r.receiver IS NOT NULL) x WHERE x.n > 0`)
		q.args = append(q.args, texts(f.States))
	} else {
		q.WriteString(`SELECT d.receiver, d.state, count(*) FROM deliveries d`)
		t.matching(&q, f)
		q.WriteString(` GROUP BY 1, 2`)
	}
	out := map[string]map[notify.DeliveryState]int{}
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		var r string
		var s notify.DeliveryState
		var n int
		err := rows.Scan(&r, &s, &n)
		if out[r] == nil {
			out[r] = map[notify.DeliveryState]int{}
		}
		out[r][s] = n
		return err
	})
	return out, err
}

// Receivers implements store.DeliveryReader.
func (t *Tx) Receivers(ctx context.Context) ([]notify.ReceiverState, error) {
	var out []notify.ReceiverState
	err := t.each(ctx, `SELECT id, state FROM receivers ORDER BY id`, nil, func(rows Rows) error {
		var id, state string
		if err := rows.Scan(&id, &state); err != nil {
			return err
		}
		r := notify.ReceiverState{}
		err := unpack(state, &r)
		r.ID = id
		out = append(out, r)
		return err
	})
	return out, err
}

// Places implements store.DeliveryReader.
func (t *Tx) Places(ctx context.Context, receiver string, since time.Time) ([]notify.Delivery, error) {
	var out []notify.Delivery
	err := t.each(ctx, `SELECT id, data FROM deliveries WHERE receiver = $1 AND told_at >= $2 AND told_at > 0 ORDER BY told_at, id`, []any{receiver, ms(since)}, func(rows Rows) error {
		var id, data string
		if err := rows.Scan(&id, &data); err != nil {
			return err
		}
		var d notify.Delivery
		err := unpack(data, &d)
		out = append(out, notify.Delivery{ID: id, Receiver: receiver, Topics: d.Topics})
		return err
	})
	return out, err
}

// Silences implements store.DeliveryReader.
func (t *Tx) Silences(ctx context.Context, now time.Time, ended bool) ([]store.Silence, error) {
	var q query
	q.WriteString(`SELECT id, data FROM silences`)
	if !ended {
		q.and(`ends_at > ?`, ms(now))
	}
	q.WriteString(` ORDER BY id`)
	var out []store.Silence
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		var id int64
		var data string
		if err := rows.Scan(&id, &data); err != nil {
			return err
		}
		s := store.Silence{}
		err := unpack(data, &s)
		s.ID = id
		out = append(out, s)
		return err
	})
	return out, err
}
