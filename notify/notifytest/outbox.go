// Package notifytest is what tests of notify share: the suite that every kind
// of receiver passes, an outbox in memory, and messages that are hard to send.
// Only tests import it.
package notifytest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"watcher/notify"
)

// Outbox keeps deliveries in memory, by the rules of notify.Outbox.
type Outbox struct {
	mu        sync.Mutex
	rows      map[string]*notify.Delivery
	order     []string
	bySubject map[string][]string
	live      map[string][]string // by receiver: what may be pending, in the order of Add
	receivers map[string]notify.ReceiverState
	attempts  []notify.Attempt
	claims    map[string]time.Time // when they end
	places    map[string]time.Time // when a delivery took one in its receiver's budget
	reads     int
}

// NewOutbox makes an empty outbox.
func NewOutbox() *Outbox {
	return &Outbox{rows: map[string]*notify.Delivery{}, live: map[string][]string{}, bySubject: map[string][]string{}, claims: map[string]time.Time{}, places: map[string]time.Time{}, receivers: map[string]notify.ReceiverState{}}
}

// Add enqueues deliveries; one with the receiver, subject and sequence of another is passed over.
func (o *Outbox) Add(ds ...notify.Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range ds {
		if d.State == "" {
			d.State = notify.Pending
		}
		if d.NextAt.IsZero() {
			d.NextAt = d.Created
		}
		o.rows[d.ID] = &d
		o.order = append(o.order, d.ID)
		o.live[d.Receiver] = append(o.live[d.Receiver], d.ID)
		o.bySubject[d.Receiver+" "+d.Subject] = append(o.bySubject[d.Receiver+" "+d.Subject], d.ID)
	}
}

// Get gives a delivery.
func (o *Outbox) Get(id string) notify.Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d := o.rows[id]; d != nil {
		return *d
	}
	return notify.Delivery{}
}

// All gives every delivery, oldest first.
func (o *Outbox) All() []notify.Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ds []notify.Delivery
	for _, id := range o.order {
		ds = append(ds, *o.rows[id])
	}
	return ds
}

// In gives the deliveries in a state, oldest first.
func (o *Outbox) In(state notify.DeliveryState) []notify.Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ds []notify.Delivery
	for _, id := range o.order {
		if d := o.rows[id]; d.State == state {
			ds = append(ds, *d)
		}
	}
	return ds
}

// Count counts deliveries by state.
func (o *Outbox) Count() map[notify.DeliveryState]int {
	n := map[notify.DeliveryState]int{}
	for _, d := range o.All() {
		n[d.State]++
	}
	return n
}

// Attempts gives the tries of a delivery; of all when id is empty.
func (o *Outbox) Attempts(id string) []notify.Attempt {
	o.mu.Lock()
	defer o.mu.Unlock()
	var as []notify.Attempt
	for _, a := range o.attempts {
		if id == "" || a.Delivery == id {
			as = append(as, a)
		}
	}
	return as
}

// Reads counts the calls of Due.
func (o *Outbox) Reads() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reads
}

// Due implements notify.Outbox.
func (o *Outbox) Due(_ context.Context, now time.Time, perReceiver, limit int) ([]notify.Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reads++
	var due []notify.Delivery
	for receiver, ids := range o.live {
		seen := map[string]bool{} // subjects of which an earlier one is on its way
		count := 0
		o.live[receiver] = slices.DeleteFunc(ids, func(id string) bool {
			return o.rows[id].State != notify.Pending && o.rows[id].State != notify.Sending
		})
		for _, id := range o.live[receiver] {
			d := o.rows[id]
			if d.State == notify.Pending && !d.NextAt.After(now) && !seen[d.Subject] {
				due = append(due, *d)
				count++
			}
			seen[d.Subject] = true
			if count == perReceiver || len(due) == limit {
				break
			}
		}
	}
	return due, nil
}

// Next implements notify.Outbox.
func (o *Outbox) Next(_ context.Context, after time.Time) (time.Time, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var next time.Time
	for _, ids := range o.live {
		for _, id := range ids {
			if d := o.rows[id]; d.State == notify.Pending && d.NextAt.After(after) && (next.IsZero() || d.NextAt.Before(next)) {
				next = d.NextAt
			}
		}
	}
	return next, nil
}

