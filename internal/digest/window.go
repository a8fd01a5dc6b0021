package digest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// Seen is the moment at which an item counts as seen. What came with its
// feed's first poll was no news then: it counts at its own date, or never.
func Seen(it store.Item) time.Time {
	if it.Baseline && !it.Published.IsZero() && it.Published.Before(it.FirstSeen) {
		return it.Published
	}
	return it.FirstSeen
}

// inside tells whether an item belongs to the window.
func (b *builder) inside(it store.Item) bool {
	at := Seen(it)
	if !at.Before(b.from) {
		return at.Before(b.to)
	}
	// Committed after the issue before was built, though first seen before its end.
	return b.prevLast > 0 && it.ID > b.prevLast && !at.Before(b.from.Add(-overlap))
}

// readStories finds the window's stories and puts them into their sections.
func (b *builder) readStories(ctx context.Context) error {
	rows, err := b.active(ctx)
	if err != nil {
		return err
	}
	var found []Story
	for _, row := range rows {
		its, err := b.StoryItems(ctx, row.ID)
		if err != nil {
			return err
		}
		its = slices.DeleteFunc(its, func(it store.Item) bool { return !Seen(it).Before(b.to) })
		if !slices.ContainsFunc(its, b.inside) {
			continue
		}
		s, err := b.story(ctx, row, its)
		if err != nil {
			return err
		}
		b.items[row.ID] = its
		found = append(found, s)
		b.count(s, its)
	}
	slices.SortFunc(found, func(x, y Story) int {
		return cmp.Or(cmp.Compare(y.Rank.Total, x.Rank.Total), x.FirstSeen.Compare(y.FirstSeen), cmp.Compare(x.ID, y.ID))
	})
	b.place(found)
	b.official(found)
	return nil
}

// candidates lists the stories of the topics with an article since From. An
// article counts when it was seen, a story's row when its articles are dated:
// what came in late stands under an earlier time, so its articles are asked.
func (b *builder) candidates(ctx context.Context) ([]store.Story, error) {
	rows, err := b.Stories(ctx, store.StoryFilter{From: b.from.Add(-overlap - feeds.Believed), Limit: maxRows})
	if err != nil {
		return nil, err
	}
	out := rows[:0]
	for _, s := range rows {
		if s.MergedInto != "" || !b.wanted(s.Topics) || !s.FirstSeen.Before(b.to) {
			continue
		}
		if s.LastSeen.Before(b.from.Add(-overlap)) {
			its, err := b.StoryItems(ctx, s.ID)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(its, b.inside) {
				continue
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// active lists the candidates that are neither muted nor dismissed.
func (b *builder) active(ctx context.Context) ([]store.Story, error) {
	rows, err := b.candidates(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, s := range rows {
		ids[i] = s.ID
	}
	marks, err := b.Marks(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(s store.Story) bool {
		for _, m := range marks[s.ID] {
			switch m.Kind {
			case store.Dismissed:
				b.doc.Left.Dismissed++
				b.hidden[s.ID] = true
				return true
			case store.Starred:
				b.starred[s.ID] = true
			}
		}
		if s.Muted {
			b.doc.Left.Muted++
			b.hidden[s.ID] = true
		}
		return s.Muted
	})
	if len(rows) > maxRead {
		// Only the widest are read whole; the others would end below every list.
		slices.SortStableFunc(rows, func(x, y store.Story) int {
			return cmp.Or(cmp.Compare(y.Publishers, x.Publishers), y.LastSeen.Compare(x.LastSeen))
		})
		b.doc.Left.BelowFloor += len(rows) - maxRead
		rows = rows[:maxRead]
	}
	return rows, nil
}

// count adds a story to the head and to its topics.
func (b *builder) count(s Story, its []store.Item) {
	b.doc.Head.Stories++
	if s.State == "new" {
		b.doc.Changes.New++
	} else {
		b.doc.Changes.Grew++
	}
	for _, it := range its {
		if b.inside(it) {
			b.doc.Head.Articles++
			if it.FeedKind != feeds.Aggregator && it.WireCopyOf == 0 {
				b.pubs[it.Publisher] = true
			}
		}
	}
	for i, t := range b.doc.Topics {
		if slices.Contains(s.Topics, t.ID) {
			b.doc.Topics[i].Stories++
			if s.State == "new" {
				b.doc.Topics[i].New++
			}
		}
	}
}

// place puts ranked stories into top, also and single source.
func (b *builder) place(ranked []Story) {
	top := b.def.Top
	if top <= 0 {
		top = maxTop
	}
	for _, s := range ranked {
		brief := s
		brief.Summary, brief.Why = "", []Reason{}
		switch {
		case s.Rank.Total < b.def.MinScore:
			b.doc.Left.BelowFloor++
		case s.Publishers < 2:
			if len(b.doc.Single) == maxSingle {
				b.doc.Left.Single++
				continue
			}
			b.doc.Single = append(b.doc.Single, brief)
		case len(b.doc.Top) < top:
			b.doc.Top = append(b.doc.Top, s)
		case len(b.doc.Also) < maxAlso:
			b.doc.Also = append(b.doc.Also, brief)
		default:
			b.doc.Left.Also++
		}
	}
}
