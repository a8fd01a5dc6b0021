package route_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watcher/notify"
	"watcher/notify/log"
	"watcher/notify/notifytest"
	"watcher/notify/route"
)

// month is a whole desk on a fake clock: stories come, are planned, gated,
// sent, held and released by the real Sender over an outbox in memory.
type month struct {
	*notify.Sender
	t       *testing.T
	desk    *route.Desk
	box     *notifytest.Outbox
	offset  time.Duration
	mu      sync.Mutex
	facts   map[string]route.Facts
	told    map[string]int // publishers when last told, by story
	seq     map[string]int
	topics  map[string][]route.Topic
	silence []route.Silence
	failing int
	lines   []string
	id      atomic.Int64
}

var zones = map[string]string{"desk": "Europe/Berlin", "phone": "Australia/Sydney", "mail": "UTC"}

func (m *month) now() time.Time { return time.Now().Add(m.offset).UTC() }
func (m *month) newID() string  { return fmt.Sprintf("msg_%03d", m.id.Add(1)) }

func (m *month) Facts(_ context.Context, story string) (route.Facts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[story], nil
}

func (m *month) Silences(_ context.Context, now time.Time) ([]route.Silence, error) {
	return m.silence, nil
}

func (m *month) Take(_ context.Context, d notify.Delivery, since, now time.Time, judge func([]notify.Delivery) notify.Verdict) (notify.Verdict, error) {
	return m.box.Take(d, since, now, judge), nil
}

func (m *month) Held(context.Context) ([]notify.Delivery, error) {
	return m.box.In(notify.Held), nil
}

func (m *month) Network(context.Context) (int, int, error) { return m.failing, 10, nil }

func (m *month) tick(ctx context.Context, now time.Time) (time.Time, error) {
	r, err := m.desk.Release(ctx, now)
	for _, d := range r.Change {
		m.box.Put(d)
	}
	m.box.Add(r.Send...)
	return now.Add(time.Minute), err
}

func (m *month) compose(_ context.Context, d notify.Delivery) (notify.Message, error) {
	if d.Event != nil {
		return notify.Message{}, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.facts[d.Subject]
	return notify.Message{Topic: &notify.Topic{ID: d.Topic}, Story: &notify.Story{ID: d.Subject, Title: f.Title, Publishers: f.Publishers}}, nil
}

// teller writes what a receiver was told, in its own zone.
type teller struct {
	m    *month
	id   string
	zone *time.Location
}

func (r teller) Send(_ context.Context, msg notify.Message) (notify.Receipt, error) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	at := r.m.now()
	line := fmt.Sprintf("%s  %-5s %s  %s", at.Format("02 15:04:05"), r.id, at.In(r.zone).Format("Mon 15:04 MST"), log.Line(msg))
	if msg.Type == notify.StoryUpdated {
		line += " because " + msg.Reason
	}
	r.m.lines = append(r.m.lines, line)
	return notify.Receipt{Status: 200}, nil
}

// story makes or grows a story and plans what is told of it.
func (m *month) story(id, title string, p notify.Priority, publishers int) {
	now := m.now()
	m.mu.Lock()
	topic := "talks"
	if strings.HasPrefix(id, "summit") {
		topic = "summit"
	}
	fresh := m.seq[id] == 0
	m.facts[id] = route.Facts{Title: title, Publishers: publishers, Published: now}
	m.topics[id] = []route.Topic{{ID: topic, Priority: p, New: fresh}}
	d := route.Decision{Story: id, Topics: m.topics[id], New: fresh, Sequence: m.seq[id] + 1, Publishers: publishers, ToldPublishers: m.told[id], NewArticles: true}
	m.mu.Unlock()
	ds := m.desk.Config().Plan(d, func(receiver string) []notify.Delivery {
		return slices.DeleteFunc(m.box.All(), func(d notify.Delivery) bool { return d.Receiver != receiver || d.Subject != id })
	}, m.newID, now)
	if len(ds) > 0 {
		m.mu.Lock()
		m.seq[id]++
		m.told[id] = publishers
		m.mu.Unlock()
		m.box.Add(ds...)
		m.Wake()
	}
}

