package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// conclude turns a receiver's answer into the delivery's next state and the
// receiver's health, by the table of answers.
func (s *Sender) conclude(ctx context.Context, l *lane, d Delivery, m Message, r Receipt, sent error, elapsed time.Duration, now time.Time) error {
	at := now.Add(-elapsed)
	a := Attempt{Delivery: d.ID, N: d.Attempts, At: at, Elapsed: elapsed, Status: r.Status, Answer: r.Answer}
	d.LastAt, d.LastStatus, d.LastError = at, r.Status, ""
	if sent == nil {
		d.State, d.Note, d.NextAt, d.Faults = Delivered, "", time.Time{}, 0
		if r.Ref != "" {
			d.Ref = r.Ref
		}
		if err := s.finish(ctx, d, a); err != nil {
			return err
		}
		s.o.Log.Debug("delivered", "delivery", d.ID, "receiver", d.Receiver, "attempt", d.Attempts, "elapsed", elapsed)
		s.o.Observe(d, "delivered", elapsed)
		return s.took(ctx, l, now)
	}
	a.Err, d.LastError = sent.Error(), sent.Error()

	retry, reject := meaning(sent)
	switch {
	case reject != nil && reject.Smaller:
		if smaller, ok := m.shorten(); ok {
			return s.again(ctx, d, a, smaller, now)
		}
		return s.bury(ctx, l, d, a, "refused as too large, even when shortened: "+sent.Error(), now)
	case reject != nil && reject.Disable:
		d.State, d.NextAt = Pending, now
		if err := s.finish(ctx, d, a); err != nil {
			return err
		}
		return s.disable(ctx, l, "it says that it is gone for good: "+sent.Error(), now)
	case reject != nil:
		return s.bury(ctx, l, d, a, "refused: "+sent.Error(), now)
	}
	return s.later(ctx, l, d, a, retry, now)
}

// meaning gives the outermost answer in an error: a kind that knows better
// wraps what the status said. Any other error is tried again.
func meaning(err error) (*RetryError, *RejectError) {
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch e := e.(type) {
		case *RetryError:
			return e, nil
		case *RejectError:
			return nil, e
		}
	}
	return &RetryError{Err: err}, nil
}

// bury makes a dead letter. The receiver answered, so it is not failing.
func (s *Sender) bury(ctx context.Context, l *lane, d Delivery, a Attempt, why string, now time.Time) error {
	d.State, d.Note = Dead, why
	if err := s.finish(ctx, d, a); err != nil {
		return err
	}
	s.o.Log.Error("delivery is given up: see `watcher deliveries list`", "delivery", d.ID, "receiver", d.Receiver, "attempt", d.Attempts, "err", why)
	s.o.Observe(d, "dead", a.Elapsed)
	return nil
}

// again sends a shorter message at once, under the same id.
func (s *Sender) again(ctx context.Context, d Delivery, a Attempt, smaller Message, now time.Time) error {
	payload, err := smaller.Encode()
	if err != nil {
		return err
	}
	d.State, d.NextAt, d.Payload, d.Note = Pending, now, payload, "shortened: the receiver found it too large"
	if err := s.finish(ctx, d, a); err != nil {
		return err
	}
	s.setStale()
	return nil
}

// later keeps a delivery for another try, or gives it up when its schedule is over.
func (s *Sender) later(ctx context.Context, l *lane, d Delivery, a Attempt, retry *RetryError, now time.Time) error {
	if retry.Fault == Transient {
		d.Faults = 0
	} else {
		d.Faults++
	}
	if retry.Fault == Moved && d.Faults >= setupTries {
		return s.bury(ctx, l, d, a, retry.Error()+"; `watcher doctor` names the new place", now)
	}
	gap, ok := retryGap(d.Attempts, now.Sub(d.since()), s.o.Rand())
	if !ok {
		return s.bury(ctx, l, d, a, fmt.Sprintf("given up after %d tries: %v", d.Attempts, retry.Err), now)
	}
	after := min(retry.After, maxRetryAfter)

	s.mu.Lock()
	fails := l.state.Fails + 1
	if retry.Whole {
		fails = l.state.Fails // it answered: it is busy, not away
	}
	if fails >= probeAfter && l.mayProbe(d.ID, now) {
		gap = min(gap, probeWait(s.o.Rand()))
		l.prober, l.proberDue = d.ID, now.Add(max(gap, after))
	}
	if fails >= openAfter {
		l.probeAt = now.Add(probeWait(s.o.Rand()))
	}
	s.mu.Unlock()

	d.State, d.Note, d.NextAt = Pending, "", now.Add(max(gap, after))
	if err := s.finish(ctx, d, a); err != nil {
		return err
	}
	s.dueBy(d.NextAt)
	s.o.Log.Warn("delivery will be tried again", "delivery", d.ID, "receiver", d.Receiver, "attempt", d.Attempts, "status", d.LastStatus, "elapsed", a.Elapsed, "wait", d.NextAt.Sub(now), "err", retry.Err)
	s.o.Observe(d, "retry", a.Elapsed)
	return s.failed(ctx, l, d, retry, after, now)
}

