package app

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watcher/internal/feedtest"
	"watcher/internal/store"
)

// counted counts the requests that an address gets.
func counted(n *atomic.Int64, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		h.ServeHTTP(w, r)
	})
}

func (w *week) feed(id string) (row store.FeedRow, items int) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.app.store.View(ctx, func(r store.Reader) (err error) {
		if row, err = r.Feed(ctx, id); err != nil {
			return err
		}
		its, err := r.Items(ctx, store.ItemFilter{Feed: id, Limit: 1000})
		items = len(its)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return row, items
}

func (w *week) write(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// An address that redirects for good to one that is polled already: the two
// become one. What the first brought stays, nothing is told again, and it is
// polled again itself once the other one is taken away.
func TestMovedFeedIsMerged(t *testing.T) {
	inWeek(t, time.Date(2026, 3, 2, 7, 50, 0, 0, time.UTC), func(t *testing.T, w *week) {
		desk := feedtest.NewFeed("The Desk", feedtest.Policy{ETag: true}, feedtest.Item("Nothing but weather", time.Now()))
		var old, now atomic.Int64
		redirects := counted(&old, http.RedirectHandler("http://new.example/feed", http.StatusMovedPermanently))
		var moved atomic.Bool
		w.web.Handle("old.example", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if moved.Load() {
				redirects.ServeHTTP(rw, r)
				return
			}
			desk.ServeHTTP(rw, r)
		}))
		w.web.Handle("new.example", counted(&now, desk))
		const head = "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"0 */2 * * *\", adaptive: off, allow_private: true}\n" +
			"topics:\n  - {id: oman, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\nfeeds:\n  - {id: old, url: \"http://old.example/feed\"}\n"
		w.write(head + "  - {id: new, url: \"http://new.example/feed\"}\n")
		w.start()
		time.Sleep(3 * time.Hour)
		desk.Add(feedtest.Item(headlines[0], time.Now()))
		time.Sleep(3 * time.Hour)
		moved.Store(true)
		time.Sleep(47 * time.Hour)
		if row, _ := w.feed("old"); row.State.Merged != "" || row.State.Permanent.Seen < 3 {
			t.Errorf("before two days are over: merged %q, seen %d times", row.State.Merged, row.State.Permanent.Seen)
		}
		time.Sleep(5 * time.Hour)
		row, kept := w.feed("old")
		if row.State.Merged != "new" || row.State.Health != "merged" || !strings.Contains(row.State.LastError, "feed new") {
			t.Fatalf("after two days: %+v", row.State)
		}
		var texts []string
		if err := w.app.store.View(context.Background(), func(r store.Reader) error {
			es, err := r.Events(context.Background(), store.EventFilter{Limit: 100})
			for _, e := range es {
				if e.Type == "feed.moved" {
					texts = append(texts, e.Subject+": "+e.Text)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(texts) != 1 || !strings.Contains(texts[0], "the address of feed new") || !strings.HasPrefix(texts[0], "old: ") {
			t.Errorf("events of a move: %q", texts)
		}
		old.Store(0)
		now.Store(0)
		desk.Add(feedtest.Item(headlines[1], time.Now()))
		time.Sleep(5 * time.Hour)
		w.stop() // a restart changes nothing
		w.start()
		time.Sleep(7 * time.Hour)
		if got := old.Load(); got != 0 {
			t.Errorf("%d requests of the old address after the merge", got)
		}
		if got := now.Load(); got > 6 {
			t.Errorf("%d requests of the new address in half a day, want one each two hours", got)
		}
		if _, items := w.feed("old"); items != kept || kept != 2 {
			t.Errorf("the merged feed has %d items, had %d, want 2", items, kept)
		}
		for _, h := range headlines[:2] {
			if n := strings.Count(w.told.String(), h+" ("); n != 1 {
				t.Errorf("%q was told %d times\n%s", h, n, w.told.String())
			}
		}

		w.write(head) // the other feed is taken away
		if err := w.app.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
		desk.Add(feedtest.Item(headlines[2], time.Now()))
		time.Sleep(4 * time.Hour)
		if row, items := w.feed("old"); row.State.Merged != "" || row.State.LastOK.Before(time.Now().Add(-3*time.Hour)) || items != 4 {
			t.Errorf("without the other feed: %d items, %+v", items, row.State)
		}
		if got := old.Load(); got != 0 {
			t.Errorf("%d requests of the old address, want them at the new one", got)
		}
		if n := strings.Count(w.told.String(), headlines[2]+" ("); n != 1 {
			t.Errorf("%q was told %d times", headlines[2], n)
		}
	})
}
