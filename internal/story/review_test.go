package story

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// twoStories gives a grouper with the ferry and the fair of theDay, and the ids
// of the two stories.
func twoStories(t *testing.T) (g *Grouper, ferry, fair string) {
	t.Helper()
	g = New(Default())
	for i, r := range theDay() {
		d := g.Add(r.item(i))
		switch r.story {
		case "ferry":
			ferry = d.Story
		case "fair":
			fair = d.Story
		}
	}
	g.Commit()
	return g, ferry, fair
}

func TestMergeByHand(t *testing.T) {
	g, ferry, fair := twoStories(t)
	c, err := g.Merge(ferry, fair)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Merge || c.From != fair || c.To != ferry {
		t.Errorf("correction %+v", c)
	}
	r := g.Changes()
	if want := []Alias{{fair, ferry}}; !reflect.DeepEqual(r.Aliases, want) {
		t.Errorf("aliases %v, want %v", r.Aliases, want)
	}
	d := g.Add(Item{ID: "later", Title: "Eleven-metre loaf opens Kalmira spring fair", Text: bakery, Published: noon.Add(time.Hour), Seen: noon.Add(time.Hour)})
	if d.Story != ferry {
		t.Errorf("a copy of the merged story went to %s, want %s", d.Story, ferry)
	}
	if got, err := g.Review(noon.Add(9 * time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("the review undid a merge by hand: %+v, %v", got, err)
	}
	g.Rollback()
	if d := g.Add(Item{ID: "later", Title: "Eleven-metre loaf opens Kalmira spring fair", Text: bakery, Published: noon.Add(time.Hour), Seen: noon.Add(time.Hour)}); d.Story != fair {
		t.Errorf("after a rollback the copy went to %s, want %s", d.Story, fair)
	}
}

// TestForgottenByHand merges and splits stories that have left memory: what
// comes later, a copy within the window, goes where the correction says, after
// a rollback where it went before.
func TestForgottenByHand(t *testing.T) {
	later := noon.Add(20 * 24 * time.Hour)
	copyOf := func(g *Grouper, title, text string) string {
		d := g.Add(Item{ID: "later", Title: title, Text: text, Published: later, Seen: later})
		g.Rollback()
		return d.Story
	}
	for name, revive := range map[string]string{"both silent": "", "only the one that stays": "ferry", "only the one that goes": "fair"} {
		g, sank, fair := twoStories(t)
		g.Expire(later)
		switch revive {
		case "ferry":
			g.Add(Item{ID: "again", Title: "Ferry capsizes off Veland, at least 12 dead", Text: ferry, Published: later, Seen: later})
		case "fair":
			g.Add(Item{ID: "again", Title: "Eleven-metre loaf opens Kalmira spring fair", Text: bakery, Published: later, Seen: later})
		}
		g.Commit()
		if _, err := g.Merge(sank, fair); err != nil {
			t.Fatal(name, err)
		}
		r := g.Changes()
		if want := []Alias{{fair, sank}}; !reflect.DeepEqual(r.Aliases, want) {
			t.Errorf("%s: aliases %v, want %v", name, r.Aliases, want)
		}
		g.Commit()
		for what, text := range map[string]string{"the story": ferry, "the one merged": bakery} {
			if got := copyOf(g, "Once more", text); got != sank {
				t.Errorf("%s: a copy from %s went to %s, want %s", name, what, got, sank)
			}
		}
		if _, err := g.Merge(fair, sank); err == nil {
			t.Errorf("%s: merged twice", name)
		}
	}

	g, sank, fair := twoStories(t)
	g.Expire(later)
	g.Commit()
	if _, err := g.Merge(sank, fair); err != nil {
		t.Fatal(err)
	}
	g.Rollback()
	if got := copyOf(g, "Once more", bakery); got != fair {
		t.Errorf("after a rollback a copy went to %s, want %s", got, fair)
	}
	c, err := g.Split(sank, "item-13", "item-14")
	if err != nil || c.From != sank || c.To == sank || len(c.Items) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	g.Commit()
	if got := copyOf(g, "Captain of capsized Veland ferry taken into custody", ferryArrest); got != c.To {
		t.Errorf("a copy of a split item went to %s, want %s", got, c.To)
	}
	if got := copyOf(g, "Ferry capsizes off Veland, at least 12 dead", ferry); got != sank {
		t.Errorf("a copy of an item that stayed went to %s, want %s", got, sank)
	}
}

func TestSplitByHand(t *testing.T) {
	g, ferry, _ := twoStories(t)
	c, err := g.Split(ferry, "item-13", "item-14")
	if err != nil {
		t.Fatal(err)
	}
	if c.Merge || c.From != ferry || c.To == ferry || !reflect.DeepEqual(c.Items, []string{"item-13", "item-14"}) {
		t.Errorf("correction %+v", c)
	}
	// What was decided outlives a restart.
	kept := New(Default())
	if err := kept.Load(g.all()); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Grouper{g, kept} {
		at := noon.Add(8 * time.Hour)
		d := h.Add(Item{ID: "copy", Title: "Captain of capsized Veland ferry taken into custody", Text: ferryArrest, Published: at, Seen: at})
		if d.Story != c.To {
			t.Errorf("a copy of a split item went to %s, want %s", d.Story, c.To)
		}
		if got, err := h.Review(at); err != nil || len(got) != 0 {
			t.Errorf("the review undid a split by hand: %+v, %v", got, err)
		}
	}
	if _, err := g.Split(ferry, "nothing"); err == nil {
		t.Error("split of an item that is not in the story was taken")
	}
}

// all gives every record, as a store would after Commit.
func (g *Grouper) all() Records {
	for id := range g.byID {
		g.journal.story(g, id)
	}
	for p := range g.prints.all {
		g.journal.prints[p.number] = nil
	}
	return g.Changes()
}

// mixedUp gives a grouper in which a mistake merged the ferry into the fair.
func mixedUp(t *testing.T) (g *Grouper, fair string) {
	t.Helper()
	g, ferry, fair := twoStories(t)
	for i, r := range []row{
		{35 * time.Minute, "marketday", "Kalmira spring fair: forty apprentices bake an eleven-metre loaf", "Forty apprentices baked through the night for the spring fair of the bakers' guild in Kalmira, where visitors tasted a loaf eleven metres long.", Same, "fair"},
		{50 * time.Minute, "guildnews", "Bakers' guild opens Kalmira fair with giant loaf", "With a loaf of eleven metres the bakers' guild opened its spring fair on the market square of Kalmira; the money goes to a school kitchen.", Same, "fair"},
	} {
		if d := g.Add(r.item(50 + i)); d.Story != fair {
			t.Fatalf("%q went to %s", r.title, d.Story)
		}
	}
	g.merge(g.byID[fair], g.byID[ferry])
	g.Commit()
	return g, fair
}

// TestReview splits a story that holds two, also where the record of one of its
// items is gone and with it the words.
func TestReview(t *testing.T) {
	for _, gone := range []string{"", "item-00", "item-50"} {
		g, fair := mixedUp(t)
		kept := map[string]PrintRecord{}
		for _, p := range g.all().Prints {
			kept[p.Item] = p
		}
		delete(kept, gone)
		g.ReadBack(func(items []string) (out []PrintRecord, _ error) {
			for _, id := range items {
				if p, ok := kept[id]; ok {
					out = append(out, p)
				}
			}
			return out, nil
		})
		g.Commit() // lets all words go
		if gone == "item-50" {
			r := row{55 * time.Minute, "millers", "Giant loaf at the spring fair of the bakers of Kalmira", "The spring fair of the bakers' guild of Kalmira began with a loaf eleven metres long that forty apprentices baked.", Same, "fair"}
			if d := g.Add(r.item(60)); d.Story != fair {
				t.Fatalf("%q went to %s", r.title, d.Story)
			}
		}
		cs, err := g.Review(noon.Add(8 * time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(cs, func(c Correction) bool { return !c.Merge && c.From == fair }) {
			t.Errorf("without %q: a story of two halves was not split", gone)
		}
	}
}

func TestExpire(t *testing.T) {
	g, ferry, _ := twoStories(t)
	g.Expire(noon.Add(20 * 24 * time.Hour))
	if n, prints := g.Active(); n != 0 || prints == 0 {
		t.Fatalf("%d stories and %d prints after 20 days, want none and the prints", n, prints)
	}
	at := noon.Add(20 * 24 * time.Hour)
	if d := g.Add(Item{ID: "late", Title: "At least 19 dead as ferry capsizes", Text: ferryNineteen, Published: at, Seen: at}); d.Story != ferry || d.Kind != Copy {
		t.Errorf("a late copy: %s of %s, want a copy in %s", d.Kind, d.Story, ferry)
	}
	at = noon.Add(80 * 24 * time.Hour)
	if d := g.Add(Item{ID: "later", Title: "At least 19 dead as ferry capsizes", Text: ferryNineteen, Published: at, Seen: at}); d.Kind == Copy {
		t.Errorf("a text out of the window is still a copy")
	}
}

func TestMoment(t *testing.T) {
	h := time.Hour
	for _, c := range []struct {
		name            string
		published, seen time.Time
		want            time.Time
	}{
		{"published", noon, noon.Add(h), noon},
		{"future", noon.Add(3 * h), noon, noon},
		{"none", time.Time{}, noon, noon},
		{"old", noon.Add(-100 * h), noon, noon.Add(-48 * h)},
		{"no time at all", time.Time{}, time.Time{}, time.Time{}},
	} {
		if got := stamp(moment(Item{Published: c.published, Seen: c.seen})); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	for _, c := range []struct {
		name       string
		a, b       Item
		same, copy bool
	}{
		{"Chinese copy", Item{Title: "港口关闭", Text: "由于强风，卡尔米拉港口星期一早上关闭，渡轮停航，数百名乘客滞留在码头。海岸警卫队表示，预计星期二恢复通航。"},
			Item{Title: "卡尔米拉港口因强风关闭", Text: "由于强风，卡尔米拉港口星期一早上关闭，渡轮停航，数百名乘客滞留在码头。海岸警卫队表示，预计星期二恢复通航。更多消息"}, true, true},
		{"Chinese rewrite", Item{Title: "强风迫使卡尔米拉港口关闭 渡轮停航", Text: "由于强风，卡尔米拉港口星期一早上关闭，渡轮停航，数百名乘客滞留在码头。"},
			Item{Title: "卡尔米拉港口关闭 数百名乘客滞留", Text: "卡尔米拉港口因强风关闭后，渡轮全部停航，数百名乘客星期一滞留码头等候。"}, true, false},
		{"Thai", Item{Title: "ท่าเรือคาลมิราปิดเพราะลมแรง", Text: "ท่าเรือคาลมิราปิดทำการเช้าวันจันทร์เพราะลมแรง เรือข้ามฟากหยุดเดินเรือ ผู้โดยสารหลายร้อยคนตกค้าง"},
			Item{Title: "ลมแรงทำให้ท่าเรือคาลมิราปิด ผู้โดยสารตกค้าง", Text: "ลมแรงทำให้ท่าเรือคาลมิราต้องปิดตั้งแต่เช้าวันจันทร์ ผู้คนจำนวนมากรอเรือข้ามฟากอยู่ริมทะเล"}, true, false},
		{"Polish", Item{Title: "Silny wiatr zamknął port w Kalmirze", Text: "Port w Kalmirze został zamknięty w poniedziałek z powodu silnego wiatru, promy nie wypływają, a setki pasażerów czekają na nabrzeżu."},
			Item{Title: "Port w Kalmirze zamknięty, setki pasażerów czekają", Text: "Setki pasażerów utknęły w poniedziałek w Kalmirze, bo promy nie wypływają z portu zamkniętego z powodu silnego wiatru."}, true, false},
		{"two languages, nothing shared", Item{Title: "Hafen geschlossen", Text: "Der Hafen wurde am Montag wegen starken Windes geschlossen, die Fähren fahren nicht."},
			Item{Title: "El puerto cerrado", Text: "El puerto fue cerrado el lunes por el fuerte viento y los transbordadores no salen."}, false, false},
	} {
		g := New(Default())
		for i, it := range []*Item{&c.a, &c.b} {
			it.ID, it.Published = string(rune('a'+i)), noon
			it.Seen = noon
		}
		x, y := g.Add(c.a), g.Add(c.b)
		if (x.Story == y.Story) != c.same || (y.Kind == Copy) != c.copy {
			t.Errorf("%s: same story %v, want %v; %s, score %v", c.name, x.Story == y.Story, c.same, y.Kind, y.Score)
		}
	}
}

func TestEmpty(t *testing.T) {
	g := New(Default())
	a, b := g.Add(Item{ID: "a"}), g.Add(Item{ID: "b"})
	if a.Story == b.Story || b.Kind != First {
		t.Errorf("two empty items: %+v, %+v", a, b)
	}
}
