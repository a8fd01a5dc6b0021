package match

import (
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/matchtest"
)

func corpusItems(tb testing.TB) (items []feeds.Item, bytes int) {
	for _, it := range matchtest.Corpus(tb) {
		items = append(items, feeds.Item{Title: it.Text()})
		bytes += len(it.Text())
	}
	return items, bytes
}

var sizes = []int{10, 1000, 10000, 100000}

// BenchmarkMatch is the time of one item over sets of rules.
func BenchmarkMatch(b *testing.B) {
	items, _ := corpusItems(b)
	rules := matchtest.NewGen(matchtest.Corpus(b), seed).Rules(sizes[len(sizes)-1])
	for _, n := range sizes {
		s, errs, _ := Compile(Config{Topics: ruleTopics(rules[:n])})
		if errs != nil {
			b.Fatal(Join(errs))
		}
		for _, kind := range []string{"topics", "hits"} {
			b.Run(fmt.Sprintf("%s/rules=%d", kind, n), func(b *testing.B) {
				m := s.NewMatcher()
				for _, it := range items {
					m.Topics(it, time.Time{})
				}
				b.ReportAllocs()
				hits, i := 0, 0
				for b.Loop() {
					if kind == "topics" {
						hits += len(m.Topics(items[i%len(items)], time.Time{}))
					} else {
						hits += len(m.Match(items[i%len(items)], time.Time{}))
					}
					i++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(i), "us/item")
				b.ReportMetric(float64(hits)/float64(i), "hits/item")
			})
		}
	}
}
