package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// snapshot is a feed's document as it stood at a time.
type snapshot struct {
	feed string
	at   time.Time
	body []byte
}

// played gives the daemon the snapshot whose turn it is.
type played struct{ now snapshot }

func (p *played) Get(context.Context, feeds.Feed, feeds.State) (fetch.Result, error) {
	return fetch.Result{Outcome: pace.Outcome{Class: pace.OK, Status: 200, Host: "a.example"}, Body: p.now.body, ContentType: "application/rss+xml"}, nil
}

// replayed plays snapshots to n daemons on one store, in turn, each committed
// before the next, and gives the store that came of them.
func replayed(t *testing.T, address string, n int, shots []snapshot) store.Store {
	t.Helper()
	p := &played{}
	clock := func() time.Time { return p.now.at }
	p.now = shots[0]
	names := map[string]bool{}
	var b strings.Builder
	fmt.Fprintf(&b, "store: %q\nserver: {listen: \"\"}\nfeeds:\n", address)
	for _, s := range shots {
		if !names[s.feed] {
			names[s.feed] = true
			fmt.Fprintf(&b, "  - {id: %s, url: \"https://%s.example/rss\"}\n", s.feed, s.feed)
		}
	}
	b.WriteString("topics:\n  - {id: a, match: minister OR government OR virus OR police}\n  - {id: b, match: court OR death OR health}\nreceivers:\n  - {id: terminal, type: log}\n")
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var apps []*App
	for range n {
		a, err := New(t.Context(), Options{Config: file, Version: "test", Fetch: p, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		apps = append(apps, a)
	}
	for i, s := range shots {
		p.now = s
		a := apps[i%n]
		err := a.store.View(t.Context(), func(r store.Reader) error {
			row, err := r.Feed(t.Context(), s.feed)
			if err != nil {
				return err
			}
			return a.ingest.Poll(t.Context(), row)
		})
		if err != nil {
			t.Fatalf("%s at %s: %v", s.feed, s.at, err)
		}
	}
	return apps[0].store
}

// wishes are what feeds ask of the time between two polls.
var wishes = regexp.MustCompile(`(?is)<(ttl|sy:update\w+|skipHours|skipDays)\b.*?</[^>]*>`)

// series reads real feeds as they stood at successive polls.
func series(t *testing.T) []snapshot {
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = "../../../shared"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "data/realfeeds/series/*/*.xml"))
	var out []snapshot
	for _, f := range files {
		_, stamp, _ := strings.Cut(strings.TrimSuffix(filepath.Base(f), ".xml"), "_")
		at, err := time.Parse("2006-01-02T150405", stamp)
		if err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, snapshot{filepath.Base(filepath.Dir(f)), at, wishes.ReplaceAll(body, nil)})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].at.Before(out[j].at) })
	if os.Getenv("WATCHER_SOAK") == "" {
		out = out[:min(len(out), 60)] // all of them with WATCHER_SOAK=1
	}
	return out
}

// madeSeries is a small series of our own: two outlets on the same affairs.
func madeSeries() []snapshot {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	item := func(feed, id, title, text string) string {
		return fmt.Sprintf("<item><guid isPermaLink=\"false\">%s</guid><title>%s</title><link>https://%s.example/%s</link><description>%s</description></item>", id, title, feed, id, text)
	}
	affairs := [][2]string{
		{"Minister opens the harbour bridge of Sur", "The minister cut the ribbon of the bridge over the harbour on Monday, nine years after the first pile was driven."},
		{"Court halts sale of salt works", "A court stopped the sale of the salt works at the lagoon until the heirs of the founder have been heard."},
		{"Police find stolen organ pipes in barn", "Police found forty organ pipes, stolen from a chapel in the hills, under straw in a barn near the border."},
		{"Health office closes two springs", "Two springs above the town stay closed as the health office waits for the results of a second test of their water."},
	}
	var out []snapshot
	docs := map[string]string{}
	for i, a := range affairs {
		for j, feed := range []string{"one", "two", "three"} {
			title := a[0]
			if j == 1 {
				title = strings.Replace(a[0], " of ", " at ", 1)
			}
			docs[feed] = item(feed, fmt.Sprint(feed, i), title, a[1]) + docs[feed]
			out = append(out, snapshot{feed, at.Add(time.Duration(i*60+j*7) * time.Minute), []byte(`<rss version="2.0"><channel><title>` + feed + `</title>` + docs[feed] + `</channel></rss>`)})
		}
	}
	return out
}

// TestReplay plays the same feeds through one process on SQLite and through
// three replicas on PostgreSQL: the same stories, the same alerts.
func TestReplay(t *testing.T) {
	for name, shots := range map[string]func(*testing.T) []snapshot{"made": func(*testing.T) []snapshot { return madeSeries() }, "real": series} {
		t.Run(name, func(t *testing.T) {
			shots := shots(t)
			if len(shots) == 0 {
				t.Skip("no real feeds: set WATCHER_DATA to their folder")
			}
			url := pgtest.URL(t)
			one := replayed(t, "sqlite:"+filepath.Join(t.TempDir(), "w.db"), 1, shots)
			stories, alerts := storetest.SameTold(t, one, replayed(t, url, 3, shots), true)
			t.Logf("%d snapshots: %d stories and %d alerts from one process on SQLite and from three replicas on PostgreSQL", len(shots), stories, alerts)
		})
	}
}
