package storetest

import (
	"errors"
	"fmt"
	"sort"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Populate puts a row or more into every table.
func Populate(t *testing.T, s store.Store) {
	t.Helper()
	ctx := t.Context()
	var its []*store.Item
	for i := range 120 {
		its = append(its, Item("a", fmt.Sprintf("https://a.example/%03d?utm_source=x", i), fmt.Sprintf("Titel número %03d", i), T0.Add(time.Duration(i)*time.Minute)))
	}
	update(t, s, func(tx store.Tx) error {
		var errs []error
		do := func(err error) { errs = append(errs, err) }
		stored := Feed("b")
		stored.Stored = true
		do(tx.SaveFeed(ctx, Feed("a")))
		do(tx.SaveFeed(ctx, stored))
		do(tx.PauseFeed(ctx, "b", true))
		do(tx.SaveState(ctx, feeds.State{Feed: "a", Phase: feeds.Active, ETag: "x", NextPoll: T0}, store.Poll{At: T0, Outcome: "ok", Status: 200}))
		do(tx.SaveHost(ctx, feeds.HostState{Key: "a.example", Gap: time.Second}))
		do(tx.InsertItems(ctx, its))
		do(tx.AddHits(ctx, store.Hit{Item: its[0].ID, Topic: "talks", Score: 1.5, Record: []byte("{}"), At: T0}))
		do(tx.Revise(ctx, its[1].ID, its[1].Item, its[1].ContentHash, T0))
		do(tx.SaveStories(ctx, store.Story{ID: "st_1", Topics: []string{"talks"}, FirstSeen: T0, LastSeen: T0, Muted: true}))
		_, err := tx.AddVoices(ctx, voicesOf("st_1", store.Voice{Name: "Gulf News", Outlet: true}, store.Voice{Name: "gulf", Kind: "state"}))
		do(err)
		do(tx.SaveGroupRecords(ctx, []store.GroupRecord{{Table: "print", ID: "1", Story: "st_1", Last: T0, Data: []byte{1, 0, 2}}}))
		do(tx.Enqueue(ctx, []notify.Delivery{Delivery("msg_1", "desk", "st_1", 1, T0)}))
		d, err := tx.BeginSend(ctx, "msg_1", []byte("{}"), T0, T0.Add(time.Minute))
		do(err)
		d.State, d.Ref = notify.Delivered, "r"
		do(tx.FinishSend(ctx, d, notify.Attempt{N: 1, At: T0, Status: 200}))
		do(tx.SaveReceiver(ctx, notify.ReceiverState{ID: "desk", LastOK: T0}))
		_, err = tx.SaveSilence(ctx, store.Silence{Until: T0, Reason: "r"})
		do(err)
		_, err = tx.OpenDigest(ctx, store.Digest{ID: "morning", Date: "2026-03-02", Created: T0, Empty: true, Document: []byte("{}")})
		do(err)
		do(tx.SaveMark(ctx, store.Mark{Story: "st_1", Kind: store.Note, Text: "n", At: T0}))
		do(tx.SaveSession(ctx, store.Session{Hash: []byte{9}, User: "k", Expires: T0}))
		_, err = tx.AddEvent(ctx, store.Event{At: T0, Type: notify.Test, Title: "t"})
		do(err)
		do(tx.Set(ctx, "k", []byte{1}))
		return errors.Join(errs...)
	})
}

// Same compares two stores row by row, searches them, and writes to the second.
func Same(t *testing.T, a, b store.Store) {
	t.Helper()
	dump := func(s store.Store) map[string][]string {
		out := map[string][]string{}
		err := s.(store.Movable).Dump(t.Context(), func(table string, columns []string, rows [][]any) error {
			for _, r := range rows {
				out[table] = append(out[table], fmt.Sprint(r...))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	x, y := dump(a), dump(b)
	for _, table := range store.Tables() {
		sort.Strings(x[table])
		sort.Strings(y[table])
		if len(x[table]) == 0 {
			t.Errorf("%s: no rows to compare", table)
		}
		equal(t, table, y[table], x[table])
	}
	for _, s := range []store.Store{a, b} {
		view(t, s, func(r store.Reader) error {
			found, err := r.Search(t.Context(), store.SearchQuery{Text: "numero 007"})
			equal(t, "found", titles(found.Items), []string{"Titel número 007"})
			return err
		})
	}
	it := Item("a", "after", "after the move", T0.Add(time.Hour))
	insert(t, b, it)
	if it.ID != 121 {
		t.Errorf("the first item after the move has the number %d", it.ID)
	}
	update(t, b, func(tx store.Tx) error {
		err := tx.SaveStories(t.Context(), store.Story{ID: "st_2", FirstSeen: T0, LastSeen: T0})
		s, err2 := tx.Story(t.Context(), "st_2")
		if s.Rev < 3 {
			t.Errorf("the first revision after the move has the number %d", s.Rev)
		}
		return errors.Join(err, err2)
	})
}
