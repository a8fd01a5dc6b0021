package story

import "testing"

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		headline string
		n        int
	}{
		{"Iran talks item 17", 1},
		{"Second day, round 3 of the talks", 1},
		{"Death toll rises to 19", 0},
		{"19 dead in Kerman", 0},
		{"Search for MH370 goes on", 1},
		{"Report 3f2a1b9c published", 1},
		{"Iran and US hold talks in Oman", 0},
		{"G7 meets in Oman", 0},
	} {
		g := New(Default())
		d := g.read(Item{ID: "x", Title: c.headline, Lang: "en"})
		if len(d.print.labels) != c.n {
			t.Errorf("%q: %d labels, want %d", c.headline, len(d.print.labels), c.n)
		}
	}
}
