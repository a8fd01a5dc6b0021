package story

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"
)

// A Correction is a merge or a split of stories, by a review or by hand.
type Correction struct {
	Merge bool     // else a split
	From  string   // the story that went into To, or that the items left
	To    string   // the story that stays, or the new one
	Items []string // of a split: those that moved
	Score float64
}

// Review looks again at the stories heard of in the last day: two that have
// come to tell the same are merged into the older, one whose items fall into
// two that have little in common is split. What a person decided stays.
func (g *Grouper) Review(now time.Time) ([]Correction, error) {
	from := g.clock - 24*3600
	var out []Correction
	for _, n := range slices.Sorted(maps.Keys(g.stories)) {
		s := g.stories[n]
		if s == nil || s.last < from {
			continue
		}
		if to, score := g.twin(s); to != nil {
			older, newer := to, s
			if newer.number < older.number {
				older, newer = newer, older
			}
			g.merge(older, newer)
			out = append(out, Correction{Merge: true, From: newer.id, To: older.id, Score: round(score)})
		}
	}
	splits, err := g.splits(from)
	return append(out, splits...), err
}

// twin finds another story that tells the same as s.
func (g *Grouper) twin(s *cluster) (best *cluster, score float64) {
	if s.norm == 0 {
		return nil, 0
	}
	probe := append(vector(nil), s.vec...)
	probe = heaviest(probe, g.p.ItemTerms)
	score = g.p.Merge
	for _, o := range g.index.find(probe, g.p.Probes, g.p.Posts, g.p.Exact) {
		if o == s || o.norm == 0 || slices.Contains(s.apart, o.id) || slices.Contains(o.apart, s.id) {
			continue
		}
		gap := max(0, s.first-o.last, o.first-s.last)
		x := dot(s.vec, o.vec) / s.norm / o.norm * math.Exp(-float64(gap)*float64(time.Second)/float64(g.p.Fade))
		if x >= score && common(s.names, o.names) >= 2 && !counts(s, o) {
			best, score = o, x
		}
	}
	return best, score
}

// counts tells two stories of which each is large: a review that is wrong about
// them would do most harm, so they are left to a person.
func counts(a, b *cluster) bool { return min(a.size, b.size) > 20 }

func (g *Grouper) merge(into, from *cluster) {
	g.journal.story(g, into.id)
	g.journal.story(g, from.id)
	g.forget(from)
	g.forget(into)
	s := *into
	s.whole = true
	s.vec = sum(into.vec, from.vec, 1, g.p.StoryTerms)
	s.title = sum(into.title, from.title, 1, titleTerms)
	s.norm, s.tnorm = s.vec.norm(), s.title.norm()
	s.size += from.size
	s.first, s.last = min(s.first, from.first), max(s.last, from.last)
	s.langs |= from.langs
	s.days |= from.days
	s.byHand = s.byHand || from.byHand
	s.names = union(into.names, from.names, maxNames)
	slices.Sort(s.names)
	s.events = union(into.events, from.events, len(eventVerbs))
	s.apart = union(into.apart, from.apart, math.MaxInt)
	for _, f := range from.figures {
		if !s.knows(f) && len(s.figures) < maxFigures {
			s.figures = append(slices.Clip(s.figures), f)
		}
	}
	g.insert(&s)
	g.rename(from.id, into.id)
}

func union[T comparable](a, b []T, limit int) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if len(out) < limit && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// splits looks for stories whose items fall into two groups.
func (g *Grouper) splits(from int64) ([]Correction, error) {
	members := g.members(func(s *cluster) bool { return s.last >= from && s.size >= 6 && !s.byHand })
	var out []Correction
	for _, n := range slices.Sorted(maps.Keys(members)) {
		s, ps := g.stories[n], members[n]
		if len(ps) < 6 {
			continue
		}
		ps = ps[max(0, len(ps)-toHalve):]
		lent := len(g.lent)
		if err := g.borrow(ps); err != nil {
			return out, err
		}
		// Whose record is gone has no words: it is as far from all as can be, and
		// would be a half by itself.
		ps = slices.DeleteFunc(ps, func(p *print) bool { return len(p.vec) == 0 })
		a, b, likeness := halves(ps)
		if len(a) < 3 || len(b) < 3 || likeness > g.p.Split {
			g.giveBack(lent)
			continue
		}
		if b[0].number < a[0].number {
			a, b = b, a
		}
		to := g.part(s, a, b)
		c := Correction{From: s.id, To: to.id, Score: round(likeness)}
		for _, p := range b {
			c.Items = append(c.Items, p.item)
		}
		out = append(out, c)
	}
	return out, nil
}

// remembered gives the prints of the window.
func (g *Grouper) remembered() iter.Seq[*print] {
	return g.prints.since(g.clock - g.prints.window)
}

// members gives the prints of the stories wanted, oldest first.
func (g *Grouper) members(want func(*cluster) bool) map[int32][]*print {
	out := map[int32][]*print{}
	for p := range g.remembered() {
		if s := g.byID[g.alias(p.story)]; s != nil && want(s) {
			out[s.number] = append(out[s.number], p)
		}
	}
	return out
}

// toHalve is how many of a story's prints a review looks at, the newest.
const toHalve = 200

