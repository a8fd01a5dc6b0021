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
	held  [][]int // by topic and leaf
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
	return &Breadth{m: s.NewMatcher(), held: make([][]int, len(s.topics))}
}

// Add counts an item.
func (b *Breadth) Add(it feeds.Item, at time.Time) {
	b.items++
	b.m.scan(it, at)
	s := b.m.set
	for t := range b.held {
		if b.held[t] == nil {
			b.held[t] = make([]int, s.shown[t].count)
		}
		for i := range b.held[t] {
			if b.m.eval(s.leaf(uint32(t), uint32(i)).ref) {
				b.held[t][i]++
			}
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
		most := map[string]int{} // by clause
		for i := range b.held[t] {
			clause := s.clause(t, s.leaf(uint32(t), uint32(i)))
			if k, ok := most[clause]; !ok || b.held[t][i] > b.held[t][k] {
				most[clause] = i
			}
		}
		for i := range b.held[t] {
			l, part := s.leaf(uint32(t), uint32(i)), float64(b.held[t][i])/float64(b.items)
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
