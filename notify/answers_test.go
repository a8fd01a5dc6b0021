package notify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/notify"
	"watcher/notify/webhook"
)

// wire answers requests of a real webhook receiver in place of a network.
type wire struct {
	mu     sync.Mutex
	at     []time.Time
	answer func(n int, r *http.Request) (*http.Response, error) // n counts from 1
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.mu.Lock()
	w.at = append(w.at, time.Now())
	n, answer := len(w.at), w.answer
	w.mu.Unlock()
	return answer(n, r)
}

func says(status int, header ...string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("so it is")), Request: r}, nil
	}
}

func fails(err error) func(int, *http.Request) (*http.Response, error) {
	return func(int, *http.Request) (*http.Response, error) { return nil, err }
}

// hook is a bench whose one receiver is a webhook on a wire.
func hook(t *testing.T, w *wire, change ...func(*notify.Options)) *bench {
	t.Helper()
	n, err := webhook.New(webhook.Settings{URL: "https://hook.example/secret-path"}, notify.Env{Transport: w})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(map[string]notify.Notifier{"hook": n}, append([]func(*notify.Options){func(o *notify.Options) {
		o.Compose = func(_ context.Context, d notify.Delivery) (notify.Message, error) {
			return notify.Message{Story: &notify.Story{ID: d.Subject, Title: d.Subject}, Articles: make([]notify.Article, 3)}, nil
		}
	}}, change...)...)
	b.box.Add(b.story("hook", "st_1", 1))
	return b
}

// offsets are when requests came, from the start of the bench.
func (b *bench) offsets(at []time.Time) string {
	var out []string
	for _, t := range at {
		out = append(out, t.Sub(b.start).String())
	}
	return strings.Join(out, " ")
}