// failed counts a failure against the receiver and, in time, disables it.
func (s *Sender) failed(ctx context.Context, l *lane, d Delivery, retry *RetryError, after time.Duration, now time.Time) error {
	var st ReceiverState
	degraded, first := retry.Fault == Setup && d.Faults >= setupTries, false
	err := s.change(context.WithoutCancel(ctx), d.Receiver, func(r *ReceiverState) {
		if retry.Whole {
			r.NotBefore = now.Add(after)
		} else {
			r.Fails++
		}
		if r.FirstFail.IsZero() {
			r.FirstFail = now
		}
		first = !r.Degraded
		r.Degraded = r.Degraded || degraded
		r.LastError = retry.Err.Error()
		st = *r
	})
	if err != nil {
		return err
	}
	if degraded && first {
		s.tell(ctx, d.Receiver, "is degraded", fmt.Sprintf("%d tries were refused: %v. Look at its address and credentials; what waits is told when it works again.",
			d.Faults, retry.Err), st.FirstFail)
	}
	if now.Sub(st.FirstFail) >= disableAfter && st.Disabled == "" {
		return s.disable(ctx, l, fmt.Sprintf("it took nothing for %s: %v", short(disableAfter), retry.Err), now)
	}
	return nil
}

// took notes that the receiver works; what waited for it goes now.
func (s *Sender) took(ctx context.Context, l *lane, now time.Time) error {
	s.mu.Lock()
	failing := l.state.Fails > 0 || !l.state.FirstFail.IsZero()
	away := l.state.Fails >= probeAfter
	l.prober, l.proberDue, l.probeAt = "", time.Time{}, time.Time{}
	keep := failing || now.Sub(l.savedOK) > time.Minute
	if keep {
		l.savedOK = now
	}
	s.mu.Unlock()
	if !keep {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	err := s.change(ctx, l.id, func(r *ReceiverState) {
		r.Fails, r.FirstFail, r.LastOK, r.Degraded, r.LastError = 0, time.Time{}, now, false, ""
	})
	if err != nil || !failing {
		return err
	}
	s.o.Log.Info("receiver works again", "receiver", l.id)
	if err := s.wakeWaiting(ctx, l.id, away, now); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// disable stops a receiver until its settings change or someone enables it.
func (s *Sender) disable(ctx context.Context, l *lane, why string, now time.Time) error {
	var first bool
	s.mu.Lock()
	settings := l.Fingerprint
	s.mu.Unlock()
	err := s.change(context.WithoutCancel(ctx), l.id, func(r *ReceiverState) {
		first = r.Disabled == ""
		r.Disabled, r.DisabledFor = why, settings
		if r.FirstFail.IsZero() {
			r.FirstFail = now
		}
	})
	if err != nil || !first {
		return err
	}
	s.tell(ctx, l.id, "is disabled", why+". What waits is kept. After setting it right: `watcher receivers enable "+l.id+"`.", now)
	return nil
}

func (s *Sender) tell(ctx context.Context, id, what, text string, outage time.Time) {
	s.o.Log.Error("receiver "+what, "receiver", id, "err", text)
	if s.o.Event != nil {
		e := Event{Subject: id, Title: "Receiver " + id + " " + what, Text: text}
		s.o.Event(context.WithoutCancel(ctx), ReceiverDisabled, e, outage.Unix())
	}
}
