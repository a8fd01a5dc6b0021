package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

func storyIDs(ss []store.Story) []string {
	var out []string
	for _, s := range ss {
		out = append(out, s.ID)
	}
	return out
}

// voicesOf gives voices their story.
func voicesOf(story string, vs ...store.Voice) (out []store.Voice) {
	for _, v := range vs {
		v.Story = story
		out = append(out, v)
	}
	return out
}

func testStories(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	a := store.Story{ID: "st_a", Title: "Talks", Lang: "en", Lead: 7, Topics: []string{"talks", "oman"}, FirstSeen: T0, LastSeen: T0.Add(time.Hour), Articles: 3, Outlets: 2,
		Publishers: 2, Languages: []string{"en", "fa"}, Kinds: map[string]int{"state": 1}, Score: 0.75, Sequence: 2, LastTold: T0, ToldPubs: 1, ToldTitle: "Old", Related: []string{"st_b"}}
	b := store.Story{ID: "st_b", Topics: []string{"oman"}, FirstSeen: T0.Add(2 * time.Hour), LastSeen: T0.Add(3 * time.Hour)}
	c := store.Story{ID: "st_c", FirstSeen: T0, LastSeen: T0.Add(4 * time.Hour)}
	save := func(ss ...store.Story) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { return tx.SaveStories(ctx, ss...) })
	}
	save(a, b, c)
	list := func(f store.StoryFilter, want ...string) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			got, err := r.Stories(ctx, f)
			equal(t, fmt.Sprintf("stories %+v", f), storyIDs(got), want)
			return err
		})
	}
	list(store.StoryFilter{}, "st_c", "st_b", "st_a")
	list(store.StoryFilter{Topic: "oman"}, "st_b", "st_a")
	list(store.StoryFilter{Limit: 1}, "st_c")
	list(store.StoryFilter{Before: T0.Add(3 * time.Hour)}, "st_a")
	list(store.StoryFilter{Before: b.LastSeen, BeforeID: "st_c"}, "st_b", "st_a") // several of one instant
	list(store.StoryFilter{Before: b.LastSeen, BeforeID: "st_b"}, "st_a")
	list(store.StoryFilter{From: T0.Add(3 * time.Hour), To: T0.Add(4 * time.Hour)}, "st_b")
	list(store.StoryFilter{NewFrom: T0.Add(time.Hour)}, "st_b")
	late, long := Item("a", "late", "Late", T0.Add(30*time.Hour)), Item("a", "long", "Long", T0)
	late.Story, late.Published, long.Story = "st_a", T0, "st_b"
	more := Item("a", "more", "More", T0.Add(time.Hour))
	more.Story = "st_b"
	insert(t, s, late, long, more)
	list(store.StoryFilter{RestFrom: T0, RestTo: T0.Add(30 * time.Hour)}, "st_b")
	list(store.StoryFilter{RestFrom: T0, RestTo: T0.Add(time.Hour)}) // more came since
	list(store.StoryFilter{RestFrom: T0.Add(2 * time.Hour), RestTo: T0.Add(31 * time.Hour)}, "st_a")
	gulf, own := store.Voice{Name: "Gulf News", Outlet: true}, store.Voice{Name: "gulf", Kind: "independent"}
	for _, c := range []struct {
		story     string
		add, want []store.Voice
	}{
		{"st_a", []store.Voice{gulf, own}, []store.Voice{gulf, own}},
		{"st_a", []store.Voice{{Name: "gulf", Kind: "wire"}, gulf, {Name: "gulf", Outlet: true}}, []store.Voice{{Name: "gulf", Outlet: true}}},
		{"st_b", []store.Voice{own}, []store.Voice{own}},
		{"st_b", nil, nil},
	} {
		update(t, s, func(tx store.Tx) error {
			got, err := tx.AddVoices(ctx, voicesOf(c.story, c.add...))
			equal(t, "new voices of "+c.story, got, voicesOf(c.story, c.want...))
			return err
		})
	}
	update(t, s, func(tx store.Tx) error {
		if err := tx.ClearVoices(ctx, "st_a"); err != nil {
			return err
		}
		got, err := tx.AddVoices(ctx, voicesOf("st_a", own))
		equal(t, "voices after all were forgotten", got, voicesOf("st_a", own))
		return err
	})
	update(t, s, func(tx store.Tx) error { // more than one statement takes, in two wordings, some of them known
		var add, want []store.Voice
		for i := range 40 {
			v := store.Voice{Story: "st_many", Name: fmt.Sprint("outlet ", i), Outlet: true}
			add, want = append(add, v), append(want, v)
			v.Kind = feeds.Wire
			add = append(add, v)
		}
		got, err := tx.AddVoices(ctx, append(add, voicesOf("st_a", own)...))
		equal(t, "voices of many", got, want)
		return err
	})
	var rev int64
	view(t, s, func(r store.Reader) error {
		got, err := r.Story(ctx, "st_a")
		rev, got.Rev = got.Rev, 0
		equal(t, "story", got, a)
		_, miss := r.Story(ctx, "none")
		wantErr(t, "missing story", miss, store.ErrNotFound)
		return err
	})
	c.MergedInto, b.MergedInto = "st_b", "st_a"
	a.MergedFrom = []string{"st_b"}
	save(a, b, c)
	update(t, s, func(tx store.Tx) error { return tx.MuteStory(ctx, "st_a", true) })
	list(store.StoryFilter{}, "st_a")
	list(store.StoryFilter{Merged: true}, "st_c", "st_b", "st_a")
	view(t, s, func(r store.Reader) error {
		got, err := r.Story(ctx, "st_c")
		if err != nil {
			return err
		}
		equal(t, "merges are followed", got.ID, "st_a")
		many, err := r.StoriesOf(ctx, []string{"st_a", "st_b", "st_c", "none"})
		equal(t, "many stories", many, map[string]store.Story{"st_a": got, "st_b": got, "st_c": got})
		equal(t, "muted", got.Muted, true)
		if got.Rev <= rev {
			t.Errorf("rev went from %d to %d", rev, got.Rev)
		}
		return err
	})
	wantErr(t, "mute nothing", s.Update(ctx, func(tx store.Tx) error { return tx.MuteStory(ctx, "none", true) }), store.ErrNotFound)
}