// TestTableOfAnswers goes through every answer that a receiver may give: what
// becomes of the message, when it is tried again, what of the receiver, and
// whether a second message goes on meanwhile.
func TestTableOfAnswers(t *testing.T) {
	const (
		once   = "0s"
		thrice = "0s 5s 5m5s"       // set-up faults and redirects: three tries
		fault  = "0s 5s 5m5s 9m35s" // and then a probe every 4.5 min, with this jitter
		busy   = "0s 5s 5m5s 9m35s" // the first gaps of the schedule, then a probe
		paused = "0s 10m0s 20m0s"   // as Retry-After asks where that is longer than the gap
	)
	type row struct {
		answer func(int, *http.Request) (*http.Response, error)
		within time.Duration
		tries  string
		state  notify.DeliveryState
		note   string // in the delivery's note or its last error
		event  string
	}
	rows := map[string]row{}
	add := func(r row, statuses ...int) {
		for _, s := range statuses {
			r := r
			r.answer = says(s)
			rows[fmt.Sprint(s)] = r
		}
	}
	add(row{within: time.Hour, tries: once, state: notify.Delivered}, 200, 201, 202, 204, 226)
	add(row{within: 12 * time.Hour, tries: thrice, state: notify.Dead, note: "redirects are not followed"}, 300, 301, 302, 303, 307, 308)
	add(row{within: 12 * time.Hour, tries: once, state: notify.Dead, note: "refused: answered"}, 400, 402, 405, 406, 409, 415, 418, 422, 431, 451, 499)
	add(row{within: 10 * time.Minute, tries: fault, state: notify.Pending, note: "answered 4", event: "receiver.disabled Receiver hook is degraded"}, 401, 403, 404)
	add(row{within: 12 * time.Hour, tries: once, state: notify.Pending, note: "answered 410", event: "receiver.disabled Receiver hook is disabled"}, 410)
	add(row{within: time.Hour, tries: "0s 0s", state: notify.Dead, note: "even when shortened"}, 413)
	add(row{within: 10 * time.Minute, tries: busy, state: notify.Pending, note: "answered"}, 408, 425, 429, 500, 501, 502, 503, 504, 520, 599)
	for name, err := range map[string]error{
		"refused connection": &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")},
		"no such name":       &net.DNSError{Err: "no such host", Name: "hook.example", IsNotFound: true},
		"bad certificate":    errors.New("tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
		"cut off":            io.ErrUnexpectedEOF,
	} {
		rows[name] = row{answer: fails(err), within: 10 * time.Minute, tries: busy, state: notify.Pending, note: "hook.example"}
	}
	for _, status := range []int{429, 503} {
		rows[fmt.Sprintf("%d with seconds", status)] = row{answer: says(status, "Retry-After", "600"), within: 31 * time.Minute, tries: paused, state: notify.Pending, note: "answered"}
	}
	rows["503 with a date"] = row{answer: func(n int, r *http.Request) (*http.Response, error) {
		return says(503, "Retry-After", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))(n, r)
	}, within: 31 * time.Minute, tries: paused, state: notify.Pending, note: "answered"}
	rows["a wait of a year"] = row{answer: says(503, "Retry-After", "31536000"), within: 49 * time.Hour, tries: "0s 24h0m0s 48h0m0s", state: notify.Pending, note: "answered"}
	rows["a wait of nonsense"] = row{answer: says(503, "Retry-After", "soon"), within: 10 * time.Minute, tries: busy, state: notify.Pending, note: "answered"}
	rows["silence"] = row{answer: func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}, within: 6 * time.Minute, tries: "0s 20s 5m35s", state: notify.Pending, note: "no answer in time"} // 15 s each
	rows["busy, then well"] = row{answer: func(n int, r *http.Request) (*http.Response, error) {
		return says([]int{503, 503, 200}[n-1])(n, r)
	}, within: 12 * time.Hour, tries: thrice, state: notify.Delivered}
	rows["gone astray, then well"] = row{answer: func(n int, r *http.Request) (*http.Response, error) {
		return says([]int{404, 404, 200}[n-1])(n, r)
	}, within: 12 * time.Hour, tries: thrice, state: notify.Delivered}
	rows["too large but for one article"] = row{answer: func(n int, r *http.Request) (*http.Response, error) {
		return says([]int{413, 200}[n-1])(n, r)
	}, within: time.Hour, tries: "0s 0s", state: notify.Delivered}

	for name, tt := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: tt.answer}
				b := hook(t, w)
				b.run(t, tt.within)
				d := b.box.Get("msg_hook_st_1_1")
				if got := b.offsets(w.at); got != tt.tries || d.State != tt.state {
					t.Errorf("tries at %s, then %s; want %s, then %s", got, d.State, tt.tries, tt.state)
				}
				if tt.state != notify.Delivered && !strings.Contains(d.Note+d.LastError, tt.note) {
					t.Errorf("note %q, error %q", d.Note, d.LastError)
				}
				if strings.Contains(d.Note+d.LastError, "secret-path") {
					t.Errorf("the address is in %q %q", d.Note, d.LastError)
				}
				if got := strings.Join(b.events, "; "); got != tt.event {
					t.Errorf("events %q, want %q", got, tt.event)
				}
				as := b.box.Attempts(d.ID)
				if len(as) != len(w.at) {
					t.Errorf("%d tries are kept of %d", len(as), len(w.at))
				}
				for i, a := range as {
					if status, err := strconv.Atoi(name); err == nil && (a.Status != status || a.Answer != "so it is") {
						t.Errorf("try %d is kept as %+v", i+1, a)
					}
					if a.N != i+1 || (a.Err == "") != (d.State == notify.Delivered && i == len(as)-1) {
						t.Errorf("try %d: %+v", i+1, a)
					}
				}
				// A refused message stops none behind it, and neither does it
				// count against its receiver.
				if d.State == notify.Dead {
					if r := b.box.Receiver("hook"); r.Disabled != "" || (r.Fails > 0) != strings.HasPrefix(name, "30") {
						t.Errorf("the receiver is %+v", r)
					}
					w.answer = says(200)
					b.box.Add(b.story("hook", "st_2", 1))
					b.run(t, 6*time.Minute)
					if d := b.box.Get("msg_hook_st_2_1"); d.State != notify.Delivered {
						t.Errorf("the next message is %s: %s", d.State, d.LastError)
					}
				}
			})
		})
	}
}

// TestGaps: of a message that a receiver keeps refusing for now while it takes
// others, each try has the gap of its step, and after the tenth it is given up;
// whatever the jitter, and no sooner than two and a half days.
func TestGaps(t *testing.T) {
	gaps := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
	for _, rnd := range []float64{0, 0.25, 0.5, 0.75, 0.999999} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: says(503, "Retry-After", "1")} // it answers: it is busy, and not away
			b := hook(t, w, func(o *notify.Options) { o.Rand = func() float64 { return rnd } })
			b.run(t, 120*time.Hour)
			d := b.box.Get("msg_hook_st_1_1")
			if len(w.at) != 10 || d.State != notify.Dead || !strings.Contains(d.Note, "given up after 10 tries") {
				t.Fatalf("jitter %v: %d tries, then %s: %s", rnd, len(w.at), d.State, d.Note)
			}
			for i, gap := range gaps {
				want := time.Duration(float64(gap) * (0.8 + 0.4*rnd))
				if got := w.at[i+1].Sub(w.at[i]); (got - want).Abs() > time.Second {
					t.Errorf("jitter %v: gap %d is %s, want %s", rnd, i+1, got, want)
				}
			}
		})
	}
}

