package match

import (
	"fmt"
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
	items := newsItems(corpus)
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
