package match

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/matchtest"
)

var sizes = []int{10, 1000, 10000, 100000}

// BenchmarkMatch is the time of one item over sets of rules: which topics hit,
// and with all that was found.
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
			matchtest.Measure(b, len(items), func(i int) { m.Match(items[i], time.Time{}) })
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
	s, errs, _ := Compile(Config{Topics: topics})
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
