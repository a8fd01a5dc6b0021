package match

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestCutWords: the words of a text are those that nextToken finds one after the
// other, wherever they stand in the 64 bytes that are looked at together.
func TestCutWords(t *testing.T) {
	pieces := []string{"a", "I", "Oman", "talks", "U.S.", "U.N", "a.m.", "x.", "é", "naïve", "—", "’", "Iran’s", "東京", "漢a", "می\u200cرود", "soft\u00adhyphen", "\u00ad", "e\u0301", "\xff", "2024", "1.5",
		strings.Repeat("z", 63), strings.Repeat("y", 64), strings.Repeat("w", 65), strings.Repeat("v", 200), "internationalisation"}
	gaps := []string{" ", " ", " ", " ", "", ", ", "\n", "\n\n", ". ", "-", "/", "\x00", "  \n "}
	set := mustCompile(t, []Topic{{ID: "a", Match: src("oman")}})
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		var text strings.Builder
		for range random.IntN(30) {
			text.WriteString(pieces[random.IntN(len(pieces))])
			text.WriteString(gaps[random.IntN(len(gaps))])
		}
		m := set.NewMatcher()
		m.cache = newWordCache(set.seed)
		m.cutWords(Title, text.String())
		for i := range m.places {
			m.places[i].terms &= blockStart
		}
		if want := plainPlaces(text.String()); !slices.Equal(m.places, want) {
			t.Fatalf("%q\n got %v\nwant %v", text.String(), m.places, want)
		}
	}
}

// plainPlaces gives the places of a text's words, read one by one.
func plainPlaces(text string) []place {
	var out []place
	for i := 0; ; {
		t := nextToken(text, i)
		if t.start >= len(text) {
			return out
		}
		i = t.next
		words := []string{text[t.start:t.end]}
		if t.split {
			words = parts(words[0])
		}
		at, block := t.start, uint32(0)
		if t.block {
			block = blockStart
		}
		for _, w := range words {
			if w != "" {
				out = append(out, place{block, uint32(at), uint32(at + len(w))})
			}
			block = 0
			at += len(w) + len("\u200c")
		}
	}
}
