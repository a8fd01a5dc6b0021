package names

import (
	"slices"
	"strings"
	"sync"
)

// Where nearly every letter counts, what is heard alike is not enough: a letter
// must be one that the other script, or language, writes for the same sound.
const (
	contrast = 60 // the least that p for b costs where both scripts have both
	habit    = 40 // and two Latin letters that one language alone reads alike
	ending   = 40 // and a final s or e that one Latin spelling lacks: Meyer, Meyers
	elided   = 12 // and an alef that one spelling lacks: Labidi for al-Abidi
)

// carrier is the sound of an alef that may stand for no vowel of its own: in the
// article, before a long vowel, and before two consonants in Persian.
const carrier = "aeoiu@"

// habits are Latin sounds that share a reading, and yet are another name in
// print: Jansen and Hansen, Thorp and Torp, Velásquez and Velázquez.
var habits = strings.Fields("h=JyZxh h=yJZxh hh=JyZxh h=xk k=CkxS t=Tt X=kXJC zsX=kXJC s=zsX sz=zsX")

var strictTables = sync.OnceValue(func() *costTable { return costTables().strict() })

// strict gives the costs where nearly every letter counts.
func (t *costTable) strict() *costTable {
	out := &costTable{}
	for a := range t {
		for b := a; b < len(t); b++ {
			if t[a][b] != nil {
				out[a][b] = t[a][b].strict(alphabets[a].sounds, alphabets[b].sounds)
			}
		}
	}
	out[Latin][Latin].printed(alphabets[Latin])
	return out
}

func (p *pairCosts) strict(x, y []string) *pairCosts {
	out := *p
	for i := range x {
		for j := range y {
			if contrasts(x[i], y[j]) {
				out.sub[i][j] = max(out.sub[i][j], contrast)
			}
		}
	}
	for side, sounds := range [2][]string{x, y} {
		if i := slices.Index(sounds, carrier); i >= 0 {
			out.drop[side][i] = max(out.drop[side][i], elided)
		}
	}
	return &out
}

// contrasts tells whether two sounds are consonants without a reading in common.
// What hisses is left out: s, z and ts change places from language to language.
func contrasts(x, y string) bool {
	c, d := skeletonClass(x[0]), skeletonClass(y[0])
	return c != 0 && d != 0 && (c != d || c != skeletonClass('s')) && !strings.ContainsAny(x, y)
}

// printed adds what holds between two spellings in Latin letters.
func (p *pairCosts) printed(latin *alphabet) {
	for _, h := range habits {
		x, y, _ := strings.Cut(h, "=")
		i, j := latin.numbers[x], latin.numbers[y]
		p.sub[i][j], p.sub[j][i] = max(p.sub[i][j], habit), max(p.sub[j][i], habit)
	}
	for i, s := range latin.sounds {
		if s[0] != 's' && s[0] != 'e' {
			continue
		}
		for side := range p.drop {
			p.drop[side][i|final] = max(p.drop[side][i|final], ending)
		}
	}
}

// How far two keys may differ by what they are, where nearly every letter counts:
// within one script another letter is mostly another name, between two that
// write every vowel it is the way from one to the other, and in a long name a
// difference says less.
const (
	long          = 500
	longName      = .8
	sameScript    = 1.6
	bothAlphabets = .8
)

// strictScale is by what a cost is multiplied; w is the lighter key's weight.
func strictScale(x, y *Key, w float64) float64 {
	scale := 1.0
	if w >= long {
		scale = longName
	}
	switch {
	case x.script == y.script:
		scale *= sameScript
	case !x.script.abjad() && !y.script.abjad():
		scale *= bothAlphabets
	}
	return scale
}
