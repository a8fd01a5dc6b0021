package names

import (
	"math/rand/v2"
	"testing"
)

// TestOrdinaryNews counts the words of news that names of other people meet:
// hits for every 10,000 words and name, the person's own spellings left out.
func TestOrdinaryNews(t *testing.T) {
	count, total := map[string]int{}, 0
	item := 0
	newswire(t, func(it newsItem) {
		if item++; item%8 != 0 { // enough to count by
			return
		}
		for _, w := range wordsOf(it.Title + ". " + it.Body) {
			if len(w) > 1 {
				count[w]++
				total++
			}
		}
	})
	type newsWord struct {
		word
		folded string
		n      int
	}
	var words []newsWord
	for s, n := range count {
		if w := readWord(s); w.capital && !w.common { // the guards, once for all names
			words = append(words, newsWord{w, foldMarks(s), n})
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	all := people(t)
	const names = 150
	var hits [3]int
	for made := 0; made < names; {
		p := all[rng.IntN(len(all))]
		own, family := map[string]bool{}, ""
		for _, s := range p.Names {
			own[foldMarks(s.Family)] = true
			if family == "" && s.Script == "Latn" {
				family = s.Family
			}
		}
		n, err := Compile(family, Options{})
		if err != nil {
			continue
		}
		made++
		for i := range words {
			w := &words[i]
			cost := n.family.meets(&w.word, Loose)
			for s := range hits {
				if cost <= tokenLimit[s] && !own[w.folded] {
					hits[s] += w.n
				}
			}
		}
	}
	for s, most := range [...]float64{Strict: .02, Normal: .06, Loose: .17} {
		rate := 1e4 * float64(hits[s]) / float64(total) / names
		t.Logf("%s: %.4f words in 10,000", Spelling(s), rate)
		if rate > most {
			t.Errorf("%s: %.4f words in 10,000 and name, want at most %.2f", Spelling(s), rate, most)
		}
	}
}
