package sqlstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

func keyList(keys []feeds.Key) string {
	return list(keys, func(k feeds.Key) []any { return []any{hex.EncodeToString(k[:])} })
}

// Known implements store.ItemReader.
func (t *Tx) Known(ctx context.Context, feed string, keys []feeds.Key) ([]store.Known, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var out []store.Known
	have := map[int64]bool{} // items reported under their own keys
	q := `SELECT s.item_key, s.item, i.item_key, i.alt_key, COALESCE(i.raw_hash, 0), i.content_hash, COALESCE(i.title, '') FROM ` +
		t.d.Each("$2", Col{"k", Bytes}) + ` e JOIN seen s ON s.feed = $1 AND s.item_key = e.k LEFT JOIN items i ON i.id = s.item`
	err := t.each(ctx, q, []any{feed, keyList(keys)}, func(rows Rows) error {
		var found, key, alt, hash []byte
		var raw int64
		k := store.Known{}
		if err := rows.Scan(&found, &k.ID, &key, &alt, &raw, &hash, &k.Title); err != nil {
			return err
		}
		copy(k.Key[:], found)
		k.AltKey, k.Gone, k.RawHash = k.Key, key == nil, uint64(raw)
		if k.Gone {
			out = append(out, k)
			return nil
		}
		copy(k.ContentHash[:], hash)
		copy(k.AltKey[:], alt)
		if k.Key == feeds.Key(key) || k.Key == k.AltKey { // not one of the further keys it was seen under
			if have[k.ID] {
				return nil
			}
			have[k.ID] = true
			k.Key = feeds.Key(key)
		}
		out = append(out, k)
		return nil
	})
	return out, err
}

// RawHashes implements store.ItemReader. It gives those of the newest items,
// twice as many as the newest document had: what else it shows is looked up
// by key.
func (t *Tx) RawHashes(ctx context.Context, feed string) (map[uint64]time.Time, error) {
	n, err := t.documentSize(ctx, feed)
	if err != nil {
		return nil, err
	}
	out := make(map[uint64]time.Time, n)
	err = t.each(ctx, `SELECT raw_hash, published FROM items WHERE feed = $1 ORDER BY id DESC LIMIT $2`, []any{feed, n}, func(rows Rows) error {
		var h, published int64
		err := rows.Scan(&h, &published)
		if h != 0 {
			out[uint64(h)] = at(published)
		}
		return err
	})
	return out, err
}

func (t *Tx) documentSize(ctx context.Context, feed string) (int, error) {
	var text string
	err := t.one(ctx, `SELECT state FROM feeds WHERE id = $1`, []any{feed}, &text)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	var st struct{ Items int }
	err = unpack(text, &st)
	return max(2*st.Items, 100), err
}

// SeenAgain implements store.ItemWriter.
func (t *Tx) SeenAgain(ctx context.Context, feed string, ks []store.Known, when time.Time) error {
	if len(ks) == 0 {
		return nil
	}
	var keys, hashes [][]any
	have := map[feeds.Key]bool{{}: true}
	for _, k := range ks {
		for _, key := range []feeds.Key{k.Key, k.AltKey} {
			if !have[key] {
				have[key] = true
				keys = append(keys, []any{key.String(), k.ID})
			}
		}
		if k.RawHash != 0 && !k.Gone {
			hashes = append(hashes, []any{k.ID, int64(k.RawHash)})
		}
	}
	same := func(r []any) []any { return r }
	err := t.exec(ctx, `INSERT INTO seen (feed, item_key, item, at) SELECT CAST($1 AS TEXT), e.k, e.item, CAST($3 AS BIGINT) FROM `+t.d.Each("$2", Col{"k", Bytes}, Col{"item", Int})+` e
		WHERE true ON CONFLICT (feed, item_key) DO UPDATE SET at = excluded.at`, feed, list(keys, same), ms(when))
	if err != nil || len(hashes) == 0 {
		return err
	}
	return t.exec(ctx, `UPDATE items SET raw_hash = e.h FROM `+t.d.Each("$1", Col{"id", Int}, Col{"h", Int})+` e WHERE items.id = e.id AND items.raw_hash <> e.h`, list(hashes, same))
}

const (
	// standing is how often what stands in a feed's document is written down.
	standing = 20 * time.Hour
	// missing is how long a key must have been out of the document before it
	// may be forgotten: a damaged document shows only a part.
	missing = 14 * 24 * time.Hour
)

// Stand implements store.ItemWriter.
func (t *Tx) Stand(ctx context.Context, feed string, keys []feeds.Key, raws []uint64, when time.Time) error {
	var last int64
	err := t.one(ctx, `SELECT stood_at FROM feeds WHERE id = $1`, []any{feed}, &last)
	if err != nil {
		return fmt.Errorf("feed %q: %w", feed, err)
	}
	if ms(when)-last < standing.Milliseconds() {
		return nil
	}
	n, err := t.documentSize(ctx, feed)
	if err != nil {
		return err
	}
	hashes := list(raws, func(h uint64) []any { return []any{int64(h)} })
	err = t.each(ctx, `SELECT i.item_key, i.alt_key FROM (SELECT item_key, alt_key, raw_hash FROM items WHERE feed = $1 ORDER BY id DESC LIMIT $3) i
		JOIN `+t.d.Each("$2", Col{"h", Int})+` e ON e.h = i.raw_hash`, []any{feed, hashes, n}, func(rows Rows) error {
		var key, alt []byte
		if err := rows.Scan(&key, &alt); err != nil {
			return err
		}
		keys = append(keys, feeds.Key(key), feeds.Key(alt))
		return nil
	})
	if err != nil {
		return err
	}
	err = t.exec(ctx, `UPDATE seen SET at = $3 WHERE feed = $1 AND item_key IN (SELECT e.k FROM `+t.d.Each("$2", Col{"k", Bytes})+` e)`, feed, keyList(keys), ms(when))
	if err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE feeds SET stood_at = $2 WHERE id = $1`, feed, ms(when))
}
