package ingest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// Summarize sets a story's counts, times and lead from all its items, oldest
// first.
func Summarize(s *store.Story, items []store.Item) {
	lead := s.Lead
	if !slices.ContainsFunc(items, func(it store.Item) bool { return it.ID == lead }) {
		s.Lead, s.Title = 0, ""
	}
	s.Articles, s.OutletNames, s.Languages, s.Voices = 0, nil, nil, nil
	s.FirstSeen, s.LastSeen = time.Time{}, time.Time{}
	for _, it := range items {
		count(s, it)
	}
}

// count adds one article to a story: cheap, however many it has.
func count(s *store.Story, it store.Item) {
	t := LiveTime(it)
	if s.FirstSeen.IsZero() || t.Before(s.FirstSeen) {
		s.FirstSeen = t
	}
	if t.After(s.LastSeen) {
		s.LastSeen = t
	}
	// The first article leads, but an aggregator gives way to an outlet.
	if s.Lead == 0 || len(s.Voices) == 0 && s.Articles > 0 && it.FeedKind != feeds.Aggregator {
		s.Lead, s.Title, s.Lang = it.ID, it.Title, it.Lang
	}
	s.Articles++
	if !slices.Contains(s.OutletNames, it.Source) {
		s.OutletNames = append(s.OutletNames, it.Source)
	}
	s.Outlets = len(s.OutletNames)
	if it.Lang != "" && !slices.Contains(s.Languages, it.Lang) {
		s.Languages = append(s.Languages, it.Lang)
	}
	if v, kind := voice(it); v != "" && s.Voices[v] == "" {
		if s.Voices == nil {
			s.Voices = map[string]string{}
		}
		s.Voices[v] = string(kind)
	}
	s.Publishers, s.Kinds = len(s.Voices), map[string]int{}
	for _, kind := range s.Voices {
		s.Kinds[kind]++
	}
}

// voice is under whom an article counts as an independent publisher: the
// agency or publisher whose text it is, else its own publisher; an aggregator
// never counts.
func voice(it store.Item) (string, feeds.Kind) {
	if it.FeedKind == feeds.Aggregator {
		return "", ""
	}
	var g Grouped
	if len(it.Why) > 0 {
		_ = json.Unmarshal(it.Why, &g) // an unreadable record only loses the wire's name
	}
	if g.Wire != "" {
		return g.Wire, feeds.Wire
	}
	kind := it.FeedKind
	if kind == "" {
		kind = feeds.Independent
	}
	return strings.ToLower(it.Publisher), kind
}
