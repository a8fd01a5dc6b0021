package ingest

import (
	"slices"
	"time"

	"watcher/internal/store"
)

// Summarize sets a story's counts, times and lead from its items, oldest
// first. The lead is the first article that is no copy and comes from no
// aggregator; once chosen it stays.
func Summarize(s *store.Story, items []store.Item) {
	if len(items) == 0 {
		return
	}
	s.Articles = len(items)
	outlets, langs := map[string]bool{}, []string{}
	var first, last time.Time
	lead := -1
	for i, it := range items {
		outlets[it.Source] = true
		if l := it.Lang; l != "" && !slices.Contains(langs, l) {
			langs = append(langs, l)
		}
		t := LiveTime(it)
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if t.After(last) {
			last = t
		}
		if it.ID == s.Lead {
			lead = i
		}
	}
	if lead < 0 {
		lead = 0
		for i, it := range items {
			if it.FeedKind != "aggregator" && it.CopyOf == 0 {
				lead = i
				break
			}
		}
		s.Title = items[lead].Title
	}
	s.Lead, s.Lang = items[lead].ID, items[lead].Lang
	if s.Title == "" {
		s.Title = items[lead].Title
	}
	s.FirstSeen, s.LastSeen = first, last
	s.Outlets, s.Languages = len(outlets), langs
	s.Publishers, s.Kinds = independent(items)
}
