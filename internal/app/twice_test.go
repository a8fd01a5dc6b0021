package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watcher/internal/store"
)

// entry writes one entry of a feed by hand.
func entry(guid, title, link, date string) string {
	s := "<item>"
	if guid != "" {
		s += "<guid>" + guid + "</guid>"
	}
	return s + "<title>" + title + "</title><link>" + link + "</link><pubDate>" + date + "</pubDate><description>" + title + ", at length.</description></item>"
}

func channel(entries ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title><link>http://desk.example/</link>` + strings.Join(entries, "") + `</channel></rss>`
}

// What feeds do to entries that were told already, none of which is news.
func TestNeverTwice(t *testing.T) {
	const (
		a     = "Oman lends frankincense jars to a museum in Lisbon after long talks"
		b     = "Pilots of Oman's airline end their strike in late night talks"
		day1  = "Fri, 06 Feb 2026 08:10:00 GMT"
		day2  = "Fri, 06 Feb 2026 09:00:00 GMT"
		linkA = "http://desk.example/a"
		linkB = "https://desk.example/b?id=2"
	)
	steps := []struct{ name, doc string }{
		{"the first poll is a baseline", channel(entry("0", "Dentists and insurers in Oman open talks about fees", "http://desk.example/0", day1))},
		{"news is told", channel(entry("http://desk.example/a", a, linkA, day1), entry("", b, linkB, day1))},
		{"another order", channel(entry("", b, linkB, day1), entry("http://desk.example/a", a, linkA, day1))},
		{"another date", channel(entry("http://desk.example/a", a, linkA, day2), entry("", b, linkB, day2))},
		{"an edited title", channel(entry("http://desk.example/a", a+" and tea", linkA, day2), entry("", b, linkB, day2))},
		{"tracking parameters", channel(entry("http://desk.example/a", a+" and tea", linkA+"?utm_source=rss", day2), entry("", b, linkB+"&amp;utm_medium=feed&amp;fbclid=x1", day2))},
		{"https in the id", channel(entry("https://www.desk.example/a", a+" and tea", "https://www.desk.example/a", day2), entry("", b, linkB, day2))},
		{"gone for a poll", channel(entry("", b, linkB, day2))},
		{"and back", channel(entry("http://desk.example/a", a+" and tea", linkA, day2), entry("", b, linkB, day2))},
	}
	inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		var doc atomic.Pointer[string]
		doc.Store(&steps[0].doc)
		w.web.Handle("desk.example", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, *doc.Load()) }))
		text := "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"*/10 * * * *\", adaptive: off, allow_private: true}\nfeeds:\n  - {id: desk, url: \"http://desk.example/feed\"}\n" +
			"topics:\n  - {id: oman, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\n"
		w.write(text)
		w.start()
		want := 0
		for i, s := range steps {
			doc.Store(&s.doc)
			time.Sleep(12 * time.Minute)
			if i == 1 {
				want = 2
			}
			if got := strings.Count(w.told.String(), "story."); got != want {
				t.Errorf("after %q: %d alerts, want %d\n%s", s.name, got, want, w.told.String())
			}
			if i == 5 { // a restart in the middle changes nothing
				w.stop()
				w.start()
			}
		}
		err := w.app.store.View(context.Background(), func(r store.Reader) error {
			items, err := r.Items(context.Background(), store.ItemFilter{Feed: "desk", Limit: 100})
			if len(items) != 3 {
				t.Errorf("%d items stored, want 3", len(items))
			}
			revs, err2 := r.Revisions(context.Background(), store.RevisionFilter{Titles: true, Limit: 100})
			if err2 != nil {
				return err2
			}
			if len(revs) != 1 || revs[0].Title != a {
				t.Errorf("revisions: %+v, want the first title", revs)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A feed whose ids change under the same titles, once or at every poll, brings
// nothing but what is really new.
func TestChangingIDs(t *testing.T) {
	t.Run("all", func(t *testing.T) { changingIDs(t, false) })
	t.Run("all but one", func(t *testing.T) { changingIDs(t, true) })
}

func changingIDs(t *testing.T, oneStays bool) {
	inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		var shown atomic.Int64 // headlines in the document
		var polls atomic.Int64
		shown.Store(1)
		w.web.Handle("desk.example", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			n := polls.Add(1)
			var es []string
			for i := range int(shown.Load()) {
				id := fmt.Sprintf("%d-%d", i, max(0, n-6)) // another id at each poll from the seventh on
				if oneStays && i == 0 {
					id = "0"
				}
				es = append(es, entry(id, headlines[i], fmt.Sprintf("http://desk.example/%d", i), "Fri, 06 Feb 2026 08:10:00 GMT"))
			}
			fmt.Fprint(rw, channel(es...))
		}))
		w.write("store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"*/10 * * * *\", adaptive: off, allow_private: true}\nfeeds:\n  - {id: desk, url: \"http://desk.example/feed\"}\n" +
			"topics:\n  - {id: oman, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\n")
		w.start()
		for n, want := range []int64{1, 4, 4, 4, 4, 4, 4, 4, 5, 5, 6} {
			shown.Store(want)
			time.Sleep(10 * time.Minute)
			if got := strings.Count(w.told.String(), "story."); got != int(want)-1 {
				t.Errorf("after %d polls: %d alerts, want %d\n%s", n+1, got, want-1, w.told.String())
			}
		}
		if row, items := w.feed("desk"); items != 6 || !row.State.Untrusted {
			t.Errorf("%d items kept, want 6; ids untrusted: %v", items, row.State.Untrusted)
		}
	})
}

// Two new entries share an id, so that ids lose their trust. One that stood
// unchanged beside them, or was away, and comes with another date afterwards
// is no news.
func TestSharedID(t *testing.T) {
	t.Run("beside", func(t *testing.T) { sharedID(t, true) })
	t.Run("away", func(t *testing.T) { sharedID(t, false) })
}

func sharedID(t *testing.T, beside bool) {
	const day1, day2 = "Fri, 06 Feb 2026 08:10:00 GMT", "Fri, 06 Feb 2026 08:20:00 GMT"
	old := func(day string) string { return entry("1", headlines[0], "http://desk.example/0", day) }
	both := entry("9", "A quiet day", "http://desk.example/1", day1) + entry("9", "Another quiet day", "http://desk.example/2", day1)
	inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		var doc atomic.Value
		w.web.Handle("desk.example", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, doc.Load()) }))
		w.write("store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"*/10 * * * *\", adaptive: off, allow_private: true}\nfeeds:\n  - {id: desk, url: \"http://desk.example/feed\"}\n" +
			"topics:\n  - {id: oman, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\n")
		second := channel(both)
		if beside {
			second = channel(old(day1), both)
		}
		for i, d := range []string{channel(old(day1)), second, channel(old(day2), both)} {
			if doc.Store(d); i == 0 {
				w.start()
			}
			time.Sleep(12 * time.Minute)
		}
		if row, items := w.feed("desk"); items != 3 || !row.State.Untrusted {
			t.Errorf("%d items kept, want 3; ids untrusted: %v", items, row.State.Untrusted)
		}
		if told := w.told.String(); strings.Contains(told, "story.") {
			t.Errorf("told: %s", told)
		}
	})
}
