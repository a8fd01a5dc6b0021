package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

func testDeliveries(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	d := Delivery("msg_1", "desk", "st_1", 1, T0)
	d.NotBefore, d.Event, d.Payload, d.Note = T0.Add(time.Minute), &notify.Event{Subject: "a", Title: "b"}, []byte("{}"), "note"
	other := Delivery("msg_2", "phone", "st_1", 1, T0)
	other.Created, other.Topic, other.Type, other.State = T0.Add(time.Hour), "oman", notify.StoryUpdated, notify.Held
	again := Delivery("msg_3", "desk", "st_1", 1, T0) // told is told
	update(t, s, func(tx store.Tx) error { return tx.Enqueue(ctx, []notify.Delivery{d, other, again}) })
	view(t, s, func(r store.Reader) error {
		got, _ := r.Delivery(ctx, "msg_1")
		if got.Event == nil || *got.Event != *d.Event {
			t.Errorf("event %+v", got.Event)
		}
		got.Event, d.Event = nil, nil
		equal(t, "delivery", got, d)
		_, miss := r.Delivery(ctx, "msg_3")
		wantErr(t, "passed over", miss, store.ErrNotFound)
		list := func(f store.DeliveryFilter, want ...string) {
			t.Helper()
			ds, err := r.Deliveries(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("%+v", f), names(ds), want)
		}
		list(store.DeliveryFilter{}, "msg_2", "msg_1")
		list(store.DeliveryFilter{Oldest: true}, "msg_1", "msg_2")
		list(store.DeliveryFilter{Before: "msg_2"}, "msg_1")
		list(store.DeliveryFilter{Before: "msg_1", Oldest: true}, "msg_2")
		list(store.DeliveryFilter{Limit: 1}, "msg_2")
		list(store.DeliveryFilter{Receiver: "desk"}, "msg_1")
		list(store.DeliveryFilter{Subject: "st_1", Topic: "oman"}, "msg_2")
		list(store.DeliveryFilter{Note: "note"}, "msg_1")
		list(store.DeliveryFilter{States: []notify.DeliveryState{notify.Held, notify.Dead}}, "msg_2")
		list(store.DeliveryFilter{Types: []notify.Type{notify.StoryNew}}, "msg_1")
		list(store.DeliveryFilter{From: T0.Add(time.Minute), To: T0.Add(2 * time.Hour)}, "msg_2")
		counts, err := r.CountDeliveries(ctx, store.DeliveryFilter{})
		equal(t, "counts", counts, map[string]map[notify.DeliveryState]int{"desk": {notify.Pending: 1}, "phone": {notify.Held: 1}})
		if err != nil {
			return err
		}
		counts, err = r.CountDeliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Dead, notify.Held}})
		equal(t, "counts of states", counts, map[string]map[notify.DeliveryState]int{"phone": {notify.Held: 1}})
		if err != nil {
			return err
		}
		counts, err = r.CountDeliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Pending, notify.Held}, Receiver: "desk"})
		equal(t, "counts of states at a receiver", counts, map[string]map[notify.DeliveryState]int{"desk": {notify.Pending: 1}})
		return err
	})
}

func names(ds []notify.Delivery) []string {
	var out []string
	for _, d := range ds {
		out = append(out, d.ID)
	}
	return out
}

