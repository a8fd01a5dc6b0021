package story

import (
	"cmp"
	"slices"
)

// index finds the active stories that share words with an item. Pairs of words
// are only counted: whoever shares a pair shares two words. A word's
// stories are sorted by number, all of them, so that the index is a function of
// the active stories alone, however they got there; a search reads the newest.
type index struct {
	post  map[uint32][]*cluster
	pairs map[uint32]int32
	round uint32 // of find
}

func newIndex() *index { return &index{post: map[uint32][]*cluster{}, pairs: map[uint32]int32{}} }

func byNumber(s *cluster, n int32) int { return cmp.Compare(s.number, n) }

func (x *index) add(v vector, s *cluster) {
	for _, t := range v {
		if t.h&pairBit != 0 {
			x.pairs[t.h]++
			continue
		}
		p := x.post[t.h]
		if n := len(p); n == 0 || p[n-1].number < s.number {
			x.post[t.h] = append(p, s)
		} else if i, ok := slices.BinarySearchFunc(p, s.number, byNumber); !ok {
			x.post[t.h] = slices.Insert(p, i, s)
		}
	}
}

func (x *index) remove(v vector, s *cluster) {
	for _, t := range v {
		if t.h&pairBit != 0 {
			if x.pairs[t.h]--; x.pairs[t.h] == 0 {
				delete(x.pairs, t.h)
			}
			continue
		}
		p := x.post[t.h]
		i, ok := slices.BinarySearchFunc(p, s.number, byNumber)
		switch {
		case !ok:
		case len(p) == 1:
			delete(x.post, t.h)
		case i == 0:
			p[0] = nil
			x.post[t.h] = p[1:]
		default:
			x.post[t.h] = slices.Delete(p, i, i+1)
		}
	}
}

// stories tells how many active stories have the term.
func (x *index) stories(h uint32) int {
	if h&pairBit != 0 {
		return int(x.pairs[h])
	}
	return len(x.post[h])
}

// find gives the stories that share most with v, at most limit: it reads the
// newest posts stories of each of the probes rarest terms.
func (x *index) find(v vector, probes, posts, limit int) []*cluster {
	type probe struct {
		post []*cluster
		t    term
	}
	order := make([]probe, 0, len(v))
	for _, t := range v {
		if t.h&pairBit != 0 {
			continue
		}
		if p := x.post[t.h]; len(p) > 0 {
			order = append(order, probe{p, t})
		}
	}
	slices.SortFunc(order, func(a, b probe) int {
		if c := cmp.Compare(len(a.post), len(b.post)); c != 0 {
			return c
		}
		return byWeight(a.t, b.t)
	})
	x.round++
	var found []*cluster
	for _, o := range order[:min(len(order), probes)] {
		for _, s := range o.post[max(0, len(o.post)-posts):] {
			if s.round != x.round {
				s.round, s.hits = x.round, 0
				found = append(found, s)
			}
			s.hits += o.t.w
		}
	}
	return top(found, limit)
}

// top moves the limit stories with most hits to the front, in order.
func top(found []*cluster, limit int) []*cluster {
	better := func(a, b *cluster) bool { return a.hits > b.hits || a.hits == b.hits && a.number < b.number }
	n := 0
	for _, s := range found {
		i := n
		if n == limit {
			if !better(s, found[n-1]) {
				continue
			}
			i--
		} else {
			n++
		}
		for i > 0 && better(s, found[i-1]) {
			found[i] = found[i-1]
			i--
		}
		found[i] = s
	}
	return found[:n]
}
