// Package names knows one person by every spelling and in every script, and a
// country by its names and adjectives. It turns a word to keys of sounds, says
// at what cost two keys may be the same name, and finds which of many names a
// word may meet. What a rule does with that (places, fields, full names near
// each other) is left to package match. Nothing here does I/O; the tables are
// built in and never change.
package names

import (
	"fmt"
	"strings"
)

// Spelling says how far from a name a spelling may be.
type Spelling uint8

const (
	Normal Spelling = iota // as the press spells
	Strict                 // nearly every letter accounted for
	Loose                  // hearing would do
)

var spellingNames = [...]string{Normal: "normal", Strict: "strict", Loose: "loose"}

func (s Spelling) String() string { return spellingNames[s] }

// ParseSpelling reads strict, normal or loose; empty is normal.
func ParseSpelling(s string) (Spelling, error) {
	if s == "" {
		return Normal, nil
	}
	for i, n := range spellingNames {
		if s == n {
			return Spelling(i), nil
		}
	}
	return Normal, fmt.Errorf("unknown spelling %q: it is strict, normal or loose", s)
}

// limits are the greatest cost by what is compared. Full names may differ more:
// two parts rarely agree by chance.
var (
	familyLimit = [...]float64{Strict: .08, Normal: .135, Loose: .19}
	tokenLimit  = [...]float64{Strict: .055, Normal: .135, Loose: .21} // a word of a text may be anything
	fullLimit   = [...]float64{Strict: .095, Normal: .165, Loose: .25}
)

// Part is what of a name a word or a spelling stands for.
type Part uint8

const (
	Family Part = iota
	Given
	Full
	Token // Same: a name and one word of a running text
)

var partNames = [...]string{"family", "given", "full", "token"}

func (p Part) String() string { return partNames[p] }

// ParsePart reads family, full or token.
func ParsePart(s string) (Part, error) {
	for i, n := range partNames {
		if s == n && Part(i) != Given {
			return Part(i), nil
		}
	}
	return 0, fmt.Errorf("unknown part %q: it is family, full or token", s)
}

// Same tells whether a and b may be one name, and the cost of taking them so.
func Same(a, b string, part Part, s Spelling) (bool, float64) {
	switch part {
	case Full:
		c := min(fullDistance(a, b, s), Other)
		return c <= fullLimit[s], c
	case Token:
		n, err := Compile(a, Options{Spelling: s})
		if err != nil {
			return false, Other
		}
		return n.Meets(b)
	}
	c := min(familyDistance(a, b, s), Other)
	return c <= familyLimit[s], c
}

// half is what it costs that one spelling has but half of a double name.
const half = .1

// familyDistance compares two family names, and the halves of double ones.
func familyDistance(a, b string, s Spelling) float64 {
	x, y := KeysOf(a), KeysOf(b)
	d := distance(&x, &y, s, 1)
	for _, p := range halves(a) {
		k := KeysOf(p)
		d = min(d, distance(&k, &y, s, 1)+half)
	}
	for _, p := range halves(b) {
		k := KeysOf(p)
		d = min(d, distance(&x, &k, s, 1)+half)
	}
	return d
}

// halves are the parts of a hyphened name that are long enough to stand alone.
func halves(family string) (out []string) {
	if !strings.ContainsAny(family, "-‐‑–־") {
		return nil
	}
	for _, p := range strings.FieldsFunc(family, func(r rune) bool { return strings.ContainsRune("-‐‑–־ ", r) }) {
		if k := KeysOf(p); k.n > 0 && len([]rune(p)) > 3 && k.key[0].weight() >= short {
			out = append(out, p)
		}
	}
	if len(out) < 2 {
		return nil // an article or a given name's end
	}
	return out
}
