package ingest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// summarize sets a story's counts, times and lead from all its items, oldest
// first.
func (w *work) summarize(ctx context.Context, s *store.Story, items []store.Item) error {
	lead := s.Lead
	if !slices.ContainsFunc(items, func(it store.Item) bool { return it.ID == lead }) {
		s.Lead, s.Title = 0, ""
	}
	s.Articles, s.Outlets, s.Publishers, s.Kinds, s.Languages = 0, 0, 0, nil, nil
	s.FirstSeen, s.LastSeen = time.Time{}, time.Time{}
	if err := w.tx.ClearVoices(ctx, s.ID); err != nil {
		return err
	}
	for _, it := range items {
		if err := w.count(ctx, s, it); err != nil {
			return err
		}
	}
	return nil
}

// count adds one article to a story: cheap, however many it has.
func (w *work) count(ctx context.Context, s *store.Story, it store.Item) error {
	t := LiveTime(it)
	if s.FirstSeen.IsZero() || t.Before(s.FirstSeen) {
		s.FirstSeen = t
	}
	if t.After(s.LastSeen) {
		s.LastSeen = t
	}
	// The first article leads, but an aggregator gives way to an outlet.
	if s.Lead == 0 || s.Publishers == 0 && s.Articles > 0 && it.FeedKind != feeds.Aggregator {
		s.Lead, s.Title, s.Lang = it.ID, it.Title, it.Lang
	}
	s.Articles++
	if it.Lang != "" && !slices.Contains(s.Languages, it.Lang) {
		s.Languages = append(s.Languages, it.Lang)
	}
	fresh, err := w.tx.AddVoices(ctx, s.ID, voices(it))
	if err != nil {
		return err
	}
	for _, v := range fresh {
		if v.Outlet {
			s.Outlets++
			continue
		}
		if s.Kinds == nil {
			s.Kinds = map[string]int{}
		}
		s.Publishers++
		s.Kinds[string(v.Kind)]++
	}
	return nil
}

// maxVoice bounds a name under which something is counted once, in bytes.
const maxVoice = 300

// voices are an article's outlet and, unless it comes from an aggregator, the
// independent publisher under whom it counts: the agency or publisher whose
// text it is, else its own.
func voices(it store.Item) []store.Voice {
	vs := []store.Voice{{Name: feeds.Clip(it.Source, maxVoice), Outlet: true}}
	if it.FeedKind == feeds.Aggregator {
		return vs
	}
	var g Grouped
	if len(it.Why) > 0 {
		_ = json.Unmarshal(it.Why, &g) // an unreadable record only loses the wire's name
	}
	v := store.Voice{Name: strings.ToLower(it.Publisher), Kind: it.FeedKind}
	switch {
	case g.Wire != "":
		v.Name, v.Kind = g.Wire, feeds.Wire
	case v.Kind == "":
		v.Kind = feeds.Independent
	}
	if v.Name = feeds.Clip(v.Name, maxVoice); v.Name != "" {
		vs = append(vs, v)
	}
	return vs
}