// TestSharedOutageEndsTogether: while a receiver is away only one message
// probes it, at most every 5 min; the first that it takes wakes all others.
func TestSharedOutageEndsTogether(t *testing.T) {
	for _, rnd := range []float64{0, 0.5, 0.999999} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{}
			back := time.Now().Add(7*time.Hour + 3*time.Minute)
			w.answer = func(n int, r *http.Request) (*http.Response, error) {
				if time.Now().Before(back) {
					return nil, errors.New("connection refused")
				}
				return says(200)(n, r)
			}
			b := hook(t, w, func(o *notify.Options) { o.Rand = func() float64 { return rnd } })
			for i := range 40 {
				b.box.Add(b.story("hook", fmt.Sprintf("st_x%d", i), 1))
			}
			b.run(t, 8*time.Hour)
			if n := b.box.Count()[notify.Delivered]; n != 41 {
				t.Errorf("%d of 41 delivered: %v", n, b.box.Count())
			}
			if late := w.at[len(w.at)-1].Sub(back); late > 5*time.Minute+time.Second {
				t.Errorf("the last was told %s after the return", late)
			}
			var alone []time.Time // probes, once the circuit is open
			for _, at := range w.at {
				if at.After(b.start.Add(10*time.Minute)) && at.Before(back) {
					alone = append(alone, at)
				}
			}
			for i := 1; i < len(alone); i++ {
				if gap := alone[i].Sub(alone[i-1]); gap < 3*time.Minute || gap > 5*time.Minute+time.Second {
					t.Errorf("jitter %v: probes %s apart", rnd, gap)
				}
			}
		})
	}
}

// TestExpiresWhileTheReceiverIsAway: what a receiver could not be told in time
// is expired, with why, and waits for nobody; what has no such end is kept.
func TestExpiresWhileTheReceiverIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: fails(errors.New("connection refused"))}
		b := hook(t, w)
		for i, expire := range []time.Duration{24 * time.Hour, 12 * time.Hour, 0} {
			d := b.story("hook", fmt.Sprintf("st_e%d", i), 1)
			if expire > 0 {
				d.Expires = d.Created.Add(expire)
			}
			b.box.Add(d)
		}
		b.run(t, 23*time.Hour+55*time.Minute)
		if d := b.box.Get("msg_hook_st_e0_1"); d.State != notify.Pending {
			t.Errorf("before its time: %s: %s", d.State, d.Note)
		}
		b.run(t, 15*time.Minute) // until the next probe has gone
		for id, want := range map[string]string{"msg_hook_st_e0_1": "not told within 24 h: goes into the digest; last answer: hook.example: connection refused",
			"msg_hook_st_e1_1": "not told within 12 h: goes into the digest; last answer: hook.example: connection refused"} {
			if d := b.box.Get(id); d.State != notify.Expired || d.Note != want {
				t.Errorf("%s: %s %q, want %q", id, d.State, d.Note, want)
			}
		}
		w.mu.Lock()
		w.answer = says(200)
		w.mu.Unlock()
		b.run(t, 6*time.Minute)
		for _, id := range []string{"msg_hook_st_1_1", "msg_hook_st_e2_1"} {
			if d := b.box.Get(id); d.State != notify.Delivered {
				t.Errorf("%s is %s after the return", id, d.State)
			}
		}
	})
}

// TestOutageOverRestarts: how long a receiver has been away, and that it is
// probed by one message, is kept; a daemon that is restarted every hour
// disables it after the same three days, says so once, and probes it no more often.
func TestOutageOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: fails(errors.New("connection refused"))}
		b := hook(t, w)
		for i := range 20 {
			b.box.Add(b.story("hook", fmt.Sprintf("st_x%d", i), 1))
		}
		var events []string
		for range 80 {
			again := hook(t, w, func(o *notify.Options) {
				o.Outbox = b.box
				o.Event = func(_ context.Context, _ notify.Type, e notify.Event, outage int64) {
					events = append(events, fmt.Sprint(e.Title, " ", outage))
				}
			})
			again.run(t, time.Hour)
		}
		if r := b.box.Receiver("hook"); r.Disabled == "" || !strings.Contains(r.Disabled, "it took nothing for 72 h") {
			t.Errorf("after 80 h: %+v", r)
		}
		if len(events) != 1 {
			t.Errorf("events %q, want one", events)
		}
		// 21 messages had a first try, then probes: every 4.5 min and one at each start.
		if n := len(w.at); n > 21*3+72*60/4+72*2 {
			t.Errorf("%d tries in 72 h", n)
		}
		if last := w.at[len(w.at)-1].Sub(b.start); last < 72*time.Hour || last > 72*time.Hour+10*time.Minute {
			t.Errorf("the last try came after %s", last)
		}
	})
}

