package story

import (
	"math"
	"slices"
	"sync"
)

// pairs compares headlines. It is never changed once made.
type pairs struct {
	langs  *languages
	lex    *lexicon
	bg     *background
	same   map[uint32]uint32
	places gazetteer
}

var comparer = sync.OnceValue(func() *pairs {
	return &pairs{langs: newLanguages(), lex: newLexicon(), bg: shipped(), same: synonyms(), places: newGazetteer()}
})

// Pair tells whether two headlines tell the same news, and how likely that is.
func Pair(a, b string) (same bool, score float64) {
	s := comparer().score(a, b)
	return s >= .5, round(s)
}

// pairWeights turn what two headlines have in common into the logit of their
// telling the same: a logistic regression with a light penalty on
// headline_pairs_dev, and .4 more on the bias, in the middle of where F1 is
// flat. On fifths left out of the fit F1 is .81 (.80 without the places).
var pairWeights = [pairFeatures]float64{
	fBias: -3.82, fWords: .83, fGrams: 2.02, fSoft: 2.16, fSoft2: 2.01, fLess: 1.74, fPairs: -.47,
	fNumbers: -1.10, fSameNumber: .99, fDays: -1.47, fPlaces: -2.41, fNames: -.50, fNamesSoft: .37, fOpposed: -1.85, fEvents: -.66, fLength: .65,
}

const (
	fBias    = iota
	fWords   // cosine of words weighed by rarity
	fGrams   // cosine of character triples
	fSoft    // words of the one found in the other, spelt alike: mean of both ways
	fLess    // the smaller of the two ways
	fPairs   // pairs of neighbours in common
	fNumbers // the same thing counted differently
	fDays    // another day of the week or month
	fNames   // each names somebody the other does not
	fOpposed // up against down, opens against closes
	fLength
	fSoft2     // fSoft squared
	fEvents    // other events
	fNamesSoft // fNames times fSoft
	fPlaces    // each names a place that the other does not
	fSameNumber
	pairFeatures
)

func (p *pairs) score(a, b string) float64 {
	x := p.features(a, b)
	z := 0.0
	for i, w := range pairWeights {
		z += w * x[i]
	}
	return 1 / (1 + math.Exp(-z))
}

// A headword is a word of a headline that carries meaning.
type headword struct {
	key   uint32
	text  []rune
	w     float64
	name  bool
	other float64 // how well the other headline holds it
}

func (p *pairs) features(a, b string) (x [pairFeatures]float64) {
	var bare tokenizer
	lang := p.langs.guess(bare.append(nil, a), bare.append(nil, b))
	z := tokenizer{lang: lang}
	ta, tb := z.append(nil, a), z.append(nil, b)
	wa, wb := p.words(a, ta), p.words(b, tb)
	x[fBias] = 1
	x[fWords] = dot(unitOf(wa), unitOf(wb))
	x[fGrams] = dot(grams(wa), grams(wb))
	ab, ba := held(wa, wb), held(wb, wa)
	x[fSoft] = (ab + ba) / 2
	x[fLess] = min(ab, ba)
	x[fPairs] = dot(neighbours(wa), neighbours(wb))
	switch same, other := p.figures(a, ta, b, tb); {
	case same:
		x[fSameNumber] = 1
	case other:
		x[fNumbers] = 1
	}
	x[fDays] = p.otherDay(ta, tb)
	x[fNames] = math.Sqrt(loose(wa) * loose(wb))
	x[fOpposed] = opposed(wa, wb)
	x[fLength] = math.Abs(math.Log(float64(len(wa)+1) / float64(len(wb)+1)))
	x[fSoft2] = x[fSoft] * x[fSoft]
	x[fEvents] = p.otherEvent(ta, tb)
	x[fNamesSoft] = x[fNames] * x[fSoft]
	if otherPlace(p.places.of(ta), p.places.of(tb)) {
		x[fPlaces] = 1
	}
	return x
}

// words reads the words of a headline that carry meaning. Where every word is
// capitalised, capitals name nobody.
func (p *pairs) words(text string, toks []token) []headword {
	var out []headword
	lower := 0
	for _, t := range toks {
		if t.flags&(isCapital|isFirst|isNumber) == 0 && t.stem != 0 && t.end-t.start > 3 {
			lower++
		}
	}
	for _, t := range toks {
		if t.stem == 0 {
			continue
		}
		h := headword{key: t.stem, name: t.flags&isCapital != 0 && lower > 0, w: math.Sqrt(p.bg.rarity(p.bg.count[t.stem], 0, 0, 1))}
		if s := p.same[t.raw]; s != 0 {
			h.key = s
			h.w *= .8
		}
		for _, r := range text[t.start:t.end] {
			h.text = foldInto(h.text, r)
		}
		out = append(out, h)
	}
	return out
}

