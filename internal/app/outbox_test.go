package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/sqlite"
	"watcher/notify"
)

// counter is a receiver that takes everything, after a while.
type counter struct {
	n     atomic.Int64
	delay time.Duration
	stuck chan struct{} // takes nothing until it is closed
	seen  sync.Map
}

func (c *counter) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if c.stuck != nil {
		select {
		case <-c.stuck:
		case <-ctx.Done():
			return notify.Receipt{}, notify.Retry(0, ctx.Err())
		}
	}
	if c.delay > 0 {
		time.Sleep(c.delay)
	}
	if _, twice := c.seen.LoadOrStore(m.ID, true); !twice {
		c.n.Add(1)
	}
	return notify.Receipt{Status: 200}, nil
}

func outboxStore(t testing.TB) store.Store {
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// eachStore runs a test on both databases.
func eachStore(t *testing.T, run func(t *testing.T, s store.Store)) {
	t.Run("sqlite", func(t *testing.T) { run(t, outboxStore(t)) })
	t.Run("postgres", func(t *testing.T) {
		s, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		run(t, s)
	})
}

func fillOutbox(t testing.TB, s store.Store, n, receivers int) {
	now := time.Now()
	for from := 0; from < n; from += 500 {
		var ds []notify.Delivery
		for i := from; i < min(n, from+500); i++ {
			m := notify.Samples(now)[1]
			m.ID = fmt.Sprintf("msg_%06d", i)
			payload, err := m.Encode()
			if err != nil {
				t.Fatal(err)
			}
			ds = append(ds, notify.Delivery{ID: m.ID, Receiver: fmt.Sprintf("r%02d", i%receivers), Type: notify.StoryNew, Subject: fmt.Sprintf("st_%d", i), Sequence: 1,
				State: notify.Pending, Created: now, NextAt: now, Payload: payload})
		}
		if err := s.Update(context.Background(), func(tx store.Tx) error { return tx.Enqueue(context.Background(), ds) }); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkOutbox(b *testing.B) {
	s := outboxStore(b)
	fillOutbox(b, s, b.N, 1)
	c := &counter{}
	sender := notify.New(notify.Options{Outbox: newOutbox(s)})
	sender.SetReceivers([]notify.Receiver{{ID: "r00", Notifier: c}})
	b.ResetTimer()
	if _, err := sender.Work(context.Background(), time.Now().Add(time.Second)); err != nil {
		b.Fatal(err)
	}
	if int(c.n.Load()) != b.N {
		b.Fatalf("%d of %d", c.n.Load(), b.N)
	}
}

// deadReceiver queues deliveries to 50 receivers in a real database, one of which
// takes nothing, and gives how long the other 49 took for all of theirs and the
// most that was in the heap.
func deadReceiver(t *testing.T, s store.Store, each int, dead bool) (took time.Duration, heap uint64) {
	const receivers = 50
	fillOutbox(t, s, receivers*each, receivers)
	sender := notify.New(notify.Options{Outbox: newOutbox(s), Grace: time.Millisecond})
	stuck := make(chan struct{})
	var rs []notify.Receiver
	var all []*counter
	for i := range receivers {
		c := &counter{}
		if i == 0 && dead {
			c.stuck = stuck
		}
		all = append(all, c)
		rs = append(rs, notify.Receiver{ID: fmt.Sprintf("r%02d", i), Notifier: c, Timeout: time.Hour})
	}
	sender.SetReceivers(rs)
	runtime.GC()
	begun := time.Now()
	err := runUntil(t, sender, func() bool {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		heap = max(heap, m.HeapAlloc)
		told := 0
		for _, c := range all[1:] {
			told += int(c.n.Load())
		}
		took = time.Since(begun)
		return told == (receivers-1)*each
	}, func() {
		if n := all[0].n.Load(); dead && n != 0 {
			t.Errorf("the stuck receiver took %d", n)
		}
		close(stuck)
	})
	if err != nil {
		t.Fatal(err)
	}
	return took, heap
}

// TestDeadReceiverDelaysNobody: one of the receivers takes nothing; the others
// are told all, from a real database, while it is still stuck.
func TestDeadReceiverDelaysNobody(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) { deadReceiver(t, s, 20, true) })
}

func TestSoakDeadReceiver(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to queue 10,000 deliveries to 50 receivers, one of them dead")
	}
	with, heap := deadReceiver(t, outboxStore(t), 200, true)
	without, _ := deadReceiver(t, outboxStore(t), 200, false)
	t.Logf("9,800 deliveries to 49 receivers: %s with a dead one beside them, %s without; at most %.1f MB in the heap", with.Round(time.Millisecond), without.Round(time.Millisecond), float64(heap)/1e6)
	if heap > 64e6 {
		t.Errorf("%.0f MB in the heap: the queue is not bounded", float64(heap)/1e6)
	}
	if with > 2*without+time.Second {
		t.Errorf("the dead receiver delays the others: %s, without it %s", with, without)
	}
}
