package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// refill reads what is due into the lanes. Rows that will never go (expired,
// for a receiver that is gone) are settled on the way, so that they hide none behind them.
func (s *Sender) refill(ctx context.Context, now time.Time) error {
	if err := s.loadReceivers(ctx); err != nil {
		s.setStale()
		return err
	}
	for {
		s.mu.Lock()
		s.dueAt = time.Time{} // before the look: what is noted meanwhile counts
		for _, l := range s.lanes {
			clear(l.ended)
		}
		limit := queued * (len(s.lanes) + queued)
		s.mu.Unlock()
		due, err := s.o.Outbox.Due(ctx, now, queued, limit)
		if err != nil {
			s.setStale()
			return err
		}
		keep := map[string][]Delivery{}
		count := map[string]int{}
		settled := 0
		for _, d := range due {
			count[d.Receiver]++
			if why, state := s.hopeless(d, now); state != "" {
				if err := s.settle(ctx, d, state, why, now); err != nil {
					return err
				}
				settled++
				continue
			}
			keep[d.Receiver] = append(keep[d.Receiver], d)
		}
		if settled > 0 && len(due) > 0 {
			continue
		}
		next, err := s.o.Outbox.Next(ctx, now)
		if err != nil {
			s.setStale()
			return err
		}
		if !next.IsZero() {
			s.dueBy(next)
		}
		var unprobed []string
		s.mu.Lock()
		for _, l := range s.lanes {
			if l.fill(keep[l.id], count[l.id] >= queued) {
				s.stale = true
			}
			if l.unprobed(now) {
				l.proberDue = now
				unprobed = append(unprobed, l.id)
			}
		}
		s.mu.Unlock()
		for _, id := range unprobed {
			if err := s.wakeProbe(ctx, id, now); err != nil {
				return err
			}
		}
		return nil
	}
}

// hopeless says whether a delivery that is due is never to be sent.
func (s *Sender) hopeless(d Delivery, now time.Time) (why string, state DeliveryState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lane(d.Receiver)
	switch {
	case l.busy[d.Subject]:
		return "", "" // its outcome is on the way
	case l.Notifier == nil && now.Sub(d.NextAt) > orphanAfter:
		return "the receiver is not in the configuration", Dead
	case !d.Expires.IsZero() && !now.Before(d.Expires):
		return fmt.Sprintf("not told within %s: goes into the digest", short(d.Expires.Sub(d.since()))), Expired
	}
	return "", ""
}

// settle ends a delivery that is not being sent.
func (s *Sender) settle(ctx context.Context, d Delivery, state DeliveryState, why string, now time.Time) error {
	if d.LastError != "" && state != Superseded {
		why += "; last answer: " + d.LastError
	}
	d.State, d.Note, d.LastAt = state, why, now
	err := s.o.Outbox.Save(ctx, d)
	if errors.Is(err, ErrNotPending) {
		return nil // somebody else did something with it
	}
	if err != nil {
		return fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	s.o.Log.Info("delivery is not sent", "delivery", d.ID, "receiver", d.Receiver, "story", d.Subject, "status", string(state), "err", why)
	s.o.Observe(d, string(state), 0)
	return nil
}

func short(d time.Duration) string {
	if d >= time.Hour && d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return d.Round(time.Minute).String()
}
