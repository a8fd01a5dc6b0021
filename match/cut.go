package match

import "math/bits"

// place is where a word stands.
type place struct {
	terms uint32 // in the cache; the highest bit: a block starts here
	start uint32 // bytes of the field
	end   uint32
}

const (
	blockStart = 1 << 31
	isOdd      = 1 << oddShift // in place.terms till it is looked up: the sieve does not know such words
	oddShift   = 30
)

// cutWords gives each word of a field its place. It looks at 64 bytes at a time
// and takes the words of ASCII letters from there; what else there is, nextToken
// reads.
func (m *Matcher) cutWords(f int, text string) {
	places, block := m.places, uint32(0)
	for i := 0; i < len(text); {
		win, next := look(text, i), i+64
		for win.words != 0 {
			first := win.words & -win.words
			past := win.words + first // its lowest bit is the one behind the word
			s, e := bits.TrailingZeros64(first), bits.TrailingZeros64(past)
			start := i + s
			if before := first - 1; win.lines&before != 0 {
				block = blockStart
				win.lines &^= before
			}
			if past == 0 && s > 0 && i+64 < len(text) { // it may go on
				next = start
				break
			}
			if win.wide&win.words&^past == 0 && e-s < maxWord && (e-s > 1 || start+1 == len(text) || text[start+1] != '.') && len(places)-f < maxPlaces {
				places = append(places, place{block, uint32(start), uint32(i + e)})
				block = 0
				win.words &= past
				continue
			}
			t := nextToken(text, start)
			t.block = t.block || block != 0
			if block = 0; t.start >= len(text) {
				next = len(text)
				break
			}
			if len(places)-f >= maxPlaces {
				m.truncated = true
				next = len(text)
				break
			}
			m.places = places
			m.token(uint32(f<<fieldShift), text, t)
			places = m.places
			if t.next >= i+64 {
				next, win.lines = t.next, 0
				break
			}
			after := ^uint64(0) << (t.next - i)
			win.words &= after
			win.lines &= after
		}
		if win.lines != 0 {
			block = blockStart
		}
		i = next
	}
	m.places = places
}

// token gives a word that is not of ASCII letters alone its place.
func (m *Matcher) token(tag uint32, text string, t token) {
	terms := uint32(isOdd)
	if t.block {
		terms |= blockStart
	}
	if !t.split {
		m.places = append(m.places, place{terms, uint32(t.start), uint32(t.end)})
		return
	}
	// Zero-width non-joiners: its parts, and the whole.
	first, at := len(m.places), t.start
	for _, part := range parts(text[t.start:t.end]) {
		if part != "" {
			m.places = append(m.places, place{terms, uint32(at), uint32(at + len(part))})
		}
		terms = isOdd
		at += len(part) + len("\u200c")
	}
	if whole := m.termsOf(text[t.start:t.end]); whole != 0 {
		m.joins = append(m.joins, joined{tag | uint32(first), tag | uint32(len(m.places)-1), whole})
	}
}
