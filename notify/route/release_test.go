package route_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"watcher/notify"
	"watcher/notify/route"
)

// heldRows are n stories held for a receiver, an hour apart, the last one now.
func heldRows(n int, note string) []route.Held {
	var out []route.Held
	for i := range n {
		at := noon.Add(time.Duration(i-n+1) * time.Hour)
		out = append(out, route.Held{Delivery: notify.Delivery{ID: fmt.Sprintf("msg_h%d", i), Receiver: "desk", Type: notify.StoryNew, Subject: fmt.Sprintf("st_%d", i), Sequence: 1,
			Topic: "a", Topics: []string{"a"}, Priority: notify.Normal, State: notify.Held, Note: note, Created: at, LastAt: at, Expires: at.Add(24 * time.Hour)},
			Facts: route.Facts{Title: fmt.Sprintf("Story %d", i), Publishers: 1, Published: at}})
	}
	return out
}

// says reads the line of each new message.
func says(t *testing.T, r route.Released) (lines []string) {
	t.Helper()
	for _, d := range r.Send {
		var m notify.Message
		if err := json.Unmarshal(d.Payload, &m); err != nil || m.ID != d.ID || d.Type != notify.Rollup {
			t.Fatalf("%+v: %v", d, err)
		}
		lines = append(lines, fmt.Sprintf("%s: %d rows", m.Heading(), len(m.Rollup)))
	}
	return lines
}

func states(r route.Released) map[notify.DeliveryState]int {
	n := map[notify.DeliveryState]int{}
	for _, d := range r.Change {
		n[d.State]++
	}
	return n
}

// TestRelease: how many stories wait, and what held them, decide whether they
// come alone or in one message; every row says what became of it.
func TestRelease(t *testing.T) {
	c := &route.Config{Receivers: three()}
	for name, tt := range map[string]struct {
		n       int
		note    string
		say     string
		pending int
	}{
		"one over quiet hours":     {1, "quiet hours until 06:30", "", 1},
		"two over quiet hours":     {2, "quiet hours until 06:30", "2 stories during quiet hours, since 11:00: 2 rows", 0},
		"one over a silence":       {1, "silence 3 until 11:30: live blog", "held 1 story since 12:00 (reason: live blog): 1 rows", 0},
		"several over a silence":   {4, "silence 3 until 11:30: live blog: all day", "held 4 stories since 09:00 (reason: live blog: all day): 4 rows", 0},
		"one over the budget":      {1, "budget of 12 an hour: rolled up at 12:00", "", 1},
		"three while it was away":  {3, "away since 09:00", "", 3},
		"four while it was away":   {4, "away since 09:00", "4 stories while watcher was away, since 09:00: 4 rows", 0},
		"more than a message says": {50, "quiet hours until 06:30", "50 stories during quiet hours, since Fri 11:00: 40 rows", 0},
	} {
		rows := heldRows(tt.n, tt.note)
		at := noon.Add(time.Hour) // the hour of the budget is over
		r := c.Release(rows, route.State{}, ids(), at)
		if got := strings.Join(says(t, r), "; "); got != tt.say {
			t.Errorf("%s: %q, want %q", name, got, tt.say)
		}
		if got := states(r); got[notify.Pending] != tt.pending || got[notify.Superseded] != tt.n-tt.pending || len(r.Change) != tt.n {
			t.Errorf("%s: %v of %d rows", name, got, len(rows))
		}
		for _, d := range r.Change {
			switch {
			case !strings.Contains(d.Note, tt.note):
				t.Errorf("%s: note %q", name, d.Note)
			case d.State == notify.Superseded && !strings.Contains(d.Note, "told in "+r.Send[0].ID):
				t.Errorf("%s: note %q names no message", name, d.Note)
			case d.State == notify.Pending && (!d.NextAt.Equal(at) || !d.Expires.Equal(at.Add(24*time.Hour))):
				t.Errorf("%s: next %s, expires %s", name, d.NextAt, d.Expires)
			}
		}
	}
}