// TestLateIsMarked: a message that waited more than an hour for its receiver
// says so, and one that its route held back on purpose does not.
func TestLateIsMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(2 * time.Hour)
		f := &fake{answer: func(notify.Message) error {
			if time.Now().Before(back) {
				return notify.Retry(0, errors.New("connection refused"))
			}
			return nil
		}}
		b := newBench(map[string]notify.Notifier{"hook": f})
		waits := b.story("hook", "st_waits", 1)
		waits.NotBefore = waits.Created.Add(3 * time.Hour)
		waits.NextAt = waits.NotBefore
		b.box.Add(b.story("hook", "st_1", 1), waits)
		b.run(t, 4*time.Hour)
		late := map[string]bool{}
		for _, m := range f.got { // the last try counts
			late[m.Story.ID] = m.Late
		}
		if !late["st_1"] || late["st_waits"] || len(late) != 2 {
			t.Errorf("late: %v", late)
		}
	})
}

// TestTimeoutOfItsOwn: a receiver has 15 s, or what it is set to.
func TestTimeoutOfItsOwn(t *testing.T) {
	for _, tt := range []struct{ set, want time.Duration }{{0, 15 * time.Second}, {40 * time.Second, 40 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{delay: time.Hour}
			b := newBench(nil)
			b.SetReceivers([]notify.Receiver{{ID: "hook", Notifier: f, Timeout: tt.set}})
			b.box.Add(b.story("hook", "st_1", 1))
			b.run(t, tt.want+time.Second)
			if as := b.box.Attempts(""); len(as) != 1 || as[0].Elapsed != tt.want {
				t.Errorf("set to %s: %+v", tt.set, as)
			}
		})
	}
}

// TestOneMessageProbes: of two messages that wait for one receiver that is
// away, one probes it and the other keeps to its schedule.
func TestOneMessageProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: fails(errors.New("connection refused"))}
		b := hook(t, w)
		b.box.Add(b.story("hook", "st_2", 1))
		b.run(t, 20*time.Minute)
		one, two := len(b.box.Attempts("msg_hook_st_1_1")), len(b.box.Attempts("msg_hook_st_2_1"))
		if min(one, two) != 3 || max(one, two) != 6 {
			t.Errorf("%d and %d tries in 20 min, want 6 of the probe and 3 of the other", one, two)
		}
	})
}

// TestReturnEndsTheOutage: a message that is taken ends what was counted, so
// that two outages of two days are not one of four.
func TestReturnEndsTheOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		up := func() bool {
			at := time.Since(start)
			return at > 48*time.Hour && at < 49*time.Hour || at > 96*time.Hour
		}
		w := &wire{}
		w.answer = func(n int, r *http.Request) (*http.Response, error) {
			if up() {
				return says(200)(n, r)
			}
			return says(404)(n, r)
		}
		b := hook(t, w)
		b.run(t, 48*time.Hour)
		if r := b.box.Receiver("hook"); r.Fails == 0 || !r.Degraded || r.LastError == "" || !r.FirstFail.Equal(start) {
			t.Errorf("while it is away: %+v", r)
		}
		b.run(t, 30*time.Minute)
		if r := b.box.Receiver("hook"); r.Fails != 0 || r.Degraded || r.LastError != "" || !r.FirstFail.IsZero() || r.LastOK.IsZero() {
			t.Errorf("after it took one: %+v", r)
		}
		time.Sleep(time.Hour)
		b.box.Add(b.story("hook", "st_2", 1))
		b.run(t, 47*time.Hour)
		if d := b.box.Get("msg_hook_st_2_1"); d.State != notify.Delivered {
			t.Errorf("after the second outage it is %s; the receiver %+v", d.State, b.box.Receiver("hook"))
		}
		if want := "receiver.disabled Receiver hook is degraded"; strings.Join(b.events, "; ") != want+"; "+want {
			t.Errorf("events %q", b.events)
		}
	})
}

