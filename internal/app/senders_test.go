package app

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// sends counts how often each message was sent, and in which order a story's came.
type sends struct {
	mu    sync.Mutex
	ids   map[string]int
	order map[string][]int
}

func (s *sends) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids[m.ID]++
	s.order[m.Story.ID] = append(s.order[m.Story.ID], m.Sequence)
	return notify.Receipt{Status: 200, Ref: "ref"}, nil
}

// TestTwoSenders: two senders of one database, as two replicas are, send every
// message once, and those of one story in order.
func TestTwoSenders(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		const stories, each = 30, 3
		now := time.Now()
		var ds []notify.Delivery
		for i := range stories {
			for seq := 1; seq <= each; seq++ {
				m := notify.Samples(now)[1]
				m.ID, m.Story.ID, m.Sequence = fmt.Sprintf("msg_%03d_%d", i, seq), fmt.Sprintf("st_%d", i), seq
				payload, err := m.Encode()
				if err != nil {
					t.Fatal(err)
				}
				typ := notify.StoryNew // a waiting update would go in place of the one before
				ds = append(ds, notify.Delivery{ID: m.ID, Receiver: "hook", Type: typ, Subject: m.Story.ID, Sequence: seq, State: notify.Pending, Created: now, NextAt: now, Payload: payload})
			}
		}
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Enqueue(t.Context(), ds) }); err != nil {
			t.Fatal(err)
		}
		got := &sends{ids: map[string]int{}, order: map[string][]int{}}
		done := func() bool {
			got.mu.Lock()
			defer got.mu.Unlock()
			return len(got.ids) == stories*each
		}
		var wg sync.WaitGroup
		for range 2 {
			sender := notify.New(notify.Options{Outbox: newOutbox(s), Shared: true, Idle: 100 * time.Millisecond})
			sender.SetReceivers([]notify.Receiver{{ID: "hook", Notifier: got}})
			wg.Go(func() {
				if err := runUntil(t, sender, done); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for id, n := range got.ids {
			if n != 1 {
				t.Errorf("%s was sent %d times", id, n)
			}
		}
		for story, order := range got.order {
			if fmt.Sprint(order) != "[1 2 3]" {
				t.Errorf("%s was told in the order %v", story, order)
			}
		}
	})
}
