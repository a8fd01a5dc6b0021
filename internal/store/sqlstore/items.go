package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// The long texts come last: SQLite then reads what stands before them without
// following a row's overflow pages.
const itemColumns = `i.id, i.feed, i.item_key, i.alt_key, i.raw_hash, i.content_hash, i.seen_at, i.published, i.updated, i.publisher, i.feed_kind,
	i.story, i.story_kind, i.copy_of, i.wire_copy_of, i.baseline, i.revisions, i.guid, i.link, i.canonical, i.lang, i.source, i.title,
	i.why, i.extra, i.summary, i.content`

// extra is what no query looks at.
type extra struct {
	Authors    []feeds.Author    `json:",omitempty"`
	Categories []string          `json:",omitempty"`
	Links      []string          `json:",omitempty"`
	Image      string            `json:",omitempty"`
	Enclosures []feeds.Enclosure `json:",omitempty"`
	Media      []string          `json:",omitempty"`
}

func scanItem(rows Rows) (store.Item, error) {
	var it store.Item
	var key, alt, hash []byte
	var raw, seen, published, updated int64
	var kind, more string
	err := rows.Scan(&it.ID, &it.Feed, &key, &alt, &raw, &hash, &seen, &published, &updated, &it.Publisher, &kind,
		&it.Story, &it.StoryKind, &it.CopyOf, &it.WireCopyOf, &it.Baseline, &it.Revisions, &it.GUID, &it.Link, &it.Canonical, &it.Lang, &it.Source, &it.Title,
		&it.Why, &more, &it.Summary, &it.Content)
	if err != nil {
		return it, err
	}
	copy(it.Key[:], key)
	copy(it.AltKey[:], alt)
	copy(it.ContentHash[:], hash)
	it.RawHash, it.FeedKind = uint64(raw), feeds.Kind(kind)
	it.FirstSeen, it.Published, it.Updated = at(seen), at(published), at(updated)
	if len(it.Why) == 0 {
		it.Why = nil
	}
	var x extra
	if err := unpack(more, &x); err != nil {
		return it, fmt.Errorf("item %s: %w", store.ItemID(it.ID), err)
	}
	it.Authors, it.Categories, it.Links, it.Image, it.Enclosures, it.Media = x.Authors, x.Categories, x.Links, x.Image, x.Enclosures, x.Media
	return it, nil
}

func packExtra(it feeds.Item) (string, error) {
	b, err := json.Marshal(extra{it.Authors, it.Categories, it.Links, it.Image, it.Enclosures, it.Media})
	if string(b) == "{}" {
		b = nil
	}
	return string(b), err
}

func (t *Tx) items(ctx context.Context, q *query) ([]store.Item, error) {
	var out []store.Item
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		it, err := scanItem(rows)
		out = append(out, it)
		return err
	})
	return out, err
}

// Item implements store.ItemReader.
func (t *Tx) Item(ctx context.Context, id int64) (store.Item, error) {
	var q query
	q.WriteString(`SELECT ` + itemColumns + ` FROM items i`)
	q.and(`i.id = ?`, id)
	its, err := t.items(ctx, &q)
	if err == nil && len(its) == 0 {
		err = fmt.Errorf("item %s: %w", store.ItemID(id), store.ErrNotFound)
	}
	if err != nil {
		return store.Item{}, err
	}
	return its[0], nil
}

// Items implements store.ItemReader.
func (t *Tx) Items(ctx context.Context, f store.ItemFilter) ([]store.Item, error) {
	var q query
	q.WriteString(`SELECT ` + itemColumns + ` FROM items i`)
	if f.Topic != "" {
		q.and(`i.id IN (SELECT h.item FROM hits h WHERE h.topic = ?)`, f.Topic)
	}
	if f.Feed != "" {
		q.and(`i.feed = ?`, f.Feed)
	}
	if f.Story != "" {
		q.and(`i.story <> '' AND i.story = ?`, f.Story)
	}
	q.window("i.seen_at", f.From, f.To)
	order := ` ORDER BY i.id DESC`
	switch {
	case f.Oldest:
		if f.Before > 0 {
			q.and(`i.id > ?`, f.Before)
		}
		order = ` ORDER BY i.id`
	case f.Before > 0:
		q.and(`i.id < ?`, f.Before)
	}
	q.WriteString(order)
	q.limit(f.Limit)
	return t.items(ctx, &q)
}

// window adds from <= column < to.
func (q *query) window(column string, from, to time.Time) {
	if !from.IsZero() {
		q.and(column+` >= ?`, ms(from))
	}
	if !to.IsZero() {
		q.and(column+` < ?`, ms(to))
	}
}

// scanPage is how many items Scan reads at a time; between pages fn may query.
const scanPage = 200

