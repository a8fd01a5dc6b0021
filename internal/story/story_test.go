package story

import (
	"reflect"
	"testing"
)

func TestDay(t *testing.T) {
	g := New(Default())
	names, alerts := map[string]string{}, 0
	for i, r := range theDay() {
		d := g.Add(r.item(i))
		g.Commit()
		if d.Kind != r.kind && !(r.kind == First && d.Kind == Related) {
			t.Errorf("%s %q: kind %s, want %s (why %+v)", d.Item, r.title, d.Kind, r.kind, d.Why)
		}
		if d.Kind == First || d.Kind == Related {
			names[d.Story] = r.story
		}
		if names[d.Story] != r.story {
			t.Errorf("%s %q: story %s, want %s", d.Item, r.title, names[d.Story], r.story)
		}
		if r.story == "ferry" && d.Kind != Copy && d.Kind != Same {
			alerts++
		}
	}
	if alerts != 3 {
		t.Errorf("%d alerts for the ferry, want one new and two updates", alerts)
	}
}

// TestRestart stops after each item, loads what was kept and goes on: the
// decisions are those of one run. A rolled-back try in between changes nothing.
func TestRestart(t *testing.T) {
	var want []Decision
	g := New(Default())
	for i, r := range theDay() {
		want = append(want, g.Add(r.item(i)))
	}
	kept := map[string]StoryRecord{}
	var prints []PrintRecord
	for i, r := range theDay() {
		g := New(Default())
		var rec Records
		for _, s := range kept {
			rec.Stories = append(rec.Stories, s)
		}
		rec.Prints = prints
		if err := g.Load(rec); err != nil {
			t.Fatal(err)
		}
		g.Add(r.item(99))
		g.Rollback()
		got := g.Add(r.item(i))
		if !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("item %d after a restart:\n got %+v\nwant %+v", i, got, want[i])
		}
		c := g.Changes()
		for _, s := range c.Stories {
			kept[s.ID] = s
		}
		prints = append(prints, c.Prints...)
	}
}

func TestLoadDamaged(t *testing.T) {
	g := New(Default())
	g.Add(theDay()[0].item(0))
	c := g.Changes()
	for n := range c.Stories[0].Data {
		h := New(Default())
		r := Records{Stories: []StoryRecord{{ID: "st_x", Data: c.Stories[0].Data[:n]}}}
		if err := h.Load(r); err == nil {
			t.Fatalf("a record cut to %d bytes was taken", n)
		}
	}
}
