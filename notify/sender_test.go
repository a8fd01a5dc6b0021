package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/notify"
	"watcher/notify/notifytest"
)

// fake is a receiver whose answers a test decides.
type fake struct {
	mu       sync.Mutex
	answer   func(m notify.Message) error
	delay    time.Duration
	got      []notify.Message
	at       []time.Time
	inFlight int
	most     int
}

func (f *fake) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	f.mu.Lock()
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.got = append(f.got, m)
	f.at = append(f.at, time.Now())
	answer := f.answer
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.inFlight--; f.mu.Unlock() }()
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return notify.Receipt{}, notify.Retry(0, ctx.Err())
		}
	}
	if answer != nil {
		if err := answer(m); err != nil {
			return notify.Receipt{Status: 500}, err
		}
	}
	return notify.Receipt{Status: 200, Ref: "ref-" + m.ID}, nil
}

func (f *fake) ids() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, m := range f.got {
		ids = append(ids, m.ID)
	}
	return ids
}

type bench struct {
	*notify.Sender
	box    *notifytest.Outbox
	events []string
	start  time.Time
}

func newBench(receivers map[string]notify.Notifier, change ...func(*notify.Options)) *bench {
	b := &bench{box: notifytest.NewOutbox(), start: time.Now()}
	o := notify.Options{Outbox: b.box, Rand: func() float64 { return 0.5 }, Idle: 30 * time.Second,
		Compose: func(_ context.Context, d notify.Delivery) (notify.Message, error) {
			return notify.Message{Story: &notify.Story{ID: d.Subject, Title: "Title of " + d.Subject}}, nil
		},
		Event: func(_ context.Context, t notify.Type, e notify.Event, _ int64) {
			b.events = append(b.events, string(t)+" "+e.Title)
		}}
	for _, c := range change {
		c(&o)
	}
	b.Sender = notify.New(o)
	var rs []notify.Receiver
	for id, n := range receivers {
		rs = append(rs, notify.Receiver{ID: id, Notifier: n, Fingerprint: "1"})
	}
	b.SetReceivers(rs)
	return b
}

func (b *bench) story(receiver, id string, seq int) notify.Delivery {
	t := notify.StoryNew
	if seq > 1 {
		t = notify.StoryUpdated
	}
	now := time.Now()
	return notify.Delivery{ID: fmt.Sprintf("msg_%s_%s_%d", receiver, id, seq), Receiver: receiver, Subject: id, Sequence: seq, Type: t, Created: now, NextAt: now}
}

// run runs the Sender for a while of fake time and stops it.
func (b *bench) run(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	time.Sleep(d)
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestScheduleOfADeadReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(notify.Message) error { return notify.Retry(0, errors.New("connection refused")) }}
		b := newBench(map[string]notify.Notifier{"hook": f})
		b.box.Add(b.story("hook", "st_1", 1))
		b.run(t, 2*time.Hour)
		var gaps []time.Duration
		for i := range f.at[:6] {
			gaps = append(gaps, f.at[i].Sub(b.start).Round(time.Second))
		}
		want := []time.Duration{0, 5 * time.Second, 305 * time.Second, 575 * time.Second, 845 * time.Second, 1115 * time.Second}
		if !slices.Equal(gaps, want) {
			t.Errorf("tries at %v, want %v (after three failures a probe every 5 min at most)", gaps, want)
		}
		for i, m := range f.got {
			if m.ID != "msg_hook_st_1_1" || m.Attempt != i+1 {
				t.Fatalf("try %d: id %s, attempt %d", i, m.ID, m.Attempt)
			}
		}
		b.run(t, 71*time.Hour)
		if r := b.box.Receiver("hook"); r.Disabled == "" {
			t.Error("the receiver is not disabled after 72 h")
		}
		if len(b.events) != 1 || b.events[0] != "receiver.disabled Receiver hook is disabled" {
			t.Errorf("events %q", b.events)
		}
		if d := b.box.Get("msg_hook_st_1_1"); d.State != notify.Pending {
			t.Errorf("the delivery is %s, want it kept", d.State)
		}
		f.answer = nil
		if err := b.Enable(t.Context(), "hook"); err != nil {
			t.Fatal(err)
		}
		b.run(t, time.Second)
		if d := b.box.Get("msg_hook_st_1_1"); d.State != notify.Delivered {
			t.Errorf("after enable the delivery is %s: %s", d.State, d.Note)
		}
	})
}