func unitOf(ws []headword) vector {
	v := make(vector, 0, len(ws))
	for _, w := range ws {
		v = append(v, term{w.key, float32(w.w)})
	}
	return v.fold().unit()
}

func neighbours(ws []headword) vector {
	var v vector
	for i := 1; i < len(ws); i++ {
		v = append(v, term{pairHash(ws[i-1].key, ws[i].key), 1})
	}
	return v.fold().unit()
}

// grams are the character triples of a headline's words.
func grams(ws []headword) vector {
	var v vector
	var w []rune
	for _, h := range ws {
		w = append(append(append(w[:0], ' '), h.text...), ' ')
		for i := 0; i+3 <= len(w); i++ {
			v = append(v, term{hashRunes(w[i : i+3]), 1})
		}
	}
	return v.fold().unit()
}

// held gives the share of a's words, by weight, that b holds, and notes it in
// each word.
func held(a, b []headword) float64 {
	var all, found float64
	for i := range a {
		best := 0.0
		for j := range b {
			if a[i].key == b[j].key {
				best = 1
				break
			}
			best = max(best, spelling(a[i].text, b[j].text))
		}
		a[i].other = best
		all += a[i].w
		found += a[i].w * best
	}
	if all == 0 {
		return 0
	}
	return found / all
}

// spelling is how alike two words are written: 0 unless most pairs of letters
// are common, as in two spellings of a name or two forms of a word.
func spelling(a, b []rune) float64 {
	if len(a) < 4 || len(b) < 4 || a[0] != b[0] {
		return 0
	}
	n := 0
	for i := 0; i+1 < len(a); i++ {
		for j := max(0, i-2); j+1 < len(b) && j <= i+2; j++ {
			if a[i] == b[j] && a[i+1] == b[j+1] {
				n++
				break
			}
		}
	}
	s := 2 * float64(n) / float64(len(a)+len(b)-2)
	if s < .55 {
		return 0
	}
	return min(s, .95)
}

// loose is the share of a headline's names that the other does not have.
func loose(ws []headword) float64 {
	var all, free float64
	for _, w := range ws {
		if w.name {
			all += w.w
			free += w.w * (1 - w.other)
		}
	}
	if all == 0 {
		return 0
	}
	return free / all
}

var opposites = [][2]uint32{
	{hashWord("=rise"), hashWord("=fall")}, {hashWord("=begin"), hashWord("=end")}, {hashWord("=approve"), hashWord("=reject")}, {hashWord("=win"), hashWord("los")},
}

func opposed(a, b []headword) float64 {
	has := func(ws []headword, k uint32) bool {
		return slices.ContainsFunc(ws, func(w headword) bool { return w.key == k })
	}
	for _, o := range opposites {
		for _, k := range [2][2]uint32{o, {o[1], o[0]}} {
			if has(a, k[0]) && !has(a, k[1]) && has(b, k[1]) && !has(b, k[0]) {
				return 1
			}
		}
	}
	return 0
}

// figures tells whether two headlines have a number in common, or else whether
// each has others.
func (p *pairs) figures(a string, ta []token, b string, tb []token) (same, other bool) {
	fa, fb := p.lex.figuresOf(nil, a, ta), p.lex.figuresOf(nil, b, tb)
	for _, x := range fa {
		if slices.ContainsFunc(fb, func(y figure) bool { return y.value == x.value }) {
			return true, false
		}
	}
	return false, len(fa) > 0 && len(fb) > 0
}

// otherDay tells two headlines that each name a day or month, and not the same.
func (p *pairs) otherDay(ta, tb []token) float64 {
	days := func(toks []token) (out []uint32) {
		for _, t := range toks {
			if p.lex.months[t.raw] || p.lex.days[t.raw] {
				out = append(out, t.raw)
			}
		}
		return out
	}
	da, db := days(ta), days(tb)
	if len(da) == 0 || len(db) == 0 {
		return 0
	}
	for _, d := range da {
		if slices.Contains(db, d) {
			return 0
		}
	}
	return 1
}

// otherEvent tells two headlines that each tell an event, and not the same.
func (p *pairs) otherEvent(ta, tb []token) float64 {
	events := func(toks []token) (out []string) {
		for _, t := range toks {
			if v := p.lex.verbs[t.raw]; v != "" {
				out = append(out, v)
			}
		}
		return out
	}
	ea, eb := events(ta), events(tb)
	if len(ea) == 0 || len(eb) == 0 {
		return 0
	}
	for _, e := range ea {
		if slices.Contains(eb, e) {
			return 0
		}
	}
	return 1
}
