package match

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/matchtest"
)

var sizes = []int{10, 1000, 10000, 100000}

// BenchmarkMatch is the time of one item over sets of rules: which topics hit,
// and with all that was found, beside the first.
func BenchmarkMatch(b *testing.B) {
	corpus := matchtest.Corpus(b)
	rules := matchtest.NewGen(corpus, seed).Rules(sizes[len(sizes)-1])
	items := matchtest.Limit(newsItems(corpus))
	for _, n := range sizes {
		m := mustCompile(b, ruleTopics(rules[:n])).NewMatcher()
		for _, it := range items { // fills the word cache
			m.Topics(it, time.Time{})
		}
		b.Run(fmt.Sprintf("topics/rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			matchtest.Measure(b, len(items), func(i int) { m.Topics(items[i], time.Time{}) })
		})
		b.Run(fmt.Sprintf("hits/rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			matchtest.Compare(b, len(items), "topics", func(i int) { m.Topics(items[i], time.Time{}) }, func(i int) { m.Match(items[i], time.Time{}) })
		})
	}
}

func newsItems(corpus []matchtest.Item) []feeds.Item {
	items := make([]feeds.Item, len(corpus))
	for i, it := range corpus {
		items[i].Title = it.Text()
	}
	return items
}

func mustCompile(tb testing.TB, topics []Topic) *Set {
	tb.Helper()
	return mustSet(tb, Config{Topics: topics})
}

func mustSet(tb testing.TB, c Config) *Set {
	tb.Helper()
	s, errs, _ := Compile(c)
	if errs != nil {
		tb.Fatal(Join(errs))
	}
	return s
}

// BenchmarkCompile is the time from rules' text to a Set, and what a rule keeps
// of memory beyond its text.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			topics := ruleTopics(matchtest.NewGen(matchtest.Corpus(b), seed).Rules(n))
			newsWords()
			b.ReportAllocs()
			best := matchtest.Best(b, func() { mustCompile(b, topics) })
			b.ReportMetric(best.Seconds()*1e3, "cpu-ms/set")
			before := heap()
			s := mustCompile(b, topics)
			b.ReportMetric(float64(heap()-before)/float64(n), "B/rule")
			runtime.KeepAlive(s)
			runtime.KeepAlive(topics)
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkFlat compares 1,000 rules alone with the same among 99,000 whose
// words stand nowhere: what matters is how many rules an item concerns.
func BenchmarkFlat(b *testing.B) {
	corpus := matchtest.Corpus(b)
	rules := matchtest.NewGen(corpus, seed).Rules(100000)
	for _, r := range rules[1000:] {
		r.Q.Leaves(func(n *matchtest.Node) {
			for i := range n.Words {
				n.Words[i] = "zq" + n.Words[i]
			}
		})
	}
	items := matchtest.Limit(newsItems(corpus))
	few, many := mustCompile(b, ruleTopics(rules[:1000])).NewMatcher(), mustCompile(b, ruleTopics(rules)).NewMatcher()
	for _, it := range items {
		few.Topics(it, time.Time{})
		many.Topics(it, time.Time{})
	}
	var alone time.Duration
	b.Run("rules=1000", func(b *testing.B) {
		alone = matchtest.Measure(b, len(items), func(i int) { few.Topics(items[i], time.Time{}) })
	})
	b.Run("rules=100000", func(b *testing.B) {
		d := matchtest.Measure(b, len(items), func(i int) { many.Topics(items[i], time.Time{}) })
		if alone > 0 {
			b.ReportMetric(float64(d)/float64(alone), "times-alone")
		}
	})
}

// BenchmarkWorkers is what two workers do together, each with a matcher of its
// own on one set: items a second, by the clock.
func BenchmarkWorkers(b *testing.B) {
	corpus := matchtest.Corpus(b)
	items := newsItems(corpus)
	set := mustCompile(b, ruleTopics(matchtest.NewGen(corpus, seed).Rules(10000)))
	for _, workers := range []int{1, 2} {
		matchers := make([]*Matcher, workers)
		for w := range matchers {
			matchers[w] = set.NewMatcher()
		}
		pass := func() {
			var wg sync.WaitGroup
			for w, m := range matchers {
				wg.Go(func() {
					for i := w * len(items) / workers; i < (w+1)*len(items)/workers; i++ {
						m.Topics(items[i], time.Time{})
					}
				})
			}
			wg.Wait()
		}
		pass()
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			best := time.Duration(1 << 62)
			for b.Loop() {
				start := time.Now()
				pass()
				best = min(best, time.Since(start))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(items))/best.Seconds(), "items/s")
		})
	}
}
