package notify_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"watcher/notify"
)

// TestSlowSendIsNotTakenOver: of two senders of one outbox, the second leaves
// alone what the first is still sending, however long its receiver may take,
// and takes over what a dead one left.
func TestSlowSendIsNotTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{delay: 4 * time.Minute}
		shared := func(o *notify.Options) { o.Shared = true }
		one := newBench(map[string]notify.Notifier{"hook": slow}, shared)
		two := newBench(nil, shared, func(o *notify.Options) { o.Outbox = one.box })
		rs := []notify.Receiver{{ID: "hook", Notifier: slow, Timeout: 5 * time.Minute, Fingerprint: "1"}}
		one.SetReceivers(rs)
		two.SetReceivers(rs)
		one.box.Add(one.story("hook", "st_1", 1))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- one.Run(ctx) }()
		synctest.Wait()
		two.run(t, 10*time.Minute)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if n := len(slow.ids()); n != 1 || one.box.Count()[notify.Delivered] != 1 {
			t.Fatalf("sent %d times, %v", n, one.box.Count())
		}

		// A sender that died: its claim ends a while after the receiver's timeout.
		one.box.Add(one.story("hook", "st_2", 1))
		now := time.Now()
		if _, err := one.box.Begin(t.Context(), "msg_hook_st_2_1", []byte(`{"type":"story.new"}`), now, now.Add(5*time.Minute+45*time.Second)); err != nil {
			t.Fatal(err)
		}
		two.run(t, 5*time.Minute)
		if n := len(slow.ids()); n != 1 {
			t.Errorf("taken over within the receiver's timeout")
		}
		two.run(t, 6*time.Minute)
		if n := len(slow.ids()); n != 2 || one.box.Count()[notify.Delivered] != 2 {
			t.Errorf("sent %d times, %v", n, one.box.Count())
		}
	})
}
