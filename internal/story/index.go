package story

import (
	"cmp"
	"slices"
)

// index finds the active stories that share terms with an item. A term's
// stories are sorted by age, all of them, so that the index is a function of
// the active stories alone, however they got there; a search reads the newest.
type index struct {
	post map[uint32][]int32 // term -> numbers of stories, ascending
	hits map[int32]float32  // scratch of find
}

func newIndex() *index { return &index{post: map[uint32][]int32{}, hits: map[int32]float32{}} }

func (x *index) add(v vector, story int32) {
	for _, t := range v {
		p := x.post[t.h]
		if n := len(p); n == 0 || p[n-1] < story {
			x.post[t.h] = append(p, story)
		} else if i, ok := slices.BinarySearch(p, story); !ok {
			x.post[t.h] = slices.Insert(p, i, story)
		}
	}
}

func (x *index) remove(v vector, story int32) {
	for _, t := range v {
		p := x.post[t.h]
		i, ok := slices.BinarySearch(p, story)
		switch {
		case !ok:
		case len(p) == 1:
			delete(x.post, t.h)
		case i == 0:
			x.post[t.h] = p[1:]
		default:
			x.post[t.h] = slices.Delete(p, i, i+1)
		}
	}
}

// stories tells how many active stories have the term.
func (x *index) stories(h uint32) int { return len(x.post[h]) }

// find gives the stories that share most with v, at most limit: it reads the
// newest posts stories of each of the probes rarest terms.
func (x *index) find(v vector, probes, posts, limit int) []int32 {
	type probe struct {
		n int
		t term
	}
	order := make([]probe, 0, len(v))
	for _, t := range v {
		if n := len(x.post[t.h]); n > 0 {
			order = append(order, probe{n, t})
		}
	}
	slices.SortFunc(order, func(a, b probe) int { return cmp.Or(cmp.Compare(a.n, b.n), byWeight(a.t, b.t)) })
	clear(x.hits)
	for _, o := range order[:min(len(order), probes)] {
		p := x.post[o.t.h]
		for _, s := range p[max(0, len(p)-posts):] {
			x.hits[s] += o.t.w
		}
	}
	found := make([]int32, 0, len(x.hits))
	for s := range x.hits {
		found = append(found, s)
	}
	slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(x.hits[b], x.hits[a]), cmp.Compare(a, b)) })
	return found[:min(len(found), limit)]
}
