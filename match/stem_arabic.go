package match

import (
	"strings"
	"unicode/utf8"

	snowball "github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
)

// arabicStem is snowball's, on the word without what Arabic writes onto it. Left
// alone snowball stems a noun with its article by other rules than the same noun
// without, and knows no "and" before an article: four forms of one word, and of
// "and the talks" none that meets "talks".
func arabicStem(env *snowball.Env) bool {
	word := arabicBare(env.Current())
	// A plural that only nouns have: left on, the rules of verbs take half of it.
	if one, ok := strings.CutSuffix(word, "ات"); ok && utf8.RuneCountInString(one) >= 3 {
		word = one
	}
	env.SetCurrent(word)
	return arabic.Stem(env)
}

// arabicBare takes the article off a word, with the conjunction (and, so) and
// the preposition (in, like, for) before it. Without an article those letters
// may be the word's own, and stay.
func arabicBare(word string) string {
	for {
		rest := strings.TrimPrefix(strings.TrimPrefix(word, "و"), "ف")
		noun, ok := strings.CutPrefix(rest, "لل")
		if !ok {
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, "ب"), "ك")
			noun, ok = strings.CutPrefix(rest, "ال")
		}
		if !ok || utf8.RuneCountInString(noun) < 3 {
			return word
		}
		word = noun
	}
}
