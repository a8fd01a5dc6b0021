package story

import (
	"cmp"
	"iter"
	"slices"
)

// prints is the index of shingles over the window. Prints stand in order of
// arrival, in a few generations that are dropped whole: forgetting costs little
// and lookups ask one table, however long the window is.
type prints struct {
	gens   []generation
	list   []*print // from number base on; nil where one is missing
	base   int32
	count  int
	byText map[uint64]int32
	next   int32
	by     *holders
	limit  int // of the shingles of a generation
	span   int64
	window int64

	hits map[int32]float32 // scratch of find
}

type generation struct {
	first int32 // number of its first print
	start int64
	last  int64
	held  int // shingles that it brought
}

const generations = 4

func newPrints(window int64) *prints {
	return &prints{byText: map[uint64]int32{}, by: newHolders(), limit: 500_000,
		window: window, span: window / (generations - 1), hits: map[int32]float32{}, next: 1}
}

// get gives the print of a number, nil when it is not remembered.
func (ps *prints) get(n int32) *print {
	if i := int(n) - int(ps.base); i >= 0 && i < len(ps.list) {
		return ps.list[i]
	}
	return nil
}

// all gives every print, oldest first.
func (ps *prints) all(yield func(*print) bool) {
	for _, p := range ps.list {
		if p != nil && !yield(p) {
			return
		}
	}
}

// since gives the prints that are not older than at, in order of arrival. Which
// older ones are still there says only how long this process has run.
func (ps *prints) since(at int64) iter.Seq[*print] {
	return func(yield func(*print) bool) {
		for p := range ps.all {
			if p.at >= at && !yield(p) {
				return
			}
		}
	}
}

// add takes a print whose number is the highest so far. Which of its shingles
// find it, and its generation, are decided as it comes: what the prints around
// it are now may have been moved to another story since, or be forgotten, so
// that one that was kept brings both along.
func (ps *prints) add(p *print) {
	kept := p.gen != 0
	g := ps.current(p)
	g.last, p.gen = max(g.last, p.at), g.first
	p.before = ps.byText[p.text]
	ps.byText[p.text] = p.number
	if len(ps.list) == 0 {
		ps.base = p.number
	}
	for int(p.number)-int(ps.base) >= len(ps.list) {
		ps.list = append(ps.list, nil)
	}
	ps.list[p.number-ps.base] = p
	ps.count++
	ps.next = p.number + 1
	for i, h := range p.shingles {
		if !kept && ps.crowded(h, p) {
			p.crowded.set(i, len(p.shingles))
		}
		if !p.crowded.has(i) {
			ps.by.add(h, p.number)
			g.held++
		}
	}
}

// current gives the generation that takes p, and drops those that are past.
func (ps *prints) current(p *print) *generation {
	n := len(ps.gens)
	switch {
	case p.gen != 0 && (n == 0 || p.gen > ps.gens[n-1].first):
		ps.gens = append(ps.gens, generation{first: p.gen, start: p.at})
	case p.gen == 0 && (n == 0 || ps.gens[n-1].held > ps.limit || p.at-ps.gens[n-1].start > ps.span):
		ps.gens = append(ps.gens, generation{first: p.number, start: p.at})
	}
	for len(ps.gens) > generations || len(ps.gens) > 1 && p.at-ps.gens[0].last > ps.window {
		ps.drop()
	}
	return &ps.gens[len(ps.gens)-1]
}

// drop forgets the oldest generation.
func (ps *prints) drop() {
	end := ps.gens[1].first
	for n := ps.gens[0].first; n < end; n++ {
		ps.remove(n)
	}
	ps.gens = slices.Delete(ps.gens, 0, 1)
	ps.list = slices.Clone(ps.list[min(len(ps.list), int(end)-int(ps.base)):])
	ps.base = end
	ps.by.forget(end)
}

