package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

const day = 24 * time.Hour

var keep = store.Keep{Items: 180 * day, Deliveries: 30 * day, Dead: 180 * day, Digests: 730 * day}

func testPrune(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	now := T0.Add(200 * day)
	var its []*store.Item
	for i := range 25 {
		its = append(its, Item("a", fmt.Sprintf("https://a.example/%02d?utm_source=x", i), fmt.Sprintf("pruneme %02d", i), T0.Add(time.Duration(i)*day)))
	}
	update(t, s, func(tx store.Tx) error {
		var errs []error
		do := func(e error) { errs = append(errs, e) }
		do(tx.SaveFeed(ctx, Feed("a")))
		do(tx.InsertItems(ctx, its))
		do(tx.AddHits(ctx, store.Hit{Item: its[0].ID, Topic: "talks", At: T0}))
		do(tx.AddHits(ctx, store.Hit{Item: its[24].ID, Topic: "talks", At: T0.Add(24 * day)}))
		do(tx.Revise(ctx, its[0].ID, its[0].Item, its[0].ContentHash, T0))
		do(tx.SaveStories(ctx, store.Story{ID: "old", Topics: []string{"talks"}, FirstSeen: T0, LastSeen: T0}))
		do(tx.SaveStories(ctx, store.Story{ID: "new", FirstSeen: T0, LastSeen: now}))
		do(tx.SaveGroupRecords(ctx, []store.GroupRecord{{Table: "print", ID: "old", Last: T0}, {Table: "print", ID: "new", Last: now}}))
		old, dead, pending := Delivery("old", "desk", "a", 1, T0), Delivery("dead", "desk", "b", 1, T0), Delivery("pending", "desk", "c", 1, T0)
		old.State, dead.State = notify.Delivered, notify.Dead
		dead.Created = now.Add(-100 * day)
		fresh := Delivery("fresh", "desk", "d", 1, T0)
		fresh.State, fresh.Created = notify.Delivered, now.Add(-day)
		do(tx.Enqueue(ctx, []notify.Delivery{old, dead, pending, fresh}))
		for i := range 6 { // feeds were there once
			do(tx.SaveHost(ctx, feeds.HostState{Key: fmt.Sprintf("gone%d.example", i), Gap: 10 * time.Minute, GapAt: T0, LastStart: T0}))
		}
		do(tx.SaveHost(ctx, feeds.HostState{Key: "busy.example", Gap: time.Minute, GapAt: now.Add(-30 * day), LastStart: T0}))
		do(tx.SaveHost(ctx, feeds.HostState{Key: "rests.example", NotBefore: now.Add(day), LastStart: T0}))
		do(tx.SaveSession(ctx, store.Session{Hash: []byte{1}, Expires: T0}))
		_, e := tx.AddEvent(ctx, store.Event{At: T0, Type: notify.Test})
		do(e)
		// The document still shows the items 0 and 20; all others have left it.
		do(tx.Stand(ctx, "a", []feeds.Key{its[0].Key, its[0].AltKey}, []uint64{its[20].RawHash}, now.Add(-2*day)))
		return errors.Join(errs...)
	})
	total := 0
	for range 100 {
		var n int
		update(t, s, func(tx store.Tx) (err error) { n, err = tx.Prune(ctx, keep, now, 4); return err })
		if n == 0 {
			break
		}
		if total += n; n > 4 && s.Wake() == nil {
			t.Errorf("a chunk of %d", n)
		}
	}
	view(t, s, func(r store.Reader) error {
		n, _ := r.CountItems(ctx, time.Time{}, time.Time{})
		equal(t, "items left", n, 5)
		found, _ := r.Search(ctx, store.SearchQuery{Text: "pruneme"})
		equal(t, "found", len(found.Items), 5)
		equal(t, "hits of a pruned item", hitCount(t, r, its[0].ID), 0)
		equal(t, "hits of a kept item", hitCount(t, r, its[24].ID), 1)
		rs, _ := r.Revisions(ctx, store.RevisionFilter{})
		equal(t, "revisions", len(rs), 0)
		ss, _ := r.Stories(ctx, store.StoryFilter{})
		equal(t, "stories", storyIDs(ss), []string{"new"})
		gs, _ := r.GroupRecords(ctx, 0, time.Time{})
		equal(t, "group records", len(gs), 1)
		ds, _ := r.Deliveries(ctx, store.DeliveryFilter{})
		equal(t, "deliveries", names(ds), []string{"fresh", "dead", "pending"})
		hosts, _ := r.Hosts(ctx, nil)
		equal(t, "hosts", slices.Sorted(maps.Keys(hosts)), []string{"busy.example", "rests.example"})
		ks, err := r.Known(ctx, "a", []feeds.Key{its[0].Key, its[1].Key, its[20].Key})
		var got []string
		for _, k := range ks {
			got = append(got, fmt.Sprint(k.Key == its[0].Key || k.Key == its[20].Key, k.Gone))
		}
		if len(ks) != 2 || !strings.Contains(strings.Join(got, ","), "true true") {
			t.Errorf("what stands is known though its item is gone, what left is not: %+v", ks)
		}
		return err
	})
	if total < 20 {
		t.Errorf("%d rows pruned", total)
	}
}

