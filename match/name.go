package match

import (
	"fmt"
	"slices"
	"strings"

	"watcher/match/names"
	"watcher/match/query"
)

// people says which name terms a word of running text meets. Each name has terms
// of its own; the dictionary asks once a distinct word, and the matcher keeps
// the answer, so that a name costs an item no more than a word does.
type people struct {
	list  []*names.Name
	terms []nameTerms
	index *names.Index
	known map[string]int // by text, spelling and not
	label map[uint32]string

	warned map[string]bool
}

// nameTerms are the terms of one name.
type nameTerms struct {
	alone  uint32 // the family name where it may stand for the person
	family uint32 // the family name beside what makes it sure
	given  uint32
	rest   uint32 // the family name behind its particle: bin Salman
}

// meets appends the name terms that a word meets, its case kept.
func (p *people) meets(raw string, dst []uint32) []uint32 {
	if p.index == nil || raw[0] >= 'a' && raw[0] <= 'z' || raw[0] >= '0' && raw[0] <= '9' {
		return dst
	}
	for _, m := range p.index.Meets(raw) {
		if m.Cased && !names.Capital(raw) {
			continue
		}
		t := &p.terms[m.Name]
		switch {
		case m.Part == names.Given:
			dst = append(dst, t.given)
		case m.Rest:
			dst = append(dst, t.rest)
		case m.Common:
			dst = append(dst, t.family)
		default:
			dst = append(dst, t.family, t.alone)
		}
	}
	return dst
}

// nameRefs gives the nodes that stand for an entity's name and country: its OR
// is made of them and of the aliases.
func (b *builder) nameRefs(e *Entity, c scope) []uint32 {
	var refs []uint32
	if e.Name != "" {
		refs = append(refs, b.person(e, c)...)
	}
	if e.Country != "" {
		refs = append(refs, b.country(e, c)...)
	}
	return refs
}

// person gives the nodes of a name: the family name where it may stand alone,
// and the given name with the family name at most two words on.
func (b *builder) person(e *Entity, c scope) []uint32 {
	n, t, err := b.nameTerms(e)
	if err != nil {
		return nil // readEntities says so
	}
	if e.Alone && !b.people.warned[e.ID] {
		b.people.warned[e.ID] = true
		if why := n.Alone(); why != "" {
			source := b.source
			b.source = &e.Source
			b.warn(nil, "name %s: %s", n.Text, why)
			b.source = source
		}
	}
	var refs []uint32
	family := b.leafRef(t.family, c)
	full := uint32(0)
	if len(n.Given()) > 0 {
		full = b.emit(head(opNear, 2, 0), b.leafRef(t.given, c), family, 2<<1|1)
		refs = append(refs, full)
	}
	switch {
	case e.Alone || full == 0:
		refs = append(refs, b.leafRef(t.alone, c))
		if n.Filial() != "" {
			refs = append(refs, b.behindParticle(t.rest, c))
		}
		if f := n.Family(); n.Filial() == "" && wordCount(f) > 1 {
			refs = append(refs, b.words(f, 0, c, nil))
		}
	default:
		// The family name counts where the given name or a title is in the item.
		sure := []uint32{b.leafRef(t.given, c)}
		for _, title := range names.Titles() {
			sure = append(sure, b.emit(head(opNear, 2, 0), b.words(title, 0, c, nil), family, 2<<1|1))
		}
		refs = append(refs, b.emit(head(opBeside, 2, 0), b.leafRef(t.alone, c), b.or(sure)))
	}
	b.labelAll(refs, FormName)
	return refs
}

// behindParticle is a family name that counts behind its particle alone, in any
// script: bin Salman, Al Bu Saidi.
func (b *builder) behindParticle(rest uint32, c scope) uint32 {
	var refs []uint32
	for _, f := range names.Filials() {
		refs = append(refs, b.phrase([]uint32{b.addTerm(byWord, folded(f)), rest}, c))
	}
	return b.or(refs)
}

