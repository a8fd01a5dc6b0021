package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/feeds/fetch"
	"watcher/internal/feedtest"
	"watcher/internal/store"
	"watcher/notify"
)

// lines collects what a receiver of kind log was told.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// week is the daemon on a fake clock, with a real store and feeds in memory.
type week struct {
	t    *testing.T
	web  *feedtest.Web
	file string
	told lines
	log  lines
	app  *App
	stop func()
}

// inWeek runs fn at an instant of the fake clock, with a daemon that fn
// configures and starts; its last one is stopped behind fn.
func inWeek(t *testing.T, at time.Time, fn func(t *testing.T, w *week)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(at)
		w := &week{t: t, web: feedtest.NewWeb(t), file: filepath.Join(dir, "config.yaml")}
		fn(t, w)
		w.stop()
		w.web.Close()
		synctest.Wait()
	})
}

// serve has a host serve a feed with one item in it.
func (w *week) serve(host, title, item string) *feedtest.Feed {
	f := feedtest.NewFeed(title, feedtest.Policy{}, feedtest.Item(item, time.Now()))
	w.web.Handle(host, f)
	return f
}

func (w *week) start() {
	w.t.Helper()
	client := fetch.New(fetch.Options{Version: "test", Now: time.Now, Dial: w.web.Dial})
	a, err := New(context.Background(), Options{Config: w.file, Stdout: &w.told, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Fetch: client})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	w.app = a
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		client.CloseIdle()
		if err := a.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

// sleepUntil lets the fake clock run.
func sleepUntil(t time.Time) { time.Sleep(time.Until(t)) }

// headlines of stories that have nothing to do with one another.
var headlines = []string{
	"Oman lends frankincense jars to a museum in Lisbon after long talks",
	"Pilots of Oman's airline end their strike in late night talks",
	"Dentists and insurers in Oman open talks about fees",
	"Football: Oman's coach in talks with a Danish club",
	"Camel breeders seek talks with Oman's transport ministry over fences",
	"Oman and Kenya hold talks on cut flowers and freight",
	"Bakers' guild calls off talks on the price of bread in Oman",
}

// A week of polls over the night in which Berlin's clocks go forward: a story
// a day, told once; a digest at a time that one night does not have, once a
// local day, with windows that neither gap nor overlap; a restart in between.
func TestWeekWithClockChange(t *testing.T) {
	inWeek(t, time.Date(2026, 3, 25, 23, 50, 0, 0, time.UTC), func(t *testing.T, w *week) {
		desk := w.serve("desk.example", "The Desk", "Nothing but weather")
		w.serve("quiet.example", "The Quiet", "An old calendar")
		text := `store: sqlite:./w.db
timezone: Europe/Berlin
server: {listen: ""}
polling: {schedule: "*/30 * * * *", adaptive: off, allow_private: true}
feeds:
  - {id: desk, url: "http://desk.example/feed"}
  - {id: quiet, url: "http://quiet.example/feed"}
topics:
  - {id: oman, match: oman AND talks}
receivers:
  - {id: terminal, type: log}
digests:
  - {id: night, at: "02:30", to: [terminal]}
`
		w.write(text)
		w.start()
		begin := time.Date(2026, 3, 26, 0, 0, 0, 0, time.UTC)
		for day := range 7 {
			sleepUntil(begin.AddDate(0, 0, day).Add(9*time.Hour + 7*time.Minute))
			desk.Add(feedtest.Item(headlines[day], time.Now()))
			if day == 3 { // the Sunday of the change: away for an hour, over the publication
				w.stop()
				time.Sleep(time.Hour)
				w.start()
			}
		}
		sleepUntil(begin.AddDate(0, 0, 7))
		w.check(begin)
	})
}

func (w *week) check(begin time.Time) {
	t := w.t
	ctx := context.Background()
	told := w.told.String()
	for _, h := range headlines {
		if n := strings.Count(told, h+" ("); n != 1 {
			t.Errorf("%q was told %d times", h, n)
		}
	}
	err := w.app.store.View(ctx, func(r store.Reader) error {
		issues, err := r.Digests(ctx, "night", "", 100)
		if err != nil {
			return err
		}
		var days []string
		for i, d := range issues { // newest first
			days = append(days, d.Date)
			if i > 0 && !issues[i-1].From.Equal(d.To) {
				t.Errorf("the window of %s ends at %s, the next begins at %s", d.Date, d.To, issues[i-1].From)
			}
		}
		if got, want := strings.Join(days, " "), "2026-04-01 2026-03-31 2026-03-30 2026-03-29 2026-03-28 2026-03-27 2026-03-26"; got != want {
			t.Errorf("digests of %s, want %s", got, want)
		}
		ds, err := r.Deliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Delivered}, Limit: 1000})
		if len(ds) != 7+7 {
			t.Errorf("%d deliveries, want 7 stories and 7 digests", len(ds))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.Logf("told:\n%s\nlog:\n%s", told, lastLines(w.log.String(), 40))
	}
}

func lastLines(s string, n int) string {
	all := strings.Split(s, "\n")
	return strings.Join(all[max(len(all)-n, 0):], "\n")
}

// A receiver that is away for an hour gets what it missed when it is back, and
// nothing twice; a feed that is HTML, empty, cut off or gone leaves the others
// alone and says why.
func TestBadFeedsLeaveOthersAlone(t *testing.T) {
	inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		good := feedtest.NewFeed("Good", feedtest.Policy{}, feedtest.Item("Nothing", time.Now()))
		w.web.Handle("good.example", good)
		bad := map[string]string{
			"html":  "<!doctype html><html><head><title>Hello</title></head><body>A page</body></html>",
			"empty": "",
			"cut":   `<?xml version="1.0"?><rss version="2.0"><channel><title>Cut</title><item><title>Half`,
		}
		text := "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"*/10 * * * *\", adaptive: off, allow_private: true}\nfeeds:\n  - {id: good, url: \"http://good.example/feed\"}\n"
		for name, body := range bad {
			w.web.Handle(name+".example", plainBody(body))
			text += fmt.Sprintf("  - {id: %s, url: \"http://%s.example/feed\"}\n", name, name)
		}
		gone := feedtest.NewFeed("Gone", feedtest.Policy{})
		gone.Fail(404)
		w.web.Handle("gone.example", gone)
		text += "  - {id: gone, url: \"http://gone.example/feed\"}\n"
		text += "topics:\n  - {id: oman, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\n"
		w.write(text)
		w.start()
		time.Sleep(15 * time.Minute)
		good.Add(feedtest.Item(headlines[0], time.Now()))
		time.Sleep(12 * time.Minute)
		if !strings.Contains(w.told.String(), headlines[0]) {
			t.Errorf("the good feed's story was not told: %s", w.told.String())
		}
		want := map[string]string{"html": "web page", "empty": "empty", "cut": "", "gone": "404"}
		err := w.app.store.View(context.Background(), func(r store.Reader) error {
			rows, err := r.Feeds(context.Background(), store.FeedFilter{})
			for _, row := range rows {
				text, ok := want[row.Feed.ID]
				if !ok {
					continue
				}
				if row.State.LastError == "" || !strings.Contains(fmt.Sprint(row.State.LastStatus, " ", row.State.LastError), text) {
					t.Errorf("feed %s: error %q, want one with %q", row.Feed.ID, row.State.LastError, text)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// plainBody answers every request with a body.
func plainBody(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, body)
	})
}
