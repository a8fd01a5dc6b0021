package route_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/notify"
	"watcher/notify/route"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("msg_%d", n) }
}

func none(string) []notify.Delivery { return nil }

func three() []route.Receiver { return []route.Receiver{{ID: "desk"}, {ID: "hook"}, {ID: "phone"}} }

func TestRoutes(t *testing.T) {
	tests := []struct {
		name     string
		routes   []route.Route
		topics   []string
		priority notify.Priority
		want     string
	}{
		{"no routes: every story to every receiver", nil, []string{"a"}, notify.Normal, "desk hook phone"},
		{"low is for the digest only", nil, []string{"a"}, notify.Low, ""},
		{"first match wins", []route.Route{{Topics: []string{"a"}, To: []string{"desk"}}, {To: []string{"hook"}}}, []string{"a"}, notify.Normal, "desk"},
		{"continue", []route.Route{{Topics: []string{"a"}, To: []string{"desk"}, Continue: true}, {To: []string{"hook", "desk"}}}, []string{"a"}, notify.Normal, "desk hook"},
		{"other topic falls through", []route.Route{{Topics: []string{"a"}, To: []string{"desk"}}, {To: []string{"hook"}}}, []string{"b"}, notify.Normal, "hook"},
		{"one of its topics is enough", []route.Route{{Topics: []string{"a"}, To: []string{"desk"}}}, []string{"b", "a"}, notify.Normal, "desk"},
		{"nothing matches", []route.Route{{Topics: []string{"a"}, To: []string{"desk"}}}, []string{"b"}, notify.Normal, ""},
		{"min_priority", []route.Route{{MinPriority: notify.Critical, To: []string{"phone"}}, {To: []string{"desk"}}}, []string{"a"}, notify.High, "desk"},
		{"min_priority is met", []route.Route{{MinPriority: notify.High, To: []string{"phone"}}, {To: []string{"desk"}}}, []string{"a"}, notify.Critical, "phone"},
		{"a route with events carries no stories", []route.Route{{Events: []string{"*"}, To: []string{"desk"}}}, []string{"a"}, notify.Normal, ""},
		{"an event route stops no story", []route.Route{{Events: []string{"feed.*"}, To: []string{"phone"}}, {To: []string{"desk"}}}, []string{"a"}, notify.Normal, "desk"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &route.Config{Receivers: three(), Routes: tt.routes}
			d := route.Decision{Story: "st_1", New: true, Sequence: 1, Publishers: 1}
			for _, id := range tt.topics {
				d.Topics = append(d.Topics, route.Topic{ID: id, Priority: tt.priority, New: true})
			}
			var to []string
			for _, dl := range c.Plan(d, none, ids(), noon) {
				to = append(to, dl.Receiver)
			}
			if got := strings.Join(to, " "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLeadingTopicAndTimes(t *testing.T) {
	r := route.DefaultRoute()
	r.To, r.Wait = []string{"desk"}, 90*time.Second
	c := &route.Config{Receivers: three(), Routes: []route.Route{r}}
	ds := c.Plan(route.Decision{Story: "st_1", New: true, Sequence: 1, Topics: []route.Topic{{ID: "a", Priority: notify.Normal}, {ID: "b", Priority: notify.High}, {ID: "c", Priority: notify.High}}}, none, ids(), noon)
	d := ds[0]
	if d.Topic != "b" || !slices.Equal(d.Topics, []string{"a", "b", "c"}) || d.Priority != notify.High || d.Type != notify.StoryNew || d.Reason != "new" {
		t.Errorf("%+v", d)
	}
	if !d.NextAt.Equal(noon.Add(90*time.Second)) || !d.Expires.Equal(d.NextAt.Add(24*time.Hour)) {
		t.Errorf("next %s, expires %s", d.NextAt, d.Expires)
	}
}

func TestUpdates(t *testing.T) {
	told := func(state notify.DeliveryState, typ notify.Type, ago time.Duration) notify.Delivery {
		at := noon.Add(-ago)
		return notify.Delivery{ID: "msg_old", Sequence: 1, State: state, Type: typ, Created: at, NotBefore: at, LastAt: at}
	}
	first := []notify.Delivery{told(notify.Delivered, notify.StoryNew, 5*time.Minute)}
	tests := []struct {
		name     string
		d        route.Decision
		updates  string
		onUpdate string
		past     []notify.Delivery
		want     string // "" : nothing; else "reason in 10m"
	}{
		{"nothing of note", route.Decision{NewArticles: true, Publishers: 2, ToldPublishers: 1}, "", "", first, ""},
		{"publishers reached", route.Decision{Publishers: 7, ToldPublishers: 2}, "", "", first, "story.updated publishers_reached_6 in 10m0s"},
		{"publishers reached before", route.Decision{Publishers: 5, ToldPublishers: 3}, "", "", first, ""},
		{"development", route.Decision{Development: "new_figures"}, "", "", first, "story.updated new_figures in 10m0s"},
		{"new kind", route.Decision{NewKind: "official"}, "", "", first, "story.updated new_kind_official in 10m0s"},
		{"title", route.Decision{NewTitle: true}, "", "", first, "story.updated title_change in 10m0s"},
		{"updates: all", route.Decision{NewArticles: true}, "all", "", first, "story.updated new_articles in 10m0s"},
		{"updates: none", route.Decision{Publishers: 7, Development: "new_figures"}, "none", "", first, ""},
		{"on_update: none", route.Decision{Publishers: 7}, "", "none", first, ""},
		{"long after the last", route.Decision{NewTitle: true}, "", "", []notify.Delivery{told(notify.Delivered, notify.StoryNew, time.Hour)}, "story.updated title_change in 0s"},
		{"the first still waits", route.Decision{NewTitle: true}, "", "", []notify.Delivery{told(notify.Pending, notify.StoryNew, 0)}, "superseded"},
		{"a receiver that was never told", route.Decision{NewTitle: true}, "", "", nil, "story.new title_change in 0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.d.Story, tt.d.Sequence, tt.d.Topics = "st_1", 2, []route.Topic{{ID: "a", Priority: notify.Normal, Updates: tt.updates}}
			asked := route.DefaultRoute()
			asked.To, asked.UpdateWhen.TitleChange = []string{"desk"}, true
			c := &route.Config{Receivers: []route.Receiver{{ID: "desk", OnUpdate: tt.onUpdate}}, Routes: []route.Route{asked}}
			if tt.d.NewTitle { // an edited headline is told only where it is asked for
				silent := &route.Config{Receivers: c.Receivers}
				if ds := silent.Plan(tt.d, func(string) []notify.Delivery { return first }, ids(), noon); len(ds) > 0 {
					t.Errorf("told without being asked: %+v", ds)
				}
			}
			ds := c.Plan(tt.d, func(string) []notify.Delivery { return tt.past }, ids(), noon)
			got := ""
			if len(ds) > 0 {
				got = fmt.Sprintf("%s %s in %s", ds[0].Type, ds[0].Reason, ds[0].NextAt.Sub(noon))
				if ds[0].State != notify.Pending {
					got = string(ds[0].State)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRaise(t *testing.T) {
	for _, tt := range []struct {
		p    notify.Priority
		d    route.Decision
		want notify.Priority
	}{
		{notify.Normal, route.Decision{Publishers: 5}, notify.Normal},
		{notify.Normal, route.Decision{Publishers: 6}, notify.High},
		{notify.Normal, route.Decision{Publishers: 12}, notify.Critical},
		{notify.Normal, route.Decision{Official: true}, notify.High},
		{notify.High, route.Decision{PerHour: 10}, notify.Critical},
		{notify.Low, route.Decision{Official: true, PerHour: 50}, notify.Low},
		{notify.Low, route.Decision{Publishers: 6}, notify.Normal},
		{notify.Critical, route.Decision{Publishers: 20}, notify.Critical},
	} {
		if got := route.Raise(tt.p, tt.d); got != tt.want {
			t.Errorf("%s with %+v: %s, want %s", tt.p, tt.d, got, tt.want)
		}
	}
}

func TestWindows(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	tests := []struct {
		days     []string
		from, to string
		at       string
		until    string // empty: outside
	}{
		{nil, "22:30", "06:30", "2026-11-22T22:29:59+01:00", ""},
		{nil, "22:30", "06:30", "2026-11-22T22:30:00+01:00", "2026-11-23T06:30:00+01:00"},
		{nil, "22:30", "06:30", "2026-11-23T06:29:59+01:00", "2026-11-23T06:30:00+01:00"},
		{nil, "22:30", "06:30", "2026-11-23T06:30:00+01:00", ""},
		{[]string{"fri"}, "22:30", "06:30", "2026-11-28T03:00:00+01:00", "2026-11-28T06:30:00+01:00"}, // Saturday, of Friday's night
		{[]string{"sat"}, "22:30", "06:30", "2026-11-28T03:00:00+01:00", ""},
		{[]string{"sat", "sun"}, "00:00", "00:00", "2026-11-28T03:00:00+01:00", "2026-11-30T00:00:00+01:00"}, // a whole weekend
		{nil, "22:30", "06:30", "2026-03-29T05:00:00+02:00", "2026-03-29T06:30:00+02:00"},                    // clocks went forward
		{nil, "22:30", "06:30", "2026-10-25T02:30:00+01:00", "2026-10-25T06:30:00+01:00"},                    // and back
		{nil, "22:30", "02:30", "2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"},                    // 02:30 does not exist
		{nil, "22:30", "02:30", "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+02:00"},                    // 02:30 comes twice: the first
		{nil, "22:30", "02:30", "2026-10-25T02:15:00+01:00", ""},
		{nil, "02:30", "06:00", "2026-03-29T03:00:00+02:00", "2026-03-29T06:00:00+02:00"},
	}
	for _, tt := range tests {
		w, err := route.NewWindow(tt.days, tt.from, tt.to, berlin)
		if err != nil {
			t.Fatal(err)
		}
		until, ok := w.Until(at(tt.at))
		if ok != (tt.until != "") || (ok && !until.Equal(at(tt.until))) {
			t.Errorf("%v %s-%s at %s: until %s, %v; want %q", tt.days, tt.from, tt.to, tt.at, until.In(berlin), ok, tt.until)
		}
	}
	for _, bad := range [][3]string{{"xxx", "22:00", "06:00"}, {"mon", "25:00", "06:00"}, {"mon", "22:00", "6 o'clock"}} {
		if _, err := route.NewWindow([]string{bad[0]}, bad[1], bad[2], berlin); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func TestSilences(t *testing.T) {
	d := notify.Delivery{Receiver: "desk", Type: notify.StoryNew, Subject: "st_1", Topics: []string{"a", "b"}, Priority: notify.Critical}
	f := route.Facts{Title: "Leaders meet in Geneva", Feeds: []string{"f1", "f2"}, PublishedBy: []string{"p1"}}
	for name, tt := range map[string]struct {
		s    route.Silence
		held bool
	}{
		"all":              {route.Silence{}, true},
		"topic":            {route.Silence{Topics: []string{"b", "x"}}, true},
		"other topic":      {route.Silence{Topics: []string{"x"}}, false},
		"one of its feeds": {route.Silence{Feeds: []string{"f1"}}, false},
		"all its feeds":    {route.Silence{Feeds: []string{"f1", "f2", "f3"}}, true},
		"publisher":        {route.Silence{Publishers: []string{"p1"}}, true},
		"story":            {route.Silence{Story: "st_1"}, true},
		"other story":      {route.Silence{Story: "st_2"}, false},
		"text":             {route.Silence{Text: "GENEVA leaders"}, true},
		"other text":       {route.Silence{Text: "geneva envoys"}, false},
		"both, one missed": {route.Silence{Topics: []string{"a"}, Text: "envoys"}, false},
		"other receiver":   {route.Silence{Receivers: []string{"phone"}}, false},
		"over":             {route.Silence{From: noon.Add(-2 * time.Hour), Until: noon}, false},
		"to come":          {route.Silence{From: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour)}, false},
	} {
		tt.s.ID, tt.s.Reason = "7", "live blog"
		if tt.s.Until.IsZero() {
			tt.s.From, tt.s.Until = noon.Add(-time.Hour), noon.Add(time.Hour)
		}
		v := (&route.Config{Receivers: three()}).Gate(d, f, route.State{Silences: []route.Silence{tt.s}}, noon)
		if (v.State == notify.Held) != tt.held {
			t.Errorf("%s: %+v", name, v)
		}
		if tt.held && v.Note != "silence 7 until 13:00: live blog" {
			t.Errorf("%s: note %q", name, v.Note)
		}
	}
}

func TestGate(t *testing.T) {
	w, _ := route.NewWindow(nil, "11:00", "14:00", time.UTC)
	c := &route.Config{Receivers: []route.Receiver{{ID: "desk"}, {ID: "hook", MaxPerHour: 2}}, Quiet: []route.Quiet{
		{Receivers: []string{"desk"}, Window: w, BreakThrough: notify.Critical}, {Receivers: []string{"mail"}, Window: w, Digest: true}}}
	d := func(receiver string, typ notify.Type, p notify.Priority) notify.Delivery {
		return notify.Delivery{Receiver: receiver, Type: typ, Priority: p, Topics: []string{"a"}, LastAt: noon}
	}
	two := []notify.Delivery{{}, {}}
	for name, tt := range map[string]struct {
		d    notify.Delivery
		f    route.Facts
		st   route.State
		want string
	}{
		"goes":                          {d: d("hook", notify.StoryNew, notify.Normal)},
		"quiet":                         {d: d("desk", notify.StoryNew, notify.High), want: "held quiet hours until 14:00"},
		"breaks through":                {d: d("desk", notify.StoryNew, notify.Critical)},
		"into the digest":               {d: d("mail", notify.StoryNew, notify.High), want: "expired quiet hours until 14:00: goes into the digest"},
		"an event waits":                {d: d("desk", notify.FeedFailing, notify.Normal), want: "in 2h0m0s quiet hours until 14:00"},
		"a digest is asked for":         {d: d("desk", notify.DigestReady, notify.Normal)},
		"muted":                         {d: d("hook", notify.StoryUpdated, notify.Critical), f: route.Facts{Muted: true}, want: "superseded the story is muted"},
		"budget":                        {d: d("hook", notify.StoryNew, notify.High), st: route.State{Told: two}, want: "held budget of 2 an hour: rolled up at 13:00"},
		"critical is over no budget":    {d: d("hook", notify.StoryNew, notify.Critical), st: route.State{Told: two}},
		"catching up":                   {d: d("hook", notify.StoryNew, notify.Critical), st: route.State{Away: noon.Add(-3 * time.Hour)}, want: "held away since 09:00"},
		"the network is down":           {d: d("hook", notify.FeedFailing, notify.Normal), st: route.State{Network: "9 of 10 feeds fail at once"}, want: "superseded network: 9 of 10 feeds fail at once"},
		"asked for by hand":             {d: notify.Delivery{Receiver: "desk", Type: notify.StoryNew, Note: notify.ByHand}},
		"replay":                        {d: notify.Delivery{Receiver: "desk", Type: notify.StoryNew, ReplayOf: "msg_1"}},
		"which stops nothing but feeds": {d: d("hook", notify.ReceiverDisabled, notify.Normal), st: route.State{Network: "9 of 10 feeds fail at once"}},
	} {
		v := c.Gate(tt.d, tt.f, tt.st, noon)
		got := strings.TrimSpace(string(v.State) + " " + v.Note)
		if !v.NextAt.IsZero() {
			got = "in " + v.NextAt.Sub(noon).String() + " " + v.Note
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestRouteBudget(t *testing.T) {
	c := &route.Config{Receivers: []route.Receiver{{ID: "desk"}}, Routes: []route.Route{{Topics: []string{"a"}, To: []string{"desk"}, MaxPerHour: 1}, {To: []string{"desk"}}}}
	told := []notify.Delivery{{Topics: []string{"b"}}, {Topics: []string{"b"}}, {Topics: []string{"a"}}}
	for topic, held := range map[string]bool{"a": true, "b": false} {
		v := c.Gate(notify.Delivery{Receiver: "desk", Type: notify.StoryNew, Topics: []string{topic}}, route.Facts{}, route.State{Told: told}, noon)
		if (v.State == notify.Held) != held {
			t.Errorf("%s: %+v", topic, v)
		}
	}
}

func TestEvents(t *testing.T) {
	c := &route.Config{Receivers: three(), Zone: time.UTC, Routes: []route.Route{
		{Events: []string{"feed.*", "receiver.disabled"}, To: []string{"desk", "hook"}, AtMost: route.Rate{N: 1, Per: 24 * time.Hour}}}}
	failing := route.EventDecision{Type: notify.FeedFailing, Event: notify.Event{Subject: "bbc", Title: "fails"}}
	history := func(string, string) []notify.Delivery { return nil }
	ds := c.PlanEvent(failing, history, ids(), noon)
	if len(ds) != 2 || ds[0].Subject != "feed.failing/bbc/2026-11-22" || ds[0].Event.Title != "fails" || !ds[0].Expires.Equal(ds[0].NextAt.Add(12*time.Hour)) {
		t.Errorf("%+v", ds)
	}
	again := c.PlanEvent(failing, func(r, s string) []notify.Delivery {
		return []notify.Delivery{{ID: "msg_0", Sequence: 1, State: notify.Delivered}}
	}, ids(), noon)
	if again[0].State != notify.Superseded || again[0].Sequence != 2 || again[0].Note != "at_most 1/d: told already as msg_0" {
		t.Errorf("%+v", again[0])
	}
	unheard := c.PlanEvent(failing, func(r, s string) []notify.Delivery {
		return []notify.Delivery{{ID: "msg_0", Sequence: 1, State: notify.Superseded, Note: "network: 9 of 10 feeds fail at once"}}
	}, ids(), noon)
	if unheard[0].State != notify.Pending || unheard[0].Sequence != 2 {
		t.Errorf("one that nobody was told counts: %+v", unheard[0])
	}
	about := c.PlanEvent(route.EventDecision{Type: notify.ReceiverDisabled, Event: notify.Event{Subject: "hook"}}, history, ids(), noon)
	if len(about) != 1 || about[0].Receiver != "desk" {
		t.Errorf("a disabled receiver is told of itself: %+v", about)
	}
	if ds := c.PlanEvent(route.EventDecision{Type: notify.TopicSilent, Event: notify.Event{Subject: "a"}}, history, ids(), noon); len(ds) != 0 {
		t.Errorf("no route names it: %+v", ds)
	}
	for _, tt := range []struct {
		failing, total int
		down           bool
	}{{1, 1, false}, {2, 2, false}, {2, 3, true}, {5, 10, false}, {6, 10, true}, {0, 0, false}} {
		if _, down := route.NetworkDown(tt.failing, tt.total); down != tt.down {
			t.Errorf("%d of %d: %v", tt.failing, tt.total, down)
		}
	}
}

func TestReleaseMovesFromOneHoldToTheNext(t *testing.T) {
	w, _ := route.NewWindow(nil, "11:00", "14:00", time.UTC)
	c := &route.Config{Receivers: three(), Quiet: []route.Quiet{{Window: w}}}
	d := notify.Delivery{ID: "msg_1", Receiver: "desk", Subject: "st_1", Type: notify.StoryNew, State: notify.Held, Note: "silence 1 until 12:00: live blog", Created: noon.Add(-time.Hour)}
	r := c.Release([]route.Held{{Delivery: d}}, route.State{}, ids(), noon)
	if len(r.Send) != 0 || len(r.Change) != 1 || r.Change[0].State != notify.Held || !strings.HasPrefix(r.Change[0].Note, "quiet hours until 14:00") {
		t.Errorf("%+v", r)
	}
	r = c.Release([]route.Held{{Delivery: r.Change[0]}}, route.State{}, ids(), noon.Add(2*time.Hour))
	if len(r.Change) != 1 || r.Change[0].State != notify.Pending || !r.Change[0].NextAt.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("%+v", r)
	}
}

func TestExplain(t *testing.T) {
	w, _ := route.NewWindow(nil, "22:30", "06:30", zone(t, "Europe/Berlin"))
	desk, phone := route.DefaultRoute(), route.DefaultRoute()
	desk.Topics, desk.To, desk.Wait, desk.MaxPerHour, desk.Continue = []string{"a"}, []string{"desk", "hook"}, 90*time.Second, 12, true
	phone.MinPriority, phone.To = notify.Critical, []string{"phone"}
	c := &route.Config{Receivers: three(), Routes: []route.Route{desk, phone}, Zone: zone(t, "Europe/Berlin"),
		Quiet: []route.Quiet{{Receivers: []string{"desk"}, Window: w, BreakThrough: notify.Critical}}}
	night := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	say := func(topic string, p notify.Priority, s ...route.Silence) string {
		var out []string
		for _, l := range c.Explain(topic, p, s, night) {
			at := "-"
			if l.Told {
				at = l.At.UTC().Format("02 15:04:05")
			}
			out = append(out, l.Receiver+" "+at+" "+l.Route+" "+l.Why)
		}
		return strings.Join(out, "\n")
	}
	budget := "; at most 12 an hour, then one roll-up at the hour"
	unbound := &route.Config{Receivers: three()[:1], Zone: time.UTC}
	if ls := unbound.Explain("a", notify.Normal, nil, night); len(ls) != 1 || ls[0].Why != "at once" || ls[0].Route != "default" {
		t.Errorf("without a budget: %+v", ls)
	}
	for got, want := range map[string]string{
		say("a", notify.Normal): "desk 23 05:30:00 routes[0] held: quiet hours until 06:30" + budget + "\nhook 22 23:01:30 routes[0] after wait 1m30s" + budget +
			"\nphone - none no route for stories of this topic and priority names it",
		say("a", notify.Critical): "desk 22 23:01:30 routes[0] after wait 1m30s\nhook 22 23:01:30 routes[0] after wait 1m30s\nphone 22 23:00:00 routes[1] at once",
		say("b", notify.Low):      "desk - none priority low: in the digest only\nhook - none priority low: in the digest only\nphone - none priority low: in the digest only",
		say("a", notify.High, route.Silence{ID: "3", Receivers: []string{"hook"}, From: noon, Until: night.Add(time.Hour), Reason: "x"}): "desk 23 05:30:00 routes[0] held: quiet hours until 06:30" + budget +
			"\nhook 23 00:00:00 routes[0] held: silence 3 until 01:00: x" + budget + "\nphone - none no route for stories of this topic and priority names it",
	} {
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestSpacing: an update keeps its distance from what was told last, by when it
// arrived and not by when it was due; one that goes in place of another that
// waits keeps that one's instant.
func TestSpacing(t *testing.T) {
	at := func(min int) time.Time { return noon.Add(time.Duration(min) * time.Minute) }
	row := func(seq int, typ notify.Type, state notify.DeliveryState, due, told time.Time) notify.Delivery {
		return notify.Delivery{ID: fmt.Sprint("msg_", seq), Sequence: seq, Type: typ, State: state, Created: due, NotBefore: due, LastAt: told}
	}
	for name, tt := range map[string]struct {
		past []notify.Delivery
		want time.Time
	}{
		"told an hour late": {[]notify.Delivery{row(1, notify.StoryNew, notify.Delivered, at(-65), at(-5))}, at(10)},
		"told long ago":     {[]notify.Delivery{row(1, notify.StoryNew, notify.Delivered, at(-65), at(-64))}, at(0)},
		"one waits": {[]notify.Delivery{row(1, notify.StoryNew, notify.Delivered, at(-5), at(-5)),
			row(2, notify.StoryUpdated, notify.Pending, at(12), time.Time{})}, at(12)},
		"one was expired": {[]notify.Delivery{row(1, notify.StoryNew, notify.Expired, at(-5), at(-5))}, at(0)},
	} {
		r := route.DefaultRoute()
		r.To = []string{"desk"}
		c := &route.Config{Receivers: three(), Routes: []route.Route{r}}
		ds := c.Plan(route.Decision{Story: "st_1", Sequence: 3, Development: "new_figures", Topics: []route.Topic{{ID: "a"}}},
			func(string) []notify.Delivery { return tt.past }, ids(), noon)
		if len(ds) != 1 || !ds[0].NextAt.Equal(tt.want) || ds[0].State != notify.Pending {
			t.Errorf("%s: %+v, want it at %s", name, ds, tt.want)
		}
	}
}

// TestQuietIsToldToWhoWasTold: that a story went quiet is news only to who was
// told of it, of the topics that its route names.
func TestQuietIsToldToWhoWasTold(t *testing.T) {
	c := &route.Config{Receivers: three(), Zone: time.UTC, Routes: []route.Route{
		{Topics: []string{"a"}, Events: []string{"story.quiet"}, To: []string{"desk", "hook"}, Continue: true},
		{Topics: []string{"z"}, Events: []string{"story.*"}, To: []string{"phone"}}}}
	past := map[string]notify.DeliveryState{"desk": notify.Delivered, "hook": notify.Expired, "phone": notify.Delivered}
	ds := c.PlanEvent(route.EventDecision{Type: notify.StoryQuiet, Event: notify.Event{Subject: "st_1"}, Topics: []string{"b", "a"}}, func(r, s string) []notify.Delivery {
		if s != "st_1" {
			return nil
		}
		return []notify.Delivery{{State: past[r]}}
	}, ids(), noon)
	if len(ds) != 1 || ds[0].Receiver != "desk" || ds[0].Topic != "b" || len(ds[0].Topics) != 2 {
		t.Errorf("%+v", ds)
	}
	all := &route.Config{Routes: []route.Route{{Events: []string{"*"}, To: []string{"desk"}}}}
	if all.Names(notify.StoryQuiet) || !all.Names(notify.FeedFailing) || !all.Names(notify.ConfigRejected) {
		t.Error("a star alone asks for the daemon's own events, not for those of every story")
	}
	if !c.Names(notify.StoryQuiet) || c.Names(notify.FeedFailing) {
		t.Error("which events its routes name")
	}
}
