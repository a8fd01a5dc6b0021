package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/match"
	"watcher/match/query"
	"watcher/notify"
)

// What a poll may cost, in what does not depend on the machine. The limits
// stand a quarter or so above what was counted: going over one is no accident.
var costs = []struct {
	name                    string
	answer                  func(n int) fetch.Result
	writes, statements, wal int64 // transactions; SQL statements; bytes
	allocations, memory     int64 // bytes allocated
}{
	{"304", func(int) fetch.Result { return unchanged(304) }, 1, 3, 11_000, 260, 27_000},
	{"200 same", func(int) fetch.Result { return unchanged(200) }, 1, 3, 11_000, 260, 27_000},
	{"all known", func(int) fetch.Result { return document(0) }, 1, 8, 11_000, 700, 200_000},
	{"three new", document, 1, 25, 50_000, 1_800, 320_000},
	{"three that meet a topic", func(n int) fetch.Result { return ebbing(document(n)) }, 1, 45, 200_000, 2_900, 520_000},
}

// polls is how many are counted: enough that the words of new items are written once.
const polls = 80

func TestCost(t *testing.T) {
	for _, c := range costs {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			w := newWorker(t, s)
			w.poll(t, document(0)) // the baseline
			w.poll(t, document(0)) // statements are prepared, what is learnt is learnt
			wal := s.Path() + "-wal"
			var before, after runtime.MemStats
			asks, writes, statements, size := w.asks, w.writes, w.statements, length(t, wal)
			runtime.ReadMemStats(&before)
			// Beside a reader the journal is never begun anew: its length is what was written.
			if err := s.View(t.Context(), func(r store.Reader) error {
				_, err := r.Feed(t.Context(), "a")
				for n := range polls {
					w.poll(t, c.answer(n+1))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			for _, got := range []struct {
				what      string
				count, of int64
			}{
				{"requests", int64(w.asks - asks), 1},
				{"write transactions", w.writes - writes, c.writes},
				{"SQL statements", w.statements - statements, c.statements},
				{"bytes of journal", length(t, wal) - size, c.wal},
				{"allocations", int64(after.Mallocs - before.Mallocs), c.allocations},
				{"bytes allocated", int64(after.TotalAlloc - before.TotalAlloc), c.memory},
			} {
				t.Logf("%d %s a poll", got.count/polls, got.what)
				if got.count > got.of*polls {
					t.Errorf("%d %s a poll, at most %d are due", got.count/polls, got.what, got.of)
				}
			}
		})
	}
}

func length(t *testing.T, file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// worker polls one feed whose answers are given.
type worker struct {
	store.Store
	in     *ingest.Ingest
	now    time.Time
	answer fetch.Result
	asks   int

	writes, statements int64
}

// newStore opens an empty store for the time of a test.
func newStore(t testing.TB) *sqlite.Store {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newWorker(t testing.TB, s store.Store) *worker {
	w := &worker{Store: s, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	set, errs, _ := match.Compile(match.Config{Topics: []match.Topic{{ID: "tide", Name: "Tide", Match: query.Source{Text: "ebb"}}}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	clock := func() time.Time { return w.now }
	w.in = ingest.New(ingest.Options{Store: w, Fetch: w, Pacer: pace.NewPacer(clock), Planner: nobody{}, Now: clock,
		Slots: func(feeds.Feed) pace.Slots { return minutes{} }, Chance: func() float64 { return 0.5 }}, ingest.NewRules(set, []ingest.Topic{{ID: "tide", On: "story"}}))
	if err := s.Update(t.Context(), func(tx store.Tx) error {
		return tx.SyncFeeds(t.Context(), []feeds.Feed{{ID: "a", URL: "https://a.example/feed"}})
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *worker) poll(t testing.TB, answer fetch.Result) {
	t.Helper()
	w.answer, w.now = answer, w.now.Add(time.Minute)
	var row store.FeedRow
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		rows, err := r.DueFeeds(t.Context(), w.now.Add(time.Hour), store.Turn{}, -1, 1)
		if len(rows) == 1 {
			row = rows[0]
		}
		return err
	})
	if err != nil || row.Feed.ID == "" {
		t.Fatalf("no feed is due: %v", err)
	}
	ran := w.Store.(*sqlite.Store).Statements()
	if err := w.in.Poll(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	w.statements += w.Store.(*sqlite.Store).Statements() - ran
}

// Get implements ingest.Fetcher.
func (w *worker) Get(context.Context, feeds.Feed, feeds.State) (fetch.Result, error) {
	w.asks++
	return w.answer, nil
}

// Update counts.
func (w *worker) Update(ctx context.Context, fn func(store.Tx) error) error {
	w.writes++
	return w.Store.Update(ctx, fn)
}

func unchanged(status int) fetch.Result {
	return fetch.Result{Outcome: pace.Outcome{Class: pace.Unchanged, Status: status, Host: "a.example", FinalURL: "https://a.example/feed", Conditional: true, Same: status == 200}}
}

// document shows 30 items, three newer ones with each n.
func document(n int) fetch.Result {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Harbour</title>`)
	for i := 3*n + 30; i > 3*n; i-- {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%d</guid><title>Ship %d has come in</title><link>https://a.example/%d</link><description>&lt;p&gt;%s&lt;/p&gt;</description></item>`,
			i, i, i, strings.Repeat("She lay in the roads until noon. ", 10))
	}
	b.WriteString(`</channel></rss>`)
	return fetch.Result{Body: []byte(b.String()), ContentType: "application/rss+xml",
		Outcome: pace.Outcome{Class: pace.OK, Status: 200, Host: "a.example", FinalURL: "https://a.example/feed", ETag: fmt.Sprint(n)}}
}

type minutes struct{}

func (minutes) Next(after time.Time) time.Time { return after.Truncate(time.Minute).Add(time.Minute) }

// nobody is told anything.
type nobody struct{}

func (nobody) Story(_ context.Context, _ store.Tx, c ingest.Change) ([]notify.Delivery, store.Story, error) {
	return nil, c.Story, nil
}

func (nobody) Event(context.Context, store.Tx, store.Event) ([]notify.Delivery, error) {
	return nil, nil
}
