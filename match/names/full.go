package names

import (
	"slices"
	"strings"
)

const maxParts = 8

// fullName is the parts of a name in reading order, the family's last.
type fullName struct {
	n    int
	part [maxParts]Keys
	text [maxParts]string
	more [maxParts][]Keys // other forms of a given name
}

// split parts a full name; "Family, Given" is turned about.
func split(name string) (f fullName) {
	if family, given, ok := strings.Cut(name, ","); ok && !strings.Contains(given, ",") {
		name = given + " " + family
	}
	for _, p := range strings.Fields(name) {
		k := KeysOf(p)
		if k.n == 0 || f.n == 0 && isTitle(p) {
			continue
		}
		if f.n == maxParts {
			break
		}
		f.part[f.n], f.text[f.n] = k, p
		f.n++
	}
	for i := range max(0, f.n-1) {
		for _, form := range otherForms(f.text[i]) {
			f.more[i] = append(f.more[i], KeysOf(form))
		}
	}
	return f
}

// titles stand before a name and are none of it.
var titles = strings.Fields(`seyed seyyed sayyid sayed sayyed syed sheikh shaikh haji hajj hojjatoleslam ayatollah dr dr. mr mr. mrs mrs. sir lord prof prof.
	sayın سید سيد السيد الشيخ شیخ شيخ حاج دکتر دكتور الدكتور آیت сейед сеид шейх सैयद सय्यद সাইয়েদ সৈয়দ`)

func isTitle(s string) bool { return slices.Contains(titles, strings.ToLower(s)) }

func (f *fullName) weight() (w int) {
	for i := range f.part[:f.n] {
		w += f.part[i].key[0].weight()
	}
	return w
}

// turned has the first part last: Orbán Viktor.
func (f *fullName) turned() fullName {
	t := *f
	for i := range f.n {
		j := (i + 1) % f.n
		t.part[i], t.text[i], t.more[i] = f.part[j], f.text[j], f.more[j]
	}
	return t
}

// Costs of what full names leave out, in hundredths of a clear consonant.
const (
	skipPart = 40  // a middle name
	skipEnd  = 250 // the first part, or the family's
	single   = 1.4 // times: a name of one part has nothing beside it
	turning  = .04 // family name first, of the whole
	// More, where both names have a part that the other lacks: Carl C., Carl D.
	bothShort = 100
)

// fullDistance compares two full names part by part.
func fullDistance(a, b string, s Spelling) float64 {
	x, y := split(a), split(b)
	if x.n == 0 || y.n == 0 {
		return Other
	}
	d := alignParts(&x, &y, s)
	if x.n == 1 || y.n == 1 {
		return d * single
	}
	if x.n > 1 && y.n > 1 && d > 0 {
		t := y.turned()
		d = min(d, alignParts(&x, &t, s)+turning)
		if x.n > 2 {
			t = x.turned()
			d = min(d, alignParts(&t, &y, s)+turning)
		}
	}
	return d
}

// alignParts is the least cost of walking both names, as a share of the lighter
// one's weight: part for part, one part for two joined, or a part left out. Each
// step knows of which names a part was left out already: of one it was cut
// short, of both they are two names.
func alignParts(x, y *fullName, s Spelling) float64 {
	const never = 1e6
	var m [maxParts + 1][maxParts + 1][4]float64
	for i := 0; i <= x.n; i++ {
		for j := 0; j <= y.n; j++ {
			cell := &m[i][j]
			*cell = [4]float64{never, never, never, never}
			if i+j == 0 {
				cell[0] = 0
				continue
			}
			step := func(from *[4]float64, cost float64) {
				for left := range cell {
					cell[left] = min(cell[left], from[left]+cost)
				}
			}
			skip := func(from *[4]float64, side int, cost float64) {
				for left := range cell {
					c := cost
					if left|side == 3 && left != 3 {
						c += bothShort
					}
					cell[left|side] = min(cell[left|side], from[left]+c)
				}
			}
			if i > 0 && j > 0 {
				step(&m[i-1][j-1], formCost(x, i-1, y, j-1, s))
			}
			if i > 0 {
				skip(&m[i-1][j], 1, skipCost(i, x.n))
			}
			if j > 0 {
				skip(&m[i][j-1], 2, skipCost(j, y.n))
			}
			if i > 1 && j > 0 {
				step(&m[i-2][j-1], joinCost(x.text[i-2], x.text[i-1], &y.part[j-1], s))
			}
			if i > 0 && j > 1 {
				step(&m[i-1][j-2], joinCost(y.text[j-2], y.text[j-1], &x.part[i-1], s))
			}
		}
	}
	w := float64(min(x.weight(), y.weight()))
	if w < short {
		return Other
	}
	return slices.Min(m[x.n][y.n][:]) / w
}

func skipCost(i, n int) float64 {
	if i == 1 || i == n {
		return skipEnd
	}
	return skipPart
}

func partCost(a, b *Keys, s Spelling) float64 {
	best := 1e6
	for i := range a.all() {
		for j := range b.all() {
			best = min(best, float64(align(&a.key[i], &b.key[j], s, 1<<20)))
		}
	}
	return best
}

// formCost is partCost, a given name taken in any of its forms.
func formCost(x *fullName, i int, y *fullName, j int, s Spelling) float64 {
	best := partCost(&x.part[i], &y.part[j], s)
	if best > otherForm && x.part[i].key[0].n == 1 && y.part[j].key[0].n == 1 {
		return skipEnd // two initials are either one or two people's
	}
	if i == x.n-1 || j == y.n-1 || best <= otherForm {
		return best
	}
	for k := range x.more[i] {
		best = min(best, partCost(&x.more[i][k], &y.part[j], s)+otherForm)
	}
	for k := range y.more[j] {
		best = min(best, partCost(&x.part[i], &y.more[j][k], s)+otherForm)
	}
	return best
}

// joinCost tries two parts as one: Al Busaidi, Abdul Rahman.
func joinCost(a, b string, other *Keys, s Spelling) float64 {
	k := KeysOf(a + " " + b)
	return partCost(&k, other, s)
}
