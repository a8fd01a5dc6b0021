package match

import (
	"math/bits"
	"unicode/utf8"
)

// sieve lets words of running text pass that no rule asks for, most of them,
// without a look at the word cache. It is for words of ASCII letters and digits,
// and may keep a word back that meets no term, but never lets one pass that does.
type sieve struct {
	words  []uint64 // bits by hash of the first 8 bytes
	shift  uint8
	starts []uint64 // bits by the first 3 letters of prefixes
	all    uint64   // 1: every word is kept back
	upper  uint64   // 1: every word with a capital letter first is
}

// sieveStarts is how many bits there are for first letters: 5 of each.
const sieveStarts = 1 << 15

// newSieve makes the sieve of all forms that a dictionary knows.
func newSieve(d *dictionary, seed uint64) sieve {
	s := sieve{}
	if len(d.stems) > 0 {
		s.all = 1
	}
	if d.people.index != nil {
		s.upper = 1
	}
	size := 1024
	for size < 16*(len(d.folded)+len(d.cased)+len(d.dots)) {
		size *= 2
	}
	s.words, s.shift = make([]uint64, size/64), uint8(64-bits.Len(uint(size-1)))
	s.starts = make([]uint64, sieveStarts/64)
	for form := range d.folded {
		s.word(form, seed)
	}
	for form := range d.dots {
		s.word(form, seed)
	}
	for form := range d.cased {
		s.word(folded(form), seed)
	}
	for form := range d.prefixes {
		s.start(form)
	}
	for form := range d.casePrefixes {
		s.start(folded(form))
	}
	return s
}

func (s *sieve) word(form string, seed uint64) {
	h := hash8(load8(form, 0), seed) >> s.shift
	s.words[h/64] |= 1 << (h % 64)
}

func (s *sieve) start(form string) {
	if len(form) < 3 {
		s.all = 1
		return
	}
	for i := range 3 {
		if form[i] >= utf8.RuneSelf {
			return // no ASCII word starts so
		}
	}
	h := firstThree(load8(form, 0))
	s.starts[h/64] |= 1 << (h % 64)
}

// firstThree packs 5 bits of each of the 3 lowest bytes: those that the two cases
// of a letter share.
func firstThree(x uint64) uint64 { return x&31 | x>>3&(31<<5) | x>>6&(31<<10) }

// keeps gives 0 for a word that surely meets no term, and else 1: head is its
// first 8 bytes, hash their hash8. It is a number and no branch is on the way to
// it, as which words are kept no processor can foresee.
func (s *sieve) keeps(head, hash uint64) uint64 {
	w, t := hash>>s.shift, firstThree(head)
	return (s.words[w/64]>>(w%64) | s.starts[t/64]>>(t%64) | s.all | s.upper&^(head>>5)) & 1
}
