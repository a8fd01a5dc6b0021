package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/notify"
)

// BenchmarkPages measures pages over a large store: a million items, unless
// WATCHER_BENCH_ITEMS says otherwise. It reports the size of each page too.
func BenchmarkPages(b *testing.B) {
	n := 1_000_000
	if s := os.Getenv("WATCHER_BENCH_ITEMS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	w := newWorld(b)
	st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "large.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	began := time.Now()
	story := fillLarge(b, st, n)
	b.Logf("%d items stored in %s", n, time.Since(began).Round(time.Second))
	day := fullDay(b, st, w.options.Digests[0])
	w.options.Store, w.options.Actions = st, w.acts
	h, err := New(w.options)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range []string{"/", "/topics", "/topics/strait-talks", "/stories/" + story, "/search?q=strait+talks", "/search?q=rareword77", "/search?q=%22strait+talks%22", "/feeds", "/feeds/f7", "/deliveries", "/silences", "/try", "/config", "/status", "/digests", day, day + ".txt", day + ".json", "/digests/morning.atom", "/topics/strait-talks.atom", "/opml", "/api/v1/stories", "/api/v1/search?q=strait+talks"} {
		b.Run(strings.ReplaceAll(p, "/", "_"), func(b *testing.B) {
			size, before := 0, cpu()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, p, nil)
				r.Host, r.Header = "127.0.0.1", http.Header{"Accept": {"text/html"}}
				out := httptest.NewRecorder()
				h.ServeHTTP(out, r)
				if out.Code != http.StatusOK {
					b.Fatalf("%s: %d", p, out.Code)
				}
				size = out.Body.Len()
				if strings.HasPrefix(out.Header().Get("Content-Type"), "text/html") && size > 60_000 {
					b.Fatalf("%s: %d bytes, a page may have 60,000", p, size)
				}
			}
			b.ReportMetric(float64(size), "bytes/page")
			b.ReportMetric(float64(cpu()-before)/float64(b.N)/1e6, "cpu-ms/page")
		})
	}
}

