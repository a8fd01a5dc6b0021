package sqlstore

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestFolded: a text that is decomposed character by character has the words
// that it has when all of it is decomposed at once.
func TestFolded(t *testing.T) {
	whole := func(s string) []string {
		var w wordWriter
		for _, r := range norm.NFKD.String(s) {
			w.rune(foldRune(r))
		}
		w.end()
		return strings.Fields(string(w.out))
	}
	check := func(s string) {
		t.Helper()
		if got, want := Tokens(s), whole(s); !slices.Equal(got, want) {
			t.Fatalf("%+q: %+q, want %+q", s, got, want)
		}
	}
	for r := rune(1); r < 0x2fa20; r++ {
		if r == 0x20000 {
			r = 0x2f800 // between them are ideographs as they stand
		}
		if utf8.ValidRune(r) {
			check("a" + string(r) + "b")
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		rs := make([]rune, 12)
		for i := range rs {
			rs[i] = 'a' + random.Int32N(0x3300)
		}
		check(string(rs))
	}
	check("broken \xff\xc3 bytes \xe2\x82")
}