func (m *month) event(t notify.Type, subject, title string) {
	ds := m.desk.Config().PlanEvent(route.EventDecision{Type: t, Event: notify.Event{Subject: subject, Title: title}}, func(receiver, subject string) []notify.Delivery {
		return slices.DeleteFunc(m.box.All(), func(d notify.Delivery) bool { return d.Receiver != receiver || d.Subject != subject })
	}, m.newID, m.now())
	m.box.Add(ds...)
	m.Wake()
}

func newMonth(t *testing.T, start time.Time) *month {
	berlin, sydney := zone(t, "Europe/Berlin"), zone(t, "Australia/Sydney")
	window := func(from, to string, zone *time.Location, days ...string) route.Window {
		w, err := route.NewWindow(days, from, to, zone)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	weekly := window("09:00", "10:00", berlin, "mon")
	r := route.DefaultRoute()
	desk, phone, events := r, r, r
	desk.To, desk.Wait, desk.Continue = []string{"desk"}, 90*time.Second, true
	phone.To, phone.MinPriority, phone.Continue = []string{"phone"}, notify.High, true
	events.To, events.Events, events.AtMost = []string{"mail"}, []string{"feed.*", "network.down"}, route.Rate{N: 1, Per: 24 * time.Hour}
	c := &route.Config{Zone: berlin,
		Receivers: []route.Receiver{{ID: "desk", MaxPerHour: 3}, {ID: "phone"}, {ID: "mail"}},
		Routes:    []route.Route{desk, phone, events},
		Quiet: []route.Quiet{
			{Receivers: []string{"desk"}, Window: window("22:30", "06:30", berlin), BreakThrough: notify.Critical},
			{Receivers: []string{"phone"}, Window: window("23:00", "02:30", sydney)},
		},
		Silences: []route.Silence{{ID: "standup", Weekly: &weekly, Receivers: []string{"desk"}, Reason: "Monday conference"}},
	}
	m := &month{t: t, box: notifytest.NewOutbox(), offset: time.Until(start), facts: map[string]route.Facts{}, told: map[string]int{},
		seq: map[string]int{}, topics: map[string][]route.Topic{}}
	m.desk = route.NewDesk(c, m, m.newID)
	m.Sender = notify.New(notify.Options{Outbox: m.box, Compose: m.compose, Gate: m.desk.Gate, Tick: m.tick, Now: m.now, Rand: func() float64 { return 0.5 }, Idle: time.Minute})
	var rs []notify.Receiver
	for id, name := range zones {
		rs = append(rs, notify.Receiver{ID: id, Notifier: teller{m, id, zone(t, name)}})
	}
	m.SetReceivers(rs)
	return m
}

func zone(t *testing.T, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestMonth plays October 2026: clocks go forward in Sydney on the 4th and back
// in Berlin on the 25th.
func TestMonth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		m := newMonth(t, start)
		type step struct {
			at time.Time
			do func()
		}
		var steps []step
		at := func(day, hour, min int, do func()) {
			steps = append(steps, step{time.Date(2026, 10, day, hour, min, 0, 0, time.UTC), do})
		}
		tell := func(day, hour, min int, id, title string, p notify.Priority, publishers int) {
			at(day, hour, min, func() { m.story(id, title, p, publishers) })
		}
		// Quiet days: one story by day, one at night in Berlin.
		for _, day := range []int{1, 2, 6, 13, 22} {
			tell(day, 9, 10, fmt.Sprintf("day%d", day), fmt.Sprintf("Day story %d", day), notify.Normal, 1)
			tell(day, 23, 45, fmt.Sprintf("night%d", day), fmt.Sprintf("Night story %d", day), notify.Normal, 1)
		}
		// Both nights of a clock change, each half hour.
		for i := range 8 {
			tell(3, 14+i/2, 10+i%2*30, fmt.Sprintf("sydney%d", i), fmt.Sprintf("Sydney night %d", i), notify.High, 1)
			tell(24, 22+i/2, 10+i%2*30, fmt.Sprintf("berlin%d", i), fmt.Sprintf("Berlin night %d", i), notify.Normal, 1)
		}
		tell(25, 5, 15, "berlinE", "Berlin, 06:15 by the new time", notify.Normal, 1)
		tell(25, 5, 45, "berlinF", "Berlin, 06:45 by the new time", notify.Normal, 1)
		// The Monday conference, and a story that breaks through the night.
		tell(5, 7, 20, "conf1", "During the conference", notify.Normal, 1)
		tell(5, 7, 30, "conf2", "Also during the conference", notify.Normal, 1)
		tell(14, 1, 10, "flash", "Flash at night", notify.Critical, 1)
		tell(14, 1, 20, "calm", "Calm at night", notify.Normal, 1)
		// A story that grows: 3 at once, then 4, 6 and 12 publishers.
		for i, n := range []int{1, 3, 4, 6, 7, 12} {
			tell(8, 10+i/3, 5+i%3*4, "grow", "Growing story", notify.Normal, n)
		}
		// More than the budget of three an hour.
		for i := range 7 {
			tell(15, 14, 5+i*3, fmt.Sprintf("burst%d", i), fmt.Sprintf("Burst %d", i), notify.Normal, 1)
		}
		tell(15, 15, 2, "after", "After the burst", notify.Normal, 1)
		// A silence of two days on one topic.
		at(10, 9, 0, func() {
			m.silence = append(m.silence, route.Silence{ID: "1", Topics: []string{"summit"}, From: m.now(), Until: m.now().Add(48 * time.Hour), Reason: "summit live blog"})
		})
		for i := range 5 {
			tell(10+i/3, 10+i, 0, fmt.Sprintf("summit%d", i), fmt.Sprintf("Summit %d", i), notify.Normal, 1)
		}
		tell(11, 9, 0, "other", "Nothing to do with the summit", notify.Normal, 1)
		tell(12, 12, 0, "summit9", "Summit after the silence", notify.Normal, 1)
		// Feeds that fail, one of them twice; then the network.
		at(16, 8, 0, func() { m.event(notify.FeedFailing, "bbc", "Feed bbc is failing") })
		at(16, 9, 0, func() { m.event(notify.FeedFailing, "bbc", "Feed bbc is failing") })
		at(17, 9, 0, func() { m.event(notify.FeedFailing, "bbc", "Feed bbc is failing") })
		at(18, 8, 0, func() {
			m.failing = 8
			for i := range 8 {
				m.event(notify.FeedFailing, fmt.Sprint("f", i), "failing")
			}
			m.event(notify.NetworkDown, "network", "8 of 10 feeds fail at once")
		})
		at(18, 9, 0, func() { m.failing = 0 })
		sort.SliceStable(steps, func(i, j int) bool { return steps[i].at.Before(steps[j].at) })

		stop := m.run()
		for _, s := range steps {
			time.Sleep(s.at.Sub(m.now()))
			synctest.Wait()
			s.do()
		}
		time.Sleep(time.Date(2026, 10, 28, 10, 0, 0, 0, time.UTC).Sub(m.now()))
		stop()
		// Away for four hours; five stories are found at the return, one of them old.
		time.Sleep(4 * time.Hour)
		m.desk.Away(m.now().Add(-4*time.Hour), m.now())
		stop = m.run()
		for i := range 5 {
			m.story(fmt.Sprintf("away%d", i), fmt.Sprintf("While away %d", i), notify.Normal, 1)
		}
		m.mu.Lock()
		f := m.facts["away4"]
		f.Published = m.now().Add(-30 * time.Hour)
		m.facts["away4"] = f
		m.mu.Unlock()
		time.Sleep(150 * time.Second) // between two ticks
		m.desk.Back()
		time.Sleep(time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC).Sub(m.now()))
		stop()

		m.golden()
	})
}

func (m *month) run() (stop func()) {
	ctx, cancel := context.WithCancel(m.t.Context())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			m.t.Error(err)
		}
	}
}

func (m *month) golden() {
	slices.Sort(m.lines) // receivers told in the same instant come in any order
	out := "# who was told what and when in October 2026: day and time in UTC, receiver, its own time, what\n" + strings.Join(m.lines, "\n") +
		"\n\n# every row that did not go as it was, and why\n"
	for _, d := range m.box.All() {
		switch {
		case d.State == notify.Pending || d.State == notify.Held || d.State == notify.Sending:
			m.t.Errorf("%s for %s is still %s: %s", d.Subject, d.Receiver, d.State, d.Note)
		case d.State != notify.Delivered:
			if d.Note == "" {
				m.t.Errorf("%s for %s is %s and says not why", d.Subject, d.Receiver, d.State)
			}
			out += fmt.Sprintf("%s  %-5s %-10s %s.%d: %s\n", d.Created.Format("02 15:04"), d.Receiver, d.State, d.Subject, d.Sequence, d.Note)
		}
	}
	notifytest.Golden(m.t, "month.golden", out)
}