func testDueDeliveries(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	next := func(want time.Time) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			at, err := r.NextDelivery(ctx)
			equal(t, "next delivery", at, want)
			return err
		})
	}
	next(time.Time{})
	var ds []notify.Delivery
	for i := range 6 { // one story told six times, the newest due first
		ds = append(ds, Delivery(fmt.Sprintf("a%d", i+1), "desk", "st_a", i+1, T0.Add(-time.Duration(i)*time.Minute)))
	}
	ds = append(ds, Delivery("b1", "desk", "st_b", 1, T0), Delivery("c1", "desk", "st_c", 1, T0.Add(time.Hour)), Delivery("p1", "phone", "st_a", 1, T0.Add(-time.Hour)))
	quiet := Delivery("q1", "phone", "st_q", 1, T0)
	quiet.NotBefore = T0.Add(2 * time.Hour)
	update(t, s, func(tx store.Tx) error { return tx.Enqueue(ctx, append(ds, quiet)) })
	due := func(now time.Time, per, limit int, want ...string) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			got, err := r.DueDeliveries(ctx, now, per, limit)
			equal(t, "due", names(got), want)
			return err
		})
	}
	next(T0.Add(-time.Hour))
	due(T0, 4, 100, "p1", "a1", "b1")
	due(T0, 1, 100, "p1", "a1")
	due(T0, 4, 1, "p1")
	due(T0.Add(-10*time.Minute), 4, 100, "p1")
	due(T0.Add(3*time.Hour), 4, 100, "p1", "q1", "a1", "b1", "c1")
	send := func(id string, state notify.DeliveryState) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			d, err := tx.BeginSend(ctx, id, nil, T0, T0.Add(time.Minute))
			if err != nil || state == notify.Sending {
				return err
			}
			d.State = state
			return tx.FinishSend(ctx, d, notify.Attempt{N: d.Attempts, At: T0})
		})
	}
	send("p1", notify.Delivered)
	send("a1", notify.Sending)
	due(T0, 4, 100, "b1") // a2 waits for a1
	next(T0)
	update(t, s, func(tx store.Tx) error {
		n, err := tx.Requeue(ctx, T0.Add(61*time.Second))
		equal(t, "requeued", n, 1)
		return err
	})
	send("a1", notify.Delivered)
	due(T0, 4, 100, "a2", "b1")
	send("a2", notify.Dead)
	due(T0, 4, 100, "a3", "b1")
}

