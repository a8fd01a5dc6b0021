package app_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match"
	"watcher/match/query"
)

// TestShippedTopicsApart measures the topics of the example on items of which
// nothing was read: for every week, and every outlet, the words that stand in
// its items and in no others are taken out of the entities and of what is
// ignored, with the lines of the score that only its items have use for, and the
// topics that stay are measured on that week or outlet. It is more than reading
// the other items would have cost: a word that anyone knows goes too where only
// one week had use for it, and with an outlet often all words of its language.
// What it cannot take out is how the lines are built.
func TestShippedTopicsApart(t *testing.T) {
	c := exampleConfig(t)
	items := slices.DeleteFunc(labelledItems(t), func(it labelled) bool { return it.Published == "" })
	words := newSupport(t, c, items)
	for _, by := range []struct {
		name string
		part func(labelled) string
	}{{"week", weekOf}, {"outlet", func(it labelled) string { return it.Source }}} {
		if by.name == "outlet" && os.Getenv("WATCHER_SOAK") == "" {
			t.Log("by outlet: set WATCHER_SOAK=1")
			continue
		}
		parts := map[string][]int{}
		for i, it := range items {
			parts[by.part(it)] = append(parts[by.part(it)], i)
		}
		var talks, oman tally
		apart := map[string]*tally{}
		dropped := 0
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			left := parts[name]
			config, n := words.without(c, left)
			dropped += n
			set, errs, _ := match.Compile(config)
			if errs != nil {
				t.Fatal(name, match.Join(errs))
			}
			m, tl := set.NewMatcher(), &tally{}
			for _, i := range left {
				if it := items[i]; it.Label != "borderline" {
					hit := topicsOf(m, it)
					tl.add(it.Label == "talks", hit["iran-us-talks"])
					oman.add(it.Oman, hit["oman-mediation"])
				}
			}
			apart[name] = tl
			talks.join(*tl)
		}
		t.Logf("each %s by the words of the others (%d parts, %.1f words fewer): iran-us-talks precision %.3f, recall %.3f, %.1f false in 1,000 others; oman-mediation precision %.3f, recall %.3f, F1 %.3f",
			by.name, len(parts), float64(dropped)/float64(len(parts)), talks.precision(), talks.recall(), 1000*float64(talks.false)/float64(talks.other), oman.precision(), oman.recall(), oman.f1())
		logParts(t, by.name, apart)
		logIntervals(t, by.name, apart)
		if by.name == "week" && (talks.precision() < .95 || talks.recall() < .92 || 100*talks.false > talks.other || oman.f1() < .90) {
			t.Errorf("apart by %s, below precision .95, recall .92, 10 false in 1,000; F1 .90", by.name)
		}
	}
}

// support knows in which items every word of the topics stands.
type support struct{ stands map[string][]int }

// newSupport looks for every alias, name, country, ignored phrase and line of a
// score by itself.
func newSupport(t *testing.T, c match.Config, items []labelled) support {
	var probe match.Config
	add := func(key string, e match.Entity) {
		e.ID = fmt.Sprint("probe", len(probe.Topics))
		probe.Entities = append(probe.Entities, e)
		probe.Topics = append(probe.Topics, match.Topic{ID: key, Match: query.Source{Text: "@" + e.ID}})
	}
	for _, e := range c.Entities {
		for i, a := range e.Alias {
			if !refers(a) {
				add(aliasKey(e, i), match.Entity{Alias: []query.Source{a}})
			}
		}
		if e.Name != "" || e.Country != "" {
			add(e.ID, match.Entity{Name: e.Name, Country: e.Country, Not: e.Not, Spelling: e.Spelling, Alone: e.Alone})
		}
	}
	for _, topic := range c.Topics {
		for i, s := range topic.Ignore {
			add(ignoreKey(topic, i), match.Entity{Alias: []query.Source{s}})
		}
		for i, s := range topic.Score {
			probe.Topics = append(probe.Topics, match.Topic{ID: scoreKey(topic, i), Match: s.Query})
		}
	}
	probe.Entities = append(probe.Entities, c.Entities...)
	set, errs, _ := match.Compile(probe)
	if errs != nil {
		t.Fatal(match.Join(errs))
	}
	s := support{map[string][]int{}}
	m := set.NewMatcher()
	for i, it := range items {
		for topic := range topicsOf(m, it) {
			s.stands[topic] = append(s.stands[topic], i)
		}
	}
	return s
}