func hitCount(t *testing.T, r store.Reader, id int64) int {
	hs, err := r.Hits(t.Context(), id)
	if err != nil {
		t.Error(err)
	}
	return len(hs)
}

func testStand(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	it := Item("a", "g1", "one", T0)
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, Feed("a")) })
	insert(t, s, it)
	stand := func(at time.Time) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { return tx.Stand(ctx, "a", nil, []uint64{it.RawHash}, at) })
	}
	for i := range 400 { // stands for 400 days, and is pruned as an item meanwhile
		now := T0.Add(time.Duration(i) * day)
		stand(now)
		stand(now.Add(time.Hour))
		if i%100 == 0 {
			update(t, s, func(tx store.Tx) error { _, err := tx.Prune(ctx, keep, now, 100); return err })
		}
		if i == 150 {
			view(t, s, func(r store.Reader) error {
				ks, err := r.Known(ctx, "a", []feeds.Key{it.Key})
				equal(t, "known", len(ks) == 1 && !ks[0].Gone, true)
				return err
			})
		}
		if i == 190 { // its raw hash went with it: from now on it is named by key
			raw := it.RawHash
			it.RawHash = 0
			defer func() { it.RawHash = raw }()
			stand = func(at time.Time) {
				t.Helper()
				update(t, s, func(tx store.Tx) error { return tx.Stand(ctx, "a", []feeds.Key{it.Key}, nil, at) })
			}
		}
	}
	view(t, s, func(r store.Reader) error {
		ks, err := r.Known(ctx, "a", []feeds.Key{it.Key})
		if len(ks) != 1 || !ks[0].Gone || ks[0].ID != it.ID || ks[0].Key != it.Key {
			t.Errorf("known after 400 days: %+v", ks)
		}
		return err
	})
	wantErr(t, "no feed", s.Update(ctx, func(tx store.Tx) error { return tx.Stand(ctx, "none", nil, nil, T0) }), store.ErrNotFound)
}

func testRollback(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	stop := errors.New("stop")
	write := func(tx store.Tx) error {
		return errors.Join(tx.SaveFeed(ctx, Feed("a")), tx.InsertItems(ctx, []*store.Item{Item("a", "g", "t", T0)}), tx.Enqueue(ctx, []notify.Delivery{Delivery("m", "d", "s", 1, T0)}))
	}
	err := s.Update(ctx, func(tx store.Tx) error { return errors.Join(write(tx), stop) })
	wantErr(t, "the error comes back", err, stop)
	func() {
		defer func() { recover() }()
		s.Update(ctx, func(tx store.Tx) error { write(tx); panic("in a transaction") })
		t.Error("the panic was swallowed")
	}()
	view(t, s, func(r store.Reader) error {
		n, err := r.CountItems(ctx, time.Time{}, time.Time{})
		equal(t, "nothing was kept", n, 0)
		return err
	})
	update(t, s, write)
}

