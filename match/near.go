package match

import "sort"

// near tells whether the sides of a NEAR stand close to each other.
func (m *Matcher) near(ref uint32) bool {
	s := m.set
	n := s.prog[ref] >> 4 & maxKids
	kids, gaps := s.prog[ref+2:ref+2+n], s.prog[ref+2+n:ref+1+2*n]
	for _, k := range kids {
		if k&isTerm != 0 && !m.has(k&^isTerm) {
			return false
		}
	}
	from := len(m.stack)
	defer func() { m.stack = m.stack[:from] }()
	m.push(kids[0])
	left := m.stack[from:]
	for i, k := range kids[1:] {
		if len(left) == 0 {
			return false
		}
		at := len(m.stack)
		m.push(k)
		right := m.stack[at:]
		if i == len(kids)-2 {
			return anyNear(left, right, gaps[i])
		}
		kept, w := right[:0], widest(left)
		for _, h := range right {
			if nearest(left, h, gaps[i], false, w) {
				kept = append(kept, h)
			}
		}
		left = kept
	}
	return false
}

// anyNear tells whether some hit of a and some of b are near.
func anyNear(a, b []uint64, gap uint32) bool {
	if len(a) > len(b) {
		w := widest(a)
		for _, h := range b {
			if nearest(a, h, gap, false, w) {
				return true
			}
		}
		return false
	}
	w := widest(b)
	for _, h := range a {
		if nearest(b, h, gap, true, w) {
			return true
		}
	}
	return false
}

// widest gives the most places that a hit takes beyond its first.
func widest(hits []uint64) uint32 {
	w := uint32(0)
	for _, h := range hits {
		w = max(w, uint32(h)-uint32(h>>32))
	}
	return w
}

// nearest tells whether one of the hits is near h: they share no word and the
// nearest ends differ by at most the gap. With first h is the left side, which
// matters to ONEAR.
func nearest(hits []uint64, h uint64, gap uint32, first bool, width uint32) bool {
	n, ordered := gap>>1, gap&1 != 0
	start, end := uint32(h>>32), uint32(h)
	if !ordered || first { // the first hit behind h
		i := sort.Search(len(hits), func(i int) bool { return uint32(hits[i]>>32) > end })
		if i < len(hits) && uint32(hits[i]>>32)-end <= n {
			return true
		}
	}
	if ordered && first {
		return false
	}
	// Of the hits before h, those that end nearest: hits are sorted by their
	// start, and a long one may end behind those that start after it.
	i := sort.Search(len(hits), func(i int) bool { return uint32(hits[i]>>32) >= start })
	for k := i - 1; k >= 0; k-- {
		e := uint32(hits[k])
		if e < start && start-e <= n {
			return true
		}
		if start-uint32(hits[k]>>32) > n+width {
			return false
		}
	}
	return false
}

// sides gives for each side of a NEAR the hits that have what they need beside
// them. They are good until the next call.
func (m *Matcher) sides(ref uint32) [][]uint64 {
	s := m.set
	n := int(s.prog[ref] >> 4 & maxKids)
	kids, gaps := s.prog[ref+2:int(ref)+2+n], s.prog[int(ref)+2+n:int(ref)+1+2*n]
	for len(m.beside) < n {
		m.beside = append(m.beside, nil)
	}
	out := m.beside[:n]
	for i, k := range kids {
		from := len(m.stack)
		m.push(k)
		out[i] = append(out[i][:0], m.stack[from:]...)
		m.stack = m.stack[:from]
	}
	for i := 1; i < n; i++ {
		out[i] = keepNear(out[i], out[i-1], gaps[i-1], false)
	}
	for i := n - 2; i >= 0; i-- {
		out[i] = keepNear(out[i], out[i+1], gaps[i], true)
	}
	return out
}

func keepNear(hits, other []uint64, gap uint32, first bool) []uint64 {
	w := widest(other)
	out := hits[:0]
	for _, h := range hits {
		if nearest(other, h, gap, first, w) {
			out = append(out, h)
		}
	}
	return out
}
