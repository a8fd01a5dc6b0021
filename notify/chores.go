package notify

import (
	"context"
	"fmt"
	"time"
)

// chores lets go what was held and rescues what a dead process was sending.
func (s *Sender) chores(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	tick := s.o.Tick != nil && !s.tickAt.After(now)
	rescue := !s.rescueAt.After(now)
	if rescue {
		s.rescueAt = now.Add(s.rescueEvery)
	}
	s.mu.Unlock()
	if rescue {
		if err := s.rescue(ctx, now); err != nil {
			return err
		}
	}
	if !tick {
		return nil
	}
	next, err := s.o.Tick(ctx, now)
	if !next.After(now) || next.After(now.Add(time.Minute)) {
		next = now.Add(time.Minute)
	}
	s.mu.Lock()
	s.tickAt, s.stale = next, true
	s.mu.Unlock()
	return err
}

// rescueFirst is rescue at a start: a Sender that is alone knows that whatever
// is being sent was left behind.
func (s *Sender) rescueFirst(ctx context.Context, now time.Time) error {
	var lapsed time.Time
	if s.o.Shared {
		lapsed = now
	}
	s.mu.Lock()
	s.stale, s.rescueAt = true, now.Add(s.rescueEvery)
	s.mu.Unlock()
	if err := s.rescue(ctx, lapsed); err != nil {
		return fmt.Errorf("requeue deliveries: %w", err)
	}
	return nil
}

// rescue makes due again what a sender claimed and left behind.
func (s *Sender) rescue(ctx context.Context, lapsed time.Time) error {
	n, err := s.o.Outbox.Requeue(ctx, lapsed)
	if err == nil && n > 0 {
		s.o.Log.Warn("deliveries that were left in the act of being sent are sent again", "count", n)
		s.setStale()
	}
	return err
}
