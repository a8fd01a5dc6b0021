package web

import (
	"slices"
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
