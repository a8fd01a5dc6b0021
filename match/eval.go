package match

import (
	"math"
	"slices"
)

// run finds the topics that the item hits, in their order.
func (m *Matcher) run() {
	s := m.set
	m.found = m.found[:0]
	for _, at := range m.seen {
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
	return Points(sum)
}

// Points rounds a sum of points to nine decimals, so that .7 and .1 make the .8
// that people wrote, which sums of binary fractions miss.
func Points(sum float64) float64 { return math.Round(sum*1e9) / 1e9 }

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
	return t.epoch == m.epoch && (m.usualOnly || t.first >= m.usualOcc)
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
