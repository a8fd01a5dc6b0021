package match

import (
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/match/query"
)

// Breadth counts over items of the past how often each clause of the rules
// holds, to find those that hold nearly everywhere.
type Breadth struct {
	m     *Matcher
	held  []int // by leaf
	items int
}

// broad is the part of all items from which on a clause says little; fewItems
// is below how many items no part says anything.
const (
	broad    = 0.2
	fewItems = 200
)

// Breadth makes a counter for the topics of the set.
func (s *Set) Breadth() *Breadth {
	return &Breadth{m: s.NewMatcher(), held: make([]int, len(s.leaves))}
}

// Add counts an item.
func (b *Breadth) Add(it feeds.Item, at time.Time) {
	b.items++
	b.m.scan(it, at)
	for i := range b.m.set.leaves {
		if b.m.eval(b.m.set.leaves[i].ref) {
			b.held[i]++
		}
	}
}

// Warnings names the clauses that hold for more than a fifth of the items, each
// once a topic, where it holds for most.
func (b *Breadth) Warnings() (out []Warning) {
	if b.items < fewItems {
		return nil
	}
	s := b.m.set
	for t := range s.topics {
		most := map[string]uint32{} // by clause
		for i := s.shown[t].leaf; i < s.shown[t+1].leaf; i++ {
			clause := s.clause(t, &s.leaves[i])
			if k, ok := most[clause]; !ok || b.held[i] > b.held[k] {
				most[clause] = i
			}
		}
		for i := s.shown[t].leaf; i < s.shown[t+1].leaf; i++ {
			l, part := &s.leaves[i], float64(b.held[i])/float64(b.items)
			clause := s.clause(t, l)
			if part > broad && l.len > 0 && most[clause] == i {
				src := &s.topics[t].Match
				out = append(out, Warning{query.Error{Source: src, Offset: int(l.pos), Len: int(l.len),
					Msg: fmt.Sprintf("%s holds for %.0f %% of the stored items: it hardly narrows the rule", clause, 100*part)}})
			}
		}
	}
	return out
}

// clause is what a topic's rule says of a leaf.
func (s *Set) clause(t int, l *leaf) string { return s.topics[t].Match.Text[l.pos : l.pos+l.len] }