// TestReleaseOfSome: what was muted meanwhile is told no more, what is too old
// after a downtime goes into the digest, updates of a story go with its first
// message, and a roll-up is as urgent as the most urgent of its stories.
func TestReleaseOfSome(t *testing.T) {
	c := &route.Config{Receivers: three()}
	rows := heldRows(6, "away since 09:00")
	rows[0].Facts.Muted = true
	rows[1].Facts.Published = noon.Add(-25 * time.Hour)
	rows[5].Delivery.Priority, rows[5].Delivery.Topics = notify.High, []string{"b"}
	r := c.Release(rows, route.State{}, ids(), noon)
	if got := says(t, r); len(got) != 1 || got[0] != "4 stories while watcher was away, since 09:00: 4 rows" || r.Send[0].Priority != notify.High || len(r.Send[0].Topics) != 2 {
		t.Errorf("%q, %+v", got, r.Send)
	}
	for _, d := range r.Change {
		want := notify.Superseded
		if d.ID == "msg_h1" {
			want = notify.Expired
		}
		if d.State != want || d.ID == "msg_h0" && d.Note != "the story is muted" {
			t.Errorf("%s: %s %q", d.ID, d.State, d.Note)
		}
	}

	first := heldRows(1, "quiet hours until 06:30")[0]
	second := first
	second.Delivery.ID, second.Delivery.Sequence, second.Delivery.Type = "msg_h9", 2, notify.StoryUpdated
	r = c.Release([]route.Held{second, first}, route.State{}, ids(), noon)
	if got := states(r); len(r.Send) != 0 || got[notify.Pending] != 1 || got[notify.Superseded] != 1 || r.Change[0].ID != "msg_h0" {
		t.Errorf("%+v", r.Change)
	}

	w, _ := route.NewWindow(nil, "11:00", "14:00", time.UTC)
	c.Quiet = []route.Quiet{{Window: w, Digest: true}}
	r = c.Release(heldRows(1, "silence 3 until 11:30: live blog"), route.State{}, ids(), noon)
	if len(r.Change) != 1 || r.Change[0].State != notify.Expired || !strings.Contains(r.Change[0].Note, "goes into the digest") {
		t.Errorf("out of a silence into a night for the digest: %+v", r.Change)
	}
}

// source is what a desk reads in tests.
type source struct {
	silences []route.Silence
	held     []notify.Delivery
}

func (s *source) Facts(context.Context, string) (route.Facts, error) {
	return route.Facts{Title: "x"}, nil
}
func (s *source) Silences(context.Context, time.Time) ([]route.Silence, error) {
	return s.silences, nil
}
func (s *source) Take(_ context.Context, _ notify.Delivery, _, _ time.Time, judge func([]notify.Delivery) notify.Verdict) (notify.Verdict, error) {
	return judge(nil), nil
}
func (s *source) Held(context.Context) ([]notify.Delivery, error) { return s.held, nil }
func (s *source) Network(context.Context) (int, int, error)       { return 0, 0, nil }

// TestAwayEnds: a downtime of over an hour has what waits held until the first
// round is over, and never for longer than a quarter of an hour; a shorter one
// holds nothing. A silence that is made now counts for what goes a second later.
func TestAwayEnds(t *testing.T) {
	src := &source{}
	d := notify.Delivery{ID: "msg_1", Receiver: "desk", Type: notify.StoryNew, Subject: "st_1"}
	state := func(k *route.Desk, at time.Time) notify.DeliveryState {
		t.Helper()
		v, err := k.Gate(t.Context(), d, at)
		if err != nil {
			t.Fatal(err)
		}
		return v.State
	}
	for _, tt := range []struct {
		away time.Duration
		held bool
	}{{59 * time.Minute, false}, {time.Hour + time.Second, true}, {30 * time.Hour, true}} {
		k := route.NewDesk(&route.Config{Receivers: three()}, src, ids())
		k.Away(noon.Add(-tt.away), noon)
		if got := state(k, noon) == notify.Held; got != tt.held {
			t.Errorf("away for %s: held %v", tt.away, got)
		}
		if state(k, noon.Add(16*time.Minute)) != "" {
			t.Errorf("away for %s: still held a quarter of an hour later", tt.away)
		}
		k.Away(noon.Add(-tt.away), noon)
		k.Back()
		if state(k, noon) != "" {
			t.Errorf("away for %s: held after the first round", tt.away)
		}
	}
	k := route.NewDesk(&route.Config{Receivers: three()}, src, ids())
	if state(k, noon) != "" {
		t.Error("held by nothing")
	}
	src.silences = []route.Silence{{ID: "1", From: noon, Until: noon.Add(time.Hour), Reason: "x"}}
	if state(k, noon.Add(1100*time.Millisecond)) != notify.Held {
		t.Error("a new silence does not hold")
	}
	src.silences = nil
	if state(k, noon.Add(3*time.Second)) != "" {
		t.Error("a silence that was ended still holds")
	}
}
