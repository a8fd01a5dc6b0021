// Package enginetest proves what engine.Engine promises: the same cases for one
// process and for replicas. They run on the wall clock, in short intervals.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/engine"
	"watcher/internal/store"
)

// Setup is what a case asks for.
type Setup struct {
	Poller engine.Poller
	Gate   *pace.Pacer
	Grace  time.Duration
	Idle   func(engine.Round)
}

// Fixture is one empty store and the engines that share it.
type Fixture struct {
	Store store.Store
	New   func(Setup) engine.Engine
	// Many tells whether several engines may share the store.
	Many bool
}

// Run proves an engine.
func Run(t *testing.T, fixture func(t *testing.T) Fixture) {
	for name, test := range map[string]func(*testing.T, Fixture){
		"every feed in every interval": testIntervals, "one at a time at a host": testHosts, "a poll that cannot be kept": testNotKept,
		"a feed that is added": testWake, "stop": testStop, "stop cuts long polls": testCut, "paused and removed": testPaused, "resting host": testResting,
		"replicas": testReplicas,
	} {
		t.Run(name, func(t *testing.T) { test(t, fixture(t)) })
	}
}

// start runs an engine; stop ends it and gives its error.
func start(t *testing.T, e engine.Engine) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-done })
		return err
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return stop
}

// eventually waits for a state.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func feed(id, host string) feeds.Feed {
	return feeds.Feed{ID: id, URL: "https://" + host + "/" + id, Schedule: "@every 1s", PerHost: 1, Notify: true}
}

func save(t *testing.T, s store.Store, fs ...feeds.Feed) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		for _, f := range fs {
			if err := tx.SaveFeed(t.Context(), f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func manyFeeds(n int) []feeds.Feed {
	var fs []feeds.Feed
	for i := range n {
		fs = append(fs, feed(fmt.Sprintf("f%02d", i), fmt.Sprintf("host%02d.example", i)))
	}
	return fs
}

func testIntervals(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	fs := manyFeeds(30)
	save(t, f.Store, fs...)
	rounds := 0
	var mu sync.Mutex
	start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now), Idle: func(r engine.Round) {
		mu.Lock()
		rounds += r.Feeds
		mu.Unlock()
	}}))
	eventually(t, "four polls of every feed", func() bool {
		for _, x := range fs {
			if p.count(x.ID) < 4 {
				return false
			}
		}
		return true
	})
	p.mu.Lock()
	for id, at := range p.polls {
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < interval-10*time.Millisecond {
				t.Errorf("%s was polled again after %v", id, gap)
			}
		}
	}
	if p.lost > 0 {
		t.Errorf("%d polls were done twice", p.lost)
	}
	p.mu.Unlock()
	eventually(t, "rounds are summed up", func() bool { mu.Lock(); defer mu.Unlock(); return rounds >= 30 })
}

func testHosts(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	p.work = func(context.Context, store.FeedRow) error { time.Sleep(3 * time.Millisecond); return nil }
	var fs []feeds.Feed
	for i := range 12 {
		fs = append(fs, feed(fmt.Sprint("a", i), "one.example"), feed(fmt.Sprint("b", i), "www.two.example"))
	}
	save(t, f.Store, fs...)
	start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now)}))
	eventually(t, "every feed was polled twice", func() bool {
		for _, x := range fs {
			if p.count(x.ID) < 2 {
				return false
			}
		}
		return true
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	for host, n := range p.most {
		if n > 1 {
			t.Errorf("%d polls at once at %s", n, host)
		}
	}
}

func testNotKept(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	p.work = func(_ context.Context, row store.FeedRow) error {
		if row.Feed.ID == "bad" {
			return fmt.Errorf("%w for a while", store.ErrFull)
		}
		return nil
	}
	save(t, f.Store, feed("bad", "bad.example"), feed("good", "good.example"))
	start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now)}))
	eventually(t, "the good feed goes on", func() bool { return p.count("good") >= 5 })
	if bad, good := p.count("bad"), p.count("good"); bad > good+2 {
		t.Errorf("a feed whose poll cannot be kept was asked %d times, the other %d", bad, good)
	}
}

