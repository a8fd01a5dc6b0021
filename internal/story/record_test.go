package story

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"
)

// shelf keeps records as a store does: the newest of each.
type shelf struct {
	stories map[string]StoryRecord
	prints  map[string]PrintRecord
	aliases []Alias
}

func (k *shelf) put(r Records) {
	for _, s := range r.Stories {
		k.stories[s.ID] = s
	}
	for _, p := range r.Prints {
		k.prints[p.Item] = p
	}
	k.aliases = append(k.aliases, r.Aliases...)
}

// since gives what a process that starts reads.
func (k *shelf) since(t time.Time) (r Records) {
	for _, s := range k.stories {
		if !s.Last.Before(t) {
			r.Stories = append(r.Stories, s)
		}
	}
	for _, p := range k.prints {
		if !p.Seen.Before(t) {
			r.Prints = append(r.Prints, p)
		}
	}
	r.Aliases = k.aliases
	return r
}

// alike compares the stories that two processes hold.
func alike(t *testing.T, name string, got, want *Grouper) {
	t.Helper()
	for id, w := range want.byID {
		s := got.byID[id]
		if s == nil {
			t.Errorf("%s: story %s is not there", name, id)
			continue
		}
		if a, b := *s, *w; !slices.Equal(a.vec, b.vec) || !slices.Equal(a.title, b.title) || a.size != b.size || a.last != b.last || a.norm != b.norm {
			t.Errorf("%s: story %s of %d items has %d terms, want %d, %d", name, id, a.size, len(a.vec), b.size, len(b.vec))
		}
	}
	if len(got.byID) != len(want.byID) {
		t.Errorf("%s: %d stories, want %d", name, len(got.byID), len(want.byID))
	}
}

// TestReplicas decides on six weeks of items four times: in one go, by two
// processes that take turns and read what the other wrote, and by one that
// starts again and again. Stories are merged and split meanwhile, fall silent,
// come back by a copy, and outlive the texts they began with. All agree.
func TestReplicas(t *testing.T) {
	m, n := newMadeUp(), 1000
	if raced {
		n = 500
	}
	start := func() *Grouper {
		p := Default()
		p.Same = .35 // these stories have few words of their own
		return New(p)
	}
	alone, twins := start(), [2]*Grouper{start(), start()}
	var last, unread Records // of the turn before and the one before that: a process reads its own records too
	kept := shelf{map[string]StoryRecord{}, map[string]PrintRecord{}, nil}
	read := 0 // prints whose words had been let go
	readBack := func(items []string) (out []PrintRecord, _ error) {
		for _, id := range items {
			out = append(out, kept.prints[id])
		}
		read += len(items)
		return out, nil
	}
	twins[0].ReadBack(readBack) // the other one and the one alone hold them
	again := start()
	again.ReadBack(readBack)
	var old []Item
	moved, whole, rebuilt := 0, 0, 0
	for i := range n {
		it := m.next()
		at := noon.Add(time.Duration(i) * 42 * 24 * time.Hour / time.Duration(n))
		if i%11 == 0 && i > 0 { // a copy, at times of a silent story
			from := old[max(0, i-1-(i*7)%(n/2))]
			it.Title, it.Text = from.Title, from.Text+" and some more"
		}
		it.Published, it.Seen = at, at
		old = append(old, it)
		correct := func(g *Grouper) (out []Correction) {
			if i%97 == 0 {
				var err error
				if out, err = g.Review(at); err != nil {
					t.Fatal(err)
				}
			}
			if i%151 == 0 { // by hand, the newest of a story of several
				for _, p := range slices.Backward(slices.Collect(g.prints.all)) {
					if s := g.byID[g.alias(p.story)]; s != nil && s.size > 2 {
						c, err := g.Split(s.id, p.item)
						if err != nil {
							t.Fatal(err)
						}
						out = append(out, c)
						break
					}
				}
			}
			if ids := g.Stories(); i%211 == 0 && len(ids) > 1 {
				c, err := g.Merge(ids[len(ids)/2], ids[len(ids)-1])
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, c)
			}
			return out
		}
		twin := twins[i%2]
		for _, r := range []Records{unread, last} {
			if err := twin.Load(r); err != nil {
				t.Fatal(err)
			}
		}
		twin.Commit()
		if i%50 == 25 {
			alike(t, "of two that take turns", twin, alone)
		}

		if i%50 == 25 {
			again = start()
			again.ReadBack(readBack)
			if err := again.Load(kept.since(at.Add(-31 * 24 * time.Hour))); err != nil {
				t.Fatal(err)
			}
			again.Commit()
			for _, s := range again.stories {
				if s.whole {
					whole++
				} else if s.size > 1 {
					rebuilt++
				}
			}
			alike(t, "after a restart", again, alone)
		}
		want, cs := alone.Add(it), correct(alone)
		alone.Commit()
		moved += len(cs)
		got, tcs := twin.Add(it), correct(twin)
		unread, last = last, twin.Changes()
		twin.Commit()
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(tcs, cs) {
			t.Fatalf("item %d of two that take turns:\n got %+v %v\nwant %+v %v", i, got, tcs, want, cs)
		}

		got, tcs = again.Add(it), correct(again)
		kept.put(again.Changes())
		again.Commit()
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(tcs, cs) {
			t.Fatalf("item %d after a restart:\n got %+v %v\nwant %+v %v", i, got, tcs, want, cs)
		}
	}
	t.Logf("%d corrections; %d whole stories read, %d made of their prints; the words of %d prints read again", moved, whole, rebuilt, read)
	if moved == 0 || whole == 0 || rebuilt == 0 || read == 0 {
		t.Error("a case did not come up")
	}
	if a, b := slices.Sorted(maps.Keys(alone.byID)), slices.Sorted(maps.Keys(again.byID)); !slices.Equal(a, b) {
		t.Errorf("%d active stories alone, %d after restarts", len(a), len(b))
	}
}

// TestOldRecords reads a story of five items and the first item's print as they
// were written before stories were made of their prints.
func TestOldRecords(t *testing.T) {
	story, err := os.ReadFile("testdata/story.v2")
	if err != nil {
		t.Fatal(err)
	}
	print, err := os.ReadFile("testdata/print.v2")
	if err != nil {
		t.Fatal(err)
	}
	const id = "st_vzxr3rhy7vnd4dya" // as ids were before they began with the hour
	g := New(Default())
	err = g.Load(Records{Stories: []StoryRecord{{ID: id, Last: noon, Data: story}}, Prints: []PrintRecord{{Item: "item-00", Story: id, Seen: noon, Data: print}}})
	if err != nil {
		t.Fatal(err)
	}
	s := g.byID[id]
	if s == nil || s.size != 5 || len(s.vec) != 157 || !s.whole {
		t.Fatalf("the story was not read as it was: %+v", s)
	}
	for i, r := range theDay() {
		if i < 5 {
			continue
		}
		if d := g.Add(r.item(i)); r.story == "ferry" && d.Story != id {
			t.Errorf("%q went to %s", r.title, d.Story)
		}
	}
	for _, r := range g.Changes().Stories {
		if r.ID == id {
			again, err := decodeStory(r)
			if err != nil || !again.whole || !slices.Equal(again.vec, s.vec) {
				t.Errorf("kept and read again it has %d terms of %d, %v", len(again.vec), len(s.vec), err)
			}
		}
	}
}