func testReopen(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	insert(t, s, Item("a", "g", "kept", T0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if err := s.View(ctx, func(store.Reader) error { return nil }); err == nil {
		t.Error("a closed store was read")
	}
	s = open(t)
	view(t, s, func(r store.Reader) error {
		its, err := r.Items(ctx, store.ItemFilter{})
		equal(t, "items", titles(its), []string{"kept"})
		return err
	})
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// testWriters has eight read, then write one counter; none may fail or be lost.
func testWriters(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, Feed("a")) })
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; i < 25; {
				err := s.Update(ctx, func(tx store.Tx) error {
					row, err := tx.Feed(ctx, "a")
					if err != nil {
						return err
					}
					it := Item("a", fmt.Sprintf("w%d-%02d", w, i), "t", T0)
					return errors.Join(tx.InsertItems(ctx, []*store.Item{it}), tx.SaveState(ctx, row.State, store.Poll{At: T0}))
				})
				switch {
				case err == nil:
					i++
				case !errors.Is(err, store.ErrConflict): // replicas may meet: read again
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "a")
		equal(t, "seq", row.State.Seq, 200)
		n, _ := r.CountItems(ctx, time.Time{}, time.Time{})
		equal(t, "items", n, 200)
		return err
	})
}

// testReaders reads while one writes: each reader sees whole transactions only.
func testReaders(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := s.View(ctx, func(r store.Reader) error {
					n, err := r.CountItems(ctx, time.Time{}, time.Time{})
					if err != nil {
						return err
					}
					if n%3 != 0 {
						return fmt.Errorf("half a transaction: %d items", n)
					}
					if m, err := r.CountItems(ctx, time.Time{}, time.Time{}); err != nil || m != n {
						return fmt.Errorf("%d items, then %d (%v)", n, m, err)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 60 {
		insert(t, s, Item("a", fmt.Sprint(i, "a"), "t", T0), Item("a", fmt.Sprint(i, "b"), "t", T0), Item("a", fmt.Sprint(i, "c"), "t", T0))
	}
	close(done)
	wg.Wait()
}

func testCancel(t *testing.T, open Opener) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx store.Tx) error {
		if err := tx.SaveFeed(ctx, Feed("a")); err != nil {
			return err
		}
		cancel()
		return nil
	})
	wantErr(t, "canceled", err, context.Canceled)
	wantErr(t, "before it began", s.Update(ctx, func(tx store.Tx) error { return nil }), context.Canceled)
	view(t, s, func(r store.Reader) error {
		_, err := r.Feed(t.Context(), "a")
		wantErr(t, "nothing was kept", err, store.ErrNotFound)
		return nil
	})
}

func testStats(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	insert(t, s, Item("a", "g1", "one", T0), Item("a", "g2", "two", T0.Add(time.Hour)))
	st, err := s.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "stats", []any{st.Rows["items"], st.Rows["feeds"], st.OldestItem, st.NewestItem, st.Schema > 0, st.Bytes > 0, st.Kind != ""},
		[]any{2, 0, T0, T0.Add(time.Hour), true, true, true})
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// testOddTexts keeps what feeds of the world send.
func testOddTexts(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	long := strings.Repeat("long ", 50_000)
	for i, text := range []string{"", "it's \"quoted\" ; -- $1 %s", "line\nfeed\ttab", "🛰️ 𝔘𝔫𝔦 \u200fעברית", "{\"a\":[1]}", strings.Repeat("x", 9000), long} {
		it := Item("a", fmt.Sprintf("g%d", i), "t", T0)
		it.Title, it.Summary, it.Content, it.GUID = text, text, text, text
		insert(t, s, it)
		view(t, s, func(r store.Reader) error {
			got, err := r.Item(ctx, it.ID)
			if got.Title != text || got.Summary != text || got.Content != text || got.GUID != text {
				t.Errorf("%.40q came back as %.40q", text, got.Title)
			}
			return err
		})
	}
	bad := Item("a", "nul", "t", T0)
	bad.Title = "nul \x00 and \xff no UTF-8"
	insert(t, s, bad)
	view(t, s, func(r store.Reader) error {
		got, err := r.Item(ctx, bad.ID)
		if !strings.HasPrefix(got.Title, "nul ") || !strings.HasSuffix(got.Title, "no UTF-8") {
			t.Errorf("came back as %q", got.Title)
		}
		return err
	})
}
