package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// run finds the topics that the item hits, in their order.
func (m *Matcher) run() {
	s := m.set
	m.found = m.found[:0]
	for _, id := range m.seen {
		at := m.term[id].post
		if at == justGroups {
			continue
		}
		guard, ok := uint32(0), true
		for last := false; !last; at++ {
			p := &s.post[at]
			g := p.guard &^ isLast
			last = g != p.guard
			if g != guard {
				guard, ok = g, g == 0 || m.stands(g)
			}
			if !ok {
				continue
			}
			t := p.topic &^ isOnly
			if t == p.topic {
				if m.checked[t] == m.epoch {
					continue
				}
				m.checked[t] = m.epoch
			}
			m.check(t, p.root)
		}
	}
	for _, t := range s.always {
		m.check(t, s.root[t])
	}
	slices.Sort(m.found)
}

// check adds a topic to those found when it holds.
func (m *Matcher) check(t, root uint32) {
	s := m.set
	if s.filter != nil && !m.passes(s.filter[t]) || !m.eval(root) {
		return
	}
	if s.extra != nil {
		if x := &s.extras[s.extra[t]]; s.extra[t] != 0 && (x.unless != 0 && m.eval(x.unless) || m.score(x) < x.threshold) {
			return
		}
	}
	m.found = append(m.found, t)
}

// score sums what holds of a topic's score.
func (m *Matcher) score(x *extra) float64 {
	sum := 0.0
	for _, p := range x.score {
		if m.eval(p.ref) {
			sum += p.add
		}
	}
	return sum
}

func (m *Matcher) passes(f uint32) bool {
	if f == 0 {
		return true
	}
	if v := m.filters[f]; v>>1 == m.epoch {
		return v&1 != 0
	}
	ok := m.set.filters[f].pass(m.set, &m.item, m.now) == ""
	m.filters[f] = m.epoch << 1
	if ok {
		m.filters[f] |= 1
	}
	return ok
}

// stands tells whether a term is in the item.
func (m *Matcher) stands(id uint32) bool { return m.term[id].epoch == m.epoch }

// has tells whether a term is in the usual fields.
func (m *Matcher) has(id uint32) bool {
	t := &m.term[id]
	return t.epoch == m.epoch && (m.usualOnly || t.first < m.usualOcc)
}

// eval tells whether a node holds.
func (m *Matcher) eval(ref uint32) bool {
	if ref&isTerm != 0 {
		return m.has(ref &^ isTerm)
	}
	slot := m.set.prog[ref+1]
	if slot == 0 {
		return m.work(ref)
	}
	if v := m.memo[slot]; v>>1 == m.epoch {
		return v&1 != 0
	}
	ok := m.work(ref)
	m.memo[slot] = m.epoch << 1
	if ok {
		m.memo[slot] |= 1
	}
	return ok
}