func testSending(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	update(t, s, func(tx store.Tx) error {
		return tx.Enqueue(ctx, []notify.Delivery{Delivery("m1", "desk", "st_1", 1, T0)})
	})
	var d notify.Delivery
	update(t, s, func(tx store.Tx) (err error) {
		d, err = tx.BeginSend(ctx, "m1", []byte(`{"p":1}`), T0, T0.Add(time.Minute))
		return err
	})
	equal(t, "claimed", []any{d.State, d.Attempts, string(d.Payload)}, []any{notify.Sending, 1, `{"p":1}`})
	wantErr(t, "claimed twice", s.Update(ctx, func(tx store.Tx) error { _, err := tx.BeginSend(ctx, "m1", nil, T0, T0); return err }), store.ErrConflict)
	wantErr(t, "no delivery", s.Update(ctx, func(tx store.Tx) error { _, err := tx.BeginSend(ctx, "m9", nil, T0, T0); return err }), store.ErrConflict)
	wantErr(t, "saved while sending", s.Update(ctx, func(tx store.Tx) error { return tx.SaveDelivery(ctx, d) }), store.ErrConflict)
	d.State, d.NextAt, d.LastAt, d.LastStatus, d.LastError = notify.Pending, T0.Add(5*time.Second), T0, 503, "busy"
	update(t, s, func(tx store.Tx) error {
		return tx.FinishSend(ctx, d, notify.Attempt{N: 1, At: T0, Elapsed: 30 * time.Millisecond, Status: 503, Answer: "later", Err: "busy"})
	})
	wantErr(t, "claimed before it is due", s.Update(ctx, func(tx store.Tx) error {
		_, err := tx.BeginSend(ctx, "m1", d.Payload, T0.Add(4*time.Second), T0.Add(time.Minute))
		return err
	}), store.ErrConflict)
	stale := d
	stale.State, stale.Attempts = notify.Held, 0
	wantErr(t, "held as it was read before its try", s.Update(ctx, func(tx store.Tx) error { return tx.SaveWaiting(ctx, stale) }), store.ErrConflict)
	update(t, s, func(tx store.Tx) error { return tx.SaveWaiting(ctx, d) })
	wantErr(t, "finished twice", s.Update(ctx, func(tx store.Tx) error { return tx.FinishSend(ctx, d, notify.Attempt{N: 1}) }), store.ErrConflict)
	update(t, s, func(tx store.Tx) (err error) {
		d, err = tx.BeginSend(ctx, "m1", d.Payload, T0.Add(5*time.Second), T0.Add(time.Minute))
		return err
	})
	equal(t, "payload", string(d.Payload), `{"p":1}`)
	short := d
	short.State, short.Payload = notify.Pending, []byte(`{"p":0}`)
	update(t, s, func(tx store.Tx) error {
		return tx.FinishSend(ctx, short, notify.Attempt{N: 2, At: T0.Add(5 * time.Second), Status: 413})
	})
	update(t, s, func(tx store.Tx) (err error) {
		if d, err = tx.Delivery(ctx, "m1"); err == nil {
			equal(t, "shortened", string(d.Payload), `{"p":0}`)
			d, err = tx.BeginSend(ctx, "m1", d.Payload, T0.Add(6*time.Second), T0.Add(time.Minute))
		}
		return err
	})
	kept := d.Payload
	d.State, d.Ref, d.Payload = notify.Delivered, "ref-1", nil
	update(t, s, func(tx store.Tx) error {
		return tx.FinishSend(ctx, d, notify.Attempt{Delivery: "m1", N: 3, At: T0.Add(6 * time.Second), Status: 200})
	})
	d.Payload = kept
	wantErr(t, "held when it was delivered", s.Update(ctx, func(tx store.Tx) error { held := d; held.State = notify.Held; return tx.SaveWaiting(ctx, held) }), store.ErrConflict)
	view(t, s, func(r store.Reader) error {
		got, err := r.Delivery(ctx, "m1")
		equal(t, "delivery", got, d)
		as, _ := r.Attempts(ctx, "m1")
		equal(t, "attempts", as, []notify.Attempt{{Delivery: "m1", N: 1, At: T0, Elapsed: 30 * time.Millisecond, Status: 503, Answer: "later", Err: "busy"},
			{Delivery: "m1", N: 2, At: T0.Add(5 * time.Second), Status: 413}, {Delivery: "m1", N: 3, At: T0.Add(6 * time.Second), Status: 200}})
		ref, _ := r.LastRef(ctx, "desk", "st_1")
		equal(t, "ref", ref, "ref-1")
		ref, _ = r.LastRef(ctx, "desk", "st_2")
		equal(t, "no ref", ref, "")
		return err
	})
	d.State, d.NextAt, d.Note = notify.Pending, T0.Add(time.Hour), "resent"
	update(t, s, func(tx store.Tx) error { return tx.SaveDelivery(ctx, d) })
	view(t, s, func(r store.Reader) error {
		at, err := r.NextDelivery(ctx)
		equal(t, "resent", at, T0.Add(time.Hour))
		return err
	})
}

// testClaims: a claim lasts as long as its sender said, whatever others look.
func testClaims(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	update(t, s, func(tx store.Tx) error {
		return tx.Enqueue(ctx, []notify.Delivery{Delivery("m1", "desk", "st_1", 1, T0), Delivery("m2", "desk", "st_2", 1, T0)})
	})
	claim := func(id string, by time.Time) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { _, err := tx.BeginSend(ctx, id, nil, T0, by); return err })
	}
	requeue := func(before time.Time, want int) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			n, err := tx.Requeue(ctx, before)
			equal(t, "requeued", n, want)
			return err
		})
	}
	claim("m1", T0.Add(15*time.Second))
	claim("m2", T0.Add(5*time.Minute))
	requeue(T0.Add(14*time.Second), 0)
	requeue(T0.Add(2*time.Minute), 1)
	claim("m1", T0.Add(5*time.Minute))
	requeue(T0.Add(4*time.Minute), 0)
	requeue(time.Time{}, 2) // one process, at its start
	claim("m1", time.Time{})
	requeue(T0.Add(59*time.Second), 0) // claimed by the program before claims had an end
	requeue(T0.Add(61*time.Second), 1)
}