// Waiting implements notify.Outbox.
func (o *Outbox) Waiting(_ context.Context, receiver, subject string, limit int) ([]notify.Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ds []notify.Delivery
	for _, id := range o.live[receiver] {
		d := o.rows[id]
		if d.State == notify.Pending && (subject == "" || d.Subject == subject) && len(ds) < limit {
			ds = append(ds, *d)
		}
	}
	return ds, nil
}

// Begin implements notify.Outbox.
func (o *Outbox) Begin(_ context.Context, id string, payload []byte, at, by time.Time) (notify.Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.rows[id]
	if d == nil || d.State != notify.Pending || d.NextAt.After(at) {
		return notify.Delivery{}, notify.ErrNotPending
	}
	d.State, d.Payload, d.LastAt = notify.Sending, payload, at
	d.Attempts++
	o.claims[id] = by
	return *d, nil
}

// Finish implements notify.Outbox.
func (o *Outbox) Finish(_ context.Context, d notify.Delivery, a notify.Attempt) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.rows[d.ID]
	if old == nil || old.State != notify.Sending {
		return fmt.Errorf("finish %s: %w", d.ID, notify.ErrNotPending)
	}
	if len(d.Payload) == 0 {
		d.Payload = old.Payload
	}
	o.rows[d.ID] = &d
	o.attempts = append(o.attempts, a)
	return nil
}

// Save implements notify.Outbox.
func (o *Outbox) Save(_ context.Context, d notify.Delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.rows[d.ID]
	if old == nil || old.State != notify.Pending || old.Attempts != d.Attempts {
		return notify.ErrNotPending
	}
	o.rows[d.ID] = &d
	return nil
}

// Put replaces a delivery as a person or the release of what was held does.
func (o *Outbox) Put(d notify.Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.State == notify.Pending && o.rows[d.ID].State != notify.Pending { // resent
		o.live[d.Receiver] = append(o.live[d.Receiver], d.ID)
	}
	o.rows[d.ID] = &d
}

// Requeue implements notify.Outbox.
func (o *Outbox) Requeue(_ context.Context, before time.Time) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, d := range o.rows {
		if d.State == notify.Sending && (before.IsZero() || o.claims[d.ID].Before(before)) {
			d.State = notify.Pending
			n++
		}
	}
	return n, nil
}

// Take is for route.Source.
func (o *Outbox) Take(d notify.Delivery, since, now time.Time, judge func([]notify.Delivery) notify.Verdict) notify.Verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	var told []notify.Delivery
	for id, at := range o.places {
		if id != d.ID && o.rows[id].Receiver == d.Receiver && !at.Before(since) {
			told = append(told, *o.rows[id])
		}
	}
	v := judge(told)
	if v == (notify.Verdict{}) {
		o.places[d.ID] = now
	}
	return v
}

// LastRef implements notify.Outbox.
func (o *Outbox) LastRef(_ context.Context, receiver, subject string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ref, seq := "", -1
	for _, id := range o.bySubject[receiver+" "+subject] {
		d := o.rows[id]
		if d.State == notify.Delivered && d.Receiver == receiver && d.Subject == subject && d.Ref != "" && d.Sequence > seq {
			ref, seq = d.Ref, d.Sequence
		}
	}
	return ref, nil
}

// Receivers implements notify.Outbox.
func (o *Outbox) Receivers(context.Context) ([]notify.ReceiverState, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var rs []notify.ReceiverState
	for _, r := range o.receivers {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b notify.ReceiverState) int { return cmp.Compare(a.ID, b.ID) })
	return rs, nil
}

// ChangeReceiver implements notify.Outbox.
func (o *Outbox) ChangeReceiver(_ context.Context, id string, change func(*notify.ReceiverState)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.receivers[id]
	r.ID = id
	change(&r)
	o.receivers[id] = r
	return nil
}

// Receiver gives what is known of a receiver.
func (o *Outbox) Receiver(id string) notify.ReceiverState {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.receivers[id]
}
