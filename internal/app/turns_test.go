package app

import (
	"context"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// TestPaceOverReplicas: two processes that send to one chat wait for each
// other's sends as for their own.
func TestPaceOverReplicas(t *testing.T) { eachStore(t, paceOverReplicas) }

func paceOverReplicas(t *testing.T, s store.Store) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var waited []time.Duration
	env := notify.Env{Receiver: "chat", Now: func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil },
		Turns: func(ctx context.Context, r string, change func([]time.Time) []time.Time) error {
			return takeTurn(ctx, s, r, change)
		}}
	one, two := notify.NewPace(env).AtMost(1, time.Second), notify.NewPace(env).AtMost(1, time.Second)
	for _, p := range []*notify.Pace{one, two, one, two} {
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(waited) != 3 || waited[0] != time.Second || waited[2] != 3*time.Second {
		t.Errorf("waited %v, want 1 s, 2 s, 3 s", waited)
	}
	if err := two.Wait(t.Context()); err == nil {
		t.Error("the fifth waits for more than 3 s and is not put off")
	}
	err := s.View(t.Context(), func(r store.Reader) error {
		text, err := r.Get(t.Context(), "turns/chat")
		if len(text) > 100 {
			t.Errorf("%d bytes are remembered of one send a second: %s", len(text), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
