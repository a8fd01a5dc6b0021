package match

import (
	"fmt"
	"testing"

	"watcher/match/query"
)

// TestSieve: no word that meets a term passes, whatever its case, whether by
// itself, by its beginning or by its plural; and most others do.
func TestSieve(t *testing.T) {
	rules := []string{"talks OR case:US OR U.N. OR =envoy", "negotiat* OR dip* OR case:Gen*", "straße OR café OR مذاکره OR مذا*", "understanding"}
	var topics []Topic
	for i, r := range rules {
		topics = append(topics, Topic{ID: fmt.Sprint(i), Match: query.Source{Text: r}})
	}
	set, errs, _ := Compile(Config{Topics: topics})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	passed := 0
	words := []string{"talk", "Talks", "TALKS", "US", "us", "UN", "envoy", "Envoys", "negotiators", "NEGOTIATED", "Dip", "diplomacy", "di", "Geneva", "geneva", "strasse",
		"cafe", "Cafe", "understanding", "Understandings", "understand", "a", "the", "2024", "9", "x", "oil", "markets", "weather", "Minister", "said", "supercalifragilistic"}
	for _, w := range words {
		head := firstBytes(load8(w, 0), len(w))
		pass := set.sieve.keeps(head, hash8(head, set.seed)) == 0
		if pass {
			passed++
		}
		if ids := set.resolve(w, "en", nil); pass && len(ids) > 0 {
			t.Errorf("%q passes, but meets the terms %v", w, ids)
		}
	}
	if passed < 8 {
		t.Errorf("%d of %d words pass: the sieve keeps nearly all back", passed, len(words))
	}
	if set, errs, _ = Compile(Config{Topics: []Topic{{ID: "stem", Match: query.Source{Text: "mediate~"}}}}); errs != nil {
		t.Fatal(Join(errs))
	} else if head := load8("any", 0); set.sieve.keeps(head, hash8(head, set.seed)) == 0 {
		t.Error("a word passes where terms go by stem: which words those are depends on the language")
	}
}