func testGroupRecords(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	rec := func(id string, last time.Time) store.GroupRecord {
		return store.GroupRecord{Table: "print", ID: id, Story: "st_" + id, Last: last, Data: []byte{0, 1, 2}}
	}
	save := func(rs ...store.GroupRecord) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			if err := tx.LockGrouping(ctx); err != nil {
				return err
			}
			return tx.SaveGroupRecords(ctx, rs)
		})
	}
	load := func(rev int64, since time.Time) (out []string, last int64) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			rs, err := r.GroupRecords(ctx, rev, since)
			for _, g := range rs {
				if g.Rev <= last {
					t.Errorf("rev %d after %d", g.Rev, last)
				}
				out, last = append(out, g.ID), g.Rev
				equal(t, "record", []any{g.Table, g.Story, g.Data}, []any{"print", "st_" + g.ID, []byte{0, 1, 2}})
			}
			return err
		})
		return out, last
	}
	var many []store.GroupRecord
	for i := range 100 {
		many = append(many, rec(fmt.Sprintf("%03d", i), T0))
	}
	save(many...)
	save()
	got, rev := load(0, time.Time{})
	if len(got) != 100 || got[0] != "000" || got[99] != "099" {
		t.Fatalf("records %v", got)
	}
	save(rec("b", T0), rec("a", T0.Add(time.Hour)), rec("b", T0))
	got, _ = load(rev, time.Time{})
	equal(t, "newer", got, []string{"a", "b"})
	got, _ = load(rev, T0.Add(time.Minute))
	equal(t, "newer and recent", got, []string{"a"})
	save(rec("000", T0))
	got, _ = load(rev, time.Time{})
	equal(t, "written again", got, []string{"a", "b", "000"})
	view(t, s, func(r store.Reader) error {
		rs, err := r.GroupRecordsOf(ctx, "print", []string{"b", "050", "none"})
		slices.SortFunc(rs, func(a, b store.GroupRecord) int { return cmp.Compare(a.ID, b.ID) })
		if len(rs) != 2 || rs[0].ID != "050" || rs[1].ID != "b" || rs[0].Story != "st_050" || !slices.Equal(rs[0].Data, []byte{0, 1, 2}) || !rs[0].Last.Equal(T0) {
			t.Errorf("records by id: %+v", rs)
		}
		none, _ := r.GroupRecordsOf(ctx, "story", []string{"b"})
		equal(t, "of another table", none, nil)
		return err
	})
}

