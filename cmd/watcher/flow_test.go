package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/notify"
)

// flow kills the daemon while notifications flow, as fast as they go, to a
// webhook that takes 5 ms. All are written at once and the kills come at random
// moments of the flow, one in each stretch of it, whatever the machine's speed;
// none may be lost, and what is repeated has the same id.
func flow(t *testing.T, address string, notifications, kills int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	d := newDesk(t)
	d.store = address
	d.set(func() { d.delay = 5 * time.Millisecond })
	file := d.config("@every 1h", "/one")
	d.publish("/one", "old", "Nothing of note", "An empty day.")
	p := start(t, "run", "-c", file)
	d.polledAgainOnce("/one")

	c, ps := config.Load(file, os.LookupEnv)
	if config.Failed(ps) {
		t.Fatal(ps)
	}
	s, err := app.OpenStore(t.Context(), c, app.Write)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	enqueue(t, s, 0, notifications)
	woken(t, file)
	begun := time.Now()
	stretch := notifications / kills
	for i := range kills {
		at := i*stretch + r.IntN(stretch*3/4)
		wait(t, fmt.Sprintf("notification %d", at), 2*time.Minute, func() bool { return distinct(d.accepted()) >= at })
		p.kill()
		if i < kills-1 {
			p = start(t, "run", "-c", file)
		}
	}
	left := notifications - distinct(d.accepted())
	restarted := time.Now()
	p = start(t, "run", "-c", file)
	wait(t, fmt.Sprintf("%d notifications", notifications), 2*time.Minute, func() bool { return distinct(d.accepted()) >= notifications })
	late := time.Since(restarted)
	wait(t, "the last process to be up", waitLong, func() bool { return strings.Contains(p.log.String(), "msg=page") })
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	repeats := len(d.accepted()) - distinct(d.accepted())
	t.Logf("%d notifications, %d kills in %s: %d lost, %d repeats, the last of %d that were left %s after the last restart", notifications, kills, time.Since(begun).Round(10*time.Millisecond),
		notifications-distinct(d.accepted()), repeats, left, late.Round(10*time.Millisecond))
	if limit := 4 * kills; repeats > limit {
		t.Errorf("%d repeats, want at most %d: those in flight at a kill", repeats, limit)
	}
	subjects := map[string]string{}
	for _, post := range d.accepted() {
		if other, ok := subjects[post.body.Story.ID]; ok && other != post.id {
			t.Errorf("%s was told as %s and as %s", post.body.Story.ID, other, post.id)
		}
		subjects[post.body.Story.ID] = post.id
	}
	if len(subjects) != notifications {
		t.Errorf("%d stories were told, want %d", len(subjects), notifications)
	}
	// 4 in flight for 5 ms each are 800 a second at most.
	if limit := 2 * time.Second; address == "" && late > limit && os.Getenv("WATCHER_SOAK") != "" {
		t.Errorf("the last came %s after the last restart, want at most %s", late, limit)
	}
}

func distinct(posts []post) int {
	ids := map[string]bool{}
	for _, p := range posts {
		ids[p.id] = true
	}
	return len(ids)
}

// enqueue writes notifications as a poll would, already composed.
func enqueue(t *testing.T, s store.Store, from, n int) {
	t.Helper()
	now := time.Now()
	var ds []notify.Delivery
	for i := from; i < from+n; i++ {
		m := notify.Sample(now)
		m.ID, m.Type, m.Story.ID = app.NewDeliveryID(), notify.StoryNew, fmt.Sprintf("st_%d", i)
		payload, err := m.Encode()
		if err != nil {
			t.Error(err)
		}
		ds = append(ds, notify.Delivery{ID: m.ID, Receiver: "hook", Type: m.Type, Subject: m.Story.ID, Sequence: 1, Reason: "new", Priority: notify.Normal,
			State: notify.Pending, Created: now, NextAt: now, Expires: now.Add(24 * time.Hour), Payload: payload})
	}
	if err := s.Update(context.Background(), func(tx store.Tx) error { return tx.Enqueue(context.Background(), ds) }); err != nil {
		t.Error(err)
	}
}

// woken has the daemon look for what was written beside it, as it would after
// a commit of its own; a daemon that is not up looks when it starts.
func woken(t *testing.T, config string) {
	t.Helper()
	if r := call(t, "", "receivers", "resume", "hook", "-c", config); r.code != exitOK {
		t.Logf("resume: %s", r.stderr)
	}
}

// polledAgainOnce waits for the next poll of a feed.
func (d *desk) polledAgainOnce(feed string) {
	d.t.Helper()
	wait(d.t, "a poll of "+feed, 60*time.Second, func() bool { return d.pollsOf(feed) >= 1 })
}

func TestKillFlow(t *testing.T) {
	t.Parallel()
	flow(t, "", 300, 3)
}

func TestSoakKillFlow(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to kill the daemon 20 times while 5,000 notifications flow")
	}
	t.Run("sqlite", func(t *testing.T) { flow(t, "", 5000, 20) })
	// What was in hand at a kill is another replica's only when its claim is over:
	// the receiver's timeout and 45 s.
	t.Run("postgres", func(t *testing.T) { flow(t, pgtest.URL(t), 5000, 20) })
}
