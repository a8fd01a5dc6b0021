package story

import (
	"cmp"
	"math"
	"slices"
)

// A term is a stem, or two neighbouring stems of a headline, and its weight.
type term struct {
	h uint32
	w float32
}

// A vector holds terms sorted by hash, each once.
type vector []term

func byHash(a, b term) int { return cmp.Compare(a.h, b.h) }

func byWeight(a, b term) int {
	switch {
	case a.w > b.w:
		return -1
	case a.w < b.w:
		return 1
	}
	return cmp.Compare(a.h, b.h)
}

// get gives the weight of h, 0 when v does not have it.
func (v vector) get(h uint32) float32 {
	if i, ok := slices.BinarySearchFunc(v, h, func(t term, h uint32) int { return cmp.Compare(t.h, h) }); ok {
		return v[i].w
	}
	return 0
}

// words are the terms that are no pairs: those stand behind them.
func (v vector) words() vector {
	n, _ := slices.BinarySearchFunc(v, pairBit, func(t term, h uint32) int { return cmp.Compare(t.h, h) })
	return v[:n]
}

func (v vector) norm() float64 {
	s := 0.0
	for _, t := range v {
		s += float64(t.w) * float64(t.w)
	}
	return math.Sqrt(s)
}

// dot walks the shorter vector and finds its terms in the longer one.
func dot(a, b vector) float64 {
	s, j := 0.0, 0
	for _, t := range a {
		for j < len(b) && b[j].h < t.h {
			j++
		}
		if j == len(b) {
			break
		}
		if b[j].h == t.h {
			s += float64(t.w) * float64(b[j].w)
		}
	}
	return s
}

// sum adds scale*b to a and keeps the heaviest limit terms.
func sum(a, b vector, scale float32, limit int) vector {
	out := make(vector, 0, len(a)+len(b))
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j == len(b) || i < len(a) && a[i].h < b[j].h:
			out = append(out, a[i])
			i++
		case i == len(a) || b[j].h < a[i].h:
			out = append(out, term{b[j].h, b[j].w * scale})
			j++
		default:
			out = append(out, term{a[i].h, a[i].w + b[j].w*scale})
			i++
			j++
		}
	}
	return heaviest(out, limit)
}

// heaviest keeps the limit heaviest terms, sorted by hash. It lets a fifth more
// stand, so that a full vector is not sorted at each step.
func heaviest(v vector, limit int) vector {
	if len(v)-limit <= limit/5 {
		return v
	}
	last := nth(slices.Clone(v), limit-1)
	out := v[:0]
	for _, t := range v {
		if byWeight(t, last) <= 0 {
			out = append(out, t)
		}
	}
	return out
}

// nth gives the term that has n heavier ones before it; it reorders v.
func nth(v vector, n int) term {
	for lo, hi := 0, len(v)-1; lo < hi; {
		pivot, i, j := v[(lo+hi)/2], lo, hi
		for i <= j {
			for byWeight(v[i], pivot) < 0 {
				i++
			}
			for byWeight(v[j], pivot) > 0 {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n >= i:
			lo = i
		default:
			return v[n]
		}
	}
	return v[n]
}

// fold sorts terms by hash and adds up those that stand several times.
func (v vector) fold() vector {
	slices.SortFunc(v, byHash)
	out := v[:0]
	for _, t := range v {
		if n := len(out); n > 0 && out[n-1].h == t.h {
			out[n-1].w += t.w
			continue
		}
		out = append(out, t)
	}
	return out
}

// fine is how many steps a weight of a print has.
const fine = 1<<16 - 1

// coarse rounds weights of a unit vector to what a record keeps of them.
func (v vector) coarse() {
	for i, t := range v {
		v[i].w = weightOf(stepsOf(t.w))
	}
}

func stepsOf(w float32) uint16  { return uint16(w*fine + .5) }
func weightOf(n uint16) float32 { return float32(n) / fine }

// unit scales v to length 1.
func (v vector) unit() vector {
	n := float32(v.norm())
	if n == 0 {
		return v
	}
	for i := range v {
		v[i].w /= n
	}
	return v
}
