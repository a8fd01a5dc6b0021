package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

// SplitStory moves items into a new story.
func (a *actions) SplitStory(ctx context.Context, id string, items []int64) (string, error) {
	fresh := a.NewID("st_")
	err := a.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockGrouping(ctx); err != nil {
			return err
		}
		row, err := tx.Story(ctx, id)
		if err != nil {
			return err
		}
		its, err := tx.StoryItems(ctx, row.ID)
		if err != nil {
			return err
		}
		var moved, kept []store.Item
		for _, it := range its {
			if slices.Contains(items, it.ID) {
				moved = append(moved, it)
			} else {
				kept = append(kept, it)
			}
		}
		switch {
		case len(moved) == 0:
			return fmt.Errorf("%w: none of these articles is in story %s", api.ErrBad, row.ID)
		case len(kept) == 0:
			return fmt.Errorf("%w: all articles of story %s would leave it", api.ErrBad, row.ID)
		}
		if err := tx.SaveStories(ctx, recount(store.Story{ID: fresh, Topics: row.Topics, Score: row.Score, Related: []string{row.ID}}, moved)); err != nil {
			return err
		}
		if err := tx.MoveItems(ctx, idsOf(moved), fresh); err != nil {
			return err
		}
		row.Related = append(row.Related, fresh)
		return tx.SaveStories(ctx, recount(row, kept))
	})
	return fresh, err
}

// MergeStories puts the articles of one story into another, under whose id it
// lives on.
func (a *actions) MergeStories(ctx context.Context, into, from string) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockGrouping(ctx); err != nil {
			return err
		}
		to, err := tx.Story(ctx, into)
		if err != nil {
			return err
		}
		gone, err := tx.Story(ctx, from)
		if err != nil {
			return err
		}
		if to.ID == gone.ID {
			return fmt.Errorf("%w: %s and %s are one story already", api.ErrBad, into, from)
		}
		its, err := tx.StoryItems(ctx, to.ID)
		if err != nil {
			return err
		}
		more, err := tx.StoryItems(ctx, gone.ID)
		if err != nil {
			return err
		}
		if err := tx.MoveItems(ctx, idsOf(more), to.ID); err != nil {
			return err
		}
		for _, t := range gone.Topics {
			if !slices.Contains(to.Topics, t) {
				to.Topics = append(to.Topics, t)
			}
		}
		to.MergedFrom = append(append(to.MergedFrom, gone.ID), gone.MergedFrom...)
		to.Related = slices.DeleteFunc(to.Related, func(id string) bool { return id == gone.ID })
		to.Score = max(to.Score, gone.Score)
		if err := tx.SaveStories(ctx, recount(to, append(its, more...))); err != nil {
			return err
		}
		gone.MergedInto = to.ID
		return tx.SaveStories(ctx, gone)
	})
}

func idsOf(its []store.Item) []int64 {
	out := make([]int64, len(its))
	for i, it := range its {
		out[i] = it.ID
	}
	return out
}

// recount fills a story's figures from its items.
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
