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
	last   *part // the second half of a double name, by which people go too
	not    map[string]bool
}

type part struct {
	text  string
	keys  Keys
	extra float64 // what meeting it costs in any case
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
		n.given = append(n.given, part{text: f.text[i], keys: f.part[i]})
	}
	family := strings.Join(f.text[start:f.n], " ")
	n.family = part{text: family, keys: KeysOf(family)}
	if w := n.family.keys.key[0].weight(); w < shortest {
		instead := "give it as alias"
		if c := countryOf(name); c != "" {
			instead = "for the country write country: " + c
		}
		return nil, fmt.Errorf("name %q: %q is too short to be told from other words: %s", name, family, instead)
	}
	n.readFilial()
	if h := halves(family); len(h) > 1 {
		n.last = &part{text: h[len(h)-1], keys: KeysOf(h[len(h)-1]), extra: lastHalf}
	}
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
	n.filial, n.rest = filial, &part{text: rest, keys: k}
	if alone {
		n.family.keys.drop(withoutParticle)
	}
}

// Meet is how a word may be part of a name.
type Meet struct {
	Name int // in the order of NewIndex
	Part Part
	Nth  int  // which given name
	Rest bool // the family's name behind its particle: it counts only there
	Cost float64
	// Cased: only where the word begins with a capital letter. Common: the
	// language has such a word, so it takes the rest of the name beside it.
	Cased, Common bool
}

// Meets tells whether a word of a running text, its case kept, may stand for
// the name alone: its family name, past every guard.
func (n *Name) Meets(word string) (bool, float64) {
	w := readWord(word)
	cost := n.alone(&w)
	ok := cost <= tokenLimit[n.Spelling] && !n.not[foldWord(word)] && !w.common && (!w.cased || w.capital)
	return ok, cost
}

// alone is the least cost of taking a word for the family's name.
func (n *Name) alone(w *word) float64 {
	cost := n.family.meets(w, n.Spelling)
	if n.last != nil {
		cost = min(cost, n.last.meets(w, n.Spelling))
	}
	return cost
}

// Alone tells why the family name by itself is a poor sign of the person, or a
// country's rather than a person's, or "".
func (n *Name) Alone() string {
	if len(n.given) == 0 {
		if c := countryOf(n.Text); c != "" {
			return fmt.Sprintf("%q is what a country is called: for the country write country: %s", n.Text, c)
		}
		return ""
	}
	switch w := readWord(n.family.text); {
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
	most := tokenLimit[s] - p.extra
	d := distance(&p.keys, &w.keys, s, most)
	if d > most && w.stem.n > 0 {
		// A case ending or a joined particle off. In Latin letters many languages
		// have theirs, so only close spellings.
		if w.latin {
			most = min(most, stemLimit)
		}
		d = min(d, distance(&p.keys, &w.stem, s, most)+inflected)
	}
	return min(d+p.extra, Other)
}

const (
	stemLimit = .045 // how far a Latin spelling without its ending may be
	inflected = .02  // what a case ending costs
	lastHalf  = .05  // and the first half of a double name left out
)

func foldWord(s string) string {
	var l letters
	l.read(s)
	return string(l.r[:l.n])
}

// Capital tells whether a word begins with a capital letter.
func Capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

// Filial is the particle that makes the family's name another one, or "".
func (n *Name) Filial() string { return n.filial }

// Filials are those particles, in every script.
func Filials() []string { return filials }

// Titles are words before a family name that make it sure who is meant.
func Titles() []string { return offices }

var offices = strings.Fields(`minister president envoy ambassador spokesman spokesperson spokeswoman secretary senator chancellor premier negotiator diplomat
	official chief leader chairman mr mrs ms dr sir general ministro ministra presidente canciller enviado bakanı bakan cumhurbaşkanı başkan
	minister ministra prezydent minister präsident außenminister ministre président министр президент посол спецпосланник
	وزیر رئیس سفیر آقای سخنگوی وزير الوزير رئيس الرئيس السيد السفير المبعوث السلطان השר הנשיא
	मंत्री राष्ट्रपति विदेशमंत्री দূত মন্ত্রী পররাষ্ট্রমন্ত্রী প্রেসিডেন্ট મંત્રી રાષ્ટ્રપતિ`)

// Why tells how a text (one word, or a full name) stands for the name, or "".
func (n *Name) Why(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	allowed := fmt.Sprintf("%s allows %.3f", n.Spelling, tokenLimit[n.Spelling])
	if len(words) == 1 {
		w := readWord(text)
		if cost := n.alone(&w); cost <= tokenLimit[n.Spelling] {
			return fmt.Sprintf("%s is %s at %.3f (%s)", text, n.family.text, cost, allowed)
		}
		return ""
	}
	last := words[len(words)-1]
	w := readWord(last)
	cost := n.alone(&w)
	if n.rest != nil {
		cost = min(cost, n.rest.meets(&w, n.Spelling))
	}
	if cost > tokenLimit[n.Spelling] {
		return ""
	}
	why := fmt.Sprintf("%s is %s at %.3f (%s)", last, n.family.text, cost, allowed)
	for _, g := range n.given {
		w := readWord(words[0])
		for _, form := range formsOf(g) {
			if c := form.meets(&w, n.Spelling); c <= tokenLimit[n.Spelling] {
				return fmt.Sprintf("%s, with %s as %s at %.3f", why, words[0], form.text, c)
			}
		}
	}
	return why
}