// cpu is what this process has used: on a shared machine wall times mislead.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fullDay builds the digest of the last day over the large store, with a mark
// on each of its stories; it reports how long that takes and how large the
// mail is, and gives the address of its page.
func fullDay(b *testing.B, st store.Store, def digest.Definition) string {
	b.Helper()
	before, n := cpu(), 0
	made, _, err := digest.Run(b.Context(), st, def, morning.Add(-30*time.Minute), func() string { n++; return fmt.Sprintf("msg_full%d", n) })
	if err != nil || !made {
		b.Fatalf("digest: made %v, %v", made, err)
	}
	took := cpu() - before
	var doc digest.Document
	if err := st.View(b.Context(), func(rd store.Reader) error {
		doc, err = document(b.Context(), rd, def.ID, morning.Format(time.DateOnly))
		return err
	}); err != nil {
		b.Fatal(err)
	}
	mail, err := doc.HTML(digest.Links{Base: "https://watcher.example"})
	if err != nil {
		b.Fatal(err)
	}
	all := doc.Stories()
	b.Logf("digest of a full day: %d stories shown of %d, built in %d ms of CPU; its mail has %d bytes of HTML", len(all), doc.Head.Stories, took.Milliseconds(), len(mail))
	if len(all) < 60 || len(mail) > 90_000 {
		b.Fatalf("%d stories, %d bytes of mail: want 60 and at most 90,000", len(all), len(mail))
	}
	if err := st.Update(b.Context(), func(tx store.Tx) error {
		for i, st := range all {
			m := store.Mark{Story: st.ID, Kind: store.Starred, At: morning}
			switch {
			case i%2 == 0:
				m.Kind = store.Reviewed
			case i%5 == 0:
				m.Kind, m.Text = store.Note, strings.Repeat("a note of some length ", 6)
			}
			if err := tx.SaveMark(b.Context(), m); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return "/digests/" + doc.Key()
}

// together is how many items a transaction stores.
const together = 20_000

// fillLarge stores n items of 500 feeds, a million in half a year; one in 25 hits a
// topic, and hits gather in stories of about eight.
func fillLarge(b *testing.B, st store.Store, n int) (story string) {
	b.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("strait talks ferry harbour minister market storm vote court budget school bridge coast trade union fleet border river crop museum")
	ctx := b.Context()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	check(st.Update(ctx, func(tx store.Tx) error {
		for i := range 500 {
			if err := tx.SaveFeed(ctx, feeds.Feed{ID: "f" + strconv.Itoa(i), URL: fmt.Sprintf("https://f%d.example/rss", i), Name: "Outlet " + strconv.Itoa(i), Publisher: "p" + strconv.Itoa(i%300), Kind: feeds.Independent, Notify: true}); err != nil {
				return err
			}
		}
		return nil
	}))
	gap := 180 * 24 * time.Hour / 1_000_000
	for at := 0; at < n; at += together {
		check(st.Update(ctx, func(tx store.Tx) error {
			its := make([]*store.Item, 0, together)
			for i := at; i < min(at+together, n); i++ {
				its = append(its, largeItem(rnd, words, i, morning.Add(-gap*time.Duration(n-i))))
			}
			if err := tx.InsertItems(ctx, its); err != nil {
				return err
			}
			var err error
			story, err = largeStories(ctx, tx, its, at)
			return err
		}))
	}
	return story
}

func largeItem(rnd *rand.Rand, words []string, i int, seen time.Time) *store.Item {
	var t strings.Builder
	for range 9 {
		t.WriteString(words[rnd.IntN(len(words))] + " ")
	}
	feed := strconv.Itoa(rnd.IntN(500))
	it := &store.Item{Item: feeds.Item{Feed: "f" + feed, GUID: strconv.Itoa(i), Link: "https://f" + feed + ".example/" + strconv.Itoa(i), Title: "News " + t.String() + "rareword" + strconv.Itoa(i%5000),
		Summary: strings.Repeat(t.String(), 3), Lang: "en", Source: "Outlet " + feed, Published: seen}, FirstSeen: seen, Publisher: "p" + feed, FeedKind: feeds.Independent}
	feeds.Normalize(&it.Item)
	return it
}

// largeStories puts every 25th item of a batch into stories of eight, with a
// hit and a delivery each.
func largeStories(ctx context.Context, tx store.Tx, its []*store.Item, batch int) (string, error) {
	id, size, made := "", 0, 0
	var members []store.Item
	for i := 0; i < len(its); i += 25 {
		it := its[i]
		if len(members) >= size {
			id = fmt.Sprintf("st_%016d", batch+i)
			members, size = nil, 8
			if it.FirstSeen.After(morning.AddDate(0, 0, -1)) {
				size = []int{3, 3, 1, 3, 3}[made%5] // the last day has many stories, some of a single source
			}
			made++
		}
		members = append(members, *it)
		if err := tx.PlaceItem(ctx, it.ID, id, "same", 0, 0, []byte(`{"score":0.8}`)); err != nil {
			return id, err
		}
		topic := []string{"strait-talks", "ferry-safety"}[i/25%2]
		if err := tx.AddHits(ctx, store.Hit{Item: it.ID, Topic: topic, Score: 1, Record: []byte(`{"score":1,"threshold":0,"hits":[{"clause":"strait","field":"title","start":0,"end":4,"text":"News","form":"word"}]}`), At: it.FirstSeen}); err != nil {
			return id, err
		}
		if err := tx.SaveStories(ctx, recount(store.Story{ID: id, Topics: []string{topic}}, members)); err != nil {
			return id, err
		}
		d := notify.Delivery{ID: fmt.Sprintf("msg_%d_%d", batch, i), Receiver: "desk", Type: notify.StoryNew, Subject: id, Topic: topic, Topics: []string{topic}, Sequence: len(members), Reason: "new", State: notify.Pending, Created: it.FirstSeen, NextAt: it.FirstSeen}
		if i%100 != 0 {
			d.State = notify.Delivered
		}
		if err := tx.Enqueue(ctx, []notify.Delivery{d}); err != nil {
			return id, err
		}
	}
	return id, nil
}
