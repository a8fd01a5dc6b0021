package story

import (
	"bufio"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/affairs.txt
var affairsText string

// An affair is a set of people and what happens to them: its events are other
// stories, told with the same names.
type affair struct {
	name       string
	background [][]string
	events     []event
}

type event struct {
	name      string
	headlines []string
	facts     [][]string
}

func affairs(t testing.TB) []affair {
	var out []affair
	sc := bufio.NewScanner(strings.NewReader(affairsText))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		mark, text, _ := strings.Cut(sc.Text(), " ")
		wordings := strings.Split(text, " || ")
		switch mark {
		case "", "#":
		case "@":
			out = append(out, affair{name: text})
		case "=":
			a := &out[len(out)-1]
			a.background = append(a.background, wordings)
		case ">":
			a := &out[len(out)-1]
			a.events = append(a.events, event{name: text})
		default:
			e := &out[len(out)-1].events[len(out[len(out)-1].events)-1]
			switch mark {
			case "!":
				e.headlines = wordings
			case "-":
				e.facts = append(e.facts, wordings)
			default:
				t.Fatalf("affairs.txt: what is %q?", sc.Text())
			}
		}
	}
	return out
}

// articles makes full articles of the affairs: each event is told by three to
// ten outlets, with facts chosen, ordered and worded otherwise, almost a third of
// the plain words dropped or changed, background that the affair's other events carry too, and what
// the outlet puts around it. Undated ones come in any order.
func articles(t testing.TB, seed uint64, dated bool) []labelled {
	r := rand.New(rand.NewPCG(seed, 11))
	var noise []string
	for _, a := range affairs(t) {
		for _, b := range a.background {
			noise = append(noise, strings.Fields(strings.ToLower(strings.Join(b, " ")))...)
		}
	}
	blur := func(s string) string {
		var w []string
		for _, x := range strings.Fields(s) {
			switch plain := strings.ToLower(x) == x; {
			case plain && r.Float64() < .15:
			case plain && r.Float64() < .15:
				w = append(w, noise[r.IntN(len(noise))])
			default:
				w = append(w, x)
			}
		}
		return strings.Join(w, " ")
	}
	var out []labelled
	for _, a := range affairs(t) {
		day := noon.AddDate(0, 0, r.IntN(20))
		for _, e := range a.events {
			day = day.AddDate(0, 0, 2+r.IntN(20))
			order := r.Perm(len(e.headlines) * 2)
			n := min(3+r.IntN(8), len(order))
			for k := range n {
				var text []string
				facts := r.Perm(len(e.facts) - 1)[:len(e.facts)/2+r.IntN(len(e.facts)/2)]
				lead := e.facts[0]
				text = append(text, blur(lead[(k+r.IntN(2))%len(lead)]))
				for i, f := range facts {
					words := e.facts[f+1]
					text = append(text, blur(words[(k+r.IntN(2))%len(words)]))
					if i%3 == 1 {
						b := a.background[r.IntN(len(a.background))]
						text = append(text, blur(b[r.IntN(len(b))]))
					}
				}
				for _, b := range a.background {
					if r.IntN(2) == 0 {
						text = append(text, b[r.IntN(len(b))])
					}
				}
				if r.IntN(4) == 0 { // the news comes after a scene or what went before
					i := 1 + r.IntN(2)
					text[0], text[i] = text[i], text[0]
				}
				outlet := r.IntN(24)
				if outlet%3 == 0 {
					text = slices.Insert(text, 0, pageHeads[outlet%len(pageHeads)])
				}
				if outlet%2 == 0 {
					text = append(text, pageTails[outlet%len(pageTails)])
				}
				headline := e.headlines[order[k]%len(e.headlines)]
				if order[k] >= len(e.headlines) {
					headline = blur(headline)
				}
				at := day.Add(time.Duration(r.IntN(36*60)-18*60) * time.Minute)
				out = append(out, labelled{ID: fmt.Sprintf("%s/%s/%d", a.name, e.name, k), TS: at.Format(time.RFC3339), Title: headline, Body: strings.Join(text, "\n"),
					Story: a.name + "/" + e.name, Source: fmt.Sprintf("outlet %d", outlet)})
			}
		}
	}
	return out
}

// amongNews puts other reports between articles, each a story of its own, in
// order of time or, undated, at random.
func amongNews(set, others []labelled, seed uint64, dated bool) []labelled {
	r := rand.New(rand.NewPCG(seed, 13))
	out := slices.Clone(set)
	for i, o := range others {
		o.ID, o.Story = fmt.Sprint("other", i), fmt.Sprint("other", i)
		o.TS = noon.Add(time.Duration(r.IntN(80*24*60)) * time.Minute).Format(time.RFC3339)
		out = append(out, o)
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	if dated {
		slices.SortStableFunc(out, func(a, b labelled) int { return strings.Compare(a.TS, b.TS) })
		return out
	}
	for i := range out {
		out[i].TS = ""
	}
	return out
}

// TestArticles groups full articles among other reports, dated and not. The
// words of an affair's people and what lies behind it are common to its events,
// and must join nobody.
func TestArticles(t *testing.T) {
	seeds := uint64(4)
	if raced {
		seeds = 1
	}
	var others []labelled
	for _, l := range longTexts(t, 800) {
		if len(others) < 500 && l.ID == "" { // of the newswire; no two tell the same
			others = append(others, l)
		}
	}
	told := func(story string) bool { return !strings.HasPrefix(story, "other") }
	for _, c := range []struct {
		name             string
		dated            bool
		floor            float64
		missed, repeated float64
	}{{"dated", true, .975, .06, .3}, {"undated", false, .94, .12, .5}} {
		var sum grouping
		for seed := range seeds {
			m := measureOf(amongNews(articles(t, seed, c.dated), others, seed, c.dated), told)
			t.Logf("%s, seed %d: %v", c.name, seed, m)
			sum.f += m.f / float64(seeds)
			sum.missed += m.missed / float64(seeds)
			sum.repeated += m.repeated / float64(seeds)
		}
		if !raced && (sum.f < c.floor || sum.missed > c.missed || sum.repeated > c.repeated) {
			t.Errorf("%s: F1 %.3f, missed %.3f, repeated %.3f; want %.3f or more, %.3f and %.3f or less", c.name, sum.f, sum.missed, sum.repeated, c.floor, c.missed, c.repeated)
		}
	}
}
