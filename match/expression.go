package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// expression searches a regular expression in the fields of its context, and
// pushes the words that each match touches.
func (m *Matcher) expression(ref uint32, all bool) bool {
	s := m.set
	c, x := &s.contexts[s.prog[ref+2]], &s.regexps[s.prog[ref+3]]
	found := false
	for f := 0; f < fieldCount; f++ {
		if c.fields>>f&1 == 0 || m.text[f] == "" {
			continue
		}
		text := m.text[f]
		if len(text) > regexpText {
			text = text[:regexpText]
			for len(text) > 0 && !utf8.RuneStart(m.text[f][len(text)]) {
				text = text[:len(text)-1]
			}
			m.cut = true
		}
		if x.literal != "" && !strings.Contains(text, x.literal) {
			continue
		}
		if !all && c.mask == 0 && c.first == 0 {
			if x.re.MatchString(text) {
				return true
			}
			continue
		}
		for _, at := range x.re.FindAllStringIndex(text, 1000) {
			if at[0] == at[1] {
				continue
			}
			a, b := m.placesOf(f, at[0], at[1])
			if m.inside(c, a, b) {
				found = true
				m.stack = append(m.stack, uint64(a)<<32|uint64(b))
			}
		}
	}
	return found
}

// placesOf gives the words that bytes of a field touch; for bytes between
// words, the next word.
func (m *Matcher) placesOf(f, start, end int) (uint32, uint32) {
	in := m.places[m.start[f]:m.fieldEnd(f)]
	a, _ := slices.BinarySearchFunc(in, uint32(start), func(p place, v uint32) int {
		if p.end <= v {
			return -1
		}
		return 1
	})
	a = max(0, min(a, len(in)-1))
	b := a
	for b+1 < len(in) && in[b+1].start < uint32(end) {
		b++
	}
	base := uint32(f<<fieldShift) + m.start[f]
	return base + uint32(a), base + uint32(b)
}

func (m *Matcher) fieldEnd(f int) uint32 { return m.start[f+1] }