func (m *Matcher) work(ref uint32) bool {
	s := m.set
	h := s.prog[ref]
	switch op(h & 15) {
	case opAnd, opBeside:
		for _, k := range s.prog[ref+2 : ref+2+h>>4&maxKids] {
			if !m.eval(k) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range s.prog[ref+2 : ref+2+h>>4&maxKids] {
			if m.eval(k) {
				return true
			}
		}
		return false
	case opNot:
		return !m.eval(s.prog[ref+2])
	case opLeaf:
		return m.leafHolds(ref)
	case opPhrase:
		return m.phrase(ref, nil)
	case opNear:
		return m.near(ref)
	case opOf:
		n := s.prog[ref+2]
		for _, k := range s.kids(ref) {
			if m.eval(k) {
				if n--; n == 0 {
					return true
				}
			}
		}
		return false
	case opAtLeast:
		return m.atLeast(s.prog[ref+3], s.prog[ref+2])
	case opRegexp:
		from := len(m.stack)
		ok := m.expression(ref, false)
		m.stack = m.stack[:from]
		return ok
	case opMeta:
		return m.metaHolds(s.metas[s.prog[ref+2]])
	}
	return false
}

func (m *Matcher) metaHolds(x meta) bool {
	if x.lang {
		return m.item.Lang != "" && speaks(x.pattern, m.item.Lang)
	}
	return glob(x.pattern, m.item.Source) || glob(x.pattern, m.item.Feed)
}

// inside tells whether a hit counts in a context.
func (m *Matcher) inside(c *context, pos, end uint32) bool {
	f := pos >> fieldShift
	if c.fields>>f&1 == 0 {
		return false
	}
	if c.first != 0 && pos&placeMask-m.start[f] >= c.first {
		return false
	}
	return c.mask == 0 || !m.masked(c.mask, pos&placeMask, end&placeMask)
}

// masked tells whether one of the places from a to b is masked.
func (m *Matcher) masked(mask, a, b uint32) bool {
	x := &m.masks[mask]
	if x.epoch != m.epoch {
		m.makeMask(mask)
		x = &m.masks[mask]
	}
	if !x.any {
		return false
	}
	for ; a <= b; a++ {
		if x.bits[a>>6]>>(a&63)&1 != 0 {
			return true
		}
	}
	return false
}

func (m *Matcher) makeMask(mask uint32) {
	x := &m.masks[mask]
	x.epoch, x.any = m.epoch, false
	for _, ref := range m.set.masks[mask] {
		from := len(m.stack)
		m.push(ref)
		for _, h := range m.stack[from:] {
			if !x.any {
				x.any = true
				n := len(m.places)/64 + 1
				x.bits = slices.Grow(x.bits[:0], n)[:n]
				clear(x.bits)
			}
			for p := uint32(h>>32) & placeMask; p <= uint32(h)&placeMask; p++ {
				x.bits[p>>6] |= 1 << (p & 63)
			}
		}
		m.stack = m.stack[:from]
	}
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

func (m *Matcher) leafHolds(ref uint32) bool {
	c, id := &m.set.contexts[m.set.prog[ref+2]], m.set.prog[ref+3]
	if !m.stands(id) {
		return false
	}
	for o := m.term[id].first; o != 0; o = m.occ[o].next {
		if a, b := m.endOf(m.occ[o].pos); m.inside(c, a, b) {
			return true
		}
	}
	return false
}

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
	list := m.cache.terms[terms+1 : terms+1+m.cache.terms[terms]]
	for _, t := range list {
		if t == id {
			return true
		}
	}
	return false
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

// push puts the hits of a node on the stack, in their order: the first place in
// the high half, the last in the low one.
func (m *Matcher) push(ref uint32) {
	s := m.set
	if ref&isTerm != 0 {
		if id := ref &^ isTerm; m.has(id) {
			m.pushTerm(id, &s.contexts[0])
		}
		return
	}
	switch op(s.prog[ref] & 15) {
	case opLeaf:
		if id := s.prog[ref+3]; m.stands(id) {
			m.pushTerm(id, &s.contexts[s.prog[ref+2]])
		}
	case opPhrase:
		m.phrase(ref, func(pos, end uint32) { m.stack = append(m.stack, uint64(pos)<<32|uint64(end)) })
	case opRegexp:
		m.expression(ref, true)
	case opNear:
		m.pushNear(ref)
	case opBeside:
		if m.eval(ref) {
			m.push(s.prog[ref+2])
		}
	case opOr:
		slot := s.prog[ref+1]
		if slot != 0 && m.kept[slot].epoch == m.epoch {
			m.stack = append(m.stack, m.kept[slot].hits...)
			return
		}
		from := len(m.stack)
		for _, k := range s.kids(ref) {
			m.push(k)
		}
		slices.Sort(m.stack[from:])
		m.stack = m.stack[:from+len(slices.Compact(m.stack[from:]))]
		if slot != 0 {
			at := len(m.hits)
			m.hits = append(m.hits, m.stack[from:]...)
			m.kept[slot] = keptHits{m.epoch, m.hits[at:len(m.hits):len(m.hits)]}
		}
	}
}

func (m *Matcher) pushTerm(id uint32, c *context) {
	for o := m.term[id].first; o != 0; o = m.occ[o].next {
		if a, b := m.endOf(m.occ[o].pos); m.inside(c, a, b) {
			m.stack = append(m.stack, uint64(a)<<32|uint64(b))
		}
	}
}

// atLeast counts hits; of those that overlap the first counts.
func (m *Matcher) atLeast(ref, n uint32) bool {
	from := len(m.stack)
	m.push(ref)
	next := uint32(0)
	for _, h := range m.stack[from:] {
		if uint32(h>>32) >= next {
			next = uint32(h) + 1
			n--
		}
		if n == 0 {
			break
		}
	}
	m.stack = m.stack[:from]
	return n == 0
}

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
