package story

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestIndexForgets lets stories come, change, go and come again, and holds the
// index, in which those that went leave postings behind, to one that is built
// of the stories at hand.
func TestIndexForgets(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	bg := &background{count: map[uint32]float32{7: 3}}
	x := newIndex(bg)
	var all []*cluster
	for n := range int32(60) {
		all = append(all, &cluster{number: n + 1})
	}
	words := func() vector {
		var v vector
		for h := range uint32(40) {
			if r.IntN(8) == 0 || h < 2 && r.IntN(2) == 0 {
				v = append(v, term{h, 1 + r.Float32()})
			}
		}
		return append(v, term{pairBit | 3, 1})
	}
	numbers := func(found []*cluster) (out []int32) {
		for _, s := range found {
			out = append(out, s.number)
		}
		return out
	}
	postings := 0
	for range 4000 {
		s := all[r.IntN(len(all))]
		switch {
		case !s.indexed:
			s.vec, s.indexed = words(), true
			x.enter(s)
		case r.IntN(2) == 0:
			before := s.vec
			s.vec = words()
			x.change(s, before)
		default:
			s.indexed = false
			x.leave(s)
		}
		fresh := newIndex(bg)
		for _, s := range all {
			if s.indexed {
				c := *s
				fresh.enter(&c)
			}
		}
		for h := range uint32(40) {
			n, large := x.count(h)
			if m, other := fresh.count(h); n != m || large != other {
				t.Fatalf("word %d: %d stories and %v, want %d and %v", h, n, large, m, other)
			}
		}
		v := words()
		if got, want := numbers(x.find(v, 4, 6, 5)), numbers(fresh.find(v, 4, 6, 5)); !slices.Equal(got, want) {
			t.Fatalf("found %v, want %v", got, want)
		}
		postings = 0
		for _, p := range x.post {
			if dead := len(p.list) - int(p.live); dead > int(p.live)/2+1 {
				t.Fatalf("%d dead postings beside %d", dead, p.live)
			}
			postings += len(p.list)
		}
	}
	for _, s := range all {
		if s.indexed {
			x.leave(s)
		}
	}
	if len(x.ids) != 0 || postings == 0 {
		t.Errorf("%d words left of no story", len(x.ids))
	}
}
