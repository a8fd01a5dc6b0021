package names

import (
	"slices"
	"strings"
)

// An Index finds which of many names a word may meet. It never changes and may
// be used from many goroutines.
type Index struct {
	names   []*Name
	entries []entry
	// The entries by skeleton: as it is, and with one consonant left out.
	whole, less map[skeleton][]int32
}

// entry is a part of one name or of several: many people are called John.
type entry struct {
	part
	spelling Spelling
	kind     Part
	owners   []owner
}

// owner is a name that has the part; nth says which of its given names it is,
// below 0 that it is the family's name behind its particle.
type owner struct {
	name int32
	nth  int16
}

// entryKey is what makes two parts one entry.
type entryKey struct {
	text     string
	extra    float64
	spelling Spelling
	kind     Part
}

// NewIndex takes names in an order that Meet.Name refers to.
func NewIndex(names []*Name) *Index {
	x := &Index{names: names, whole: map[skeleton][]int32{}, less: map[skeleton][]int32{}}
	known := map[entryKey]int32{}
	for i, n := range names {
		add := func(p part, kind Part, nth int) {
			key := entryKey{p.text, p.extra, n.Spelling, kind}
			id, ok := known[key]
			if !ok {
				id = x.add(entry{part: p, spelling: n.Spelling, kind: kind})
				known[key] = id
			}
			x.entries[id].owners = append(x.entries[id].owners, owner{int32(i), int16(nth)})
		}
		add(n.family, Family, 0)
		if n.rest != nil {
			add(*n.rest, Family, -1)
		}
		if n.last != nil {
			add(*n.last, Family, 0)
		}
		for j, g := range n.given {
			for _, form := range formsOf(g) {
				add(form, Given, j)
			}
		}
	}
	return x
}

func (x *Index) add(e entry) int32 {
	id := int32(len(x.entries))
	x.entries = append(x.entries, e)
	var s skeletons
	for i := range e.keys.all() {
		s.add(&e.keys.key[i])
	}
	for _, b := range s.whole.all() {
		x.whole[b] = append(x.whole[b], id)
	}
	for _, b := range s.less.all() {
		x.less[b] = append(x.less[b], id)
	}
	return id
}

// Meets says which names a word of a running text may be part of, in the order
// of the names. Whether it stands with a capital is for the caller to look at.
func (x *Index) Meets(text string) []Meet {
	if len(x.entries) == 0 {
		return nil
	}
	w := readWord(text)
	if w.keys.n == 0 {
		return nil
	}
	var s skeletons
	for i := range w.keys.all() {
		s.add(&w.keys.key[i])
	}
	for i := range w.stem.all() {
		s.add(&w.stem.key[i])
	}
	var room [256]int32
	ids := room[:0]
	for _, b := range s.whole.all() {
		ids = append(append(ids, x.whole[b]...), x.less[b]...)
	}
	for _, b := range s.less.all() {
		ids = append(ids, x.whole[b]...)
	}
	slices.Sort(ids)
	var out []Meet
	for i, id := range ids {
		if i > 0 && id == ids[i-1] {
			continue
		}
		out = x.entries[id].meet(x.names, &w, text, out)
	}
	slices.SortFunc(out, func(a, b Meet) int {
		if a.Name != b.Name {
			return a.Name - b.Name
		}
		return a.order() - b.order()
	})
	return slices.CompactFunc(out, func(a, b Meet) bool { return a.Name == b.Name && a.order() == b.order() })
}

// order is that of the parts of one name.
func (m *Meet) order() int {
	n := int(m.Part)*maxParts*2 + m.Nth
	if m.Rest {
		n += maxParts
	}
	return n
}

// meet appends the names that have the part, where the word meets it.
func (e *entry) meet(names []*Name, w *word, text string, out []Meet) []Meet {
	cost := e.meets(w, e.spelling)
	if cost > tokenLimit[e.spelling] {
		return out
	}
	for _, o := range e.owners {
		if n := names[o.name]; len(n.not) == 0 || !n.not[foldWord(text)] {
			out = append(out, Meet{int(o.name), e.kind, max(0, int(o.nth)), o.nth < 0, cost, w.cased, w.common})
		}
	}
	return out
}

// A skeleton is the classes of a key's consonants, four bits each, a 1 before
// them. Spellings of one name mostly share it, or share it but for one place.
type skeleton uint64

const maxSkeleton = 8 // consonants; what follows adds nothing

// skeletons are the buckets of a word: every reading of its doubtful sounds,
// whole and with one consonant left out.
type skeletons struct{ whole, less skeletonSet }

type skeletonSet struct {
	n    int
	list [48]skeleton
}

func (s *skeletonSet) all() []skeleton { return s.list[:s.n] }

func (s *skeletonSet) put(k skeleton) {
	if s.n < len(s.list) && !slices.Contains(s.all(), k) {
		s.list[s.n] = k
		s.n++
	}
}

func (s *skeletons) add(k *Key) {
	var first, second [maxKey]uint8
	n, doubtful := 0, 0
	classes := &skeletonClasses[k.script]
	for _, v := range k.sounds[:k.n] {
		c := classes[v&^final]
		if c[0] == 0 && c[1] == 0 {
			continue
		}
		first[n], second[n] = c[0], c[1]
		if c[0] != c[1] {
			doubtful++
		}
		n++
	}
	if doubtful > 2 {
		doubtful = 2
	}
	for choice := range 1 << doubtful {
		var classes [maxKey]uint8
		m, d := 0, 0
		for i := range n {
			c := first[i]
			if c != second[i] && d < doubtful {
				if choice>>d&1 == 1 {
					c = second[i]
				}
				d++
			}
			if c != 0 && m < maxSkeleton && (m == 0 || classes[m-1] != c) {
				classes[m] = c
				m++
			}
		}
		s.neighbours(classes[:m])
	}
}

// neighbours puts the skeleton itself and, where enough stays, those with one
// consonant less.
func (s *skeletons) neighbours(c []uint8) {
	s.whole.put(pack(c, -1))
	if len(c) < 3 {
		return
	}
	for i := range c {
		s.less.put(pack(c, i))
	}
}

func pack(c []uint8, without int) skeleton {
	k := skeleton(1)
	for i, v := range c {
		if i != without {
			k = k<<4 | skeleton(v)
		}
	}
	return k
}

// skeletonClasses are a sound's class and another that it may well have;
// 0 is none: vowels, glides, breath.
var skeletonClasses = func() (t [scripts][maxSounds][2]uint8) {
	for s, a := range alphabets {
		if a == nil {
			continue
		}
		for i, phonemes := range a.sounds {
			first := skeletonClass(phonemes[0])
			t[s][i] = [2]uint8{first, first}
			for j := range phonemes {
				if c := skeletonClass(phonemes[j]); c != first {
					t[s][i][1] = c
					break
				}
			}
			switch phonemes[0] {
			case 'v', 'G':
				t[s][i][1] = 0
			}
		}
	}
	return t
}()

func skeletonClass(phoneme byte) uint8 {
	for i, class := range []string{"bpfv", "m", "n", "l", "r", "tdTD", "szSZCJX", "kgqxG"} {
		if strings.IndexByte(class, phoneme) >= 0 {
			return uint8(i + 1)
		}
	}
	return 0
}
