package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// lane is one receiver: its queue, what is in flight and how it fares.
// Everything in it is guarded by the Sender's mutex.
type lane struct {
	id string // the only field that never changes
	Receiver
	state   ReceiverState
	queue   []Delivery      // due, oldest first, at most `queued`
	more    bool            // the outbox has more that is due
	busy    map[string]bool // subjects in flight
	ended   map[string]bool // subjects whose work ended since the outbox was last looked at
	started int             // tries since the Sender was made

	prober    string    // delivery that probes a failing receiver
	proberDue time.Time // when it goes
	probeAt   time.Time // open circuit: nothing goes before this
	savedOK   time.Time // LastOK as last kept
}

// lane gives the lane of a receiver, making it when needed.
func (s *Sender) lane(id string) *lane {
	l := s.lanes[id]
	if l == nil {
		l = &lane{id: id, Receiver: Receiver{ID: id}, state: ReceiverState{ID: id}, busy: map[string]bool{}, ended: map[string]bool{}}
		s.lanes[id] = l
	}
	return l
}

// open says whether the circuit is open: only a probe goes.
func (l *lane) open() bool { return l.state.Fails >= openAfter }

// ready says whether one more may start now; if not, when it may at the
// earliest (zero: something else must happen first).
func (l *lane) ready(now time.Time) (time.Time, bool) {
	switch {
	case l.state.Paused || l.state.Disabled != "" || l.Notifier == nil:
		return time.Time{}, false
	case l.state.NotBefore.After(now):
		return l.state.NotBefore, false
	case l.open() && len(l.busy) > 0, len(l.busy) >= perLane:
		return time.Time{}, false
	case l.open() && l.probeAt.After(now):
		return l.probeAt, false
	}
	return time.Time{}, true
}

// fill replaces the queue, leaving out subjects that are in flight. It is true
// if it left out one whose work ended while the outbox was looked at: how that
// row was read may be how it stood before.
func (l *lane) fill(due []Delivery, more bool) (again bool) {
	l.queue, l.more = l.queue[:0], more
	for _, d := range due {
		switch {
		case l.busy[d.Subject]:
		case l.ended[d.Subject]:
			again = true
		default:
			l.queue = append(l.queue, d)
		}
	}
	return again
}

func (l *lane) start(d Delivery) {
	l.busy[d.Subject] = true
	l.started++
}

// loadReceivers reads the receivers' states; a disabled receiver whose
// settings changed since is enabled.
func (s *Sender) loadReceivers(ctx context.Context) error {
	states, err := s.o.Outbox.Receivers(ctx)
	if err != nil {
		return err
	}
	var changed []string
	s.mu.Lock()
	for _, st := range states {
		l := s.lane(st.ID)
		if l.state.Fails > 0 && st.Fails == 0 { // enabled by somebody else
			l.probeAt, l.proberDue, l.prober = time.Time{}, time.Time{}, ""
		}
		l.state = st
		if st.Disabled != "" && l.Notifier != nil && st.DisabledFor != l.Fingerprint {
			changed = append(changed, st.ID)
		}
	}
	s.mu.Unlock()
	for _, id := range changed {
		s.o.Log.Info("receiver is enabled again: its settings changed", "receiver", id)
		if err := s.Enable(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// change changes the state of a receiver in the outbox and in memory.
func (s *Sender) change(ctx context.Context, id string, fn func(*ReceiverState)) error {
	var now ReceiverState
	err := s.o.Outbox.ChangeReceiver(ctx, id, func(r *ReceiverState) {
		fn(r)
		now = *r
	})
	if err != nil {
		return fmt.Errorf("receiver %s: %w", id, err)
	}
	s.mu.Lock()
	s.lane(id).state = now
	s.mu.Unlock()
	return nil
}

// Enable lets a disabled, failing or paused receiver be told again, from now on.
func (s *Sender) Enable(ctx context.Context, id string) error {
	err := s.change(ctx, id, Enabled)
	s.mu.Lock()
	l := s.lane(id)
	l.probeAt, l.proberDue, l.prober = time.Time{}, time.Time{}, ""
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.wakeWaiting(ctx, id, true, s.o.Now()); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// Enabled clears what keeps a receiver from being told; for who has no Sender.
func Enabled(r *ReceiverState) {
	r.Disabled, r.DisabledFor, r.Paused = "", "", false
	r.Fails, r.FirstFail, r.NotBefore, r.Degraded, r.LastError = 0, time.Time{}, time.Time{}, false, ""
}

// Pause stops telling a receiver, or goes on with it.
func (s *Sender) Pause(ctx context.Context, id string, paused bool) error {
	if err := s.change(ctx, id, func(r *ReceiverState) { r.Paused = paused }); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// wakeWaiting makes what waits for a later try due now: the receiver is back.
// Where it was not away, what it refused often while it took others keeps to
// its schedule: the fault may be the message's own.
func (s *Sender) wakeWaiting(ctx context.Context, id string, away bool, now time.Time) error {
	const most = 1000 // tries are few: what a dead receiver waits for was mostly never tried
	waiting, err := s.o.Outbox.Waiting(ctx, id, "", most)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if d.Attempts > 0 && d.NextAt.After(now) && (away || d.Attempts <= probeAfter) {
			d.NextAt = now
			if err := unlessMoved(s.o.Outbox.Save(ctx, d)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayProbe says whether a delivery that just failed becomes the probe: one at
// a time, unless the one before has gone out of the queue.
func (l *lane) mayProbe(id string, now time.Time) bool {
	return l.prober == "" || l.prober == id || now.After(l.proberDue.Add(probeSlack))
}

// unprobed says whether a failing receiver has nothing on its way to it: the
// probe was dropped, superseded or expired, or this process has just started.
func (l *lane) unprobed(now time.Time) bool {
	return l.state.Fails >= probeAfter && l.state.Disabled == "" && !l.state.Paused && l.Notifier != nil &&
		len(l.queue) == 0 && len(l.busy) == 0 && now.After(l.proberDue.Add(probeSlack))
}

// unlessMoved is no error where a row was sent, dropped or held by somebody else.
func unlessMoved(err error) error {
	if errors.Is(err, ErrNotPending) {
		return nil
	}
	return err
}

// wakeProbe makes the oldest delivery that waits for a later try the next probe.
func (s *Sender) wakeProbe(ctx context.Context, id string, now time.Time) error {
	waiting, err := s.o.Outbox.Waiting(ctx, id, "", queued)
	for _, d := range waiting {
		if d.Attempts > 0 && d.NextAt.After(now) {
			d.NextAt = now
			s.setStale()
			return unlessMoved(s.o.Outbox.Save(ctx, d))
		}
	}
	return err
}
