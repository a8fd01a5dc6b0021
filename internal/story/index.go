package story

import (
	"cmp"
	"slices"
)

// index finds the active stories that share words with an item. It holds no
// pairs of words: whoever shares a pair shares two words. A word's stories are sorted by number, all of them, so that the index is a function of
// the active stories alone, however they got there; a search reads the newest.
//
// A posting names its story by a slot, so that a search counts in two small
// arrays and touches no story but those it gives.
type index struct {
	post  map[uint32]*postings
	bg    *background
	slots []*cluster
	free  []int32

	round uint32   // of find
	seen  []uint32 // by slot: the round in which it was last met
	hits  []float32
	found []int32
	order []lead
}

type posting struct{ number, slot int32 }

type postings struct {
	list  []posting
	large float32 // items of the background that have the word
}

// lead is a word that a search goes by.
type lead struct {
	post []posting
	t    term
}

func newIndex(bg *background) *index { return &index{post: map[uint32]*postings{}, bg: bg} }

func byNumber(p posting, n int32) int { return cmp.Compare(p.number, n) }

// enter gives a story a slot. It comes before add.
func (x *index) enter(s *cluster) {
	if n := len(x.free); n > 0 {
		s.slot, x.free = x.free[n-1], x.free[:n-1]
		x.slots[s.slot] = s
		return
	}
	s.slot = int32(len(x.slots))
	x.slots, x.seen, x.hits = append(x.slots, s), append(x.seen, 0), append(x.hits, 0)
}

// leave takes back a story's slot, after its terms were removed.
func (x *index) leave(s *cluster) {
	x.slots[s.slot] = nil
	x.free = append(x.free, s.slot)
}

func (x *index) add(v vector, s *cluster) {
	for _, t := range v.words() {
		p := x.post[t.h]
		if p == nil {
			x.post[t.h] = &postings{[]posting{{s.number, s.slot}}, x.bg.count[t.h]}
		} else if p.list[len(p.list)-1].number < s.number {
			p.list = append(p.list, posting{s.number, s.slot})
		} else if i, ok := slices.BinarySearchFunc(p.list, s.number, byNumber); !ok {
			p.list = slices.Insert(p.list, i, posting{s.number, s.slot})
		}
	}
}

func (x *index) remove(v vector, s *cluster) {
	for _, t := range v.words() {
		p := x.post[t.h]
		if p == nil {
			continue
		}
		i, ok := 0, p.list[0].number == s.number // mostly the oldest goes
		if !ok {
			i, ok = slices.BinarySearchFunc(p.list, s.number, byNumber)
		}
		switch {
		case !ok:
		case len(p.list) == 1:
			delete(x.post, t.h)
		case i < len(p.list)/2: // the silent ones are mostly old: few stand before them
			copy(p.list[1:], p.list[:i])
			p.list = p.list[1:]
		default:
			p.list = slices.Delete(p.list, i, i+1)
		}
	}
}

// count tells how many active stories have a word, and how many items of the
// background.
func (x *index) count(h uint32) (active int, large float32) {
	if p := x.post[h]; p != nil {
		return len(p.list), p.large
	}
	return 0, x.bg.count[h]
}

// find gives the stories that share most with v, at most limit: it reads the
// newest posts stories of each of the probes rarest terms.
func (x *index) find(v vector, probes, posts, limit int) []*cluster {
	order := x.order[:0]
	for _, t := range v.words() {
		if p := x.post[t.h]; p != nil {
			order = append(order, lead{p.list, t})
		}
	}
	slices.SortFunc(order, func(a, b lead) int {
		if c := cmp.Compare(len(a.post), len(b.post)); c != 0 {
			return c
		}
		return byWeight(a.t, b.t)
	})
	x.round++
	found := x.found[:0]
	for _, o := range order[:min(len(order), probes)] {
		for _, p := range o.post[max(0, len(o.post)-posts):] {
			if x.seen[p.slot] != x.round {
				x.seen[p.slot], x.hits[p.slot] = x.round, 0
				found = append(found, p.slot)
			}
			x.hits[p.slot] += o.t.w
		}
	}
	x.found, x.order = found, order
	return x.top(found, limit)
}

// top gives the limit stories with most hits, in order.
func (x *index) top(found []int32, limit int) []*cluster {
	better := func(a, b int32) bool {
		return x.hits[a] > x.hits[b] || x.hits[a] == x.hits[b] && x.slots[a].number < x.slots[b].number
	}
	best := make([]int32, 0, limit+1)
	for _, s := range found {
		if len(best) == limit {
			if !better(s, best[limit-1]) {
				continue
			}
			best = best[:limit-1]
		}
		i := len(best)
		best = append(best, s)
		for i > 0 && better(s, best[i-1]) {
			best[i] = best[i-1]
			i--
		}
		best[i] = s
	}
	out := make([]*cluster, len(best))
	for i, s := range best {
		out[i] = x.slots[s]
	}
	return out
}
