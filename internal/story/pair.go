package story

import (
	"math"
	"slices"
	"sync"
)

// PairThreshold is the score from which on two headlines tell the same news.
const PairThreshold = .5

// Pairer compares headlines. It is safe for concurrent use.
type Pairer struct {
	langs *languages
	lex   *lexicon
	bg    *background
}

var pairer = sync.OnceValue(func() *Pairer { return &Pairer{newLanguages(), newLexicon(), shipped()} })

// Pair tells whether two headlines tell the same news, and how sure that is,
// from 0 to 1.
func Pair(a, b string) (same bool, score float64) {
	p := pairer()
	s := p.score(a, b)
	return s >= PairThreshold, round(s)
}

func (p *Pairer) score(a, b string) float64 {
	lang := p.langs.of("", a+" "+b)
	z := tokenizer{lang: lang}
	ta, tb := z.append(nil, a), z.append(nil, b)
	words := dot(p.words(ta), p.words(tb))
	grams := dot(grams(a, ta), grams(b, tb))
	s := .5*words + .5*grams
	if p.conflict(a, ta, b, tb) {
		s -= .15
	}
	return max(0, min(1, s))
}

func (p *Pairer) words(toks []token) vector {
	var v vector
	for _, t := range toks {
		if t.stem != 0 {
			v = append(v, term{t.stem, 1})
		}
	}
	v = v.fold()
	for i := range v {
		v[i].w *= float32(math.Pow(p.bg.rarity(v[i].h, 0, 0, 1), .5))
	}
	return v.unit()
}

// grams are the character triples of a headline's words.
func grams(text string, toks []token) vector {
	var v vector
	var w []rune
	for _, t := range toks {
		w = append(w[:0], ' ')
		for _, r := range text[t.start:t.end] {
			w = foldInto(w, r)
		}
		w = append(w, ' ')
		for i := 0; i+3 <= len(w); i++ {
			v = append(v, term{hashRunes(w[i : i+3]), 1})
		}
	}
	return v.fold().unit()
}

// conflict tells two headlines that count the same thing differently.
func (p *Pairer) conflict(a string, ta []token, b string, tb []token) bool {
	fa, fb := p.lex.figuresOf(nil, a, ta), p.lex.figuresOf(nil, b, tb)
	for _, x := range fa {
		if slices.ContainsFunc(fb, func(y figure) bool { return y.value == x.value }) {
			return false
		}
	}
	return len(fa) > 0 && len(fb) > 0
}
