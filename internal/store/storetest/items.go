package storetest

import (
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

func testItems(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	var its []*store.Item
	for i := range 60 {
		its = append(its, Item([]string{"a", "b"}[i%2], fmt.Sprintf("g%02d", i), fmt.Sprintf("Title %02d", i), T0.Add(time.Duration(i)*time.Minute)))
	}
	its[3].Baseline, its[3].Content = true, "<div>whole text</div>"
	its[3].Enclosures, its[3].Media, its[3].Links, its[3].Image = []feeds.Enclosure{{URL: "u", Type: "audio/mpeg", Length: "x"}}, []string{"m"}, []string{"l"}, "i"
	its[4].Published, its[4].Updated = time.Time{}, T0
	insert(t, s, its...)
	for i, it := range its {
		if it.ID == 0 || i > 0 && it.ID <= its[i-1].ID {
			t.Fatalf("item %d has id %d", i, it.ID)
		}
	}
	view(t, s, func(r store.Reader) error {
		for _, i := range []int{0, 3, 4, 59} {
			got, err := r.Item(ctx, its[i].ID)
			if err != nil {
				return err
			}
			equal(t, "item", got, *its[i])
		}
		_, err := r.Item(ctx, 1<<40)
		wantErr(t, "missing item", err, store.ErrNotFound)
		list := func(f store.ItemFilter, want ...string) {
			t.Helper()
			got, err := r.Items(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("items %+v", f), titles(got), want)
		}
		list(store.ItemFilter{Limit: 2}, "Title 59", "Title 58")
		list(store.ItemFilter{Limit: 2, Before: its[58].ID}, "Title 57", "Title 56")
		list(store.ItemFilter{Limit: 2, Feed: "a"}, "Title 58", "Title 56")
		list(store.ItemFilter{Limit: 2, Oldest: true}, "Title 00", "Title 01")
		list(store.ItemFilter{Limit: 1, Oldest: true, Before: its[1].ID}, "Title 02")
		list(store.ItemFilter{From: T0.Add(time.Minute), To: T0.Add(3 * time.Minute)}, "Title 02", "Title 01")
		n, err := r.CountItems(ctx, T0.Add(time.Minute), T0.Add(3*time.Minute))
		equal(t, "count", n, 2)
		return err
	})
	for _, from := range []time.Time{{}, T0, T0.Add(10 * time.Minute)} {
		var got []string
		view(t, s, func(r store.Reader) error {
			return r.Scan(ctx, from, T0.Add(50*time.Minute), func(it store.Item) error {
				got = append(got, it.Title)
				_, err := r.Hits(ctx, it.ID) // fn may query
				return err
			})
		})
		first := 0
		if from.After(T0) {
			first = 10
		}
		if len(got) != 50-first || got[0] != its[first].Title || got[len(got)-1] != "Title 49" {
			t.Errorf("scan from %v: %d items, %v", from, len(got), got)
		}
	}
}

func testOneKeyTwice(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	insert(t, s, Item("a", "g1", "first", T0))
	err := s.Update(ctx, func(tx store.Tx) error {
		return tx.InsertItems(ctx, []*store.Item{Item("a", "g2", "other", T0), Item("a", "g1", "again", T0)})
	})
	wantErr(t, "known key", err, store.ErrConflict)
	err = s.Update(ctx, func(tx store.Tx) error {
		return tx.InsertItems(ctx, []*store.Item{Item("a", "g3", "x", T0), Item("a", "g3", "y", T0)})
	})
	wantErr(t, "one key twice", err, store.ErrConflict)
	insert(t, s, Item("b", "g1", "same key, other feed", T0))
	view(t, s, func(r store.Reader) error {
		its, err := r.Items(ctx, store.ItemFilter{})
		equal(t, "items", titles(its), []string{"same key, other feed", "first"})
		return err
	})
}

func testKnown(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	a, b := Item("a", "https://a.example/x?utm_source=rss", "one", T0), Item("a", "plain-id", "two", T0)
	if a.Key == a.AltKey || b.Key != b.AltKey {
		t.Fatalf("the cases need an item with two keys and one with one")
	}
	insert(t, s, a, b, Item("b", "plain-id", "other feed", T0))
	known := func(keys ...feeds.Key) map[feeds.Key]store.Known {
		t.Helper()
		out := map[feeds.Key]store.Known{}
		view(t, s, func(r store.Reader) error {
			ks, err := r.Known(ctx, "a", keys)
			for _, k := range ks {
				out[k.Key] = k
			}
			if len(out) != len(ks) {
				t.Errorf("an item twice: %+v", ks)
			}
			return err
		})
		return out
	}
	wantA := store.Known{ID: a.ID, Key: a.Key, AltKey: a.AltKey, RawHash: a.RawHash, ContentHash: a.ContentHash, Title: "one"}
	equal(t, "by key", known(a.Key, feeds.Key{9}), map[feeds.Key]store.Known{a.Key: wantA})
	equal(t, "by the other key", known(a.AltKey), map[feeds.Key]store.Known{a.Key: wantA})
	equal(t, "by both", known(a.Key, a.AltKey), map[feeds.Key]store.Known{a.Key: wantA})
	equal(t, "none", len(known()), 0)
	further := feeds.Key{7, 7}
	update(t, s, func(tx store.Tx) error {
		return tx.SeenAgain(ctx, "a", []store.Known{{ID: a.ID, Key: further, AltKey: a.AltKey, RawHash: 1<<63 + 5}}, T0.Add(time.Hour))
	})
	wantA.RawHash = 1<<63 + 5
	wantF := wantA
	wantF.Key = further
	equal(t, "by a further key", known(further), map[feeds.Key]store.Known{further: wantF})
	view(t, s, func(r store.Reader) error {
		hs, err := r.RawHashes(ctx, "a")
		equal(t, "raw hashes", hs, map[uint64]time.Time{b.RawHash: b.Published, 1<<63 + 5: a.Published})
		return err
	})
}

// testPlaced keeps items that were numbered and placed before.
func testPlaced(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	insert(t, s, Item("a", "g0", "Talks", T0))
	its := []*store.Item{Item("a", "g1", "Talks begin", T0), Item("a", "g2", "Talks end", T0), Item("a", "g3", "Weather", T0)}
	update(t, s, func(tx store.Tx) error {
		if err := tx.NumberItems(ctx, its[:2]); err != nil {
			return err
		}
		for i, it := range its[:2] {
			it.Story, it.StoryKind, it.CopyOf, it.WireCopyOf, it.Why = "st_1", "same", int64(i), int64(2*i), []byte(`{"a":1}`)
		}
		return tx.InsertItems(ctx, its)
	})
	after := Item("a", "g4", "More", T0)
	insert(t, s, after)
	view(t, s, func(r store.Reader) error {
		for i, it := range append(its, after) {
			if i > 0 && it.ID <= its[0].ID {
				t.Errorf("item %d has id %d after %d", i, it.ID, its[0].ID)
			}
			got, err := r.Item(ctx, it.ID)
			if err != nil {
				return err
			}
			equal(t, "item", got, *it)
		}
		in, err := r.StoryItems(ctx, "st_1")
		equal(t, "placed", len(in), 2)
		return err
	})
}

func testRevise(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	it := Item("a", "g1", "Talks begin in Muscat", T0)
	insert(t, s, it)
	now := it.Item
	now.Title, now.Summary, now.RawHash, now.Updated = "Talks end in Muscat", "<p>over</p>", 5, T0.Add(time.Hour)
	update(t, s, func(tx store.Tx) error {
		if err := tx.PlaceItem(ctx, it.ID, "st_1", "new", 3, 4, []byte(`{"a":1}`)); err != nil {
			return err
		}
		return tx.Revise(ctx, it.ID, now, now.ContentHash(), T0.Add(time.Hour))
	})
	same := now
	same.Summary = "<p>over, it seems</p>"
	update(t, s, func(tx store.Tx) error { return tx.Revise(ctx, it.ID, same, same.ContentHash(), T0.Add(2*time.Hour)) })
	view(t, s, func(r store.Reader) error {
		got, err := r.Item(ctx, it.ID)
		want := *it
		want.Item, want.ContentHash, want.Revisions = same, same.ContentHash(), 2
		want.Story, want.StoryKind, want.CopyOf, want.WireCopyOf, want.Why = "st_1", "new", 3, 4, []byte(`{"a":1}`)
		equal(t, "revised item", got, want)
		first := store.Revision{Item: it.ID, At: T0.Add(time.Hour), Title: it.Title, Summary: it.Summary, NewTitle: now.Title, Feed: "a", Story: "st_1"}
		second := store.Revision{Item: it.ID, At: T0.Add(2 * time.Hour), Title: now.Title, Summary: now.Summary, NewTitle: now.Title, Feed: "a", Story: "st_1"}
		rs, _ := r.Revisions(ctx, store.RevisionFilter{Item: it.ID})
		equal(t, "revisions", rs, []store.Revision{second, first})
		rs, _ = r.Revisions(ctx, store.RevisionFilter{Story: "st_1", Titles: true})
		equal(t, "title changes", rs, []store.Revision{first})
		rs, _ = r.Revisions(ctx, store.RevisionFilter{From: T0.Add(2 * time.Hour), To: T0.Add(3 * time.Hour), Limit: 5})
		equal(t, "window", rs, []store.Revision{second})
		found, _ := r.Search(ctx, store.SearchQuery{Text: "begin"})
		equal(t, "the old wording is not found", titles(found.Items), []string{})
		found, _ = r.Search(ctx, store.SearchQuery{Text: "talks end"})
		equal(t, "the new one is", titles(found.Items), []string{now.Title})
		return err
	})
	wantErr(t, "revise nothing", s.Update(ctx, func(tx store.Tx) error { return tx.Revise(ctx, 999, now, feeds.Key{}, T0) }), store.ErrNotFound)
	wantErr(t, "place nothing", s.Update(ctx, func(tx store.Tx) error { return tx.PlaceItem(ctx, 999, "", "", 0, 0, nil) }), store.ErrNotFound)
}

func testHits(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	a, b := Item("a", "g1", "one", T0), Item("a", "g2", "two", T0.Add(90*time.Minute))
	insert(t, s, a, b)
	h := store.Hit{Item: a.ID, Topic: "talks", Score: 4.25, Record: []byte(`{"x":1}`), At: T0}
	update(t, s, func(tx store.Tx) error {
		for _, h := range []store.Hit{h, h, {Item: a.ID, Topic: "oman", At: T0.Add(time.Second)}, {Item: b.ID, Topic: "talks", At: T0.Add(90 * time.Minute)}} {
			if err := tx.AddHits(ctx, h); err != nil {
				return err
			}
		}
		return tx.SaveStories(ctx, store.Story{ID: "st_1", Topics: []string{"talks"}, FirstSeen: T0, LastSeen: T0})
	})
	view(t, s, func(r store.Reader) error {
		hs, err := r.Hits(ctx, a.ID)
		if err != nil || len(hs) != 2 {
			t.Fatalf("hits %+v, %v", hs, err)
		}
		equal(t, "hit", hs[0], h)
		all, _ := r.HitsOf(ctx, []int64{a.ID, b.ID, 99})
		equal(t, "hits of", []int{len(all), len(all[a.ID]), len(all[b.ID])}, []int{2, 2, 1})
		its, _ := r.Items(ctx, store.ItemFilter{Topic: "talks"})
		equal(t, "items of a topic", titles(its), []string{"two", "one"})
		last, _ := r.LastMatch(ctx, "talks")
		equal(t, "last match", last, T0.Add(90*time.Minute))
		last, _ = r.LastMatch(ctx, "none")
		equal(t, "never", last, time.Time{})
		vs, err := r.TopicVolume(ctx, "talks", T0.Add(-time.Hour), T0.Add(2*time.Hour))
		h := T0.Truncate(time.Hour)
		equal(t, "volume", vs, []store.Volume{{Hour: h.Add(-time.Hour)}, {Hour: h, Hits: 1, Stories: 1}, {Hour: h.Add(time.Hour)}, {Hour: h.Add(2 * time.Hour), Hits: 1}})
		return err
	})
}

func testSearch(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	var its []*store.Item
	for i, title := range Corpus() {
		it := Item("a", fmt.Sprintf("g%d", i), title, T0.Add(time.Duration(i)*time.Minute))
		it.Summary = ""
		its = append(its, it)
	}
	its[0].Content = "<p>Envoys met <i>behind closed</i> doors</p><p>in Vienna.</p>"
	// Words may be written for many items together: some of these are in the
	// index and some are not, then all are.
	crowd := func(name string) {
		var others []*store.Item
		for i := range 600 {
			others = append(others, Item("crowd", fmt.Sprintf("%s%d", name, i), "nothing", T0))
		}
		insert(t, s, others...)
	}
	insert(t, s, its[:5]...)
	crowd("before")
	insert(t, s, its[5:]...)
	t.Run("some wait", func(t *testing.T) { searches(t, s, its) })
	crowd("after")
	t.Run("none wait", func(t *testing.T) { searches(t, s, its) })
	update(t, s, func(tx store.Tx) error {
		for _, it := range []*store.Item{its[0], its[10]} {
			now := it.Item
			now.Title = "Quiet harbour"
			if err := tx.Revise(ctx, it.ID, now, now.ContentHash(), T0); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(r store.Reader) error {
		for text, want := range map[string]int{"quiet harbour": 2, "covid": 0, "muscat": 0} {
			got, err := r.Search(ctx, store.SearchQuery{Text: text})
			if err != nil {
				return err
			}
			equal(t, "after an edit, "+text, len(got.Items), want)
		}
		return nil
	})
}

func searches(t *testing.T, s store.Store, its []*store.Item) {
	ctx := t.Context()
	position := map[int64]int{}
	for i, it := range its {
		position[it.ID] = i
	}
	view(t, s, func(r store.Reader) error {
		for _, c := range Searches() {
			got, err := r.Search(ctx, store.SearchQuery{Text: c.Text})
			if err != nil {
				t.Errorf("search %q: %v", c.Text, err)
				continue
			}
			var at []int
			for _, it := range got.Items {
				at = append(at, position[it.ID])
			}
			equal(t, fmt.Sprintf("search %q", c.Text), at, c.Want)
		}
		page, err := r.Search(ctx, store.SearchQuery{Text: "talks", Limit: 2})
		equal(t, "page", []any{len(page.Items), page.More}, []any{2, true})
		page, _ = r.Search(ctx, store.SearchQuery{Text: "talks", Limit: 2, Before: page.Items[1].ID})
		equal(t, "last page", []any{len(page.Items), page.More}, []any{1, false})
		page, _ = r.Search(ctx, store.SearchQuery{Text: "talks", Feed: "b"})
		equal(t, "other feed", len(page.Items), 0)
		page, _ = r.Search(ctx, store.SearchQuery{Text: "talks", From: T0.Add(time.Minute), To: T0.Add(9 * time.Minute)})
		equal(t, "window", len(page.Items), 2)
		return err
	})
}

// Corpus is what Searches looks in.
func Corpus() []string {
	return []string{
		"Iran and U.S. hold talks in Muscat",                    // 0
		"Nuclear talks: Tehran's envoy says deal is close",      // 1
		"Football: Iran beat USA 2-1",                           // 2
		"São Tomé élections: résultats à 18h",                   // 3
		"مذاکرات هسته\u200cای در مسقط",                          // 4
		"محادثات مسقط بين إيران وأمريكا",                        // 5
		"Переговоры в Маскате: Аракчи и Уиткофф",                // 6
		"東京で協議、核問題をめぐり",                                         // 7
		"Mediator: no deal, talks go on",                        // 8
		"Straße nach Köln gesperrt - \"Deal\" of the *week* OR", // 9
		"COVID-19 cases ٣٤ in Muscat's schools",                 // 10
	}
}

// Searches are searches of Corpus with the positions they find, newest first.
func Searches() []struct {
	Text string
	Want []int
} {
	return []struct {
		Text string
		Want []int
	}{
		{"talks", []int{8, 1, 0}}, {"TALKS", []int{8, 1, 0}}, {"talks muscat", []int{0}}, {`"nuclear talks"`, []int{1}}, {`"talks nuclear"`, nil},
		{"mediat*", []int{8}}, {"mediat", nil}, {"iran -football", []int{0}}, {`talks -"no deal"`, []int{1, 0}}, {"-talks", nil}, {"", nil}, {`"`, nil}, {"*", nil},
		{"elections", []int{3}}, {"ELECTIONS resultats", []int{3}}, {"sao tome", []int{3}}, {"18h", []int{3}},
		{"مسقط", []int{5, 4}}, {"ایران", []int{5}}, {"إيران", []int{5}}, {"ايران", []int{5}}, {"مذاكرات", []int{4}}, {"هسته\u200cای", []int{4}},
		{"аракчи", []int{6}}, {"маскат*", []int{6}}, {"東京", []int{7}}, {"核問題", []int{7}}, {"京東", nil},
		{"koln", []int{9}}, {"or", []int{9}}, {"AND", []int{0}}, {"NOT", nil}, {`"deal" of`, []int{9}}, {"covid 19", []int{10}}, {"covid-19", []int{10}}, {"34", []int{10}},
		{"muscat's", []int{10}}, {"muscat", []int{10, 0}}, {"tehran", []int{1}}, {"vienna", []int{0}}, {`"closed doors"`, []int{0}}, {`"behind clos"*`, []int{0}}, {"u.s.", []int{0}},
		{"'; DROP TABLE items; --", nil}, {"a:b (c", nil}, {`talks "" deal`, []int{8, 1}}, {"2-1", []int{2}}, {"title:talks", nil}, {"NEAR(talks", nil}, {`\`, nil}, {"talks:*", []int{8, 1, 0}},
	}
}