// testPlaces: what took a place in a receiver's budget is counted in order,
// and two that ask at once never count the same.
func testPlaces(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	var ds []notify.Delivery
	for i := range 8 {
		d := Delivery(fmt.Sprintf("m%d", i), "desk", fmt.Sprintf("st_%d", i), 1, T0)
		d.Topics = []string{"a", fmt.Sprint(i)}
		ds = append(ds, d)
	}
	ds = append(ds, Delivery("p1", "phone", "st_1", 1, T0))
	update(t, s, func(tx store.Tx) error { return tx.Enqueue(ctx, ds) })
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.TakePlace(ctx, "m0", T0.Add(-time.Hour)), tx.TakePlace(ctx, "m2", T0.Add(time.Second)), tx.TakePlace(ctx, "m1", T0), tx.TakePlace(ctx, "p1", T0))
	})
	view(t, s, func(r store.Reader) error {
		got, err := r.Places(ctx, "desk", T0)
		equal(t, "places", got, []notify.Delivery{{ID: "m1", Receiver: "desk", Topics: []string{"a", "1"}}, {ID: "m2", Receiver: "desk", Topics: []string{"a", "2"}}})
		return err
	})
	const most = 4
	var wg sync.WaitGroup
	for i := 3; i < 8; i++ {
		wg.Go(func() {
			err := s.Update(ctx, func(tx store.Tx) error {
				if err := tx.LockReceiver(ctx, "desk"); err != nil {
					return err
				}
				told, err := tx.Places(ctx, "desk", T0)
				if err != nil || len(told) >= most {
					return err
				}
				return tx.TakePlace(ctx, fmt.Sprintf("m%d", i), T0.Add(time.Minute))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	view(t, s, func(r store.Reader) error {
		got, err := r.Places(ctx, "desk", T0)
		equal(t, "places taken", len(got), most)
		rs, _ := r.Receivers(ctx)
		equal(t, "receivers", rs, []notify.ReceiverState{{ID: "desk"}})
		return err
	})
}

func testReceivers(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	rec := notify.ReceiverState{ID: "desk", Disabled: "gone", NotBefore: T0, Fails: 3, FirstFail: T0, LastOK: T0}
	update(t, s, func(tx store.Tx) error { return tx.SaveReceiver(ctx, notify.ReceiverState{ID: "desk", Paused: true}) })
	update(t, s, func(tx store.Tx) error { return tx.SaveReceiver(ctx, rec) })
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := s.Update(ctx, func(tx store.Tx) error {
				return store.ChangeReceiver(ctx, tx, "desk", func(r *notify.ReceiverState) { r.OptOut(fmt.Sprint(i), T0) })
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	view(t, s, func(r store.Reader) error {
		rs, err := r.Receivers(ctx)
		if len(rs) != 1 || len(rs[0].OptedOut) != 8 {
			t.Errorf("after eight changes at once: %+v", rs)
		}
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.SaveReceiver(ctx, rec) })
	sil := store.Silence{Topics: []string{"talks"}, Text: "summit", From: T0, Until: T0.Add(time.Hour), Author: "k", Reason: "live blog"}
	update(t, s, func(tx store.Tx) (err error) { sil.ID, err = tx.SaveSilence(ctx, sil); return err })
	active := func(now time.Time, ended bool, want ...store.Silence) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			got, err := r.Silences(ctx, now, ended)
			equal(t, "silences", got, want)
			return err
		})
	}
	active(T0, false, sil)
	active(T0.Add(2*time.Hour), false)
	active(T0.Add(2*time.Hour), true, sil)
	sil.Ended, sil.Told = T0.Add(time.Minute), true
	update(t, s, func(tx store.Tx) error { _, err := tx.SaveSilence(ctx, sil); return err })
	active(T0.Add(2*time.Minute), false)
	active(T0.Add(2*time.Minute), true, sil)
	view(t, s, func(r store.Reader) error {
		rs, err := r.Receivers(ctx)
		equal(t, "receivers", rs, []notify.ReceiverState{rec})
		return err
	})
}