func testWake(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	e := f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now)})
	start(t, e)
	save(t, f.Store, feed("late", "late.example"))
	e.Wake()
	eventually(t, "the added feed is polled", func() bool { return p.count("late") > 0 })
}

func testStop(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	entered, leave := make(chan struct{}, 100), make(chan struct{})
	p.work = func(context.Context, store.FeedRow) error { entered <- struct{}{}; <-leave; return nil }
	save(t, f.Store, manyFeeds(5)...)
	stop := start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now), Grace: 30 * time.Second}))
	for range 5 {
		<-entered
	}
	done := make(chan error, 1)
	go func() { done <- stop() }()
	select {
	case <-done:
		t.Fatal("stopped with polls in flight")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n, _ := p.total(); n != 5 {
		t.Errorf("%d polls, want 5", n)
	}
	for _, row := range due(t, f.Store, time.Now()) {
		if row.State.Seq == 0 {
			t.Errorf("what %s brought was not kept", row.Feed.ID)
		}
	}
}

func due(t *testing.T, s store.Store, now time.Time) (rows []store.FeedRow) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) (err error) {
		rows, err = r.DueFeeds(t.Context(), now, store.Turn{}, -1, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func testCut(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	entered := make(chan struct{}, 10)
	p.work = func(ctx context.Context, _ store.FeedRow) error {
		entered <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	save(t, f.Store, feed("hangs", "hangs.example"))
	stop := start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now), Grace: 200 * time.Millisecond}))
	<-entered
	began := time.Now()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if rows := due(t, f.Store, time.Now()); len(rows) != 1 {
		t.Error("the feed is not due any more")
	}
}

func testPaused(t *testing.T, f Fixture) {
	p := newPoller(f.Store)
	save(t, f.Store, manyFeeds(3)...)
	err := f.Store.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.PauseFeed(t.Context(), "f00", true), tx.RemoveFeed(t.Context(), "f01"))
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now)}))
	eventually(t, "the third is polled", func() bool { return p.count("f02") > 2 })
	if p.count("f00")+p.count("f01") > 0 {
		t.Error("a paused or removed feed was polled")
	}
}

func testResting(t *testing.T, f Fixture) {
	p, gate := newPoller(f.Store), pace.NewPacer(time.Now)
	gate.Load(feeds.HostState{Key: "rests.example", NotBefore: time.Now().Add(time.Hour)})
	save(t, f.Store, feed("a", "rests.example"), feed("b", "works.example"))
	start(t, f.New(Setup{Poller: p, Gate: gate}))
	eventually(t, "the other host's feed is polled", func() bool { return p.count("b") > 1 })
	eventually(t, "the resting host's feed is put off", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.held["a"] > 0 })
	if p.count("a") > 0 {
		t.Error("a resting host was asked")
	}
}

// testReplicas shares feeds over three engines, one of which comes late and
// one of which leaves.
func testReplicas(t *testing.T, f Fixture) {
	if !f.Many {
		t.Skip("one process has the store to itself")
	}
	p := newPoller(f.Store)
	p.work = func(context.Context, store.FeedRow) error { time.Sleep(2 * time.Millisecond); return nil }
	fs := manyFeeds(40)
	for i := range 10 {
		fs = append(fs, feed(fmt.Sprint("same", i), "same.example"))
	}
	save(t, f.Store, fs...)
	engines := func() engine.Engine { return f.New(Setup{Poller: p, Gate: pace.NewPacer(time.Now)}) }
	stop := start(t, engines())
	start(t, engines())
	all := func(n int) func() bool {
		return func() bool {
			for _, x := range fs {
				if p.count(x.ID) < n {
					return false
				}
			}
			return true
		}
	}
	eventually(t, "two polls of every feed", all(2))
	start(t, engines())
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	n := 0
	p.mu.Lock()
	for _, at := range p.polls {
		n = max(n, len(at))
	}
	p.mu.Unlock()
	eventually(t, "the others go on", all(n+2))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost > 0 {
		t.Errorf("%d polls were done by two replicas", p.lost)
	}
	if n := p.most["same.example"]; n > 1 {
		t.Errorf("%d polls at once at one host, over the replicas", n)
	}
	for id, at := range p.polls {
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < interval-10*time.Millisecond {
				t.Errorf("%s was polled again after %v", id, gap)
			}
		}
	}
}