// TestGoneIsSaidOnce: several sends that hear together that their receiver is
// gone disable it once; what waited is kept, and goes when it is enabled.
func TestGoneIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{delay: time.Second, answer: func(notify.Message) error {
			return &notify.RejectError{Disable: true, Err: errors.New("answered 410")}
		}}
		b := newBench(map[string]notify.Notifier{"hook": f})
		for i := range 9 {
			b.box.Add(b.story("hook", fmt.Sprintf("st_%d", i), 1))
		}
		b.run(t, 100*time.Hour)
		if len(b.events) != 1 || len(f.got) != 4 || b.box.Count()[notify.Pending] != 9 {
			t.Errorf("events %q after %d tries: %v", b.events, len(f.got), b.box.Count())
		}
		f.answer = nil
		if err := b.Enable(t.Context(), "hook"); err != nil {
			t.Fatal(err)
		}
		b.run(t, time.Minute)
		if b.box.Count()[notify.Delivered] != 9 {
			t.Errorf("once enabled: %v", b.box.Count())
		}
	})
}

// TestResendHasTheWholeSchedule: a dead letter that is sent again by hand is
// tried as a new message is, however often it was tried before.
func TestResendHasTheWholeSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: says(503, "Retry-After", "1")}
		b := hook(t, w)
		b.run(t, 80*time.Hour)
		d := b.box.Get("msg_hook_st_1_1")
		if d.State != notify.Dead {
			t.Fatalf("%s after 80 h", d.State)
		}
		if err := b.Enable(t.Context(), "hook"); err != nil {
			t.Fatal(err)
		}
		first := append([]time.Time(nil), w.at...)
		now := time.Now()
		d.State, d.Note, d.NextAt, d.NotBefore, d.Faults = notify.Pending, notify.ByHand, now, now, 0
		b.box.Put(d)
		b.run(t, 71*time.Hour)
		again := w.at[len(first):]
		if len(again) != 9 {
			t.Fatalf("%d tries in 71 h, want 9", len(again))
		}
		for i := range again {
			if got, want := again[i].Sub(now), first[i].Sub(b.start); (got - want).Abs() > time.Second {
				t.Errorf("try %d came after %s, want %s", i+1, got, want)
			}
		}
		if as := b.box.Attempts(d.ID); as[len(as)-1].N != 19 {
			t.Errorf("the last try has number %d, want 19", as[len(as)-1].N)
		}
	})
}

// TestLinkLocalIsNeverDialled: whatever a name leads to, an address that only
// this machine's surroundings answer on is refused when it is dialled; private
// ones are fine.
func TestLinkLocalIsNeverDialled(t *testing.T) {
	dial := notify.Dialer().Control
	for address, ok := range map[string]bool{"169.254.169.254:80": false, "[fe80::1%eth0]:80": false, "[::ffff:169.254.1.1]:443": false, "[64:ff9b::a9fe:a9fe]:80": false, "[fd00:ec2::254]:80": false,
		"224.0.0.1:80": false, "127.0.0.1:80": true, "10.0.0.7:8080": true, "192.168.1.5:443": true, "[fd12::7]:443": true, "93.184.216.34:443": true} {
		if err := dial("tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestOneBadMessage: a message that a receiver fails on, while it takes all
// others, keeps to its schedule and is given up in the end; it is not tried
// after each of the others, and the receiver is no failing one.
func TestOneBadMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(m notify.Message) error {
			if m.Story.ID == "st_bad" {
				return notify.Retry(0, errors.New("answered 500"))
			}
			return nil
		}}
		b := newBench(map[string]notify.Notifier{"hook": f})
		b.box.Add(b.story("hook", "st_bad", 1))
		tries := func() int { return len(b.box.Attempts("msg_hook_st_bad_1")) }
		for i := range 400 { // 20 an hour
			b.box.Add(b.story("hook", fmt.Sprintf("st_%d", i), 1))
			b.run(t, 3*time.Minute)
			if i == 19 && tries() > 7 {
				t.Errorf("%d tries in an hour", tries())
			}
		}
		if n := tries(); n > 10 {
			t.Errorf("%d tries in 20 hours", n)
		}
		b.run(t, 100*time.Hour)
		if d := b.box.Get("msg_hook_st_bad_1"); d.State != notify.Dead {
			t.Errorf("after 120 h it is %s, after %d tries", d.State, tries())
		}
		if b.box.Count()[notify.Delivered] != 400 || len(b.events) != 0 {
			t.Errorf("%v, events %q", b.box.Count(), b.events)
		}
	})
}
