package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// work makes one try of a delivery: gate, compose, claim, send, keep the
// outcome. It runs in a goroutine of its own.
func (s *Sender) work(ctx context.Context, l *lane, r Receiver, d Delivery, clock func() time.Time) {
	defer func() {
		s.mu.Lock()
		delete(l.busy, d.Subject)
		l.ended[d.Subject] = true
		if len(l.queue) == 0 {
			s.stale = true // the next of this story may be due now
		}
		s.mu.Unlock()
		signal(s.done)
	}()
	if err := s.try(ctx, l, r, d, clock); err != nil && ctx.Err() == nil {
		s.o.Log.Error("delivery is put off", "delivery", d.ID, "receiver", d.Receiver, "err", err)
		d.NextAt = clock().Add(time.Minute)
		s.dueBy(d.NextAt)
		if err := unlessMoved(s.o.Outbox.Save(ctx, d)); err != nil {
			s.o.Log.Error("delivery cannot be put off", "delivery", d.ID, "err", err)
		}
	}
}

// try returns an error only for what came before the claim and is no fault of
// the receiver.
func (s *Sender) try(ctx context.Context, l *lane, r Receiver, d Delivery, clock func() time.Time) error {
	if ctx.Err() != nil {
		return nil
	}
	if done, err := s.gate(ctx, d, clock()); done || err != nil {
		return err
	}
	m, payload, err := s.message(ctx, d)
	if errors.Is(err, ErrUnknown) {
		return s.settle(ctx, d, Dead, "there is nothing left to tell: "+err.Error(), clock())
	}
	if err != nil {
		return fmt.Errorf("compose: %w", err)
	}
	now := clock()
	claimed, err := s.o.Outbox.Begin(ctx, d.ID, payload, now, now.Add(r.Timeout+claimSlack))
	if errors.Is(err, ErrNotPending) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	claimed.Payload = nil // Begin kept it; the outcome says where it changes
	m.clean = true
	m.Attempt = claimed.Attempts
	m.Late = m.Late || clock().Sub(claimed.since()) > lateAfter
	if d.Sequence > 1 {
		m.Previous, err = s.o.Outbox.LastRef(ctx, d.Receiver, d.Subject)
	}
	if err != nil {
		s.giveBack(ctx, claimed, clock(), "the outbox could not be read")
		return nil
	}

	begun := s.o.Now()
	timed, cancel := context.WithTimeout(ctx, r.Timeout)
	receipt, err := r.Notifier.Send(timed, m)
	cancel()
	elapsed := s.o.Now().Sub(begun)
	if err != nil && ctx.Err() != nil {
		s.giveBack(ctx, claimed, clock(), "stopped while it was being sent")
		return nil
	}
	if err := s.conclude(ctx, l, claimed, m, receipt, err, elapsed, clock()); err != nil {
		s.o.Log.Error("the outcome of a delivery could not be kept", "delivery", d.ID, "receiver", d.Receiver, "err", err)
	}
	return nil
}

const lateAfter = time.Hour

// gate asks whether the delivery may go; done says that it was settled or put off.
func (s *Sender) gate(ctx context.Context, d Delivery, now time.Time) (done bool, err error) {
	if d.Type == StoryUpdated {
		newer, err := s.newer(ctx, d, now)
		if err != nil {
			return false, err
		}
		if newer != "" {
			return true, s.settle(ctx, d, Superseded, "a newer update, "+newer+", goes in its place", now)
		}
	}
	if s.o.Gate == nil || d.Attempts > 0 {
		return false, nil
	}
	v, err := s.o.Gate(ctx, d, now)
	if err != nil {
		return false, fmt.Errorf("gate: %w", err)
	}
	if v.State != "" {
		return true, s.settle(ctx, d, v.State, v.Note, now)
	}
	if v.NextAt.After(now) {
		d.NextAt, d.Note = v.NextAt, v.Note
		s.dueBy(d.NextAt)
		return true, unlessMoved(s.o.Outbox.Save(ctx, d))
	}
	return false, nil
}

// newer finds a waiting update that makes this one stale.
func (s *Sender) newer(ctx context.Context, d Delivery, now time.Time) (string, error) {
	waiting, err := s.o.Outbox.Waiting(ctx, d.Receiver, d.Subject, queued)
	for _, w := range waiting {
		if w.Sequence > d.Sequence && w.Type == StoryUpdated && !w.NextAt.After(now) {
			return w.ID, err
		}
	}
	return "", err
}

// message gives what the delivery says: composed at its first try, kept from then on.
func (s *Sender) message(ctx context.Context, d Delivery) (Message, []byte, error) {
	var m Message
	if len(d.Payload) > 0 {
		if err := json.Unmarshal(d.Payload, &m); err != nil {
			return m, nil, fmt.Errorf("%w: its stored message cannot be read: %v", ErrUnknown, err)
		}
		return m, d.Payload, nil
	}
	m, err := s.o.Compose(ctx, d)
	if err != nil {
		return m, nil, err
	}
	m = m.complete(d)
	payload, err := m.Encode()
	return m, payload, err
}

// giveBack leaves a claimed delivery pending: the try was no one's failure.
func (s *Sender) giveBack(ctx context.Context, d Delivery, now time.Time, why string) {
	d.State, d.NextAt = Pending, now
	if err := s.finish(ctx, d, Attempt{Delivery: d.ID, N: d.Attempts, At: now, Err: why}); err != nil {
		s.o.Log.Error("delivery could not be given back", "delivery", d.ID, "receiver", d.Receiver, "err", err)
	}
}

// finish keeps an outcome even when the Sender is being stopped. A row that it
// cannot write stays "sending" and is sent again, under the same id, when it is rescued.
func (s *Sender) finish(ctx context.Context, d Delivery, a Attempt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return s.o.Outbox.Finish(ctx, d, a)
}
