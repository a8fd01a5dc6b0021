package story

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestHolders compares the table with a map, over growth, removal and forgetting.
func TestHolders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	tab, want := newHolders(), map[uint32][]int32{}
	same := func(step int, k uint32) {
		t.Helper()
		var got []int32
		tab.of(k, func(n int32) bool { got = append(got, n); return true })
		slices.Sort(got)
		if !slices.Equal(got, want[k]) {
			t.Fatalf("step %d: %v hold %d, want %v", step, got, k, want[k])
		}
	}
	first := int32(1)
	for step := range 200_000 {
		k, n := mix(r.Uint32N(20_000)), int32(step+1)
		switch {
		case step%60_000 == 59_999:
			first = n / 2
			tab.forget(first)
			for k, ns := range want {
				want[k] = slices.DeleteFunc(ns, func(n int32) bool { return n < first })
			}
		case r.IntN(10) == 0 && len(want[k]) > 0:
			i := r.IntN(len(want[k]))
			tab.takeBack(k, want[k][i])
			want[k] = slices.Delete(want[k], i, i+1)
		default:
			tab.add(k, n)
			want[k] = append(want[k], n)
		}
		same(step, k)
	}
	for i := range uint32(20_000) {
		same(-1, mix(i))
	}
	if len(tab.slot) > 2*tab.used {
		t.Errorf("%d slots for %d", len(tab.slot), tab.used)
	}
}

// TestPrintsForget adds texts over five generations, takes some back, and looks
// for all of them: those of the window are found, the others are not.
func TestPrintsForget(t *testing.T) {
	ps := newPrints(1000)
	ps.limit = 400
	shingles := func(n int) []uint32 {
		var out []uint32
		for i := range uint32(20) {
			out = append(out, mix(uint32(n)*100+i))
		}
		return sample(append(out, out...))
	}
	find := func(n int) *print {
		m, _ := ps.find(shingles(n), &print{at: ps.list[len(ps.list)-1].at, shingles: shingles(n)}, 3, .5)
		return m.print
	}
	for n := range 150 {
		p := &print{number: ps.next, at: int64(n), item: fmt.Sprint(n), story: fmt.Sprint(n), text: uint64(n), shingles: shingles(n)}
		ps.add(p)
		if n%3 == 2 { // taken back, and added again
			ps.undo(p.number)
			if got := ps.get(p.number); got != nil {
				t.Fatalf("print %d is there after undo", n)
			}
			ps.add(p)
		}
	}
	if len(ps.gens) != generations {
		t.Fatalf("%d generations, want %d", len(ps.gens), generations)
	}
	oldest := int(ps.gens[0].first) - 1
	if oldest == 0 || ps.count != 150-oldest {
		t.Errorf("%d prints from %d on, want the older ones forgotten", ps.count, oldest)
	}
	for n := range 150 {
		got := find(n)
		if n < oldest && got != nil || n >= oldest && (got == nil || got.item != fmt.Sprint(n)) {
			t.Errorf("print %d of those from %d on: found %+v", n, oldest, got)
		}
	}
}

// TestLoadOfForgotten: another replica moves an item that it still remembers
// and this one does not.
func TestLoadOfForgotten(t *testing.T) {
	g := New(Default())
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	add := func(n int) {
		g.Add(Item{ID: fmt.Sprint("i", n), Title: fmt.Sprintf("Harbour master number %d opens lock %d", n, n*7), Published: at, Seen: at, Source: "tide", Publisher: "tide"})
	}
	add(0)
	early := g.Changes()
	g.Commit()
	for n := 1; n < 12; n++ {
		at = at.Add(Default().Window / 3)
		add(n)
	}
	g.Commit()
	_, before := g.Active()
	if g.prints.get(1) != nil || len(early.Prints) != 1 {
		t.Fatal("the first item is remembered: nothing is tested")
	}
	if err := g.Load(Records{Prints: early.Prints}); err != nil {
		t.Fatal(err)
	}
	next := g.prints.next
	add(12)
	if _, prints := g.Active(); prints != before+1 || g.prints.get(next) == nil {
		t.Errorf("%d prints and one more make %d", before, prints)
	}
}
