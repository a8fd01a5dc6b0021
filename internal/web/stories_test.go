package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// recount fills the figures of a story that a test writes, from its items.
func recount(s store.Story, its []store.Item) store.Story {
	slices.SortStableFunc(its, func(x, y store.Item) int { return x.FirstSeen.Compare(y.FirstSeen) })
	outlets, langs, pubs := map[string]bool{}, map[string]bool{}, map[string]bool{}
	s.Articles, s.Kinds, s.Languages, s.FirstSeen = len(its), map[string]int{}, nil, time.Time{}
	lead := its[0]
	for _, it := range its {
		if it.ID == s.Lead {
			lead = it
		}
		outlets[it.Source] = true
		if it.Lang != "" && !langs[it.Lang] {
			langs[it.Lang] = true
			s.Languages = append(s.Languages, it.Lang)
		}
		if it.FeedKind != feeds.Aggregator && it.WireCopyOf == 0 && !pubs[it.Publisher] {
			pubs[it.Publisher] = true
			s.Kinds[string(it.FeedKind)]++
		}
		if s.FirstSeen.IsZero() || it.FirstSeen.Before(s.FirstSeen) {
			s.FirstSeen = it.FirstSeen
		}
		s.LastSeen = it.FirstSeen
	}
	s.Lead, s.Title, s.Lang = lead.ID, lead.Title, lead.Lang
	s.Outlets, s.Publishers = len(outlets), len(pubs)
	return s
}

// TestLiveHasWhatWasTold: a story told today stands on the live page, however
// old the date that its publisher gave it.
func TestLiveHasWhatWasTold(t *testing.T) {
	w := newWorld(t)
	old := morning.Add(-livePeriod - time.Hour)
	err := w.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.SaveStories(t.Context(),
			store.Story{ID: "st_late", Title: "Charts of the strait redrawn", Topics: []string{"strait-talks"}, FirstSeen: old, LastSeen: old, LastTold: morning.Add(-time.Hour), Sequence: 1},
			store.Story{ID: "st_past", Title: "Pilots of the strait on strike", Topics: []string{"strait-talks"}, FirstSeen: old, LastSeen: old, LastTold: old, Sequence: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	_, body := fetch(t, w.serve(t), "/")
	if !strings.Contains(body, "Charts of the strait redrawn") {
		t.Error("a story that was told an hour ago is not there")
	}
	if strings.Contains(body, "Pilots of the strait on strike") {
		t.Error("a story told before the page's two days is there")
	}
}
