package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// work is what one poll does in its transaction.
type work struct {
	*turn
	feed     feeds.Feed
	now      time.Time
	rules    *Rules
	sorted   *sorted
	baseline bool

	changes []*Change
	hits    []store.Hit
	told    []notify.Delivery
	matched int
	recent  int // baseline items of the last day that hit
}

// run keeps the items, their hits and stories, and what is told of them.
func (w *work) run(ctx context.Context) error {
	// This may be the second try: start from nothing.
	w.changes, w.hits, w.told, w.matched, w.recent = nil, nil, nil, 0, 0
	if err := w.insert(ctx); err != nil {
		return err
	}
	for _, c := range w.sorted.revised {
		if err := w.revise(ctx, c); err != nil {
			return err
		}
	}
	if len(w.sorted.again) > 0 {
		if err := w.tx.SeenAgain(ctx, w.feed.ID, w.sorted.again, w.now); err != nil {
			return err
		}
	}
	if err := w.tx.AddHits(ctx, w.hits...); err != nil {
		return err
	}
	return w.tell(ctx)
}

// insert keeps the new items, each placed already: a row is written once.
func (w *work) insert(ctx context.Context) error {
	if len(w.sorted.fresh) == 0 {
		return nil
	}
	items := make([]*store.Item, len(w.sorted.fresh))
	for i, c := range w.sorted.fresh {
		c.item.ID, c.item.Story, c.item.StoryKind, c.item.CopyOf, c.item.WireCopyOf, c.item.Why = 0, "", "", 0, 0, nil
		items[i] = &c.item
	}
	if err := w.tx.NumberItems(ctx, items); err != nil {
		return err
	}
	if err := w.arrive(ctx, w.arrivals()); err != nil {
		return err
	}
	return w.tx.InsertItems(ctx, items)
}

// arrivals are the new items that hit a topic, oldest first: feeds list the
// newest first.
func (w *work) arrivals() []*candidate {
	var cs []*candidate
	for _, c := range w.sorted.fresh {
		if len(c.hits) > 0 {
			cs = append(cs, c)
		}
	}
	slices.Reverse(cs)
	sort.SliceStable(cs, func(i, j int) bool { return LiveTime(cs[i].item).Before(LiveTime(cs[j].item)) })
	return cs
}

// LiveTime is when an item counts as told by its publisher.
func LiveTime(it store.Item) time.Time { return feeds.Moment(it.Published, it.FirstSeen) }

// arrive notes the hits of items and puts them into their stories.
func (w *work) arrive(ctx context.Context, cs []*candidate) error {
	for _, c := range cs {
		w.matched++
		if c.item.Baseline && w.now.Sub(LiveTime(c.item)) <= 24*time.Hour {
			w.recent++
		}
		for _, h := range c.hits {
			w.hits = append(w.hits, store.Hit{Item: c.item.ID, Topic: h.Topic, Score: h.Score, Record: record(h), At: w.now})
		}
	}
	return w.place(ctx, cs)
}

// revise keeps an earlier wording. An edit is no news: what was told stays
// told. But an item that meets a topic only since its edit has not been told
// of at all, and arrives now.
func (w *work) revise(ctx context.Context, c *candidate) error {
	if err := w.tx.Revise(ctx, c.was.ID, c.item.Item, c.item.ContentHash, w.now); err != nil {
		return err
	}
	old, err := w.tx.Item(ctx, c.was.ID)
	if err != nil {
		return err
	}
	if old.Story != "" {
		return w.reword(ctx, old, c)
	}
	if len(c.hits) == 0 {
		return nil
	}
	first := c.item.FirstSeen
	c.item = old
	c.item.FirstSeen = first
	if old.Baseline {
		return nil
	}
	if err := w.arrive(ctx, []*candidate{c}); err != nil {
		return err
	}
	return w.tx.PlaceItem(ctx, c.item.ID, c.item.Story, c.item.StoryKind, c.item.CopyOf, c.item.WireCopyOf, c.item.Why)
}

// reword notes a new headline on the story that it leads.
func (w *work) reword(ctx context.Context, it store.Item, c *candidate) error {
	if c.was.Title == c.item.Title {
		return nil
	}
	if err := w.lock(ctx); err != nil { // before the row is read that is written back
		return err
	}
	s, err := w.tx.Story(ctx, it.Story)
	if err != nil || s.Lead != it.ID {
		return ignoreMissing(err)
	}
	ch := w.change(s.ID, map[string]store.Story{s.ID: s})
	ch.Story.Title, ch.NewTitle = c.item.Title, true
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// change gives the record of what this poll does to a story, of which known
// holds what the store does.
func (w *work) change(id string, known map[string]store.Story) *Change {
	s := known[id]
	if s.ID != "" {
		id = s.ID // merged by hand, unknown to grouping
	}
	for _, c := range w.changes {
		if c.Story.ID == id {
			return c
		}
	}
	c := &Change{Before: s, Story: s, Now: w.now}
	c.Story.ID = id
	c.Story.Kinds, c.Story.Languages = maps.Clone(s.Kinds), slices.Clone(s.Languages)
	w.changes = append(w.changes, c)
	return c
}

// tell writes the stories that changed and what is told of them.
func (w *work) tell(ctx context.Context) error {
	if err := w.sum(ctx); err != nil {
		return err
	}
	stories := make([]store.Story, 0, len(w.changes))
	for _, c := range w.changes {
		ds, s, err := w.Planner.Story(ctx, w.tx, *c)
		if err != nil {
			return fmt.Errorf("plan story %s: %w", c.Story.ID, err)
		}
		stories = append(stories, s)
		w.told = append(w.told, ds...)
	}
	if err := w.tx.SaveStories(ctx, stories...); err != nil {
		return err
	}
	if len(w.told) == 0 {
		return nil
	}
	return w.tx.Enqueue(ctx, w.told)
}

// sum adds what came to the stories' counts.
func (w *work) sum(ctx context.Context) error {
	var all []store.Voice
	for _, c := range w.changes {
		for _, p := range c.Items {
			all = append(all, voices(c.Story.ID, p.Item, p.Decision.Wire)...)
		}
	}
	fresh, err := w.hear(ctx, all)
	if err != nil {
		return err
	}
	for _, c := range w.changes {
		for _, p := range c.Items {
			count(&c.Story, p.Item, fresh.take(voices(c.Story.ID, p.Item, p.Decision.Wire)))
			c.Fresh = c.Fresh || !p.Item.Baseline
			for _, h := range p.Hits {
				c.Story.Score = max(c.Story.Score, h.Score)
				if !slices.Contains(c.Story.Topics, h.Topic) {
					c.Story.Topics = append(slices.Clip(c.Story.Topics), h.Topic)
				}
			}
		}
		c.Topics = w.rules.leading(c.Story.Topics)
	}
	return nil
}

// leading orders topics: highest priority, then first in the file. Topics that
// are no longer configured are left out.
func (r *Rules) leading(ids []string) []Topic {
	var out []Topic
	for _, id := range ids {
		if t, ok := r.Topics[id]; ok {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Topic) int {
		if d := b.Priority.Rank() - a.Priority.Rank(); d != 0 {
			return d
		}
		return a.Order - b.Order
	})
	return out
}
