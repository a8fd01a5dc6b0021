package story

import "testing"

func TestOtherPlace(t *testing.T) {
	g := newGazetteer()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Two U.S. soldiers killed in bombing", "Two British soldiers killed in bombing", true},
		{"President to visit Indonesia", "President to visit Australia", true},
		{"Governor wins Ohio primary", "Governor wins Florida primary", true},
		{"Floods hit Ohio towns", "Floods hit US towns", false}, // a state is in its country
		{"French minister resigns", "Minister quits in Paris", false},
		{"French minister resigns", "Minister quits", false},
		{"Talks between Iran and Oman open", "Iran hopes for talks", false}, // the one says more, not other
		{"U.K. court rules on leak", "British judges rule on leak", false},
	} {
		var z tokenizer
		if got := otherPlace(g.of(z.append(nil, c.a)), g.of(z.append(nil, c.b))); got != c.want {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
