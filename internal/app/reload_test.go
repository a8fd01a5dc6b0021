package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"watcher/internal/store"
	"watcher/notify"
)

// full is a store on a full disk.
type full struct{ store.Store }

func (full) Update(context.Context, func(store.Tx) error) error { return store.ErrFull }

// reloadable is a daemon that is not running, and its configuration's file.
func reloadable(t *testing.T, text string) (*App, func(string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	a, err := New(t.Context(), Options{Config: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, write
}

const reloadFirst = "store: sqlite:./w.db\nfeeds: [{id: a, url: \"https://a.example/feed\"}]\ntopics: [{id: t, match: oman}]\nreceivers: [{id: terminal, type: log}]\n"

var reloadSecond = strings.NewReplacer("id: a, url: \"https://a", "id: b, url: \"https://b", "match: oman", "match: qatar").Replace(reloadFirst)

// force is what is in force: rules, pages, feeds of the store.
func force(t *testing.T, a *App) (hash string, feeds []string) {
	t.Helper()
	if a.plan.c.Load() != a.now.Load() {
		t.Error("the planner goes by another configuration than the rest")
	}
	err := a.store.View(t.Context(), func(r store.Reader) error {
		rows, err := r.Feeds(t.Context(), store.FeedFilter{})
		for _, row := range rows {
			feeds = append(feeds, row.Feed.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.now.Load().Config.Hash, feeds
}

func TestReloadAllOrNothing(t *testing.T) {
	a, write := reloadable(t, reloadFirst)
	hash, _ := force(t, a)
	pages := a.pages.Load()

	// Pages that cannot be made.
	c, _, err := Load(a.Config, Getenv, a.env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Config.Server.PublicURL, c.Feeds[0].ID = "nowhere", "z"
	if err := a.adopt(t.Context(), c); err == nil || !strings.Contains(err.Error(), "public_url") {
		t.Errorf("a page without an address: %v", err)
	}
	if h, fs := force(t, a); h != hash || fs[0] != "a" || a.pages.Load() != pages {
		t.Errorf("refused, and yet in force: %s %v", h, fs)
	}

	// A store that takes nothing for now.
	kept := a.store
	a.store = full{kept}
	write(reloadSecond)
	for range 2 {
		if err := a.watchConfig(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	why := a.reloadE.Load()
	if h, fs := force(t, a); h != hash || fs[0] != "a" || a.pages.Load() != pages || why == nil || !strings.Contains(*why, "tried again") {
		t.Errorf("not kept, and yet in force: %s %v, said %v", h, fs, why)
	}
	a.store = kept
	if st := a.Status(t.Context()); !slices.ContainsFunc(st.Reasons, func(r string) bool {
		return strings.HasPrefix(r, "the newest configuration is not in force: ") && !strings.Contains(r, "refused")
	}) {
		t.Errorf("a configuration that waits for the store: %q", st.Reasons)
	}
	if err := a.watchConfig(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h, fs := force(t, a); h == hash || len(fs) != 1 || fs[0] != "b" || a.reloadE.Load() != nil || a.pages.Load() == pages {
		t.Errorf("not tried again: %s %v", h, fs)
	}
}

// TestRefusalToldLater: config.rejected reaches those who asked for it even
// where the store took nothing when it happened; once.
func TestRefusalToldLater(t *testing.T) {
	a, write := reloadable(t, reloadFirst)
	kept := a.store
	a.store = full{kept}
	write("feeds: 3\n")
	if err := a.Reload(t.Context()); err == nil {
		t.Fatal("a broken file was taken")
	}
	a.store = kept
	for range 3 {
		if err := a.watchConfig(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var told []store.Event
	err := a.store.View(t.Context(), func(r store.Reader) (err error) {
		told, err = r.Events(t.Context(), store.EventFilter{Limit: 10})
		return err
	})
	if err != nil || len(told) != 1 || told[0].Type != notify.ConfigRejected {
		t.Errorf("%v: %+v", err, told)
	}
	var ce *ConfigError
	if err := a.Reload(t.Context()); !errors.As(err, &ce) {
		t.Errorf("not the file's fault: %v", err)
	}
}

// TestReloadReaches: what a reload changes is so at the next poll: who asks,
// and the series for each feed.
func TestReloadReaches(t *testing.T) {
	var agent atomic.Value
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		w.WriteHeader(http.StatusNotFound)
	}))
	defer srv.Close()
	text := func(contact, perFeed string) string {
		return fmt.Sprintf("store: sqlite:./w.db\npolling: {allow_private: true, host_gap: 0s, contact: %q}\nops: {metrics: {per_feed: %s}}\nfeeds: [{id: a, url: \"%s/feed\"}]\ntopics: [{id: t, match: oman}]\nreceivers: [{id: terminal, type: log}]\n", contact, perFeed, srv.URL)
	}
	a, write := reloadable(t, text("first@example.org", "false"))
	for _, c := range []struct{ contact, perFeed string }{{"first@example.org", "false"}, {"second@example.org", "true"}, {"third@example.org", "false"}} {
		write(text(c.contact, c.perFeed))
		if err := a.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.store.View(t.Context(), func(r store.Reader) error {
			row, err := r.Feed(t.Context(), "a")
			if err == nil {
				err = a.ingest.Poll(t.Context(), row)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got, _ := agent.Load().(string); !strings.Contains(got, c.contact) {
			t.Errorf("asked as %q, want %s", got, c.contact)
		}
		rec := httptest.NewRecorder()
		a.metricsPage().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		if got := strings.Contains(rec.Body.String(), `watcher_feed_polls_total{feed="a",result="failed"} 1`); fmt.Sprint(got) != c.perFeed {
			t.Errorf("per_feed %s: series for the feed: %v", c.perFeed, got)
		}
	}
}
