package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watcher/internal/store"
	"watcher/internal/story"
	"watcher/notify"
)

// Split takes items out of a story into a new one, by hand, and gives the new
// story's id. What was told of them stays told.
func (in *Ingest) Split(ctx context.Context, id string, items []int64) (string, error) {
	if len(items) == 0 {
		return "", errors.New("name the articles that go into a story of their own")
	}
	names := make([]string, len(items))
	for i, n := range items {
		names[i] = store.ItemID(n)
	}
	var to string
	err := in.correct(ctx, func(g *story.Grouper, tx store.Tx) ([]story.Correction, error) {
		s, err := tx.Story(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("story %s: %w", id, err)
		}
		// Grouping may have forgotten the story: the store tells what is in it.
		all, err := tx.StoryItems(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		leave := 0
		for _, it := range all {
			if slices.Contains(items, it.ID) {
				leave++
			}
		}
		switch leave {
		case 0:
			return nil, fmt.Errorf("none of these articles is in story %s", s.ID)
		case len(all):
			return nil, fmt.Errorf("all articles of story %s would leave it", s.ID)
		}
		c, err := g.Split(s.ID, names...)
		to = c.To
		return []story.Correction{c}, err
	})
	return to, err
}

// Merge puts one story into another, by hand. Its id lives on as an alias.
func (in *Ingest) Merge(ctx context.Context, into, from string) error {
	return in.correct(ctx, func(g *story.Grouper, tx store.Tx) ([]story.Correction, error) {
		a, err := tx.Story(ctx, into)
		if err != nil {
			return nil, fmt.Errorf("story %s: %w", into, err)
		}
		b, err := tx.Story(ctx, from)
		if err != nil {
			return nil, fmt.Errorf("story %s: %w", from, err)
		}
		if a.ID == b.ID {
			return nil, fmt.Errorf("%s and %s are one story already", into, from)
		}
		c, err := g.Merge(a.ID, b.ID)
		return []story.Correction{c}, err
	})
}

// Review looks again at the active stories, merges what has come to tell the
// same and splits what has fallen apart.
func (in *Ingest) Review(ctx context.Context) error {
	return in.correct(ctx, func(g *story.Grouper, _ store.Tx) ([]story.Correction, error) {
		return g.Review(in.Now())
	})
}

// correct changes grouping outside a poll, under the same locks.
func (in *Ingest) correct(ctx context.Context, decide func(*story.Grouper, store.Tx) ([]story.Correction, error)) error {
	return in.update(ctx, func(ctx context.Context, t *turn) error {
		w := &work{turn: t, now: in.Now(), rules: in.Rules()}
		if err := w.lock(ctx); err != nil {
			return err
		}
		cs, err := decide(w.group.g, w.tx)
		if err != nil {
			return err
		}
		for _, c := range cs {
			if err := w.apply(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// apply writes one correction to the stories and their items.
func (w *work) apply(ctx context.Context, c story.Correction) error {
	from, err := w.tx.Story(ctx, c.From)
	if err != nil {
		return err
	}
	to, err := w.tx.Story(ctx, c.To)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	to.ID = c.To
	items, err := w.tx.StoryItems(ctx, from.ID)
	if err != nil {
		return err
	}
	var moved, left []int64
	for _, it := range items {
		if c.Merge || slices.Contains(c.Items, store.ItemID(it.ID)) {
			moved = append(moved, it.ID)
		} else {
			left = append(left, it.ID)
		}
	}
	if err := w.tx.MoveItems(ctx, moved, to.ID); err != nil {
		return err
	}
	if err := w.shareTopics(ctx, &from, &to, moved, left); err != nil {
		return err
	}
	// An alert that was sent is never sent again, under whatever id.
	if from.Sequence > to.Sequence {
		to.Sequence, to.LastTold, to.ToldPubs, to.ToldTitle = from.Sequence, from.LastTold, max(from.ToldPubs, to.ToldPubs), from.ToldTitle
	}
	to.Score, to.Muted = max(to.Score, from.Score), to.Muted || from.Muted
	if c.Merge {
		to.MergedFrom = append(append(to.MergedFrom, from.ID), from.MergedFrom...)
		to.Related = slices.DeleteFunc(to.Related, func(id string) bool { return id == from.ID })
		from.MergedInto = to.ID
	}
	if err := w.recount(ctx, &to); err != nil {
		return err
	}
	if c.Merge {
		if err := errors.Join(w.moveMarks(ctx, from.ID, to.ID), w.tx.SaveStories(ctx, from)); err != nil {
			return err
		}
	} else if err := w.recount(ctx, &from); err != nil {
		return err
	}
	return w.tellCorrection(ctx, c, to)
}

// shareTopics says which topics two stories are of once items moved. Of a split
// one those go along that the moved items hit, and stay that one which is left
// hit, or none that moved; a merged one, of which none is left, brings all.
func (w *work) shareTopics(ctx context.Context, from, to *store.Story, moved, left []int64) error {
	leave := from.Topics
	if len(left) > 0 {
		hits, err := w.tx.HitsOf(ctx, slices.Concat(moved, left))
		if err != nil {
			return err
		}
		hit := func(ids []int64, topic string) bool {
			return slices.ContainsFunc(ids, func(id int64) bool {
				return slices.ContainsFunc(hits[id], func(h store.Hit) bool { return h.Topic == topic })
			})
		}
		leave = slices.DeleteFunc(slices.Clone(from.Topics), func(t string) bool { return !hit(moved, t) })
		from.Topics = slices.DeleteFunc(from.Topics, func(t string) bool { return hit(moved, t) && !hit(left, t) })
	}
	for _, t := range leave {
		if !slices.Contains(to.Topics, t) {
			to.Topics = append(to.Topics, t)
		}
	}
	return nil
}

// moveMarks takes the star and the notes of a story along into the one that it
// is merged into. That it was reviewed or dismissed was said of it alone.
func (w *work) moveMarks(ctx context.Context, from, to string) error {
	all, err := w.tx.Marks(ctx, []string{from, to})
	if err != nil {
		return err
	}
	starred := slices.ContainsFunc(all[to], func(m store.Mark) bool { return m.Kind == store.Starred })
	for _, m := range all[from] {
		if m.Kind == store.Note || m.Kind == store.Starred && !starred {
			m.Story = to
			if err := w.tx.SaveMark(ctx, m); err != nil {
				return err
			}
		}
	}
	for _, kind := range []store.MarkKind{store.Note, store.Starred, store.Reviewed, store.Dismissed} {
		if err := w.tx.Unmark(ctx, from, kind); err != nil {
			return err
		}
	}
	return nil
}

// recount brings a story up to its items and keeps it.
func (w *work) recount(ctx context.Context, s *store.Story) error {
	items, err := w.tx.StoryItems(ctx, s.ID)
	if err != nil {
		return err
	}
	if err := w.summarize(ctx, s, items); err != nil {
		return err
	}
	return w.tx.SaveStories(ctx, *s)
}

func (w *work) tellCorrection(ctx context.Context, c story.Correction, s store.Story) error {
	text := fmt.Sprintf("%d articles of %s are now a story of their own, %s", len(c.Items), c.From, c.To)
	if c.Merge {
		text = c.From + " is now part of " + c.To
	}
	return w.event(ctx, w.tx, store.Event{At: w.now.Truncate(time.Millisecond), Type: notify.StoryCorrected, Subject: c.To, Title: s.Title, Text: text})
}
