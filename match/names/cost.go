package names

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Costs are hundredths: 0 the same sound, one another one altogether.
const one = 100

// pairCosts is what aligning a key of one script with one of another costs.
type pairCosts struct {
	sub  [maxSounds][maxSounds]uint8
	drop [2][256]uint8 // by side: a sound the other spelling lacks
}

//go:embed costs.txt
var learned string

// costTables are what the letters tell (priorCosts), bettered by what real
// spellings show (costs.txt, made by `go test -run TestCosts -update`).
var costTables = sync.OnceValue(func() *costTable {
	t := priorCosts()
	if err := t.read(learned); err != nil {
		panic("names: costs.txt: " + err.Error())
	}
	return t
})

// costTable holds the costs of two scripts at [a][b], a <= b.
type costTable [scripts][scripts]*pairCosts

func costsOf(a, b Script, s Spelling) *pairCosts {
	if s == Strict {
		return strictTables()[a][b]
	}
	return costTables()[a][b]
}

// weights say how much of a name a sound is.
var weights = priorWeights()

// near lists phonemes that spellings mix up, at what cost.
var near = []struct {
	cost   uint8
	groups string
}{
	{5, "iy uw vw @a @e"},
	{10, "fv bp kq gG Gq xh"},
	{15, "tT dD xk qg CJ CX CS JZ DT gh Gh Dz sz Ts Xs Xz sS zZ SZ wo"},
	{25, "kg xg xG kG Td JX gJ CZ SJ tX tC dJ kC TD ZX SX"},
	{30, "ae ao ei ou ia yJ xJ xq xS bv pf lr nm hJ dZ kX Th Df Tf yZ uv yx"},
	{30, "au"},
	{50, "eo eu iu io"},
}

func priorCosts() *costTable {
	t := &costTable{}
	phoneme := phonemeCosts()
	for a := range alphabets {
		for b := a; b < len(alphabets); b++ {
			if alphabets[a] != nil && alphabets[b] != nil {
				t[a][b] = priorPair(&phoneme, Script(a), Script(b))
			}
		}
	}
	return t
}

func phonemeCosts() (t [128][128]uint8) {
	for i := range t {
		for j := range t[i] {
			if i != j {
				t[i][j] = one
			}
		}
	}
	for _, n := range near {
		for _, g := range strings.Fields(n.groups) {
			x, y := g[0], g[1]
			t[x][y], t[y][x] = min(t[x][y], n.cost), min(t[y][x], n.cost)
		}
	}
	return t
}

func priorPair(phoneme *[128][128]uint8, a, b Script) *pairCosts {
	p := &pairCosts{}
	x, y := alphabets[a].sounds, alphabets[b].sounds
	for i := range p.sub {
		for j := range p.sub[i] {
			p.sub[i][j] = one
			if i < len(x) && j < len(y) {
				p.sub[i][j] = readings(phoneme, x[i], y[j])
			}
		}
	}
	for i := range p.drop[0] {
		p.drop[0][i] = priorDrop(x, i, a, b)
		p.drop[1][i] = priorDrop(y, i, b, a)
	}
	return p
}

// readings is the cost of the best pair of two sounds' phonemes; a reading that
// is not the likeliest costs a little.
func readings(phoneme *[128][128]uint8, x, y string) uint8 {
	best := uint8(one)
	for i := range x {
		for j := range y {
			c := phoneme[x[i]][y[j]]
			if i > 0 {
				c += 8
			}
			if j > 0 {
				c += 8
			}
			best = min(best, c)
		}
	}
	return best
}

func priorDrop(sounds []string, i int, own, other Script) uint8 {
	s := i &^ final
	if s >= len(sounds) {
		return one
	}
	switch sounds[s][0] {
	case 'a', 'e', 'i', 'o', 'u', '@':
		switch {
		case own.abjad() && other.abjad():
			return 15
		case own.abjad():
			return 35
		case other.abjad():
			return 5
		case other == Indic: // an a is in every letter, and stands for other vowels
			return 25
		}
		return 45
	case 'y', 'w':
		if own.abjad() && other.abjad() {
			return 20
		}
		return 40
	case '\'':
		return 0
	case 'h':
		return 20
	case 'G':
		return 50
	}
	return one
}

// read takes lines "Latn Cyrl", then "sound other=cost ..." of the two scripts.
// "-" is a sound that the other spelling lacks, $ after a sound the end of the
// word; sounds of the second script dropped have a line "- sound=cost ...".
func (t *costTable) read(text string) error {
	var p *pairCosts
	var x, y *alphabet
	for n, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if len(f) == 2 && !strings.Contains(f[1], "=") {
			a, b := scriptNamed(f[0]), scriptNamed(f[1])
			if a == unread || b == unread || a > b {
				return fmt.Errorf("line %d: no such scripts %q", n+1, line)
			}
			p, x, y = &pairCosts{}, alphabets[a], alphabets[b]
			for i := range p.sub {
				for j := range p.sub[i] {
					p.sub[i][j] = one
				}
			}
			t[a][b] = p
			continue
		}
		if p == nil {
			return fmt.Errorf("line %d: no scripts yet", n+1)
		}
		for _, e := range f[1:] {
			other, v, _ := strings.Cut(e, "=")
			cost, err := strconv.ParseUint(v, 10, 8)
			if err != nil || !p.set(x, y, f[0], other, uint8(cost)) {
				return fmt.Errorf("line %d: %s", n+1, e)
			}
		}
	}
	return nil
}

func (p *pairCosts) set(x, y *alphabet, a, b string, cost uint8) bool {
	if a == "-" {
		s, ok := y.sound(b)
		p.drop[1][s] = cost
		return ok
	}
	s, ok := x.sound(a)
	if strings.HasPrefix(b, "-") {
		if b == "-$" {
			s |= final
		}
		p.drop[0][s] = cost
		return ok
	}
	q, ok2 := y.sound(b)
	p.sub[s&^final][q&^final] = cost
	return ok && ok2
}

func priorWeights() (w [scripts][maxSounds]uint8) {
	for s := range alphabets {
		if alphabets[s] == nil {
			continue
		}
		for i, p := range alphabets[s].sounds {
			n := uint8(one)
			switch p[0] {
			case 'a', 'e', 'i', 'o', 'u', '@':
				n = 35
			case '\'', 'h':
				n = 30
			case 'y', 'w':
				n = 60
			}
			w[s][i] = n
		}
	}
	return w
}