func refers(s query.Source) bool                { return strings.HasPrefix(s.Text, "@") }
func aliasKey(e match.Entity, i int) string     { return fmt.Sprintf("%s/%d", e.ID, i) }
func ignoreKey(topic match.Topic, i int) string { return fmt.Sprintf("%s/ignore/%d", topic.ID, i) }
func scoreKey(topic match.Topic, i int) string  { return fmt.Sprintf("%s/score/%d", topic.ID, i) }

// known tells whether a word stands in other items than those left out, or in
// none at all: then it was not read in these.
func (s support) known(key string, left []int) bool {
	at := s.stands[key]
	return len(at) == 0 || slices.ContainsFunc(at, func(i int) bool { return !slices.Contains(left, i) })
}

// without gives the configuration without the words and lines that only the items left out
// have, and how many they are. An entity that has nothing else keeps a word that
// stands nowhere.
func (s support) without(c match.Config, left []int) (match.Config, int) {
	n := 0
	entities := slices.Clone(c.Entities)
	for k := range entities {
		e := &entities[k]
		var alias []query.Source
		for i, a := range e.Alias {
			if refers(a) || s.known(aliasKey(*e, i), left) {
				alias = append(alias, a)
			} else {
				n++
			}
		}
		e.Alias = alias
		if (e.Name != "" || e.Country != "") && !s.known(e.ID, left) {
			e.Name, e.Country = "", ""
			n++
		}
		if e.Name == "" && e.Country == "" && len(e.Alias) == 0 {
			e.Alias = []query.Source{{Text: "zzqzzq"}}
		}
	}
	c.Entities = entities
	c.Topics = slices.Clone(c.Topics)
	for k := range c.Topics {
		topic := &c.Topics[k]
		var ignore []query.Source
		for i, p := range topic.Ignore {
			if s.known(ignoreKey(*topic, i), left) {
				ignore = append(ignore, p)
			} else {
				n++
			}
		}
		topic.Ignore = ignore
		var score []match.Score
		for i, line := range topic.Score {
			if s.known(scoreKey(*topic, i), left) {
				score = append(score, line)
			} else {
				n++
			}
		}
		topic.Score = score
	}
	return c, n
}

// topicsOf gives the topics that an item hits.
func topicsOf(m *match.Matcher, it labelled) map[string]bool {
	hit := map[string]bool{}
	for _, h := range m.Match(feeds.Item{GUID: it.ID, Title: it.Title, Summary: it.Summary, Lang: it.Lang, Source: it.Source}, time.Now()) {
		hit[h.Topic] = true
	}
	return hit
}

// logIntervals says between which figures nine in ten draws of as many parts
// stay, drawn with putting back: news of one week is alike, so weeks are drawn,
// not items.
func logIntervals(t *testing.T, by string, parts map[string]*tally) {
	names := slices.Sorted(maps.Keys(parts))
	draw := rand.New(rand.NewPCG(1, 2))
	var ps, rs []float64
	for range 2000 {
		var sum tally
		for range names {
			sum.join(*parts[names[draw.IntN(len(names))]])
		}
		ps, rs = append(ps, sum.precision()), append(rs, sum.recall())
	}
	slices.Sort(ps)
	slices.Sort(rs)
	t.Logf("by %s, nine in ten draws: precision %.3f to %.3f, recall %.3f to %.3f", by, ps[100], ps[1900], rs[100], rs[1900])
}
