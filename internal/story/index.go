package story

import (
	"cmp"
	"slices"
)

// index finds the active stories that share words with an item. It holds no
// pairs of words: whoever shares a pair shares two words. A word's stories are sorted by number, all of them, so that the index is a function of
// the active stories alone, however they got there; a search reads the newest.
//
// A posting names its story by a seat, so that a search counts in one small
// array and touches no story but those it gives. A story that leaves gives up
// its seat and is counted out of its words; its postings stay, dead, until a
// third of their list is: to find each of them would cost more the longer the
// lists are.
type index struct {
	ids   map[uint32]int32 // of a word: where its postings stand
	post  []postings
	idle  []int32 // of post
	bg    *background
	seats []seat
	free  []int32 // of seats
	entry uint32  // of the story that came last

	round uint32 // of find
	found []int32
	order []lead
}

// A seat is where the index counts for a story, 0 in entry when for none.
type seat struct {
	s     *cluster
	entry uint32
	round uint32 // in which it was last met
	hits  float32
}

// A posting is dead when its seat is another entry's.
type posting struct {
	number, seat int32
	entry        uint32
}

type postings struct {
	list  []posting
	word  uint32
	live  int32
	large float32 // items of the background that have the word
}

// lead is a word that a search goes by.
type lead struct {
	post *postings
	t    term
}

func newIndex(bg *background) *index { return &index{ids: map[uint32]int32{}, bg: bg} }

func byNumber(p posting, n int32) int { return cmp.Compare(p.number, n) }

func (x *index) dead(p posting) bool { return x.seats[p.seat].entry != p.entry }

// enter gives a story a seat, and its words postings.
func (x *index) enter(s *cluster) {
	x.entry++
	if n := len(x.free); n > 0 {
		s.seat, x.free = x.free[n-1], x.free[:n-1]
	} else {
		s.seat = int32(len(x.seats))
		x.seats = append(x.seats, seat{})
	}
	x.seats[s.seat] = seat{s: s, entry: x.entry}
	s.posts = nil
	x.change(s, nil)
}

// leave takes a story out.
func (x *index) leave(s *cluster) {
	x.seats[s.seat] = seat{}
	x.free = append(x.free, s.seat)
	for _, id := range s.posts {
		x.countOut(id)
	}
	s.posts = nil
}

// change brings the postings of a story from the terms before to those that it
// has.
func (x *index) change(s *cluster, before vector) {
	before, after := before.words(), s.vec.words()
	posts := make([]int32, len(after))
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case j == len(after) || i < len(before) && before[i].h < after[j].h:
			x.remove(s.posts[i], s)
			i++
		case i == len(before) || after[j].h < before[i].h:
			posts[j] = x.add(after[j].h, s)
			j++
		default:
			posts[j] = s.posts[i]
			i++
			j++
		}
	}
	s.posts = posts
}

// add puts a story into the postings of a word and tells where they stand.
func (x *index) add(word uint32, s *cluster) int32 {
	id, ok := x.ids[word]
	if !ok {
		if n := len(x.idle); n > 0 {
			id, x.idle = x.idle[n-1], x.idle[:n-1]
		} else {
			id = int32(len(x.post))
			x.post = append(x.post, postings{})
		}
		x.ids[word] = id
		x.post[id] = postings{word: word, large: x.bg.count[word]}
	}
	p, it := &x.post[id], posting{s.number, s.seat, x.seats[s.seat].entry}
	p.live++
	if n := len(p.list); n == 0 || p.list[n-1].number < s.number {
		p.list = append(p.list, it)
	} else if i, ok := slices.BinarySearchFunc(p.list, s.number, byNumber); ok {
		p.list[i] = it // it was here before
	} else {
		p.list = slices.Insert(p.list, i, it)
	}
	return id
}

// remove takes a story that stays out of the postings of one of its words.
func (x *index) remove(id int32, s *cluster) {
	p := &x.post[id]
	if i, ok := slices.BinarySearchFunc(p.list, s.number, byNumber); ok {
		p.list = slices.Delete(p.list, i, i+1)
	}
	x.countOut(id)
}

// countOut notes that one story less has a word.
func (x *index) countOut(id int32) {
	p := &x.post[id]
	p.live--
	switch n := len(p.list) - int(p.live); {
	case p.live == 0:
		delete(x.ids, p.word)
		x.idle = append(x.idle, id)
		*p = postings{}
	case n > int(p.live)/2+1:
		p.list = slices.DeleteFunc(p.list, x.dead)
	}
}

// count tells how many active stories have a word, and how many items of the
// background.
func (x *index) count(h uint32) (active int, large float32) {
	if id, ok := x.ids[h]; ok {
		p := &x.post[id]
		return int(p.live), p.large
	}
	return 0, x.bg.count[h]
}

// find gives the stories that share most with v, at most limit: it reads the
// newest posts stories of each of the probes rarest terms.
func (x *index) find(v vector, probes, posts, limit int) []*cluster {
	order := x.order[:0]
	for _, t := range v.words() {
		if id, ok := x.ids[t.h]; ok {
			order = append(order, lead{&x.post[id], t})
		}
	}
	slices.SortFunc(order, func(a, b lead) int {
		if c := cmp.Compare(a.post.live, b.post.live); c != 0 {
			return c
		}
		return byWeight(a.t, b.t)
	})
	x.round++
	found := x.found[:0]
	for _, o := range order[:min(len(order), probes)] {
		left := posts
		for i := len(o.post.list) - 1; i >= 0 && left > 0; i-- {
			p := o.post.list[i]
			at := &x.seats[p.seat]
			if at.entry != p.entry {
				continue
			}
			left--
			if at.round != x.round {
				at.round, at.hits = x.round, 0
				found = append(found, p.seat)
			}
			at.hits += o.t.w
		}
	}
	x.found, x.order = found, order
	return x.top(found, limit)
}

// top gives the limit stories with most hits, in order.
func (x *index) top(found []int32, limit int) []*cluster {
	better := func(i, j int32) bool {
		a, b := &x.seats[i], &x.seats[j]
		return a.hits > b.hits || a.hits == b.hits && a.s.number < b.s.number
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
		out[i] = x.seats[s].s
	}
	return out
}
