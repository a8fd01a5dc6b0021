package ingest_test

import (
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// A star and notes go along with the story that they were set on when it is
// merged into another; that it was dismissed or reviewed hides nothing of the
// other one, and its old id still leads to what is said of it.
func TestMarksFollowAMerge(t *testing.T) {
	s := newStore(t)
	w := newWorker(t, s)
	ctx, at := t.Context(), w.now.Truncate(time.Minute)
	mark := func(story string, kind store.MarkKind, text string, minute int) store.Mark {
		return store.Mark{Story: story, Kind: kind, Text: text, At: at.Add(time.Duration(minute) * time.Minute)}
	}
	err := s.Update(ctx, func(tx store.Tx) error {
		for i, id := range []string{"st_a", "st_b"} {
			it := &store.Item{Item: feeds.Item{Feed: "a", GUID: id, Title: "Ebb " + id, Published: at}, FirstSeen: at}
			feeds.Normalize(&it.Item)
			if err := tx.InsertItems(ctx, []*store.Item{it}); err != nil {
				return err
			}
			if err := tx.PlaceItem(ctx, it.ID, id, "new", 0, 0, nil); err != nil {
				return err
			}
			if err := tx.SaveStories(ctx, store.Story{ID: id, Title: it.Title, Topics: []string{"tide"}, FirstSeen: at, LastSeen: at.Add(time.Duration(i) * time.Second), Articles: 1}); err != nil {
				return err
			}
		}
		for _, m := range []store.Mark{mark("st_a", store.Note, "mine", 2), mark("st_b", store.Note, "first", 1), mark("st_b", store.Note, "second", 3),
			mark("st_b", store.Starred, "", 4), mark("st_b", store.Dismissed, "", 5), mark("st_b", store.Reviewed, "", 6)} {
			if err := tx.SaveMark(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.in.Merge(ctx, "st_a", "st_b"); err != nil {
		t.Fatal(err)
	}
	err = s.View(ctx, func(r store.Reader) error {
		got, err := r.Marks(ctx, []string{"st_a", "st_b"})
		want := []store.Mark{mark("st_a", store.Note, "first", 1), mark("st_a", store.Note, "mine", 2), mark("st_a", store.Note, "second", 3), mark("st_a", store.Starred, "", 4)}
		for _, id := range []string{"st_a", "st_b"} {
			if fmt.Sprint(got[id]) != fmt.Sprint(want) {
				t.Errorf("marks of %s: %v, want %v", id, got[id], want)
			}
		}
		all, err2 := r.AllMarks(ctx, time.Time{}, time.Time{})
		if len(all) != len(want) {
			t.Errorf("%d marks are kept: %v", len(all), all)
		}
		if err2 != nil {
			return err2
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// An article that is split off takes along the topics that it hit, and leaves
// those that an article which stays hit too.
func TestTopicsFollowASplit(t *testing.T) {
	s := newStore(t)
	w := newWorker(t, s)
	ctx, at := t.Context(), w.now.Truncate(time.Minute)
	var ids []int64
	err := s.Update(ctx, func(tx store.Tx) error {
		for i, topics := range [][]string{{"tide"}, {"tide", "port"}, {"tide", "moon"}} {
			it := &store.Item{Item: feeds.Item{Feed: "a", GUID: fmt.Sprint(i), Title: fmt.Sprint("Ebb ", i), Published: at}, FirstSeen: at}
			feeds.Normalize(&it.Item)
			if err := tx.InsertItems(ctx, []*store.Item{it}); err != nil {
				return err
			}
			if err := tx.PlaceItem(ctx, it.ID, "st_a", "new", 0, 0, nil); err != nil {
				return err
			}
			for _, topic := range topics {
				if err := tx.AddHits(ctx, store.Hit{Item: it.ID, Topic: topic}); err != nil {
					return err
				}
			}
			ids = append(ids, it.ID)
		}
		// "quay" is of an article that is no longer kept.
		return tx.SaveStories(ctx, store.Story{ID: "st_a", Title: "Ebb", Topics: []string{"quay", "tide", "port", "moon"}, FirstSeen: at, LastSeen: at, Articles: 3})
	})
	if err != nil {
		t.Fatal(err)
	}
	to, err := w.in.Split(ctx, "st_a", ids[2:])
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(ctx, func(r store.Reader) error {
		for id, want := range map[string]string{"st_a": "[quay tide port]", to: "[tide moon]"} {
			got, err := r.Story(ctx, id)
			if err != nil {
				return err
			}
			if fmt.Sprint(got.Topics) != want {
				t.Errorf("topics of %s: %v, want %s", id, got.Topics, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
