package ingest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/match"
	"watcher/match/query"
	"watcher/notify"
)

// invented gives items of made-up stories, each told one to a few times: half
// the words of an item are its story's, the others those of any news.
type invented struct {
	r     *rand.Rand
	n     int
	words []string
	open  [][]string
	body  int // words
	feeds int // that bring them, batchSize/10 items each in turn
}

func newInvented(body int) *invented {
	m := &invented{r: rand.New(rand.NewPCG(1, 2)), body: body}
	for i := range 60_000 {
		m.words = append(m.words, "w"+strconv.FormatInt(int64(i*7919%60_000+1_000_000), 36))
	}
	return m
}

func (m *invented) word() string {
	return m.words[min(len(m.words)-1, int(math.Exp(m.r.Float64()*math.Log(float64(len(m.words))))))]
}

func (m *invented) next(now time.Time) *candidate {
	m.n++
	if len(m.open) < 200 || m.r.IntN(2) == 0 {
		own := make([]string, 12)
		for i := range own {
			own[i] = m.words[m.r.IntN(len(m.words))]
		}
		if m.open = append(m.open, own); len(m.open) > 2000 {
			m.open = m.open[1000:]
		}
	}
	own := m.open[len(m.open)-1-m.r.IntN(min(len(m.open), 200))]
	text := func(n int) string {
		var b strings.Builder
		for i := range n {
			w := m.word()
			if m.r.IntN(3) == 0 {
				w = own[m.r.IntN(len(own))]
			}
			if i%12 == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			b.WriteString(w)
			if i%12 == 11 {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	link := fmt.Sprintf("https://outlet.example/%d", m.n)
	it := feeds.Item{GUID: link, Link: link, Title: text(9), Published: now}
	if m.body > 100 {
		it.Content = text(m.body)
	} else {
		it.Summary = text(m.body)
	}
	feeds.Normalize(&it)
	it.Feed = "feed-" + strconv.Itoa(m.n*10/batchSize%max(1, m.feeds))
	return &candidate{item: store.Item{Item: it, FirstSeen: now, ContentHash: it.ContentHash(), Publisher: "p" + strconv.Itoa(m.r.IntN(300))},
		hits: []match.Hit{{Topic: "tide", Score: 1}}}
}

// untold plans nothing.
type untold struct{}

func (untold) Story(_ context.Context, _ store.Tx, c Change) ([]notify.Delivery, store.Story, error) {
	return nil, c.Story, nil
}

func (untold) Event(context.Context, store.Tx, store.Event) ([]notify.Delivery, error) {
	return nil, nil
}

// batchSize is how many items the benchmark keeps in one transaction.
const batchSize = 250

// BenchmarkGroup keeps new items that all hit a topic: the store's transaction
// of a poll, with items, full text, hits, stories and the records of grouping,
// in a store that holds a history already. CPU time is what counts: items/s is
// what one core does. The keys of a feed stand together in the store, so that one
// feed with a long history costs most. WATCHER_SOAK=1 adds a history of a million
// items.
func BenchmarkGroup(b *testing.B) {
	for _, c := range []struct {
		name          string
		body, history int
		feeds         int
	}{
		{"summaries", 40, 0, 1}, {"summaries after 10,000", 40, 10_000, 1}, {"summaries after 100,000", 40, 100_000, 1},
		{"summaries after 100,000 of 200 feeds", 40, 100_000, 200}, {"summaries after 1,000,000", 40, 1_000_000, 1}, {"articles", 500, 0, 1}} {
		b.Run(c.name, func(b *testing.B) {
			if c.history >= 1_000_000 && os.Getenv("WATCHER_SOAK") == "" {
				b.Skip("set WATCHER_SOAK=1 for a history of a million items")
			}
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "w.db"), sqlite.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			set, errs, _ := match.Compile(match.Config{Topics: []match.Topic{{ID: "tide", Name: "Tide", Match: query.Source{Text: "ebb"}}}})
			if len(errs) > 0 {
				b.Fatal(errs)
			}
			now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
			in := New(Options{Store: s, Planner: untold{}, Now: func() time.Time { return now }}, NewRules(set, []Topic{{ID: "tide", On: "story"}}))
			m := newInvented(c.body)
			m.feeds = c.feeds
			keep := func(n int, hit bool) time.Duration {
				items := make([]*candidate, n)
				for i := range items {
					now = now.Add(8 * time.Second)
					if items[i] = m.next(now); !hit {
						items[i].hits = nil
					}
				}
				began := cpu(b)
				if err := in.update(b.Context(), func(ctx context.Context, t *turn) error {
					return (&work{turn: t, feed: feeds.Feed{ID: "a"}, now: now, rules: in.Rules(), sorted: &sorted{fresh: items}}).run(ctx)
				}); err != nil {
					b.Fatal(err)
				}
				return cpu(b) - began
			}
			for n := 0; n < c.history; n += 1000 { // all items are kept, a few in a hundred hit a topic
				keep(950, false)
				keep(50, true)
			}
			var spent time.Duration
			n := 0
			for b.Loop() {
				spent += keep(batchSize, true)
				n += batchSize
			}
			b.ReportMetric(float64(n)/spent.Seconds(), "items/s")
			b.ReportMetric(float64(spent.Microseconds())/float64(n), "us/item")
			b.ReportMetric(float64(n), "items")
		})
	}
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