func TestHourOf503(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(time.Hour)
		f := &fake{delay: 5 * time.Millisecond}
		f.answer = func(notify.Message) error {
			if time.Now().Before(back) {
				return notify.Retry(0, errors.New("answered 503"))
			}
			return nil
		}
		b := newBench(map[string]notify.Notifier{"hook": f})
		for i := range 500 {
			b.box.Add(b.story("hook", fmt.Sprintf("st_%d", i), 1))
		}
		b.run(t, 66*time.Minute)
		if n := b.box.Count()[notify.Delivered]; n != 500 {
			t.Errorf("%d of 500 delivered: %v", n, b.box.Count())
		}
		if late := f.at[len(f.at)-1].Sub(back); late > 5*time.Minute+10*time.Second {
			t.Errorf("the last was told %s after the receiver was back, want within 5 min", late)
		}
		if tries := len(f.got) - 500; tries > 60 {
			t.Errorf("%d tries while it was away: that is no probe every 5 min", tries)
		}
	})
}

func TestRetryAfterPausesTheReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		n := 0
		f.answer = func(notify.Message) error {
			if n++; n == 1 {
				return notify.Retry(10*time.Minute, errors.New("answered 429"))
			}
			return nil
		}
		other := &fake{}
		b := newBench(map[string]notify.Notifier{"hook": f, "other": other})
		b.box.Add(b.story("hook", "st_0", 1))
		b.run(t, time.Second)
		for i := range 5 {
			b.box.Add(b.story("hook", fmt.Sprintf("st_x%d", i), 1), b.story("other", fmt.Sprintf("st_x%d", i), 1))
		}
		b.run(t, 9*time.Minute)
		if len(f.got) != 1 || len(other.got) != 5 {
			t.Errorf("while paused: %d tries, other receiver %d; want 1 and 5", len(f.got), len(other.got))
		}
		b.run(t, 2*time.Minute)
		if got := b.box.Count()[notify.Delivered]; got != 11 {
			t.Errorf("delivered %d of 11", got)
		}
	})
}

func TestAnswers(t *testing.T) {
	status := func(fault notify.Fault) error {
		return &notify.RetryError{Fault: fault, Err: errors.New("answered badly")}
	}
	tests := []struct {
		name     string
		answer   error
		run      time.Duration
		tries    int
		state    notify.DeliveryState
		event    string
		disabled bool
	}{
		{"taken", nil, time.Minute, 1, notify.Delivered, "", false},
		{"refused", notify.Reject("answered 400"), time.Hour, 1, notify.Dead, "", false},
		{"redirect", status(notify.Moved), time.Hour, 3, notify.Dead, "", false},
		{"set-up fault", status(notify.Setup), 6 * time.Minute, 3, notify.Pending, "receiver.disabled Receiver hook is degraded", false},
		{"gone", &notify.RejectError{Disable: true, Err: errors.New("answered 410")}, time.Hour, 1, notify.Pending, "receiver.disabled Receiver hook is disabled", true},
		{"too large", &notify.RejectError{Smaller: true, Err: errors.New("answered 413")}, time.Hour, 2, notify.Dead, "", false},
		{"any other error", errors.New("odd"), 6 * time.Second, 2, notify.Pending, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: func(notify.Message) error { return tt.answer }}
				b := newBench(map[string]notify.Notifier{"hook": f}, func(o *notify.Options) {
					o.Compose = func(_ context.Context, d notify.Delivery) (notify.Message, error) {
						return notify.Message{Story: &notify.Story{ID: d.Subject}, Articles: make([]notify.Article, 3)}, nil
					}
				})
				b.box.Add(b.story("hook", "st_1", 1))
				b.run(t, tt.run)
				d := b.box.Get("msg_hook_st_1_1")
				if len(f.got) != tt.tries || d.State != tt.state {
					t.Errorf("%d tries, %s (%s); want %d, %s", len(f.got), d.State, d.Note, tt.tries, tt.state)
				}
				if got := strings.Join(b.events, ";"); got != tt.event {
					t.Errorf("events %q, want %q", got, tt.event)
				}
				if got := b.box.Receiver("hook").Disabled != ""; got != tt.disabled {
					t.Errorf("disabled %v, want %v", got, tt.disabled)
				}
				if r := b.box.Receiver("hook"); r.Degraded != (tt.name == "set-up fault") || (r.Fails > 0 && r.LastError == "") {
					t.Errorf("receiver %+v", r)
				}
				if as := b.box.Attempts(d.ID); len(as) != tt.tries {
					t.Errorf("%d tries were kept", len(as))
				}
				if d.State == notify.Dead && d.Note == "" {
					t.Error("a dead letter says not why")
				}
			})
		})
	}
}

