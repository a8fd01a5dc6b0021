package match

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"watcher/feeds"
	"watcher/match/matchtest"
)

// plainItems gives items of which the reference and the language think alike:
// ASCII, without dotted words.
func plainItems(tb testing.TB) (out []matchtest.Item) {
next:
	for _, it := range matchtest.Corpus(tb) {
		text := it.Text()
		for i := 0; i < len(text); i++ {
			if text[i] >= utf8.RuneSelf {
				continue next
			}
		}
		for i := 0; i < len(text); {
			t := nextToken(text, i)
			if t.dotted || t.next-t.start > maxWord {
				continue next
			}
			i = max(t.next, i+1)
		}
		out = append(out, it)
	}
	return out
}

func ruleTopics(rules []matchtest.Rule) []Topic {
	topics := make([]Topic, len(rules))
	for i, r := range rules {
		topics[i] = Topic{ID: strconv.Itoa(r.ID), Match: src(r.Q.Text())}
	}
	return topics
}

// compare counts the pairs on which the engine and the reference differ.
func compare(t *testing.T, rules []matchtest.Rule, items []matchtest.Item) (pairs, hits int) {
	s, errs, _ := Compile(Config{Topics: ruleTopics(rules)})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	m := s.NewMatcher()
	got := make([]bool, len(rules))
	for _, it := range items {
		text := strings.ReplaceAll(it.Text(), "\n", " ")
		words := matchtest.Words(text)
		clear(got)
		for _, i := range m.Topics(feeds.Item{Title: text}, time.Time{}) {
			got[i] = true
			hits++
		}
		for i := range rules {
			pairs++
			if want := rules[i].Q.Eval(words); got[i] != want {
				t.Fatalf("rule %s: %v, the reference says %v of %q", rules[i].Q.Text(), got[i], want, text)
			}
		}
	}
	return pairs, hits
}

const seed = 20240601

func TestReference(t *testing.T) {
	items := plainItems(t)
	rules := matchtest.NewGen(items[:4000], seed).Rules(1000)
	pairs, hits := compare(t, rules, items[:200])
	t.Logf("%d pairs, %d hits, no difference", pairs, hits)
}

func TestSoakReference(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 for ten million pairs")
	}
	items := plainItems(t)
	g := matchtest.NewGen(items, seed)
	pairs, hits := compare(t, g.Rules(10000), items[:800])
	p, h := compare(t, g.Rules(500), items)
	t.Logf("%d pairs, %d hits, no difference", pairs+p, hits+h)
}