func testStoryHours(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	a, b, c := Item("a", "g1", "one", T0), Item("b", "g2", "two", T0.Add(time.Hour)), Item("b", "g3", "three", T0.Add(time.Hour))
	insert(t, s, a, b, c)
	update(t, s, func(tx store.Tx) error {
		for _, it := range []*store.Item{a, b, c} {
			if err := tx.PlaceItem(ctx, it.ID, "st_1", "new", 0, 0, nil); err != nil {
				return err
			}
		}
		return tx.MoveItems(ctx, []int64{c.ID}, "st_2")
	})
	view(t, s, func(r store.Reader) error {
		hs, err := r.StoryHours(ctx, []string{"st_1", "st_2", "st_3"}, T0.Truncate(time.Hour), T0.Truncate(time.Hour).Add(3*time.Hour))
		equal(t, "hours", hs, map[string][]int{"st_1": {1, 1, 0}, "st_2": {0, 1, 0}, "st_3": {0, 0, 0}})
		its, _ := r.StoryItems(ctx, "st_1")
		equal(t, "items", titles(its), []string{"one", "two"})
		its, _ = r.Items(ctx, store.ItemFilter{Story: "st_2"})
		equal(t, "items of a story", titles(its), []string{"three"})
		story, item, err2 := r.StoryOfLink(ctx, c.Canonical)
		equal(t, "story of a link", []any{story, item, err2}, []any{"st_2", c.ID, nil})
		_, _, err2 = r.StoryOfLink(ctx, "")
		wantErr(t, "no link", err2, store.ErrNotFound)
		return err
	})
}

func testDigests(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	d := store.Digest{ID: "morning", Date: "2026-03-02", From: T0.Add(-24 * time.Hour), To: T0, Zone: "Europe/Berlin", Created: T0}
	openDigest := func(d store.Digest) (created bool) {
		t.Helper()
		update(t, s, func(tx store.Tx) (err error) { created, err = tx.OpenDigest(ctx, d); return err })
		return created
	}
	equal(t, "opened", openDigest(d), true)
	moved := d
	moved.From = T0
	equal(t, "opened twice", openDigest(moved), false)
	for _, date := range []string{"2026-03-01", "2026-03-04"} {
		d := d
		d.Date = date
		openDigest(d)
	}
	d.Built, d.Sent, d.Stories, d.Empty, d.Document = T0, T0.Add(time.Second), 4, true, []byte(`{"a":1}`)
	update(t, s, func(tx store.Tx) error { return tx.SaveDigest(ctx, d) })
	view(t, s, func(r store.Reader) error {
		got, _ := r.Digest(ctx, "morning", d.Date)
		equal(t, "digest", got, d)
		_, miss := r.Digest(ctx, "morning", "1999-01-01")
		wantErr(t, "missing digest", miss, store.ErrNotFound)
		all, _ := r.Digests(ctx, "morning", "", 0)
		equal(t, "digests", []string{all[0].Date, all[1].Date, all[2].Date, string(all[1].Document)}, []string{"2026-03-04", "2026-03-02", "2026-03-01", ""})
		all, _ = r.Digests(ctx, "", "2026-03-04", 1)
		equal(t, "page", all[0].Date, "2026-03-02")
		older, newer, err := r.DigestNeighbours(ctx, "morning", "2026-03-02")
		equal(t, "neighbours", []string{older, newer}, []string{"2026-03-01", "2026-03-04"})
		older, newer, _ = r.DigestNeighbours(ctx, "morning", "2026-03-04")
		equal(t, "last", []string{older, newer}, []string{"2026-03-02", ""})
		return err
	})
	d.Date = "1999-01-01"
	wantErr(t, "save unopened", s.Update(ctx, func(tx store.Tx) error { return tx.SaveDigest(ctx, d) }), store.ErrNotFound)
}

