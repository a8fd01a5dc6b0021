package sqlstore

import (
	"context"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

const insertColumns = `id, feed, item_key, alt_key, raw_hash, content_hash, seen_at, published, updated, publisher, feed_kind, story, story_kind,
	copy_of, wire_copy_of, baseline, guid, link, canonical, lang, source, title, why, extra, summary, content`

// NumberItems implements store.ItemWriter.
func (t *Tx) NumberItems(ctx context.Context, its []*store.Item) error {
	if len(its) == 0 {
		return nil
	}
	i := 0
	err := t.each(ctx, t.d.ItemIDs, []any{len(its)}, func(rows Rows) error {
		err := rows.Scan(&its[i].ID)
		i++
		return err
	})
	if err != nil {
		return err
	}
	if again := t.numbered - its[0].ID + 1; again > 0 { // numbered in this transaction, and not kept yet
		for _, it := range its {
			it.ID += again
		}
	}
	t.numbered = its[len(its)-1].ID
	return nil
}

// InsertItems implements store.ItemWriter.
func (t *Tx) InsertItems(ctx context.Context, its []*store.Item) error {
	if len(its) == 0 {
		return nil
	}
	var fresh []*store.Item
	for _, it := range its {
		if it.ID == 0 {
			fresh = append(fresh, it)
		}
	}
	if err := t.NumberItems(ctx, fresh); err != nil {
		return err
	}
	for some := range rowsOf(its) {
		if err := t.insertItems(ctx, some); err != nil {
			return err
		}
	}
	return t.indexWords(ctx, its[len(its)-1].ID, wordsTogether)
}

func (t *Tx) insertItems(ctx context.Context, its []*store.Item) error {
	columns, cols := insertColumns, 26
	if t.d.WordsInItems {
		columns, cols = columns+", words", 27
	}
	type ident struct {
		feed string
		key  feeds.Key
	}
	args := make([]any, 0, len(its)*cols)
	keys := make(map[ident]bool, len(its))
	for _, it := range its {
		more, err := packExtra(it.Item)
		if err != nil {
			return fmt.Errorf("item %q of feed %s: %w", it.GUID, it.Feed, err)
		}
		keys[ident{it.Feed, it.Key}] = true
		args = append(args, it.ID, it.Feed, it.Key[:], it.AltKey[:], int64(it.RawHash), it.ContentHash[:], ms(it.FirstSeen), ms(it.Published), ms(it.Updated),
			it.Publisher, string(it.FeedKind), it.Story, it.StoryKind, it.CopyOf, it.WireCopyOf, it.Baseline, it.GUID, it.Link, it.Canonical,
			it.Lang, it.Source, it.Title, blob(it.Why), more, it.Summary, it.Content)
		if t.d.WordsInItems {
			args = append(args, t.d.Words(itemWords(it.Item)))
		}
	}
	if len(keys) < len(its) {
		return fmt.Errorf("items of feed %s: %w: one key twice", its[0].Feed, store.ErrConflict)
	}
	if err := t.exec(ctx, `INSERT INTO items (`+columns+`) VALUES `+t.d.values(len(its), cols), args...); err != nil {
		return err
	}
	return t.remember(ctx, its)
}

// remember notes the keys of new items. A key that is there already is a
// conflict; another key by which an item may be met is not.
func (t *Tx) remember(ctx context.Context, its []*store.Item) error {
	var args, alts []any
	for _, it := range its {
		args = append(args, it.Feed, it.Key[:], it.ID, ms(it.FirstSeen))
		if it.AltKey != it.Key && !it.AltKey.IsZero() {
			alts = append(alts, it.Feed, it.AltKey[:], it.ID, ms(it.FirstSeen))
		}
	}
	n, err := t.c.Exec(ctx, `INSERT INTO seen (feed, item_key, item, at) VALUES `+t.d.values(len(its), 4)+` ON CONFLICT DO NOTHING`, args...)
	if err != nil {
		return err
	}
	if int(n) < len(its) {
		return fmt.Errorf("items of feed %s: %w: a key is known already", its[0].Feed, store.ErrConflict)
	}
	if len(alts) == 0 {
		return nil
	}
	return t.exec(ctx, `INSERT INTO seen (feed, item_key, item, at) VALUES `+t.d.values(len(alts)/4, 4)+` ON CONFLICT DO NOTHING`, alts...)
}

// blob makes nil an empty value: no column holds NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Revise implements store.ItemWriter.
func (t *Tx) Revise(ctx context.Context, id int64, now feeds.Item, hash feeds.Key, when time.Time) error {
	more, err := packExtra(now)
	if err != nil {
		return fmt.Errorf("item %s: %w", store.ItemID(id), err)
	}
	miss := fmt.Errorf("item %s: %w", store.ItemID(id), store.ErrNotFound)
	err = t.must(ctx, miss, `INSERT INTO revisions (item, at, title, summary, new_title, feed, story)
		SELECT id, CAST($2 AS BIGINT), title, summary, CAST($3 AS TEXT), feed, story FROM items WHERE id = $1`, id, ms(when), now.Title)
	if err != nil {
		return err
	}
	set, args := "", []any{id, int64(now.RawHash), hash[:], ms(now.Published), ms(now.Updated), now.Link, now.Canonical, now.Title, more, now.Summary, now.Content}
	if t.d.WordsInItems {
		set, args = ", words = $12", append(args, t.d.Words(itemWords(now)))
	}
	err = t.must(ctx, miss, `UPDATE items SET revisions = revisions + 1, raw_hash = $2, content_hash = $3, published = $4, updated = $5, link = $6,
		canonical = $7, title = $8, extra = $9, summary = $10, content = $11`+set+` WHERE id = $1`, args...)
	if err != nil || t.d.WordsInItems {
		return err
	}
	return t.reindexWords(ctx, id, now)
}

// AddHits implements store.ItemWriter.
func (t *Tx) AddHits(ctx context.Context, hs ...store.Hit) error {
	for some := range rowsOf(hs) {
		var args []any
		for _, h := range some {
			args = append(args, h.Topic, h.Item, ms(h.At), h.Score, blob(h.Record))
		}
		err := t.exec(ctx, `INSERT INTO hits (topic, item, at, score, record) VALUES `+t.d.values(len(some), 5)+`
			ON CONFLICT (item, topic) DO UPDATE SET score = excluded.score, record = excluded.record`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// PlaceItem implements store.ItemWriter.
func (t *Tx) PlaceItem(ctx context.Context, id int64, story, kind string, copyOf, wireCopyOf int64, why []byte) error {
	return t.must(ctx, fmt.Errorf("item %s: %w", store.ItemID(id), store.ErrNotFound),
		`UPDATE items SET story = $2, story_kind = $3, copy_of = $4, wire_copy_of = $5, why = $6 WHERE id = $1`, id, story, kind, copyOf, wireCopyOf, blob(why))
}