// halves divides prints around the two that have least in common, and tells how
// alike the two halves are.
func halves(ps []*print) (a, b []*print, likeness float64) {
	if len(ps) == 0 {
		return nil, nil, 1
	}
	x := ps[0]
	far := func(x *print) *print {
		worst, low := x, 2.0
		for _, p := range ps {
			if c := dot(p.vec, x.vec); c < low {
				worst, low = p, c
			}
		}
		return worst
	}
	y := far(x)
	x = far(y)
	va, vb := x.vec, y.vec
	for range 4 {
		a, b = nil, nil
		var na, nb vector
		for _, p := range ps {
			if dot(p.vec, va)/va.norm() >= dot(p.vec, vb)/vb.norm() {
				a, na = append(a, p), sum(na, p.vec, 1, 400)
			} else {
				b, nb = append(b, p), sum(nb, p.vec, 1, 400)
			}
		}
		if len(a) == 0 || len(b) == 0 {
			return a, b, 1
		}
		va, vb = na, nb
	}
	return a, b, dot(va, vb) / va.norm() / vb.norm()
}

// part moves prints out of a story into a new one.
func (g *Grouper) part(s *cluster, stay, leave []*print) *cluster {
	g.journal.story(g, s.id)
	id := g.partID(s.id, leave[0].item)
	next := &cluster{number: g.next, id: id, first: leave[0].at, last: leave[0].at, langs: s.langs, names: s.names, figures: s.figures, events: s.events, whole: true}
	g.journal.story(g, id)
	g.next++
	rebuilt := *s
	rebuilt.vec, rebuilt.title, rebuilt.size, rebuilt.days, rebuilt.whole = nil, nil, 0, 0, true
	g.forget(s)
	g.insert(&rebuilt)
	g.insert(next)
	if len(stay) > 0 {
		rebuilt.first = stay[0].at
	}
	for _, p := range stay {
		g.take(&rebuilt, p)
	}
	for _, p := range leave {
		g.journal.moved(p)
		p.story = id
		g.take(next, p)
	}
	return next
}

// partID gives the id of the story that item leads out of another.
func (g *Grouper) partID(story, item string) string {
	id := idWithin(story, "split\x00"+story+"\x00"+item)
	for g.byID[id] != nil || g.aliases[id] != "" {
		id = idWithin(story, id)
	}
	return id
}

// Split takes items out of a story into a new one, by hand: the two are never
// merged again by a review. Of a story that is no longer active, copies of the
// items go to the new one from now on.
func (g *Grouper) Split(story string, items ...string) (Correction, error) {
	story = g.alias(story)
	s := g.byID[story]
	var stay, leave []*print
	for p := range g.remembered() {
		switch {
		case g.alias(p.story) != story:
		case slices.Contains(items, p.item):
			leave = append(leave, p)
		default:
			stay = append(stay, p)
		}
	}
	if err := g.borrow(leave); err != nil {
		return Correction{}, err
	}
	if s == nil {
		return g.splitSilent(story, leave, items)
	}
	switch {
	case len(leave) == 0:
		return Correction{}, fmt.Errorf("split %s: none of the items is in it", story)
	case len(stay) == 0:
		return Correction{}, fmt.Errorf("split %s: all of its items would leave", story)
	}
	if err := g.borrow(stay); err != nil {
		return Correction{}, err
	}
	next := g.part(s, stay, leave)
	s = g.byID[s.id]
	s.byHand, next.byHand = true, true
	s.apart = append(slices.Clip(s.apart), next.id)
	next.apart = []string{s.id}
	c := Correction{From: s.id, To: next.id}
	for _, p := range leave {
		c.Items = append(c.Items, p.item)
	}
	return c, nil
}

// splitSilent moves the prints that are still there; the story has left memory,
// so that nothing else can join it.
func (g *Grouper) splitSilent(story string, leave []*print, items []string) (Correction, error) {
	if len(items) == 0 {
		return Correction{}, fmt.Errorf("split %s: no items", story)
	}
	c := Correction{From: story, To: g.partID(story, items[0]), Items: items}
	for _, p := range leave {
		g.journal.moved(p)
		p.story = c.To
	}
	return c, nil
}

// Merge puts story b into story a, by hand: no review takes them apart again.
// Either may have left memory; what comes to b goes to a from now on.
func (g *Grouper) Merge(a, b string) (Correction, error) {
	a, b = g.alias(a), g.alias(b)
	if a == b {
		return Correction{}, fmt.Errorf("merge %s and %s: they are one story already", a, b)
	}
	x, y := g.byID[a], g.byID[b]
	switch {
	case x != nil && y != nil:
		g.merge(x, y)
		s := g.byID[a]
		s.byHand = true
		s.apart = slices.DeleteFunc(slices.Clone(s.apart), func(id string) bool { return id == a || id == b })
	case y != nil: // it goes on under the other's id
		g.journal.story(g, a)
		g.journal.story(g, b)
		s := *y
		g.forget(y)
		s.id, s.number, s.byHand, s.whole = a, g.next, true, true
		g.next++
		g.insert(&s)
		g.rename(b, a)
	default:
		g.journal.story(g, b)
		g.rename(b, a)
	}
	return Correction{Merge: true, From: b, To: a}, nil
}

// rename makes from an alias of to.
func (g *Grouper) rename(from, to string) {
	g.aliases[from] = to
	g.journal.aliases = append(g.journal.aliases, from)
}
