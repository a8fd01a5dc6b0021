package names

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Options say how a name is to be taken.
type Options struct {
	Spelling Spelling
	Not      []string // spellings that are someone else
}

// A Name is one person's name, ready to be met in a text.
type Name struct {
	Text     string
	Spelling Spelling

	given  []part // in order; empty for a name of one part
	family part
	// rest is the family without its filial particle (bin Salman, Al Bu Saidi),
	// which counts only after that particle.
	rest   *part
	filial string
	not    map[string]bool
}

type part struct {
	text string
	keys Keys
}

// Compile reads a name: given names, then the family's with its particles, or
// "Family, Given". A name that no table can read is an error; an alias says it.
func Compile(name string, o Options) (*Name, error) {
	f := split(name)
	if f.n == 0 {
		return nil, fmt.Errorf("name %q has no letters that can be read: give its spellings as alias", name)
	}
	n := &Name{Text: strings.Join(strings.Fields(name), " "), Spelling: o.Spelling, not: map[string]bool{}}
	for _, s := range o.Not {
		n.not[foldWord(s)] = true
	}
	start := f.n - 1
	for start > 0 && isParticle(f.text[start-1]) {
		start--
	}
	if start == 0 && f.n > 1 && !isParticle(f.text[0]) {
		start = f.n - 1
	}
	for i := range start {
		n.given = append(n.given, part{f.text[i], f.part[i]})
	}
	family := strings.Join(f.text[start:f.n], " ")
	n.family = part{family, KeysOf(family)}
	if w := n.family.keys.key[0].weight(); w < shortest {
		return nil, fmt.Errorf("name %q: %q is too short to be told from other words: give it as alias", name, family)
	}
	n.readFilial()
	return n, nil
}

// shortest is the least weight of a family name that can be looked for.
const shortest = 150

// filials are the particles that make another name of what follows: Salman is
// the king, bin Salman his son.
var filials = []string{"bin", "ibn", "bint", "ben", "bu", "bou", "abu", "abou", "бин", "ибн", "бен", "бу", "абу", "بن", "ابن", "بو", "أبو", "ابو", "בן", "אבו", "בו", "बिन", "বিন", "બિન", "μπιν", "μπου"}

// Filial tells whether a word is such a particle, in any script.
func Filial(word string) bool {
	word = foldWord(word)
	for _, f := range filials {
		if word == foldWord(f) {
			return true
		}
	}
	return false
}

// readFilial finds the particle of the family, apart (bin Salman) or glued
// (Busaidi, with its article off).
func (n *Name) readFilial() {
	words := strings.FieldsFunc(n.family.text, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '‑' })
	for i, w := range words[:len(words)-1] {
		if Filial(w) {
			rest := strings.Join(words[i+1:], " ")
			n.setRest(w, rest, i == 0 && !strings.HasPrefix(strings.ToLower(w), "b") || len(words) == 2 && !isArticle(words[0]))
			return
		}
	}
	last := strings.ToLower(words[len(words)-1])
	for _, glued := range []string{"albu", "bu", "bou", "abu"} {
		if rest, ok := strings.CutPrefix(last, glued); ok && utf8.RuneCountInString(rest) >= 4 {
			n.setRest("bu", rest, false)
			return
		}
	}
}

// setRest keeps what follows the particle. alone: the particle is all there is
// before it, so the reading without it must not stand for the whole.
func (n *Name) setRest(filial, rest string, alone bool) {
	k := KeysOf(rest)
	if k.n == 0 || k.key[0].weight() < tooShort {
		return
	}
	n.filial, n.rest = filial, &part{rest, k}
	if alone {
		n.family.keys.drop(withoutParticle)
	}
}

// Meet is how a word may be part of a name.
type Meet struct {
	Name int // in the order of NewIndex
	Part Part
	// Nth is which given name. -1 for what stands after a filial particle.
	Nth  int
	Cost float64
	// Cased: only where the word begins with a capital letter. Common: the
	// language has such a word, so it takes the rest of the name beside it.
	Cased, Common bool
}

// Meets tells whether a word of a running text, its case kept, may stand for
// the name alone: its family name, past every guard.
func (n *Name) Meets(word string) (bool, float64) {
	w := readWord(word)
	cost := n.family.meets(&w, n.Spelling)
	ok := cost <= tokenLimit[n.Spelling] && !n.not[foldWord(word)] && !w.common && (!w.cased || w.capital)
	return ok, cost
}

// Alone tells why the family name by itself is a poor sign of the person, or "".
func (n *Name) Alone() string {
	switch w := readWord(n.family.text); {
	case len(n.given) == 0:
		return ""
	case w.common:
		return fmt.Sprintf("%q is also an ordinary word: only the full name is met", n.family.text)
	case n.family.keys.key[0].weight() < short:
		return fmt.Sprintf("%q is short and meets other names: give alone: no, or not: for those", n.family.text)
	case commonFamily(n.family.text):
		return fmt.Sprintf("%q is the family name of many people: give alone: no", n.family.text)
	}
	return ""
}

// Family and Given are the parts as they were read.
func (n *Name) Family() string { return n.family.text }

// Given names, in order.
func (n *Name) Given() []string {
	var out []string
	for _, g := range n.given {
		out = append(out, g.text)
	}
	return out
}

// Keys shows how the name's parts sound, the family's readings first.
func (n *Name) Keys() []string {
	var out []string
	for i := range n.family.keys.all() {
		out = append(out, n.family.keys.key[i].String())
	}
	for _, g := range n.given {
		out = append(out, g.keys.key[0].String())
	}
	return out
}

// meets is the cost of taking a word for this part.
func (p *part) meets(w *word, s Spelling) float64 {
	most := tokenLimit[s]
	d := distance(&p.keys, &w.keys, most)
	if d > most && w.stem.n > 0 {
		// A case ending or a joined particle off. Where short endings are many,
		// only close spellings.
		if w.cased {
			most = min(most, tokenLimit[Strict])
		}
		d = min(d, distance(&p.keys, &w.stem, most)+inflected)
	}
	return d
}

const inflected = .03

func foldWord(s string) string {
	var l letters
	l.read(s)
	return string(l.r[:l.n])
}
