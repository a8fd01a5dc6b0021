package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/internal/story"
)

// Grouped is the record of a grouping decision as it stands with the item.
type Grouped struct {
	Step    string    `json:"kind"`
	Of      string    `json:"of,omitempty"`
	Related string    `json:"related,omitempty"`
	Wire    string    `json:"wire,omitempty"` // whose text it is, when not the publisher's own
	Score   float64   `json:"score"`
	Why     story.Why `json:"why"`
}

// grouping is the memory of stories, one item at a time. It follows the store:
// what a rolled-back transaction decided is forgotten, and what another process
// wrote is read before the next decision.
type grouping struct {
	mu    sync.Mutex
	g     *story.Grouper
	rev   int64 // of the newest record that was read
	dirty bool  // not loaded yet
}

// catchUp brings memory up to the store and to the time before which no item
// is dated, so that it is the same however long this process has run.
func (g *grouping) catchUp(ctx context.Context, r store.Reader, now time.Time, shared bool) error {
	if g.g == nil {
		g.g, g.rev, g.dirty = story.New(story.Default()), 0, true
	}
	g.g.ReadBack(func(items []string) ([]story.PrintRecord, error) {
		recs, err := r.GroupRecordsOf(ctx, "print", items)
		var out []story.PrintRecord
		for _, rec := range recs {
			out = append(out, printRecord(rec))
		}
		return out, err
	})
	if g.dirty || shared {
		if err := g.load(ctx, r, now); err != nil {
			return err
		}
	}
	g.g.Expire(now.Add(-feeds.Believed))
	return nil
}

// load reads the records that are newer than those that were read: what
// grouping remembers before the oldest date that an item may have, and a day.
func (g *grouping) load(ctx context.Context, r store.Reader, now time.Time) error {
	window := story.Default().Window + feeds.Believed + 24*time.Hour
	recs, err := r.GroupRecords(ctx, g.rev, now.Add(-window))
	if err != nil {
		return fmt.Errorf("read stories: %w", err)
	}
	var in story.Records
	rev := g.rev
	for _, rec := range recs {
		rev = max(rev, rec.Rev)
		switch rec.Table {
		case "story":
			in.Stories = append(in.Stories, story.StoryRecord{ID: rec.ID, Last: rec.Last, Data: rec.Data, Gone: len(rec.Data) == 0})
		case "print":
			in.Prints = append(in.Prints, printRecord(rec))
		case "alias":
			in.Aliases = append(in.Aliases, story.Alias{From: rec.ID, To: rec.Story})
		}
	}
	if err := g.g.Load(in); err != nil {
		g.g, g.rev, g.dirty = nil, 0, true // half of it is worse than none
		return fmt.Errorf("read stories: %w", err)
	}
	g.rev = rev
	g.g.Commit()
	g.dirty = false
	return nil
}

func printRecord(r store.GroupRecord) story.PrintRecord {
	return story.PrintRecord{Item: r.ID, Story: r.Story, Seen: r.Last, Data: r.Data}
}

// records are what changed since the last commit, as the store keeps it.
func (g *grouping) records(now time.Time) []store.GroupRecord {
	ch := g.g.Changes()
	var out []store.GroupRecord
	for _, s := range ch.Stories {
		last := s.Last
		if s.Gone {
			last = now
		}
		out = append(out, store.GroupRecord{Table: "story", ID: s.ID, Story: s.ID, Last: last, Data: s.Data})
	}
	for _, p := range ch.Prints {
		out = append(out, store.GroupRecord{Table: "print", ID: p.Item, Story: p.Story, Last: p.Seen, Data: p.Data})
	}
	for _, a := range ch.Aliases {
		out = append(out, store.GroupRecord{Table: "alias", ID: a.From, Story: a.To, Last: now})
	}
	return out
}

// place puts items into their stories, one by one in memory; the store is
// asked once for what it knows of these.
func (w *work) place(ctx context.Context, cs []*candidate) error {
	if len(cs) == 0 {
		return nil
	}
	if err := w.lock(ctx); err != nil {
		return err
	}
	ds, ids := make([]story.Decision, len(cs)), make([]string, len(cs))
	for i, c := range cs {
		d := w.group.g.Add(StoryItem(c.item))
		of, _ := store.ParseItemID(d.Of)
		wireOf := int64(0)
		if d.Kind == story.Copy {
			wireOf = of
		}
		why, err := json.Marshal(Grouped{Step: string(d.Kind), Of: d.Of, Related: d.Related, Wire: d.Wire, Score: d.Score, Why: d.Why})
		if err != nil {
			return err
		}
		c.item.Story, c.item.StoryKind, c.item.CopyOf, c.item.WireCopyOf, c.item.Why = d.Story, string(d.Kind), of, wireOf, why
		ds[i], ids[i] = d, d.Story
	}
	known, err := w.tx.StoriesOf(ctx, ids)
	if err != nil {
		return err
	}
	for i, c := range cs {
		ch := w.change(ids[i], known)
		if d := ds[i]; d.Related != "" && len(ch.Story.Related) == 0 {
			ch.Story.Related = []string{d.Related}
		}
		ch.Items = append(ch.Items, Placed{c.item, ds[i], c.hits})
	}
	return nil
}

// StoryItem is what grouping reads of a stored item.
func StoryItem(it store.Item) story.Item {
	return story.Item{ID: store.ItemID(it.ID), Feed: it.Feed, Publisher: it.Publisher, Kind: it.FeedKind, Lang: it.Lang, Title: it.Title,
		Text: Text(it.Item), Link: it.Canonical, Published: it.Published, Seen: it.FirstSeen, Source: it.Source}
}

// Text is an item's plain text: summary, then content where it says more.
func Text(it feeds.Item) string {
	s, c := feeds.PlainText(it.Summary), feeds.PlainText(it.Content)
	switch {
	case c == "" || strings.HasPrefix(s, c):
		return s
	case s == "" || strings.HasPrefix(c, s):
		return c
	}
	return s + "\n" + c
}