// nameTerms compiles a name, or finds it where another entity has it too.
func (b *builder) nameTerms(e *Entity) (*names.Name, nameTerms, error) {
	s, err := names.ParseSpelling(e.Spelling)
	if err != nil {
		return nil, nameTerms{}, err
	}
	key := fmt.Sprintf("%s|%s|%q", e.Name, s, e.Not)
	if i, ok := b.people.known[key]; ok {
		return b.people.list[i], b.people.terms[i], nil
	}
	n, err := names.Compile(e.Name, names.Options{Spelling: s, Not: e.Not})
	if err != nil {
		return nil, nameTerms{}, err
	}
	t := nameTerms{b.addTerm(byName, key), b.addTerm(byName, key+"|family"), b.addTerm(byName, key+"|given"), b.addTerm(byName, key+"|rest")}
	b.people.known[key] = len(b.people.list)
	b.people.list = append(b.people.list, n)
	b.people.terms = append(b.people.terms, t)
	return n, t, nil
}

// country gives the nodes of a country's names and adjectives.
func (b *builder) country(e *Entity, c scope) []uint32 {
	forms, err := names.Country(e.Country)
	if err != nil {
		return nil // readEntities says so
	}
	var refs []uint32
	for _, f := range forms.Forms {
		k, mark := c, byte(0)
		if letters, ok := strings.CutPrefix(f, "case:"); ok {
			f, k.cased = letters, true
		}
		if stem, ok := strings.CutSuffix(f, "*"); ok {
			f, mark = stem, query.Prefix
		}
		refs = append(refs, b.words(f, mark, k, nil))
	}
	b.labelAll(refs, FormCountry)
	return refs
}

// labelAll notes what a Span says of the hits of these nodes.
func (b *builder) labelAll(refs []uint32, form string) {
	for _, r := range refs {
		b.people.label[r] = form
		if r&isTerm == 0 && b.op(r) == opOr {
			b.labelAll(b.kids(r), form)
		}
	}
}

// finishPeople makes the index once all names are known.
func (b *builder) finishPeople() {
	if len(b.people.list) > 0 {
		b.people.index = names.NewIndex(b.people.list)
	}
}

// pushNear puts the spans from a left side to the nearest right side on the stack.
func (m *Matcher) pushNear(ref uint32) {
	s := m.set
	n := s.prog[ref] >> 4 & maxKids
	kids, gap := s.prog[ref+2:ref+2+n], s.prog[ref+2+n]>>1
	if n != 2 {
		return
	}
	from := len(m.stack)
	m.push(kids[0])
	mid := len(m.stack)
	m.push(kids[1])
	end := len(m.stack)
	for i := from; i < mid; i++ {
		for j := mid; j < end; j++ {
			a, b := m.stack[i], m.stack[j]
			if d := uint32(b>>32) - uint32(a); uint32(b>>32) > uint32(a) && d <= gap {
				m.stack = append(m.stack, a&^0xffffffff|b&0xffffffff)
				break
			}
		}
	}
	m.stack = m.stack[:from+copy(m.stack[from:], m.stack[end:])]
}

func wordCount(s string) (n int) {
	for i := 0; i < len(s); n++ {
		t := nextToken(s, i)
		if t.start >= len(s) {
			break
		}
		i = t.next
	}
	return n
}

// Why tells how a text stands for the name of an entity, or of one that it
// holds: which spelling of what, at what cost. Empty: for none.
func (s *Set) Why(via, text string) string {
	return s.whyIn(strings.TrimPrefix(via, "@"), text, len(s.entities))
}

func (s *Set) whyIn(id, text string, depth int) string {
	for i := range s.entities {
		e := &s.entities[i]
		if e.ID != id {
			continue
		}
		for k := range s.people.list {
			if n := s.people.list[k]; n.Text == strings.Join(strings.Fields(e.Name), " ") {
				if why := n.Why(text); why != "" {
					return "@" + id + ": " + why
				}
			}
		}
		for _, a := range e.Alias {
			for _, word := range strings.Fields(a.Text) {
				if inner, ok := strings.CutPrefix(word, "@"); ok && depth > 0 {
					if why := s.whyIn(strings.Trim(inner, "()"), text, depth-1); why != "" {
						return why
					}
				}
			}
		}
	}
	return ""
}

// spellings says of each name that was found why its spelling counts.
func (s *Set) spellings(hits []Span) (notes []string) {
	seen := map[string]bool{}
	for _, sp := range hits {
		if sp.Form != FormName || seen[sp.Via+sp.Text] {
			continue
		}
		seen[sp.Via+sp.Text] = true
		if why := s.Why(sp.Via, sp.Text); why != "" && !slices.Contains(notes, why) {
			notes = append(notes, why)
		}
	}
	return notes
}
