package match

import "slices"

// word is one that may meet terms.
type word struct {
	head, hash uint64 // its first 8 bytes, and their hash
	pos        uint32
	terms      uint32 // in the cache
}

// termState is what is known of a term: all that a word needs at one place in
// memory.
type termState struct {
	epoch uint32 // of the item in which it was seen last
	first uint32 // its first occurrence there
}

type occurrence struct{ pos, next uint32 }

// joined is a second reading of words: they are one from pos to end.
type joined struct{ pos, end, terms uint32 }

// sift looks up the words of a field's places that may meet terms.
func (m *Matcher) sift(f int, text string, from int) {
	sieve, seed, tag, first := &m.set.sieve, m.set.seed, uint32(f<<fieldShift), len(m.words)
	words := slices.Grow(m.words, len(m.places)-from+1)
	n := len(words)
	words = words[:cap(words)]
	for i, p := range m.places[from:] {
		head := firstBytes(load8(text, int(p.start)), int(p.end-p.start))
		hash := hash8(head, seed)
		words[n] = word{head, hash, tag | uint32(from+i), 0}
		n += int(sieve.keeps(head, hash) | uint64(p.terms>>oddShift&1))
	}
	met := first
	for _, w := range words[first:n] {
		p := &m.places[w.pos&placeMask]
		e := &m.cache.entries[w.hash&uint64(len(m.cache.entries)-1)]
		if w.terms = e.terms; e.head != w.head || e.rest != p.end-p.start { // words of up to 8 bytes mostly stand here
			w.terms = m.lookup(text, int(p.start), int(p.end-p.start), w.head, w.hash)
		}
		p.terms = p.terms&blockStart | w.terms
		words[met] = w
		if w.terms != 0 {
			met++
		}
	}
	m.words = words[:met]
}

// notes adds words, and what joins some of them, to the occurrences of their
// terms. It goes backwards, so that each is put before those that follow it.
func (m *Matcher) notes(words []word, joins []joined) {
	j := len(joins) - 1
	for i := len(words) - 1; i >= 0; i-- {
		w := &words[i]
		for ; j >= 0 && joins[j].pos >= w.pos; j-- {
			m.note(joins[j].terms, joins[j].pos|isJoined)
		}
		m.note(w.terms, w.pos)
	}
	for ; j >= 0; j-- {
		m.note(joins[j].terms, joins[j].pos|isJoined)
	}
}

// note adds an occurrence to each of the terms.
func (m *Matcher) note(terms, pos uint32) {
	list, occ, seen, epoch := m.cache.terms[terms:], m.occ, m.seen, m.epoch
	for i := 0; ; i++ {
		l := list[i]
		t := &m.term[l>>listShift]
		next, fresh := t.first, uint32(0)
		if t.epoch != epoch {
			next, fresh = 0, ^uint32(0)
		}
		*t = termState{epoch, uint32(len(occ))}
		m.marks[l>>(listShift+6)%markWords] |= 1 << (l >> listShift & 63)
		occ = append(occ, occurrence{pos, next})
		// Whether a term is new here, and leads anywhere, no processor can foresee:
		// what follows is kept or not without a branch.
		i += int(l & leads / leads)
		seen = append(seen, list[i])
		seen = seen[:len(seen)-1+int(l&fresh&leads/leads)]
		if l&fresh&inGroups != 0 {
			m.grouped = append(m.grouped, l>>listShift)
		}
		if l&isEnd != 0 {
			break
		}
	}
	m.occ, m.seen = occ, seen
}

// termsOf gives the list of terms that a word meets.
func (m *Matcher) termsOf(word string) uint32 {
	head := firstBytes(load8(word, 0), len(word))
	return m.lookup(word, 0, len(word), head, hash8(head, m.set.seed))
}

// lookup is termsOf for n bytes of a text from i on, of which the first 8 and
// their hash are known.
func (m *Matcher) lookup(text string, i, n int, head, hash uint64) uint32 {
	e := m.cache.find(text, i, n, head, hash)
	if e.rest == 0 {
		return m.miss(e, head, text[i:i+n])
	}
	return e.terms
}

// miss resolves a word that the cache has not seen.
func (m *Matcher) miss(e *cacheEntry, head uint64, word string) uint32 {
	m.terms = m.set.resolve(word, m.lang, m.terms[:0])
	list := m.cache.list(m.terms, &m.set.postings)
	m.cache.add(e, word, head, list)
	return list
}

// groups marks the shared alternatives of which a term was seen.
func (m *Matcher) groups() {
	s := m.set
	for _, id := range m.grouped {
		for _, g := range s.group[s.groupAt[id]:s.groupAt[id+1]] {
			if t := &m.term[g]; t.epoch != m.epoch {
				t.epoch = m.epoch
				m.marks[g>>6%markWords] |= 1 << (g & 63)
				if at := s.postAt[g]; at != noPosting {
					m.seen = append(m.seen, at)
				}
			}
		}
	}
}
