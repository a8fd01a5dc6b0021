package names

import "strings"

// weight is how much there is of a key, in hundredths of a clear consonant.
func (k *Key) weight() int { return int(k.heft) }

// double is what a letter written twice on one side alone costs between Latin
// spellings; other scripts write or drop the second by rules of their own. Where
// nearly every letter counts, Hanssen is not Hansen.
var double = [...]int{Strict: 25, Normal: 20, Loose: 20}

// headVowel is what a vowel at the head of one side alone costs beside its loss
// where the other is Indic: these scripts write it always.
const headVowel = 40

// vowelFirst tells whether the word may begin with a vowel, or breath before one.
func (k *Key) vowelFirst() bool {
	return k.n > 0 && strings.ContainsAny(alphabets[k.script].sounds[k.sounds[0]&^final], "aeiou@'hyw")
}

// align is the least cost of turning a into b, or something above bound.
func align(a, b *Key, s Spelling, bound int) int {
	if a.script > b.script {
		a, b = b, a
	}
	c := costsOf(a.script, b.script, s)
	var row [maxKey + 1]int
	if a.script == Latin && b.script == Latin && a.doubles != b.doubles {
		row[0] = double[s]
	}
	if b.script == Indic && a.vowelFirst() != b.vowelFirst() {
		row[0] += headVowel
	}
	y := b.sounds[:b.n]
	dropY := &c.drop[1]
	for j, q := range y {
		row[j+1] = row[j] + int(dropY[q])
	}
	for _, p := range a.sounds[:a.n] {
		sub := &c.sub[p&^final]
		drop := int(c.drop[0][p])
		diagonal := row[0]
		row[0] += drop
		left, least := row[0], row[0]
		for j, q := range y {
			up := row[j+1]
			v := min(diagonal+int(sub[q&^final]), up+drop, left+int(dropY[q]))
			diagonal, left = up, v
			row[j+1] = v
			least = min(least, v)
		}
		if least > bound {
			return least
		}
	}
	return row[b.n]
}

// A short key has little to tell it from others: under this weight its
// differences count half as much again.
const (
	short    = 240
	tooShort = 100 // and a key this light meets nothing but itself
)

// Other is the cost of two names that are not compared further: another name.
const Other = 1.0

// distance is the cost of the best pair of readings as a share of the lighter
// one's weight; Other where that is above most.
func distance(a, b *Keys, s Spelling, most float64) float64 {
	best := Other
	for i := range a.all() {
		for j := range b.all() {
			best = min(best, keyDistance(&a.key[i], &b.key[j], s, most))
		}
	}
	return best
}

func keyDistance(x, y *Key, s Spelling, most float64) float64 {
	w := float64(min(x.weight(), y.weight()))
	if w < tooShort {
		return Other
	}
	scale := 1.0
	if w < short {
		scale = 1.5
	}
	if s == Strict {
		scale *= strictScale(x, y, w)
	}
	d := float64(align(x, y, s, int(most*w/scale))) / w * scale
	if d > most {
		return Other
	}
	return d
}
