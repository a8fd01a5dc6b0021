package match

// phrase tells whether a phrase stands somewhere. With out every place is
// pushed instead.
func (m *Matcher) phrase(ref uint32, out func(pos, end uint32)) bool {
	s := m.set
	h := s.prog[ref]
	n, pivot := h>>4&maxKids, h>>24
	terms := s.prog[ref+3 : ref+3+n]
	for _, id := range terms {
		if !m.stands(id) {
			return false
		}
	}
	c := &s.contexts[s.prog[ref+2]]
	if len(m.joins) > 0 {
		return m.joinedPhrase(terms, c, out)
	}
	found := false
next:
	for o := m.term[terms[pivot]].first; o != 0; o = m.occ[o].next {
		at := m.occ[o].pos - pivot
		i := at & placeMask
		if m.occ[o].pos&placeMask < pivot || i+n > uint32(len(m.places)) {
			continue
		}
		for k, id := range terms {
			p := m.places[i+uint32(k)].terms
			if k > 0 && p&blockStart != 0 || uint32(k) != pivot && !m.meets(p, id) {
				continue next
			}
		}
		if i < m.start[m.occ[o].pos>>fieldShift] || !m.inside(c, at, at+n-1) {
			continue
		}
		if out == nil {
			return true
		}
		found = true
		out(at, at+n-1)
	}
	return found
}

// meets tells whether a term is in a place's list.
func (m *Matcher) meets(terms, id uint32) bool {
	terms &^= blockStart
	if terms == 0 {
		return false
	}
	list := m.cache.terms[terms:]
	for i := 0; ; i++ {
		l := list[i]
		if l>>listShift == id || l&isEnd != 0 {
			return l>>listShift == id
		}
		i += int(l & leads / leads)
	}
}

// joinedPhrase is phrase for items in which words have two readings.
func (m *Matcher) joinedPhrase(terms []uint32, c *context, out func(pos, end uint32)) bool {
	found := false
	for o := m.term[terms[0]].first; o != 0; o = m.occ[o].next {
		pos, end := m.endOf(m.occ[o].pos)
		last, ok := m.follow(terms[1:], end)
		if !ok || !m.inside(c, pos, last) {
			continue
		}
		if out == nil {
			return true
		}
		found = true
		out(pos, last)
	}
	return found
}

// follow finds the terms one after the other behind a place.
func (m *Matcher) follow(terms []uint32, end uint32) (uint32, bool) {
	if len(terms) == 0 {
		return end, true
	}
	i := end&placeMask + 1
	if i >= uint32(len(m.places)) || m.places[i].terms&blockStart != 0 {
		return 0, false
	}
	if m.meets(m.places[i].terms, terms[0]) {
		if last, ok := m.follow(terms[1:], end+1); ok {
			return last, true
		}
	}
	for _, j := range m.joins {
		if j.pos == end+1 && m.meets(j.terms, terms[0]) {
			return m.follow(terms[1:], j.end)
		}
	}
	return 0, false
}

// endOf gives the last place of an occurrence, and its first without the mark
// of a joined one.
func (m *Matcher) endOf(pos uint32) (uint32, uint32) {
	if pos&isJoined == 0 {
		return pos, pos
	}
	pos &^= isJoined
	for i := range m.joins {
		if m.joins[i].pos == pos {
			return pos, m.joins[i].end
		}
	}
	return pos, pos
}