// remove forgets one print; as a holder it is passed over from now on.
func (ps *prints) remove(n int32) {
	p := ps.get(n)
	if p == nil {
		return
	}
	ps.list[n-ps.base] = nil
	ps.count--
	if ps.byText[p.text] == n {
		delete(ps.byText, p.text)
	}
}

// undo takes back the newest print.
func (ps *prints) undo(n int32) {
	p := ps.get(n)
	if p == nil {
		return
	}
	last := len(ps.gens) - 1
	for i, h := range p.shingles {
		if !p.crowded.has(i) {
			ps.by.takeBack(h, n)
			ps.gens[last].held--
		}
	}
	if ps.gens[last].first == n {
		ps.gens = ps.gens[:last]
	}
	ps.remove(n)
	if ps.get(p.before) != nil {
		ps.byText[p.text] = p.before
	}
	ps.next = n
}

// carriers are the prints that hold a shingle, in no order.
func (ps *prints) carriers(h uint32, at int64, yield func(*print) bool) {
	ps.by.of(h, func(n int32) bool {
		p := ps.get(n)
		return p == nil || at-p.at > ps.window || yield(p)
	})
}

// crowded tells that one more print with h would teach nothing.
func (ps *prints) crowded(h uint32, p *print) bool {
	var stories [commonFrom]string
	n, same := 0, 0
	ps.carriers(h, p.at, func(q *print) bool {
		if q.story == p.story {
			same++
		} else if !slices.Contains(stories[:n], q.story) {
			stories[n] = q.story
			n++
		}
		return n < commonFrom && same < shareNodes
	})
	return n >= commonFrom || same >= shareNodes
}

// common tells whether h stands in so many stories that it says nothing of
// where a text comes from. It also gives the prints that hold it.
func (ps *prints) common(h uint32, at int64, buf []*print) ([]*print, bool) {
	var stories [commonFrom]string
	n := 0
	buf = buf[:0]
	ps.carriers(h, at, func(q *print) bool {
		if !slices.Contains(stories[:n], q.story) {
			stories[n] = q.story
			n++
		}
		buf = append(buf, q)
		return n < commonFrom
	})
	return buf, n >= commonFrom
}

// A match is a print that shares text with an item.
type match struct {
	print *print
	share float64  // of the shorter text that stands in the other
	all   []*print // every print found that shares as much as a copy does
}

// has tells whether any of the texts found holds a shingle.
func (m match) has(h uint32) bool {
	return slices.ContainsFunc(m.all, func(p *print) bool { return p.has(h) })
}

// find gives the print that shares most with a text, and marks in common the
// shingles that too many stories hold.
func (ps *prints) find(all []uint32, self *print, minHits int, enough float64) (best match, common []bool) {
	common = make([]bool, len(all))
	clear(ps.hits)
	var buf []*print
	var isCommon bool
	var said []uint32 // what many stories hold
	for i, h := range all {
		if i >= openWords && !sampled(h) {
			continue
		}
		buf, isCommon = ps.common(h, self.at, buf)
		if isCommon {
			common[i] = true
			said = append(said, h)
			continue
		}
		for _, q := range buf {
			ps.hits[q.number]++
		}
	}
	type cand struct {
		n    int32
		hits float32
	}
	var cands []cand
	for n, c := range ps.hits {
		if int(c) >= minHits || int(c) >= len(self.shingles) && c >= 2 {
			cands = append(cands, cand{n, c})
		}
	}
	slices.SortFunc(cands, func(a, b cand) int { return cmp.Or(cmp.Compare(b.hits, a.hits), cmp.Compare(a.n, b.n)) })
	var own []uint32
	if len(cands) > 0 {
		own = without(self.shingles, said)
	}
	for _, c := range cands[:min(len(cands), 8)] {
		p := ps.get(c.n)
		s := containment(own, p.shingles)
		if s > best.share+.02 || best.print == nil || s > best.share-.02 && p.number < best.print.number {
			best.print, best.share = p, s
		}
		if s >= enough {
			best.all = append(best.all, p)
		}
	}
	return best, common
}