func TestTooLargeGoesOnceMoreWithOneArticle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(m notify.Message) error {
			if len(m.Articles) > 1 {
				return &notify.RejectError{Smaller: true, Err: errors.New("answered 413")}
			}
			return nil
		}
		b := newBench(map[string]notify.Notifier{"hook": f}, func(o *notify.Options) {
			o.Compose = func(_ context.Context, d notify.Delivery) (notify.Message, error) {
				return notify.Message{Story: &notify.Story{ID: d.Subject}, Articles: make([]notify.Article, 7)}, nil
			}
		})
		b.box.Add(b.story("hook", "st_1", 1))
		b.run(t, time.Second)
		if len(f.got) != 2 || len(f.got[1].Articles) != 1 || f.got[1].Truncated.Articles != 6 || f.got[0].ID != f.got[1].ID {
			t.Errorf("got %d tries, last %+v", len(f.got), f.got[len(f.got)-1])
		}
	})
}

func TestOrderInFlightAndSuperseding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{delay: time.Second}
		b := newBench(map[string]notify.Notifier{"hook": f})
		for i := range 12 {
			b.box.Add(b.story("hook", fmt.Sprintf("st_%d", i), 1))
		}
		b.box.Add(b.story("hook", "st_0", 2), b.story("hook", "st_0", 3), b.story("hook", "st_0", 4))
		b.run(t, time.Minute)
		if f.most != 4 {
			t.Errorf("%d in flight at most, want 4", f.most)
		}
		var zero []string
		for _, m := range f.got {
			if m.Story.ID == "st_0" {
				zero = append(zero, fmt.Sprintf("%d after %q", m.Sequence, m.Previous))
			}
		}
		want := []string{`1 after ""`, `4 after "ref-msg_hook_st_0_1"`}
		if !slices.Equal(zero, want) {
			t.Errorf("st_0 was told as %q, want %q", zero, want)
		}
		for _, seq := range []int{2, 3} {
			d := b.box.Get(fmt.Sprintf("msg_hook_st_0_%d", seq))
			if d.State != notify.Superseded || !strings.Contains(d.Note, "newer") {
				t.Errorf("update %d: %s %q", seq, d.State, d.Note)
			}
		}
	})
}

func TestDeadReceiverDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		receivers := map[string]notify.Notifier{}
		for i := range 50 {
			f := &fake{delay: 5 * time.Millisecond}
			if i == 0 { // answers nothing until its time is over
				f.delay = time.Hour
			}
			receivers[fmt.Sprintf("r%02d", i)] = f
		}
		b := newBench(receivers)
		for i := range 10_000 {
			d := b.story(fmt.Sprintf("r%02d", i%50), fmt.Sprintf("st_%d", i), 1)
			d.Priority = notify.Normal
			b.box.Add(d)
		}
		b.run(t, 2*time.Second)
		dead := 0
		for _, d := range b.box.All() {
			if d.Receiver == "r00" {
				dead++
			} else if d.State != notify.Delivered {
				t.Fatalf("%s is %s after 2 s", d.ID, d.State)
			}
		}
		if dead != 200 {
			t.Errorf("%d for the dead one", dead)
		}
		for id, n := range receivers {
			f := n.(*fake)
			if id != "r00" && f.at[len(f.at)-1].Sub(b.start) > 500*time.Millisecond {
				t.Errorf("%s was told its last after %s", id, f.at[len(f.at)-1].Sub(b.start))
			}
		}
	})
}

func TestStopGivesASendFiveSeconds(t *testing.T) {
	for _, tt := range []struct {
		delay time.Duration
		state notify.DeliveryState
	}{{3 * time.Second, notify.Delivered}, {14 * time.Second, notify.Pending}} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{delay: tt.delay}
			b := newBench(map[string]notify.Notifier{"hook": f})
			b.box.Add(b.story("hook", "st_1", 1))
			b.run(t, time.Second)
			took := time.Since(b.start)
			if d := b.box.Get("msg_hook_st_1_1"); d.State != tt.state || took > 6*time.Second {
				t.Errorf("a send of %s was %s after %s", tt.delay, d.State, took)
			}
			if r := b.box.Receiver("hook"); r.Fails != 0 {
				t.Error("a stop is counted as the receiver's failure")
			}
		})
	}
}

func TestFoundSendingIsSentAgainWithTheSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		b := newBench(map[string]notify.Notifier{"hook": f})
		d := b.story("hook", "st_1", 1)
		d.State, d.Attempts, d.LastAt = notify.Sending, 1, time.Now()
		d.Payload = []byte(`{"type":"story.new","id":"msg_hook_st_1_1","story":{"id":"st_1","title":"as composed"}}`)
		b.box.Add(d)
		b.run(t, time.Second)
		if len(f.got) != 1 || f.got[0].ID != d.ID || f.got[0].Attempt != 2 || f.got[0].Story.Title != "as composed" {
			t.Errorf("got %+v", f.got)
		}
	})
}

func TestExpiryAndGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		b := newBench(map[string]notify.Notifier{"hook": f}, func(o *notify.Options) {
			o.Gate = func(_ context.Context, d notify.Delivery, now time.Time) (notify.Verdict, error) {
				switch d.Subject {
				case "st_quiet":
					return notify.Verdict{State: notify.Held, Note: "quiet hours until 06:30"}, nil
				case "st_later":
					return notify.Verdict{NextAt: now.Truncate(time.Hour).Add(time.Hour)}, nil
				}
				return notify.Verdict{}, nil
			}
		})
		old := b.story("hook", "st_old", 1)
		old.Expires = time.Now().Add(-time.Minute)
		old.Created = old.Expires.Add(-24 * time.Hour)
		b.box.Add(old, b.story("hook", "st_quiet", 1), b.story("hook", "st_later", 1), b.story("hook", "st_now", 1))
		b.run(t, time.Second)
		if got := f.ids(); !slices.Equal(got, []string{"msg_hook_st_now_1"}) {
			t.Errorf("told %q", got)
		}
		for id, want := range map[string]notify.DeliveryState{"msg_hook_st_old_1": notify.Expired, "msg_hook_st_quiet_1": notify.Held, "msg_hook_st_later_1": notify.Pending} {
			if d := b.box.Get(id); d.State != want || (want != notify.Pending && d.Note == "") {
				t.Errorf("%s: %s %q, want %s", id, d.State, d.Note, want)
			}
		}
		if d := b.box.Get("msg_hook_st_old_1"); !strings.Contains(d.Note, "24 h") {
			t.Errorf("note %q", d.Note)
		}
	})
}

