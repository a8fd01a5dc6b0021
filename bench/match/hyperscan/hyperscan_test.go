package hyperscan

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match"
	"watcher/match/matchtest"
	"watcher/match/query"
)

// BenchmarkScan compares, size by size, Hyperscan's scan for the rules' words
// (hits alone, no rules) with the engine (rules, phrases, distances).
func BenchmarkScan(b *testing.B) {
	corpus := matchtest.Corpus(b)
	all := matchtest.NewGen(corpus, 20240601).Rules(100000)
	texts := make([]string, len(corpus))
	for i, it := range corpus {
		texts[i] = it.Text()
	}
	texts = matchtest.Limit(texts)
	for _, n := range []int{10, 1000, 10000, 100000} {
		known, literals := map[string]bool{}, []string{}
		topics := make([]match.Topic, n)
		for i, r := range all[:n] {
			topics[i] = match.Topic{ID: strconv.Itoa(i), Match: query.Source{Text: r.Q.Text()}}
			r.Q.Leaves(func(l *matchtest.Node) {
				if t := strings.Join(l.Words, " "); !known[t] {
					known[t] = true
					literals = append(literals, t)
				}
			})
		}
		s, err := New(literals)
		if err != nil {
			b.Fatal(err)
		}
		set, errs, _ := match.Compile(match.Config{Topics: topics})
		if errs != nil {
			b.Fatal(match.Join(errs))
		}
		m := set.NewMatcher()
		for _, t := range texts {
			m.Topics(feeds.Item{Title: t}, time.Time{})
		}
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			matchtest.Compare(b, len(texts), "hyperscan", func(i int) { s.Scan(texts[i]) }, func(i int) { m.Topics(feeds.Item{Title: texts[i]}, time.Time{}) })
		})
	}
}