// Scan implements store.ItemReader.
func (t *Tx) Scan(ctx context.Context, from, to time.Time, fn func(store.Item) error) error {
	last, lastID := ms(from), int64(0)
	for {
		var q query
		q.WriteString(`SELECT ` + itemColumns + ` FROM items i`)
		q.and(`(i.seen_at, i.id) > (?, ?)`, last, lastID)
		if !to.IsZero() {
			q.and(`i.seen_at < ?`, ms(to))
		}
		q.WriteString(` ORDER BY i.seen_at, i.id`)
		q.limit(scanPage)
		its, err := t.items(ctx, &q)
		if err != nil {
			return err
		}
		for _, it := range its {
			if err := fn(it); err != nil {
				return err
			}
			last, lastID = ms(it.FirstSeen), it.ID
		}
		if len(its) < scanPage {
			return nil
		}
	}
}

// CountItems implements store.ItemReader.
func (t *Tx) CountItems(ctx context.Context, from, to time.Time) (int, error) {
	var q query
	q.WriteString(`SELECT count(*) FROM items i`)
	q.window("i.seen_at", from, to)
	var n int
	return n, t.one(ctx, q.String(), q.args, &n)
}

// Hits implements store.ItemReader.
func (t *Tx) Hits(ctx context.Context, item int64) ([]store.Hit, error) {
	all, err := t.HitsOf(ctx, []int64{item})
	return all[item], err
}

// HitsOf implements store.ItemReader.
func (t *Tx) HitsOf(ctx context.Context, items []int64) (map[int64][]store.Hit, error) {
	out := make(map[int64][]store.Hit, len(items))
	q := `SELECT h.item, h.topic, h.score, h.at, h.record FROM hits h WHERE h.item IN (SELECT e.id FROM ` +
		t.d.Each("$1", Col{"id", Int}) + ` e) ORDER BY h.item, h.at, h.topic`
	err := t.each(ctx, q, []any{ints(items)}, func(rows Rows) error {
		var h store.Hit
		var when int64
		err := rows.Scan(&h.Item, &h.Topic, &h.Score, &when, &h.Record)
		h.At = at(when)
		out[h.Item] = append(out[h.Item], h)
		return err
	})
	return out, err
}

// Revisions implements store.ItemReader.
func (t *Tx) Revisions(ctx context.Context, f store.RevisionFilter) ([]store.Revision, error) {
	var q query
	q.WriteString(`SELECT r.item, r.at, r.title, r.summary, r.new_title, r.feed, r.story FROM revisions r`)
	if f.Item != 0 {
		q.and(`r.item = ?`, f.Item)
	}
	if f.Story != "" {
		q.and(`r.story = ?`, f.Story)
	}
	q.window("r.at", f.From, f.To)
	if f.Titles {
		q.and(`r.title <> r.new_title`)
	}
	q.WriteString(` ORDER BY r.at DESC, r.id DESC`)
	q.limit(f.Limit)
	var out []store.Revision
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		var r store.Revision
		var when int64
		err := rows.Scan(&r.Item, &when, &r.Title, &r.Summary, &r.NewTitle, &r.Feed, &r.Story)
		r.At = at(when)
		out = append(out, r)
		return err
	})
	return out, err
}

const hour = int64(time.Hour / time.Millisecond)

// TopicVolume implements store.ItemReader.
func (t *Tx) TopicVolume(ctx context.Context, topic string, from, to time.Time) ([]store.Volume, error) {
	from = from.UTC().Truncate(time.Hour)
	n := int(to.Sub(from).Hours() + 0.999999)
	if n <= 0 {
		return nil, nil
	}
	out := make([]store.Volume, n)
	for i := range out {
		out[i].Hour = from.Add(time.Duration(i) * time.Hour)
	}
	count := func(q string, field func(*store.Volume) *int) error {
		return t.each(ctx, q, []any{topic, ms(from), ms(to), hour}, func(rows Rows) error {
			var i int64
			var c int
			err := rows.Scan(&i, &c)
			if i >= 0 && int(i) < n {
				*field(&out[i]) = c
			}
			return err
		})
	}
	return out, errors.Join(
		count(`SELECT (at - $2) / $4, count(*) FROM hits WHERE topic = $1 AND at >= $2 AND at < $3 GROUP BY 1`,
			func(v *store.Volume) *int { return &v.Hits }),
		count(`SELECT (s.first_seen - $2) / $4, count(*) FROM stories s JOIN story_topics st ON st.story = s.id
			WHERE st.topic = $1 AND s.first_seen >= $2 AND s.first_seen < $3 AND s.merged_into = '' GROUP BY 1`,
			func(v *store.Volume) *int { return &v.Stories }))
}

// LastMatch implements store.ItemReader.
func (t *Tx) LastMatch(ctx context.Context, topic string) (time.Time, error) {
	var last int64
	err := t.one(ctx, `SELECT COALESCE(max(at), 0) FROM hits WHERE topic = $1`, []any{topic}, &last)
	return at(last), err
}