func TestPauseKeepsAndSettingsEnable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(notify.Message) error {
			return &notify.RejectError{Disable: true, Err: errors.New("answered 410")}
		}}
		b := newBench(map[string]notify.Notifier{"hook": f})
		if err := b.Pause(t.Context(), "hook", true); err != nil {
			t.Fatal(err)
		}
		b.box.Add(b.story("hook", "st_1", 1))
		b.run(t, time.Hour)
		if len(f.got) != 0 {
			t.Fatal("a paused receiver was told")
		}
		_ = b.Pause(t.Context(), "hook", false)
		b.run(t, time.Hour)
		if len(f.got) != 1 {
			t.Fatalf("%d tries, want 1 (then disabled)", len(f.got))
		}
		f.answer = nil
		b.SetReceivers([]notify.Receiver{{ID: "hook", Notifier: f, Fingerprint: "2"}})
		b.run(t, time.Second)
		if d := b.box.Get("msg_hook_st_1_1"); d.State != notify.Delivered {
			t.Errorf("after new settings: %s", d.State)
		}
	})
}

func TestWorkSendsWhatIsDue(t *testing.T) {
	f := &fake{}
	b := newBench(map[string]notify.Notifier{"hook": f})
	now := time.Now()
	for i := range 40 {
		b.box.Add(b.story("hook", fmt.Sprintf("st_%d", i), 1))
	}
	later := b.story("hook", "st_later", 1)
	later.NextAt = now.Add(90 * time.Second)
	b.box.Add(later, b.story("hook", "st_0", 2))
	n, err := b.Work(t.Context(), now.Add(time.Second))
	if err != nil || n != 41 || b.box.Get(later.ID).State != notify.Pending {
		t.Errorf("Work made %d tries, %v; %v", n, err, b.box.Count())
	}
}

func TestReceiverGoneFromTheConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(map[string]notify.Notifier{"hook": &fake{}})
		b.box.Add(b.story("gone", "st_1", 1))
		b.run(t, 10*time.Minute)
		if d := b.box.Get("msg_gone_st_1_1"); d.State != notify.Pending {
			t.Errorf("given up at once: %s", d.Note)
		}
		b.run(t, time.Hour)
		if d := b.box.Get("msg_gone_st_1_1"); d.State != notify.Dead {
			t.Errorf("%s", d.State)
		}
	})
}

// slowOutbox takes a second to say what is due.
type slowOutbox struct{ *notifytest.Outbox }

func (o slowOutbox) Due(ctx context.Context, now time.Time, perReceiver, limit int) ([]notify.Delivery, error) {
	ds, err := o.Outbox.Due(ctx, now, perReceiver, limit)
	time.Sleep(time.Second)
	return ds, err
}

// TestNotWorkedTwice: what was held, put off or sent while the outbox was looked
// at is not worked again as it stood before.
func TestNotWorkedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gated := map[string]int{}
		observed := 0
		b := newBench(map[string]notify.Notifier{"hook": &fake{}}, func(o *notify.Options) {
			o.Outbox = slowOutbox{o.Outbox.(*notifytest.Outbox)}
			o.Gate = func(_ context.Context, d notify.Delivery, now time.Time) (notify.Verdict, error) {
				gated[d.Subject]++
				time.Sleep(500 * time.Millisecond)
				return notify.Verdict{State: notify.Held, Note: "quiet hours"}, nil
			}
			o.Observe = func(notify.Delivery, string, time.Duration) { observed++ }
		})
		b.box.Add(b.story("hook", "st_1", 1))
		go func() {
			time.Sleep(1100 * time.Millisecond) // st_1 is at the gate
			b.box.Add(b.story("hook", "st_2", 1))
			b.Wake()
		}()
		b.run(t, time.Minute)
		if gated["st_1"] != 1 || gated["st_2"] != 1 || observed != 2 {
			t.Errorf("at the gate: %v, %d outcomes; want each once", gated, observed)
		}
	})
}
