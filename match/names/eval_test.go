package names

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// withCosts runs f with other cost tables.
func withCosts(table *costTable, f func()) {
	shipped, strict := *costTables(), *strictTables()
	defer func() { *costTables(), *strictTables() = shipped, strict }()
	*costTables() = *table
	*strictTables() = *table.strict()
	f()
}

// rates is the share of pairs taken for one name, by kind.
type rates struct {
	hits, all map[string]float64
}

func measure(pairs []pair, costs []float64, most float64) rates {
	r := rates{map[string]float64{}, map[string]float64{}}
	for i, p := range pairs {
		kinds := []string{p.kind}
		if p.match {
			kinds = append(kinds, "all")
		}
		for _, k := range kinds {
			r.all[k]++
			if costs[i] <= most {
				r.hits[k]++
			}
		}
	}
	return r
}

func (r rates) of(kind string) float64 { return r.hits[kind] / max(1, r.all[kind]) }

// natural is the precision over the pairs as they are.
func (r rates) natural() float64 {
	wrong := 0.0
	for _, k := range []string{"ed1", "ed2", "skeleton", "random", "family"} {
		wrong += r.hits[k]
	}
	return r.hits["all"] / (r.hits["all"] + wrong)
}

// precision takes the kinds of negatives in set shares: beside 1,000 pairs of
// one person 30 neighbours by a letter, 140 by two, 340 by skeleton, 500 others.
func (r rates) precision() float64 {
	false_ := .03*r.of("ed1") + .14*r.of("ed2") + .34*r.of("skeleton") + .5*r.of("random")
	return r.of("all") / (r.of("all") + false_)
}

// f1 of a pair of scripts, with the false hits of all of them.
func (r rates) f1(kind string) float64 {
	recall := r.of(kind)
	p := recall / (recall + r.of("all")*(1/r.precision()-1))
	return 2 * p * recall / (p + recall)
}

func (r rates) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "R %.3f; false: ed1 %.2f ed2 %.3f skeleton %.3f random/1000 %.2f same family %.2f; F1", r.of("all"), r.of("ed1"), r.of("ed2"), r.of("skeleton"), 1000*r.of("random"), r.of("family"))
	for i, s := range mainScripts {
		for _, q := range mainScripts[i:] {
			fmt.Fprintf(&b, " %s-%s %.2f", s[:2], q[:2], r.f1(s+"-"+q))
		}
	}
	return b.String()
}

// everyThird is enough to measure by, and keeps the test short.
func everyThird(ps []person) (out []person) {
	for i := 0; i < len(ps); i += 3 {
		out = append(out, ps[i])
	}
	return out
}

// apartFrom gives the people of some countries, and those of the others.
func apartFrom(all []person, countries ...string) (of, others []person) {
	for _, p := range all {
		if slices.Contains(countries, p.Country) {
			of = append(of, p)
		} else {
			others = append(others, p)
		}
	}
	return of, others
}

// rateFamilies measures family names of some people at every spelling, by so
// many draws of other people's names.
func rateFamilies(ps []person, draws int) (out [3]rates) {
	rng := rand.New(rand.NewPCG(1, 2))
	pairs := positives(ps, false, 1, rng)
	seen := map[pair]bool{}
	for range draws {
		for _, p := range negatives(ps, false, rng) {
			if !seen[p] {
				seen[p] = true
				pairs = append(pairs, p)
			}
		}
	}
	for s := range out {
		costs := make([]float64, len(pairs))
		for i, p := range pairs {
			_, costs[i] = Same(p.a, p.b, Family, Spelling(s))
		}
		out[s] = measure(pairs, costs, familyLimit[s])
	}
	return out
}

