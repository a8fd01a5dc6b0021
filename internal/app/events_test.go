package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// errand is a daemon that is not running, with its log and what its terminal
// was told.
type errand struct {
	*App
	told, log lines
	file      string
	now       time.Time
}

func newErrand(t *testing.T, text string, set func(*Options)) *errand {
	t.Helper()
	e := &errand{file: filepath.Join(t.TempDir(), "config.yaml"), now: time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC)}
	if err := os.WriteFile(e.file, []byte("store: sqlite:./w.db\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Config: e.file, Stdout: &e.told, Log: slog.New(slog.NewTextHandler(&e.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: func() time.Time { return e.now }}
	if set != nil {
		set(&o)
	}
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	e.App = a
	return e
}

// send sends what is due.
func (e *errand) send(t *testing.T) {
	t.Helper()
	if _, err := e.sender.Work(t.Context(), e.now); err != nil {
		t.Fatal(err)
	}
}

// events gives what the store holds of a type.
func (e *errand) events(t *testing.T, kind notify.Type) (out []store.Event) {
	t.Helper()
	if err := e.store.View(t.Context(), func(r store.Reader) error {
		es, err := r.Events(t.Context(), store.EventFilter{Limit: 100})
		for _, ev := range es {
			if ev.Type == kind {
				out = append(out, ev)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// receivers gives to whom something of a type was enqueued.
func (e *errand) receivers(t *testing.T, kind notify.Type) (out []string) {
	t.Helper()
	if err := e.store.View(t.Context(), func(r store.Reader) error {
		ds, err := r.Deliveries(t.Context(), store.DeliveryFilter{Limit: 100})
		for _, d := range ds {
			if d.Type == kind {
				out = append(out, d.Receiver)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTopicSilent: a topic that meets nothing for a week is told to the
// receiver whose route names the event and to no other, once a week, until it
// meets something.
func TestTopicSilent(t *testing.T) {
	e := newErrand(t, `server: {listen: ""}
polling: {allow_private: true}
feeds: [{id: desk, url: "`+one(t, "Oman mediates").URL+`/feed"}]
topics: [{id: oman, name: Oman's talks, match: oman}]
receivers: [{id: ops, type: log}, {id: desk, type: log}]
routes:
  - {topics: [oman], to: [desk]}
  - {events: [topic.silent], to: [ops]}
`, nil)
	begin := e.now
	hours := func(n int) { // the daemon looks once an hour
		for range n {
			e.now = e.now.Add(time.Hour)
			if err := e.silentTopics(t.Context()); err != nil {
				t.Fatal(err)
			}
			e.send(t)
		}
	}
	if err := e.silentTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	hours(7*24 - 1)
	if told := e.told.String(); told != "" {
		t.Fatalf("told within the week: %s", told)
	}
	hours(1)
	if told := e.told.String(); strings.Count(told, "\n") != 1 || !strings.Contains(told, "topic.silent") || !strings.Contains(told, "Oman's talks has met nothing for a week") {
		t.Errorf("after a week: %q", told)
	}
	hours(48)
	if got := e.receivers(t, notify.TopicSilent); len(got) != 1 || got[0] != "ops" {
		t.Errorf("told to %q, want ops once", got)
	}
	if evs := e.events(t, notify.TopicSilent); len(evs) != 1 || evs[0].Subject != "oman" || !strings.Contains(evs[0].Text, "since "+begin.Format(time.DateOnly)) || !strings.Contains(evs[0].Text, "watcher backtest oman") {
		t.Errorf("%+v", evs)
	}
	// It meets something: the week begins anew.
	hours(4 * 24)
	if _, err := e.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	hours(7*24 - 1)
	if evs := e.events(t, notify.TopicSilent); len(evs) != 1 {
		t.Errorf("%d events within a week of a match, want 1", len(evs))
	}
	hours(1)
	if evs := e.events(t, notify.TopicSilent); len(evs) != 2 {
		t.Errorf("%d events after a week without another, want 2", len(evs))
	}
}

// one serves a feed of one item.
func one(t *testing.T, title string) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Desk</title><item><guid>1</guid><title>%s</title><pubDate>Fri, 06 Feb 2026 07:50:00 GMT</pubDate></item></channel></rss>`, title)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// TestReceiverDisabled: a receiver that says it is gone is told of to the one
// whose route names the event, once, with what to do next, and gets nothing more.
func TestReceiverDisabled(t *testing.T) {
	var posts atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { posts.Add(1); w.WriteHeader(http.StatusGone) }))
	defer hook.Close()
	e := newErrand(t, fmt.Sprintf(`server: {listen: ""}
polling: {allow_private: true, host_gap: 0s}
feeds: [{id: desk, url: "%s/feed"}]
topics: [{id: oman, match: oman}]
receivers: [{id: ops, type: log}, {id: quiet, type: log}, {id: hook, type: webhook, url: "%s/x?key=hush-hush"}]
routes:
  - {topics: [oman], to: [hook], wait: 0s}
  - {events: [receiver.disabled], to: [ops]}
`, one(t, "Oman mediates").URL, hook.URL), func(o *Options) { o.NotifyLast = time.Hour })
	if _, err := e.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.send(t)
	if told := e.told.String(); strings.Count(told, "\n") != 1 || !strings.Contains(told, "receiver.disabled") || !strings.Contains(told, "hook is disabled") {
		t.Errorf("told: %q\n%s", told, e.log.String())
	}
	if got := e.receivers(t, notify.ReceiverDisabled); len(got) != 1 || got[0] != "ops" {
		t.Errorf("told to %q, want ops once", got)
	}
	if st := e.Status(t.Context()); st.State != "degraded" || !strings.Contains(strings.Join(st.Reasons, "; "), "hook") {
		t.Errorf("status %s: %q", st.State, st.Reasons)
	}
	tries := posts.Load()
	for range 3 {
		e.now = e.now.Add(3 * time.Hour)
		e.send(t)
	}
	if tries != 1 || posts.Load() != tries {
		t.Errorf("%d posts to a receiver that is gone, want 1", posts.Load())
	}
}

// TestHeartbeat: the address is asked while the daemon is well and only then;
// what goes wrong is said without its query.
func TestHeartbeat(t *testing.T) {
	var asked atomic.Int64
	var status atomic.Int64
	status.Store(200)
	dead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Query().Get("token") != "hush-hush" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	defer dead.Close()
	e := newErrand(t, fmt.Sprintf("server: {listen: \"\"}\nfeeds: []\ntopics: [{id: t, match: oman}]\nreceivers: [{id: terminal, type: log}]\nops: {heartbeat_url: \"%s/beat?token=hush-hush\"}\n", dead.URL), nil)
	beat := func(want int64, what string) error {
		t.Helper()
		asked.Store(0)
		err := e.heartbeat(t.Context())
		if got := asked.Load(); got != want {
			t.Errorf("%s: %d requests, want %d (%v)", what, got, want, err)
		}
		return err
	}
	e.beat.Store(e.now.UnixMilli())
	_ = beat(0, "starting")
	e.ready.Store(true)
	if err := beat(1, "well"); err != nil {
		t.Error(err)
	}
	e.now = e.now.Add(time.Hour)
	_ = beat(0, "the engine stands still")
	e.beat.Store(e.now.UnixMilli())
	status.Store(500)
	refused := beat(1, "an answer of 500")
	dead.Close()
	for _, err := range []error{refused, beat(0, "nobody there")} {
		if err == nil || !strings.Contains(err.Error(), "heartbeat") || !strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "hush") {
			t.Errorf("said: %v", err)
		}
	}
}

// TestFailingInTheirZone: what is told of a feed that fails, and what its page
// says of a host that wants rest, has its times in the configured zone.
func TestFailingInTheirZone(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer srv.Close()
	e := newErrand(t, fmt.Sprintf(`server: {listen: ""}
timezone: Asia/Kathmandu
polling: {allow_private: true, host_gap: 0s}
feeds: [{id: desk, url: "%[1]s/feed"}, {id: busy, url: "%[1]s/busy"}, {id: late, url: "%[1]s/late"}]
topics: [{id: oman, match: oman}]
receivers: [{id: ops, type: log}]
routes: [{events: [feed.failing], to: [ops]}]
`, srv.URL), nil)
	if _, err := e.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.now = e.now.Add(time.Hour)
	if _, err := e.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := e.told.String()
	for _, ev := range e.events(t, notify.FeedFailing) {
		told += ev.Text + "\n"
	}
	if err := e.store.View(t.Context(), func(r store.Reader) error {
		rows, err := r.Feeds(t.Context(), store.FeedFilter{})
		for _, row := range rows {
			told += row.Feed.ID + ": " + row.State.LastError + "\n"
			for _, at := range []time.Time{row.State.NextPoll, row.State.LastPoll, row.State.FirstFail} {
				if at.Location() != time.UTC {
					t.Errorf("feed %s keeps %s", row.Feed.ID, at)
				}
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "; next try 2026-02-06T") || strings.Count(told, "+05:45") < 2 || strings.Contains(told, "Z\n") {
		t.Errorf("told:\n%s", told)
	}
}
