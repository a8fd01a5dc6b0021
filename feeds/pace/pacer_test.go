package pace_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
)

func TestPacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(time.Now)
		f := feeds.Feed{HostGap: 2 * time.Second}
		began := time.Now()
		var mu sync.Mutex
		running, most := 0, 0
		var starts []time.Duration
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				release, err := p.Wait(t.Context(), "a", f)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running++
				most = max(most, running)
				starts = append(starts, time.Since(began))
				mu.Unlock()
				time.Sleep(500 * time.Millisecond)
				mu.Lock()
				running--
				mu.Unlock()
				release()
				release() // twice is once
			})
		}
		wg.Wait()
		if most != 1 {
			t.Errorf("%d at once", most)
		}
		for i, s := range starts {
			if s != time.Duration(i)*2*time.Second {
				t.Errorf("start %d at %v", i, s)
			}
		}

		// Slow answers: the connection counts, not the gap.
		f.HostGap, f.PerHost = 0, 3
		began, most = time.Now(), 0
		for range 9 {
			wg.Go(func() {
				release, _ := p.Wait(t.Context(), "b", f)
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				release()
			})
		}
		wg.Wait()
		if most != 3 || time.Since(began) != 3*time.Second {
			t.Errorf("%d at once, %v for nine", most, time.Since(began))
		}
	})
}

func TestPacerWishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(time.Now)
		f := feeds.Feed{HostGap: time.Second}
		p.Load(feeds.HostState{Key: "a", NotBefore: time.Now().Add(time.Hour)}, feeds.HostState{Key: "b", Gap: 10 * time.Second, LastStart: time.Now()})
		var later *pace.Later
		if _, err := p.Wait(t.Context(), "a", f); !errors.As(err, &later) || time.Until(later.Until) != time.Hour {
			t.Errorf("a host that wants rest: %v", err)
		}
		if _, wait, err := p.Try("b", f); err != nil || wait != 10*time.Second {
			t.Errorf("a learnt gap over a restart: %v %v", wait, err)
		}
		began := time.Now()
		if release, err := p.Wait(t.Context(), "b", f); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		} else {
			release()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Wait(ctx, "b", f); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait cut short: %v", err)
		}
		if h := p.Host("b"); h.Gap != 10*time.Second || h.LastStart.IsZero() {
			t.Errorf("%+v", h)
		}
	})
}

// Hosts that redirect to one another in a ring do not wait for each other.
func TestFollowInARing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(time.Now)
		f := feeds.Feed{HostGap: time.Second}
		hosts := []string{"a", "b", "c"}
		var wg sync.WaitGroup
		for round := range 5 {
			for i, home := range hosts {
				wg.Go(func() {
					release, err := p.Wait(t.Context(), home, f)
					if err != nil {
						t.Error(round, err)
						return
					}
					defer release()
					time.Sleep(100 * time.Millisecond)
					away, err := p.Follow(t.Context(), home, hosts[(i+1)%len(hosts)], f)
					if err != nil {
						t.Error(round, err)
						return
					}
					time.Sleep(100 * time.Millisecond)
					away()
				})
			}
		}
		wg.Wait()
		for _, h := range hosts {
			time.Sleep(time.Second)
			if release, wait, err := p.Try(h, f); release == nil {
				t.Errorf("%s is not free: %v %v", h, wait, err)
			} else {
				release()
			}
		}
	})
}

func TestOffline(t *testing.T) {
	answer := func(host string, ok bool) pace.Outcome {
		o := pace.Outcome{Class: pace.Network, Host: host}
		if ok {
			o.Class, o.Status = pace.Unchanged, 304
		}
		return o
	}
	var d pace.Offline
	now := start
	for i := range 10 {
		d.Note(answer(fmt.Sprint("host", i), true), false, now)
	}
	// One of ten fails: its own fault, once others have answered.
	if o, began, _ := d.Note(answer("host3", false), false, now.Add(time.Minute)); o.Blame != pace.Theirs || began {
		t.Errorf("one of ten: %v %v", o.Blame, began)
	}
	// All fail: ours, told once, and the first ones are not counted either.
	now = now.Add(10 * time.Minute)
	began := 0
	for i := range 10 {
		o, b, _ := d.Note(answer(fmt.Sprint("host", i), false), false, now.Add(time.Duration(i)*time.Second))
		if o.Blame == pace.Theirs {
			t.Errorf("host %d is blamed", i)
		}
		if b {
			began++
		}
	}
	if began != 1 || !d.Down() {
		t.Errorf("began %d times, down %v", began, d.Down())
	}
	// Back: told once.
	now = now.Add(10 * time.Minute)
	ended := 0
	for i := range 10 {
		if _, _, e := d.Note(answer(fmt.Sprint("host", i), true), false, now); e {
			ended++
		}
	}
	if ended != 1 || d.Down() {
		t.Errorf("ended %d times, down %v", ended, d.Down())
	}
	// Alone after a silence: unclear once, then its own.
	now = now.Add(time.Hour)
	if o, _, _ := d.Note(answer("host1", false), false, now); o.Blame != pace.Unclear {
		t.Errorf("first: %v", o.Blame)
	}
	if o, _, _ := d.Note(answer("host1", false), true, now.Add(time.Minute)); o.Blame != pace.Theirs {
		t.Errorf("again: %v", o.Blame)
	}
	// Few hosts prove nothing.
	var few pace.Offline
	if o, _, _ := few.Note(answer("one", false), false, start); o.Blame != pace.Theirs {
		t.Errorf("the only host: %v", o.Blame)
	}
	// Unless nothing left this machine and nobody answers.
	gone := answer("one", false)
	gone.Local = true
	if o, began, _ := few.Note(gone, false, start); o.Blame != pace.Ours || !began || !few.Down() {
		t.Errorf("no name server: %v, began %v", o.Blame, began)
	}
	if _, began, _ := few.Note(gone, false, start.Add(time.Minute)); began {
		t.Error("told twice")
	}
	if _, _, ended := few.Note(answer("one", true), false, start.Add(5*time.Minute)); !ended || few.Down() {
		t.Error("it is back")
	}
	for doubted, want := range map[bool]pace.Blame{false: pace.Unclear, true: pace.Theirs} {
		if o, _, _ := few.Note(pace.Outcome{Class: pace.Network, Host: "two", Local: true}, doubted, start.Add(6*time.Minute)); o.Blame != want {
			t.Errorf("another host answers, doubted %v: %v", doubted, o.Blame)
		}
	}
	// At a start without a network the expected hosts stand in for known ones.
	var fresh pace.Offline
	fresh.Expect(5)
	for i := range 5 {
		if o, _, _ := fresh.Note(answer(fmt.Sprint(i), false), false, start); o.Blame == pace.Theirs {
			t.Errorf("host %d is blamed at the start", i)
		}
	}
}