func testMarks(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	m := func(story string, k store.MarkKind, text string, at time.Time) store.Mark {
		return store.Mark{Story: story, Kind: k, Text: text, By: "k", At: at, Where: "morning/2026-03-02"}
	}
	star, note1, note2 := m("st_1", store.Starred, "", T0.Add(time.Second)), m("st_1", store.Note, "one", T0.Add(2*time.Second)), m("st_1", store.Note, "two", T0.Add(3*time.Second))
	rev := m("st_2", store.Reviewed, "", T0.Add(4*time.Second))
	update(t, s, func(tx store.Tx) error {
		for _, x := range []store.Mark{m("st_1", store.Starred, "", T0), star, note1, note2, rev, m("st_2", store.Dismissed, "", T0)} {
			if err := tx.SaveMark(ctx, x); err != nil {
				return err
			}
		}
		return tx.Unmark(ctx, "st_2", store.Dismissed)
	})
	update(t, s, func(tx store.Tx) error { // merged twice over: their marks are those of the last
		return tx.SaveStories(ctx, store.Story{ID: "st_1", FirstSeen: T0, LastSeen: T0}, store.Story{ID: "st_7", FirstSeen: T0, LastSeen: T0, MergedInto: "st_1"},
			store.Story{ID: "st_8", FirstSeen: T0, LastSeen: T0, MergedInto: "st_7"})
	})
	view(t, s, func(r store.Reader) error {
		ms, err := r.Marks(ctx, []string{"st_8", "st_7", "st_2", "st_9"})
		one := []store.Mark{star, note1, note2}
		equal(t, "marks of the merged", ms, map[string][]store.Mark{"st_7": one, "st_8": one, "st_2": {rev}})
		return err
	})
	sess := store.Session{Hash: []byte{1, 2, 0, 255}, User: "k", Created: T0, Expires: T0.Add(time.Hour)}
	update(t, s, func(tx store.Tx) error { return tx.SaveSession(ctx, sess) })
	view(t, s, func(r store.Reader) error {
		ms, err := r.Marks(ctx, []string{"st_1", "st_3"})
		equal(t, "marks", ms, map[string][]store.Mark{"st_1": {star, note1, note2}})
		all, _ := r.AllMarks(ctx, T0.Add(3*time.Second), time.Time{})
		equal(t, "all marks", all, []store.Mark{note2, rev})
		got, _ := r.Session(ctx, sess.Hash)
		equal(t, "session", got, sess)
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.EndSession(ctx, sess.Hash) })
	view(t, s, func(r store.Reader) error {
		_, err := r.Session(ctx, sess.Hash)
		wantErr(t, "ended", err, store.ErrNotFound)
		return nil
	})
}

func testEvents(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	e := store.Event{At: T0, Type: notify.FeedFailing, Subject: "bbc", Title: "t", Text: "x"}
	f := store.Event{At: T0.Add(time.Hour), Type: notify.FeedGone, Subject: "mee", Title: "u"}
	update(t, s, func(tx store.Tx) (err error) {
		if e.ID, err = tx.AddEvent(ctx, e); err == nil {
			f.ID, err = tx.AddEvent(ctx, f)
		}
		return err
	})
	view(t, s, func(r store.Reader) error {
		all, err := r.Events(ctx, store.EventFilter{})
		equal(t, "events", all, []store.Event{f, e})
		all, _ = r.Events(ctx, store.EventFilter{Types: []notify.Type{notify.FeedFailing}, Subject: "bbc", Limit: 4})
		equal(t, "of a type", all, []store.Event{e})
		all, _ = r.Events(ctx, store.EventFilter{From: T0.Add(time.Minute)})
		equal(t, "recent", all, []store.Event{f})
		return err
	})
}

func testNamed(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	get := func(want []byte) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			v, err := r.Get(ctx, "k")
			equal(t, "value", v, want)
			return err
		})
	}
	for _, v := range [][]byte{nil, {0, 255}, {1}, nil} {
		update(t, s, func(tx store.Tx) error { return tx.Set(ctx, "k", v) })
		get(v)
	}
}
