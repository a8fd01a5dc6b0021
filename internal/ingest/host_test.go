package ingest_test

import (
	"net/http"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/store"
)

// A host that complained and has been at peace since is slow no longer, and a
// restart does not read that it was.
func TestRecoveredGapIsForgotten(t *testing.T) {
	s := newStore(t)
	w := newWorker(t, s)
	kept := func() (h feeds.HostState) {
		t.Helper()
		if err := s.View(t.Context(), func(r store.Reader) error {
			all, err := r.Hosts(t.Context(), nil)
			h = all["a.example"]
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return h
	}
	complaint := func(c pace.Class, status int, rest time.Duration) fetch.Result {
		return fetch.Result{Outcome: pace.Outcome{Class: c, Status: status, Host: "a.example", FinalURL: "https://a.example/feed", RetryAfter: rest, Message: "no"}}
	}
	w.poll(t, document(0))
	for _, c := range []fetch.Result{complaint(pace.Forbidden, http.StatusForbidden, 0), complaint(pace.TooMany, http.StatusTooManyRequests, time.Hour)} {
		w.poll(t, c)
		if h := kept(); h.Gap != 2*time.Second || h.NotBefore.After(w.now) != (c.RetryAfter > 0) {
			t.Fatalf("after a %d the host's row says %+v", c.Status, h)
		}
		for day := range 9 { // a tenth less each day
			w.now = w.now.Add(24 * time.Hour)
			w.poll(t, []fetch.Result{unchanged(304), document(day)}[day%2])
		}
		if h := kept(); h.Gap != 0 || !h.NotBefore.IsZero() {
			t.Errorf("nine good days after a %d the host's row says %+v", c.Status, h)
		}
	}
}
