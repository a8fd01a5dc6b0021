package story

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Records are what the caller keeps beside the items: opaque, small, and enough
// to go on as if nothing had happened.
type Records struct {
	Stories []StoryRecord
	Prints  []PrintRecord
	Aliases []Alias
}

// StoryRecord is an active story. Gone says that it was merged into another one
// and that its record may be deleted.
type StoryRecord struct {
	ID   string
	Last time.Time
	Data []byte
	Gone bool
}

// PrintRecord is what is remembered of an item's text; Story is where the item
// is now.
type PrintRecord struct {
	Item  string
	Story string
	Seen  time.Time
	Data  []byte
}

// Alias is the id that a merged story had, and the story it is part of.
type Alias struct{ From, To string }

// Changes gives the records touched since the last Commit. It may be called
// inside the caller's transaction as often as needed.
func (g *Grouper) Changes() Records {
	var r Records
	j := g.journal
	for _, id := range slices.Sorted(maps.Keys(j.stories)) {
		if s := g.byID[id]; s != nil {
			r.Stories = append(r.Stories, StoryRecord{ID: id, Last: stamp(s.last), Data: s.encode()})
		} else if g.aliases[id] != "" {
			r.Stories = append(r.Stories, StoryRecord{ID: id, Gone: true})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(j.prints)) {
		if p := g.prints.get(n); p != nil {
			r.Prints = append(r.Prints, PrintRecord{Item: p.item, Story: g.alias(p.story), Seen: stamp(p.at), Data: p.encode()})
		}
	}
	for _, from := range j.aliases {
		r.Aliases = append(r.Aliases, Alias{from, g.aliases[from]})
	}
	return r
}

// Commit says that the changes are kept.
func (g *Grouper) Commit() {
	for n := range g.journal.prints {
		if p := g.prints.get(n); p != nil {
			p.story = g.alias(p.story) // as its record has it
			g.letGo(p)
		}
	}
	g.giveBack(0)
	g.journal = newJournal()
}

// Rollback undoes what was decided since the last Commit.
func (g *Grouper) Rollback() {
	j := g.journal
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(j.prints))) {
		if before := j.prints[n]; before != nil {
			if p := g.prints.get(n); p != nil {
				*p = *before
			}
			continue
		}
		g.prints.undo(n)
	}
	for _, from := range j.aliases {
		delete(g.aliases, from)
	}
	for id, before := range j.stories {
		if s := g.byID[id]; s != nil {
			g.forget(s)
		}
		if before != nil {
			g.insert(before)
			g.next = max(g.next, before.number+1)
		}
	}
	if j.next != 0 {
		g.next = j.next
	}
	g.giveBack(0)
	g.journal = newJournal()
}

// Load takes records that were kept: all of them at the start, newer ones when
// another replica wrote them. A record of a known id replaces it.
func (g *Grouper) Load(r Records) error {
	for _, a := range r.Aliases {
		g.aliases[a.From] = a.To
		if s := g.byID[a.From]; s != nil {
			g.forget(s)
		}
	}
	stories := map[string]*cluster{} // those to insert, once they have their words
	for _, rec := range r.Stories {
		old := g.byID[rec.ID]
		if old != nil {
			g.forget(old)
		}
		if rec.Gone {
			continue
		}
		s, err := decodeStory(rec)
		if err != nil {
			return err
		}
		switch {
		case s.whole:
		case old != nil && old.from == s.from:
			s.vec, s.title, s.norm, s.tnorm, s.upto = old.vec, old.title, old.norm, old.tnorm, old.upto
		case s.from < g.prints.next: // forgotten here, and still known to another replica
			if err := g.recallKept(s); err != nil {
				return err
			}
		}
		stories[s.id] = s
		g.next = max(g.next, s.number+1)
		g.clock = max(g.clock, s.last)
	}
	ps := make([]*print, 0, len(r.Prints))
	for _, rec := range r.Prints {
		p, err := decodePrint(rec)
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b *print) int { return cmp.Compare(a.number, b.number) })
	for _, p := range ps {
		g.clock = max(g.clock, p.at)
		if s := stories[g.alias(p.story)]; s != nil {
			g.recall(s, p)
		}
		if old := g.prints.get(p.number); old != nil && old.item == p.item {
			*old = *p
			continue
		}
		if p.number < g.prints.next {
			continue // forgotten here, before another replica moved it to another story
		}
		g.prints.add(p)
	}
	for _, p := range ps {
		g.letGo(g.prints.get(p.number))
	}
	for _, id := range slices.Sorted(maps.Keys(stories)) {
		g.insert(stories[id])
	}
	g.tick(g.clock)
	return nil
}

// sums tells whether a story that is loaded still lacks a print that it is the
// sum of.
func (g *Grouper) sums(s *cluster, p *print) bool {
	return !s.whole && g.alias(p.story) == s.id && p.number >= s.from && p.number > s.upto
}

// recallKept adds the prints that were kept before.
func (g *Grouper) recallKept(s *cluster) error {
	var ps []*print
	for p := range g.prints.all {
		if g.sums(s, p) {
			ps = append(ps, p)
		}
	}
	n := len(g.lent)
	if err := g.borrow(ps); err != nil {
		return err
	}
	for _, p := range ps {
		g.recall(s, p)
	}
	g.giveBack(n)
	return nil
}

// recall adds to a story that is loaded a print that it is the sum of.
func (g *Grouper) recall(s *cluster, p *print) {
	if g.sums(s, p) {
		g.add(s, p)
		s.upto = p.number
	}
}

// journal holds what the stories and prints touched since the last Commit were
// before; nil for those that were not there.
type journal struct {
	stories map[string]*cluster
	prints  map[int32]*print
	aliases []string
	next    int32 // number of the first story made since then
}

func newJournal() *journal {
	return &journal{stories: map[string]*cluster{}, prints: map[int32]*print{}}
}

func (j *journal) story(g *Grouper, id string) {
	if _, ok := j.stories[id]; ok {
		return
	}
	var before *cluster
	if s := g.byID[id]; s != nil {
		c := *s
		before = &c
	}
	j.stories[id] = before
	if j.next == 0 {
		j.next = g.next
	}
}

// print notes a print that is about to come.
func (j *journal) print(p *print) { j.prints[p.number] = nil }

// moved notes a print that is about to change its story.
func (j *journal) moved(p *print) {
	if _, ok := j.prints[p.number]; !ok {
		before := *p
		j.prints[p.number] = &before
	}
}

func stamp(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(t, 0).UTC()
}
