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
	all := make([][]store.Voice, len(items))
	for i, it := range items {
		var g Grouped
		if len(it.Why) > 0 {
			_ = json.Unmarshal(it.Why, &g) // an unreadable record only loses the wire's name
		}
		all[i] = voices(s.ID, it, g.Wire)
	}
	fresh, err := w.hear(ctx, slices.Concat(all...))
	if err != nil {
		return err
	}
	for i, it := range items {
		count(s, it, fresh.take(all[i]))
	}
	return nil
}

// unheard are voices that their stories did not have; each counts once.
type unheard map[store.Voice]bool

// hear notes who speaks.
func (w *work) hear(ctx context.Context, vs []store.Voice) (unheard, error) {
	fresh, err := w.tx.AddVoices(ctx, vs)
	if err != nil {
		return nil, err
	}
	out := make(unheard, len(fresh))
	for _, v := range fresh {
		out[v] = true
	}
	return out, nil
}

// take gives those of vs that are to be counted now.
func (u unheard) take(vs []store.Voice) (out []store.Voice) {
	for _, v := range vs {
		if u[v] {
			delete(u, v)
			out = append(out, v)
		}
	}
	return out
}

// count adds one article to a story: cheap, however many it has. Its voices
// are those that the story did not have.
func count(s *store.Story, it store.Item, fresh []store.Voice) {
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
}

// maxVoice bounds a name under which something is counted once, in bytes.
const maxVoice = 300

// voices are an article's outlet and, unless it comes from an aggregator, the
// independent publisher under whom it counts: the agency or publisher whose
// text it is, else its own.
func voices(story string, it store.Item, wire string) []store.Voice {
	vs := []store.Voice{{Story: story, Name: feeds.Clip(it.Source, maxVoice), Outlet: true}}
	if it.FeedKind == feeds.Aggregator {
		return vs
	}
	v := store.Voice{Story: story, Name: strings.ToLower(it.Publisher), Kind: it.FeedKind}
	switch {
	case wire != "":
		v.Name, v.Kind = wire, feeds.Wire
	case v.Kind == "":
		v.Kind = feeds.Independent
	}
	if v.Name = feeds.Clip(v.Name, maxVoice); v.Name != "" {
		vs = append(vs, v)
	}
	return vs
}
