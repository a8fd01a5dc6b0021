package match

import (
	"math/rand/v2"
	"slices"
	"testing"

	"watcher/feeds"
)

// FuzzMatch compares the engine with the plain evaluator on one rule, what it
// shuts out and passes over, and one item: small, so that thousands run in a
// second. Two more topics hold the same rule, so that its nodes are shared.
//
// Minimizing what is new takes nearly all the time unless it is limited:
// go test -fuzz FuzzMatch -fuzzminimizetime 1x
func FuzzMatch(f *testing.F) {
	for seed := range uint64(80) {
		m := maker{rand.New(rand.NewPCG(seed, 2))}
		topic, it := m.topic(0), m.item()
		ignore := ""
		if len(topic.Ignore) > 0 {
			ignore = topic.Ignore[0].Text
		}
		f.Add(topic.Match.Text, topic.Unless.Text, ignore, it.Title, it.Content, it.Lang)
	}
	entities := append(slices.Clone(sample), everyone)
	f.Fuzz(func(t *testing.T, match, unless, ignore, title, content, lang string) {
		if len(match)+len(unless)+len(ignore) > 300 || len(title)+len(content) > 600 || len(lang) > 8 {
			return
		}
		topics := []Topic{{ID: "0", Match: src(match), Unless: src(unless)}, {ID: "1", Match: src(match)}, {ID: "2", Match: src("(" + match + ") AND NOT qatar")}}
		if ignore != "" {
			topics[0].Ignore = list(ignore)
		}
		set, errs, _ := Compile(Config{Topics: topics, Entities: entities})
		if errs != nil {
			return
		}
		it := feeds.Item{GUID: "1", Title: feeds.PlainTitle(title), Content: content, Lang: lang, Source: "Wire News", Link: "https://example.org/oman"}
		compareItem(t, set.NewMatcher(), topics, entities, it, func() bool { return len(match)%8 == 0 })
	})
}
