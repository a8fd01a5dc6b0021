package story

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"
)

// A copied stream is news of which most is copied: a few texts over and over,
// whole or with a paragraph that many texts have, over more than the time in
// which copies are known.
type copied struct {
	*madeUp
	texts []Item
	end   string // what many outlets put under their texts
}

func newCopied(seed uint64) *copied {
	c := &copied{madeUp: newMadeUp()}
	c.r = rand.New(rand.NewPCG(seed, 7))
	c.end = c.madeUp.next().Text
	return c
}

func (c *copied) next(i, n int) Item {
	it := c.madeUp.next()
	now := noon.Add(time.Duration(i) * 70 * 24 * time.Hour / time.Duration(n))
	it.ID, it.Seen = fmt.Sprint("it_", i), now
	it.Published = now.Add(-time.Duration(c.r.IntN(60)) * time.Hour)
	switch k := c.r.IntN(10); {
	case k < 6 && len(c.texts) > 0:
		from := c.texts[len(c.texts)-1-c.r.IntN(min(len(c.texts), 12))]
		it.Title, it.Text = from.Title, from.Text
		if c.r.IntN(2) == 0 {
			it.Text += " " + c.madeUp.next().Title
		}
	case k < 8:
		it.Text += " " + c.end
	}
	if k := c.r.IntN(3); k == 0 || len(c.texts) == 0 {
		c.texts = append(c.texts, it)
	}
	return it
}

// correct does by hand, or by a review, what chance says.
func (c *copied) correct(t *testing.T, g *Grouper, r *rand.Rand, now time.Time) (out []Correction) {
	t.Helper()
	what := r.IntN(30)
	pick := r.Uint32()
	switch {
	case what == 0:
		var err error
		if out, err = g.Review(now); err != nil {
			t.Fatal(err)
		}
	case what <= 2: // the half of a story leaves it
		var of []*cluster
		for _, id := range g.Stories() {
			if s := g.byID[id]; s.size > 2 {
				of = append(of, s)
			}
		}
		if len(of) == 0 {
			return nil
		}
		s := of[int(pick)%len(of)]
		var items []string
		for p := range g.prints.all {
			if g.alias(p.story) == s.id && g.clock-p.at < int64(g.p.Window/time.Second) {
				items = append(items, p.item)
			}
		}
		if len(items) < 2 {
			return nil
		}
		items = items[:1+len(items)/2]
		if len(items) < s.size {
			if corr, err := g.Split(s.id, items...); err == nil {
				out = append(out, corr)
			}
		}
	case what == 3:
		if ids := g.Stories(); len(ids) > 2 {
			a, b := ids[int(pick)%len(ids)], ids[int(pick/7)%len(ids)]
			if a != b {
				corr, err := g.Merge(a, b)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, corr)
			}
		}
	}
	return out
}

// TestRestarts puts a copied stream through a process that goes on and through
// one that starts again at random moments, with merges and splits by hand and
// reviews between, at random moments too: both decide alike, to the last item.
func TestRestarts(t *testing.T) {
	seeds, n := 4, 600
	if raced {
		n = 300
	}
	if os.Getenv("WATCHER_SOAK") != "" {
		seeds, n = 60, 1500
	}
	differ, moved, restarts, crowded, generations := 0, 0, 0, 0, 0
	for seed := range uint64(seeds) {
		c := newCopied(seed)
		chance := rand.New(rand.NewPCG(seed, 11))
		kept := shelf{map[string]StoryRecord{}, map[string]PrintRecord{}, nil}
		start := func() *Grouper {
			g := New(Default())
			g.prints.limit = 2000 // so that some are forgotten for want of room
			return g
		}
		readBack := func(items []string) (out []PrintRecord, _ error) {
			for _, id := range items {
				out = append(out, kept.prints[id])
			}
			return out, nil
		}
		alone, again := start(), start()
		again.ReadBack(readBack)
		for i := range n {
			it := c.next(i, n)
			if chance.IntN(40) == 0 {
				restarts++
				again = start()
				again.ReadBack(readBack)
				if err := again.Load(kept.since(it.Seen.Add(-33 * 24 * time.Hour))); err != nil {
					t.Fatal(err)
				}
				again.Commit()
			}
			s1 := chance.Uint64()
			var ds [2]Decision
			var cs [2][]Correction
			for k, g := range []*Grouper{alone, again} {
				g.Expire(it.Seen.Add(-48 * time.Hour))
				ds[k] = g.Add(it)
				if k == 1 {
					kept.put(g.Changes())
				}
				g.Commit()
				cs[k] = c.correct(t, g, rand.New(rand.NewPCG(s1, 1)), it.Seen)
				if k == 1 {
					kept.put(g.Changes())
				}
				g.Commit()
			}
			moved += len(cs[0])
			p := alone.prints.get(alone.prints.next - 1)
			crowded += boolInt(p.crowded != nil)
			generations += boolInt(p.gen == p.number)
			if !reflect.DeepEqual(ds[0], ds[1]) || !reflect.DeepEqual(cs[0], cs[1]) {
				t.Errorf("seed %d, item %d:\nstarted again %+v %v\ngoing on      %+v %v", seed, i, ds[1], cs[1], ds[0], cs[0])
				differ++
				break
			}
		}
		alike(t, fmt.Sprint("seed ", seed), again, alone)
	}
	t.Logf("%d of %d streams differ; %d corrections, %d restarts, %d texts not found by all of their shingles, %d generations", differ, seeds, moved, restarts, crowded, generations)
	if moved == 0 || restarts == 0 || crowded == 0 || generations <= 4*seeds {
		t.Error("a case did not come up")
	}
}
