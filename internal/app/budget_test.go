package app

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/notify"
	"watcher/notify/route"
)

// TestBudgetOverReplicas: two desks of one store judge at once, as two replicas
// do, and one that was restarted after them; together they tell no more than
// the budget allows, and the route's own count is kept apart.
func TestBudgetOverReplicas(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		now := time.Date(2026, 11, 22, 12, 10, 0, 0, time.UTC)
		var ds []notify.Delivery
		for i := range 24 {
			topic := []string{"a", "b"}[i%2]
			ds = append(ds, notify.Delivery{ID: fmt.Sprintf("msg_%02d", i), Receiver: "desk", Type: notify.StoryNew, Subject: fmt.Sprintf("st_%d", i), Sequence: 1,
				Topic: topic, Topics: []string{topic}, Priority: notify.Normal, State: notify.Pending, Created: now, NextAt: now})
		}
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Enqueue(t.Context(), ds) }); err != nil {
			t.Fatal(err)
		}
		c := &route.Config{Receivers: []route.Receiver{{ID: "desk", MaxPerHour: 8}},
			Routes: []route.Route{{Topics: []string{"a"}, To: []string{"desk"}, MaxPerHour: 3}, {To: []string{"desk"}}}}
		newDesk := func() *route.Desk {
			return route.NewDesk(c, desk{s, func(string) string { return "" }, func() bool { return false }}, newID)
		}
		told := map[string]int{}
		var mu sync.Mutex
		judge := func(k *route.Desk, d notify.Delivery, at time.Time) {
			v, err := k.Gate(context.Background(), d, at)
			if err != nil {
				t.Error(err)
			}
			if v == (notify.Verdict{}) {
				mu.Lock()
				told[d.Topic]++
				mu.Unlock()
			}
		}
		one, two := newDesk(), newDesk()
		var wg sync.WaitGroup
		for i, d := range ds[:20] {
			wg.Go(func() { judge([]*route.Desk{one, two}[i/2%2], d, now) })
		}
		wg.Wait()
		if told["a"] > 3 || told["a"]+told["b"] != 8 {
			t.Errorf("told %v in the hour, want 8 and of a at most 3", told)
		}
		judge(newDesk(), ds[20], now.Add(10*time.Minute)) // after a restart
		if told["a"]+told["b"] != 8 {
			t.Errorf("a restart forgets the budget: %v", told)
		}
		judge(two, ds[21], now.Add(time.Hour))
		if told["a"]+told["b"] != 9 {
			t.Errorf("the next hour has no budget of its own: %v", told)
		}
	})
}