// TestArabsAndPersiansApart measures the people of the countries whose names are
// written in Arabic letters, by costs that were learned without any of them.
func TestArabsAndPersiansApart(t *testing.T) {
	ps, others := apartFrom(people(t), "Egypt", "Tunisia", "Jordan", "Pakistan", "Afghanistan")
	table := priorCosts()
	learn(table, others)
	withCosts(table, func() {
		floors := [3]struct{ precision, recall float64 }{Strict: {.99, .80}, Normal: {.97, .90}, Loose: {.95, .94}}
		for s, r := range rateFamilies(ps, 4) {
			t.Logf("%s: P %.3f R %.3f of %.0f", Spelling(s), r.precision(), r.of("all"), r.all["all"])
			if f := floors[s]; r.precision() < f.precision || r.of("all") < f.recall {
				t.Errorf("%s is under its floor %+v", Spelling(s), f)
			}
		}
	})
}

// logCountries says how far apart the countries are, each by what was learned
// from the other half.
func logCountries(t *testing.T, ps []person) {
	by := map[string][]person{}
	for _, p := range ps {
		by[p.Country] = append(by[p.Country], p)
	}
	var recall [3][]float64
	for _, c := range slices.Sorted(maps.Keys(by)) {
		rs := rateFamilies(by[c], 1)
		if n := rs[Normal].all["all"]; n >= 20 {
			t.Logf("%s: R strict %.3f normal %.3f loose %.3f of %.0f; false normal ed1 %.2f random/1000 %.2f", c, rs[Strict].of("all"), rs[Normal].of("all"), rs[Loose].of("all"), n, rs[Normal].of("ed1"), 1000*rs[Normal].of("random"))
			for s := range recall {
				recall[s] = append(recall[s], rs[s].of("all"))
			}
		}
	}
	for s, xs := range recall {
		mean, square := 0.0, 0.0
		for _, x := range xs {
			mean += x / float64(len(xs))
		}
		for _, x := range xs {
			square += (x - mean) * (x - mean) / float64(len(xs))
		}
		t.Logf("by country, %s: R %.3f ± %.3f, least %.3f (%d countries)", Spelling(s), mean, math.Sqrt(square), slices.Min(xs), len(xs))
	}
}

// TestPeopleApart learns the costs from half of the countries and measures on
// the people of the others, both ways. With WATCHER_SOAK=1 it says how far apart
// the countries are.
func TestPeopleApart(t *testing.T) {
	floors := map[Part][3]struct{ precision, recall, ed1, random, arabic, cyrillic float64 }{
		Family: {Strict: {.99, .75, .10, .2, .87, .86}, Normal: {.975, .85, .22, .5, .92, .90}, Loose: {.95, .89, .4, 1, .94, .92}},
		Full:   {Strict: {.998, .72, 1, .2, 0, 0}, Normal: {.995, .84, 1, .2, 0, 0}, Loose: {.99, .89, 1, .3, 0, 0}},
	}
	apart := byCountry(people(t))
	for side, ps := range apart {
		ps = everyThird(ps)
		table := priorCosts()
		learn(table, everyThird(apart[1-side]))
		withCosts(table, func() {
			if os.Getenv("WATCHER_SOAK") != "" {
				logCountries(t, ps)
			}
			for _, part := range []Part{Family, Full} {
				rng := rand.New(rand.NewPCG(1, 2))
				pairs := append(positives(ps, part == Full, 1, rng), negatives(ps, part == Full, rng)...)
				limit := familyLimit
				if part == Full {
					limit = fullLimit
				}
				costs := make([]float64, len(pairs))
				for _, s := range []Spelling{Strict, Normal, Loose} {
					for i, p := range pairs {
						if s != Loose { // its costs are those of normal
							_, costs[i] = Same(p.a, p.b, part, s)
						}
					}
					r := measure(pairs, costs, limit[s])
					p := r.precision()
					if part == Full {
						p = r.natural()
					}
					t.Logf("half %d, %s, %s: P %.3f %s", side, part, s, p, r)
					f := floors[part][s]
					if p < f.precision || r.of("all") < f.recall || r.of("ed1") > f.ed1 || 1000*r.of("random") > f.random || r.f1("Latn-Arab") < f.arabic || r.f1("Latn-Cyrl") < f.cyrillic {
						t.Errorf("half %d, %s, %s is under its floor %+v", side, part, s, f)
					}
				}
			}
		})
	}
}
