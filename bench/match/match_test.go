// Package match measures the rule engine beside what people would use without
// it: a loop of strings.Contains, a regular expression a word, and a full-text
// index an item. It is a module of its own so that the product is free of what
// it compares with. Run it with `make bench-match`; the corpus is found by
// WATCHER_DATA.
package match

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/simple"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"

	"watcher/feeds"
	"watcher/match"
	"watcher/match/matchtest"
	rules "watcher/match/query"
)

const seed = 20240601

var sizes = []int{10, 1000, 10000, 100000}

// each runs work for every size of rule set on the first items of the corpus:
// fewer where each takes long. A limit of 0 leaves a size out.
func each(b *testing.B, limits [4]int, make func(rs []matchtest.Rule) func(text string)) {
	corpus := matchtest.Corpus(b)
	all := matchtest.NewGen(corpus, seed).Rules(sizes[len(sizes)-1])
	for i, n := range sizes {
		if limits[i] == 0 {
			continue
		}
		texts := []string{}
		for _, it := range corpus[:min(limits[i], len(corpus))] {
			texts = append(texts, it.Text())
		}
		work := make(all[:n])
		for _, t := range texts[:min(len(texts), 20000)] {
			if limits[i] < 1000 {
				break
			}
			work(t)
		}
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			matchtest.Measure(b, len(texts), func(i int) { work(texts[i]) })
		})
	}
}

func BenchmarkWatcher(b *testing.B) {
	each(b, [4]int{30000, 30000, 30000, 30000}, func(rs []matchtest.Rule) func(string) {
		topics := make([]match.Topic, len(rs))
		for i, r := range rs {
			topics[i] = match.Topic{ID: strconv.Itoa(i), Match: rules.Source{Text: r.Q.Text()}}
		}
		s, errs, _ := match.Compile(match.Config{Topics: topics})
		if errs != nil {
			b.Fatal(match.Join(errs))
		}
		m := s.NewMatcher()
		return func(text string) { m.Topics(feeds.Item{Title: text}, time.Time{}) }
	})
}

func BenchmarkContains(b *testing.B) {
	each(b, [4]int{30000, 3000, 300, 30}, func(rs []matchtest.Rule) func(string) {
		return func(text string) {
			text = strings.ToLower(text)
			for i := range rs {
				holds(rs[i].Q, func(n *matchtest.Node) bool { return strings.Contains(text, strings.Join(n.Words, " ")) })
			}
		}
	})
}

// holds evaluates a rule by its leaves alone; NEAR counts as AND.
func holds(n *matchtest.Node, leaf func(*matchtest.Node) bool) bool {
	switch n.Op {
	case "and", "near":
		for _, k := range n.Kids {
			if !holds(k, leaf) {
				return false
			}
		}
		return true
	case "or":
		for _, k := range n.Kids {
			if holds(k, leaf) {
				return true
			}
		}
		return false
	case "not":
		return !holds(n.Kids[0], leaf)
	}
	return leaf(n)
}

func BenchmarkRegexp(b *testing.B) {
	each(b, [4]int{3000, 30, 3, 0}, func(rs []matchtest.Rule) func(string) {
		compiled := map[*matchtest.Node]*regexp.Regexp{}
		for i := range rs {
			rs[i].Q.Leaves(func(n *matchtest.Node) {
				end := `\b`
				if n.Op == "prefix" {
					end = ""
				}
				compiled[n] = regexp.MustCompile(`(?i)\b` + strings.Join(n.Words, `\W+`) + end)
			})
		}
		return func(text string) {
			for i := range rs {
				holds(rs[i].Q, func(n *matchtest.Node) bool { return compiled[n].MatchString(text) })
			}
		}
	})
}

func BenchmarkBleve(b *testing.B) {
	each(b, [4]int{300, 30, 3, 0}, func(rs []matchtest.Rule) func(string) {
		queries := make([]query.Query, len(rs))
		for i := range rs {
			queries[i] = bleveQuery(rs[i].Q)
		}
		m := bleveMapping()
		return func(text string) {
			index, err := bleve.NewMemOnly(m)
			if err != nil {
				b.Fatal(err)
			}
			defer index.Close()
			if err := index.Index("item", map[string]string{"text": text}); err != nil {
				b.Fatal(err)
			}
			for _, q := range queries {
				if _, err := index.Search(bleve.NewSearchRequestOptions(q, 1, 0, false)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkBleveBatch indexes 200 items together, which delays each by up to 200
// items.
func BenchmarkBleveBatch(b *testing.B) {
	each(b, [4]int{400, 400, 200, 0}, func(rs []matchtest.Rule) func(string) {
		queries := make([]query.Query, len(rs))
		for i := range rs {
			queries[i] = bleveQuery(rs[i].Q)
		}
		m := bleveMapping()
		var texts []string
		return func(text string) {
			if texts = append(texts, text); len(texts) < 200 {
				return
			}
			index, err := bleve.NewMemOnly(m)
			if err != nil {
				b.Fatal(err)
			}
			defer index.Close()
			batch := index.NewBatch()
			for i, t := range texts {
				if err := batch.Index(strconv.Itoa(i), map[string]string{"text": t}); err != nil {
					b.Fatal(err)
				}
			}
			texts = texts[:0]
			if err := index.Batch(batch); err != nil {
				b.Fatal(err)
			}
			for _, q := range queries {
				if _, err := index.Search(bleve.NewSearchRequestOptions(q, 200, 0, false)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func bleveMapping() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = simple.Name
	f := bleve.NewTextFieldMapping()
	f.Store, f.IncludeInAll = false, false
	m.DefaultMapping.AddFieldMappingsAt("text", f)
	return m
}

func bleveQuery(n *matchtest.Node) query.Query {
	var kids []query.Query
	for _, k := range n.Kids {
		if k.Op != "not" {
			kids = append(kids, bleveQuery(k))
		}
	}
	switch n.Op {
	case "or":
		return bleve.NewDisjunctionQuery(kids...)
	case "and", "near":
		q := bleve.NewBooleanQuery()
		q.AddMust(kids...)
		for _, k := range n.Kids {
			if k.Op == "not" {
				q.AddMustNot(bleveQuery(k.Kids[0]))
			}
		}
		return q
	case "prefix":
		q := bleve.NewPrefixQuery(n.Words[0])
		q.SetField("text")
		return q
	case "phrase":
		return query.NewPhraseQuery(n.Words, "text")
	}
	q := bleve.NewTermQuery(n.Words[0])
	q.SetField("text")
	return q
}
