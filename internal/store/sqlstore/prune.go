package sqlstore

import (
	"context"
	"time"

	"watcher/internal/store"
)

// Prune implements store.Tx. Each call does one kind of row, as many as chunk
// allows, so that a writer waits for little.
func (t *Tx) Prune(ctx context.Context, k store.Keep, now time.Time, chunk int) (int, error) {
	items, sent, dead, issues := before(now, k.Items), before(now, k.Deliveries), before(now, k.Dead), before(now, k.Digests)
	if items > 0 && t.d.DropOld != nil {
		if n, err := t.d.DropOld(ctx, t.c, at(items)); n > 0 || err != nil {
			return n, err
		}
	}
	steps := []struct {
		cutoff int64
		run    func(ctx context.Context, cutoff int64, chunk int) (int, error)
	}{
		{items, t.pruneItems},
		{items, t.pruneStories},
		{items, t.pruneSeen},
		{items, deleter(t, `DELETE FROM group_records WHERE (kind, id) IN (SELECT kind, id FROM group_records WHERE last_at < $1 AND kind <> 'rule' AND kind <> 'background' LIMIT $2)`)},
		{items, deleter(t, `DELETE FROM hits WHERE (item, topic) IN (SELECT h.item, h.topic FROM hits h WHERE h.at < $1 AND `+gone("h.item")+` LIMIT $2)`)},
		{items, deleter(t, `DELETE FROM revisions WHERE id IN (SELECT r.id FROM revisions r WHERE r.at < $1 AND `+gone("r.item")+` LIMIT $2)`)},
		{items, deleter(t, `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 LIMIT $2)`)},
		{items, deleter(t, `DELETE FROM silences WHERE id IN (SELECT id FROM silences WHERE ends_at < $1 LIMIT $2)`)},
		{sent, t.pruneDeliveries(`state IN ('delivered', 'superseded', 'expired', 'held')`)},
		{dead, t.pruneDeliveries(`state = 'dead'`)},
		{sent, deleter(t, `DELETE FROM attempts WHERE (delivery, n) IN (SELECT delivery, n FROM attempts WHERE at < $1 LIMIT $2)`)},
		{issues, deleter(t, `DELETE FROM digests WHERE (id, date) IN (SELECT id, date FROM digests WHERE created < $1 LIMIT $2)`)},
		{ms(now), deleter(t, `DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires < $1 LIMIT $2)`)},
		{ms(now), t.pruneHosts},
	}
	for _, s := range steps {
		if s.cutoff <= 0 {
			continue
		}
		if n, err := s.run(ctx, s.cutoff, chunk); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// gone is the condition that an item is there no more, row by row: as NOT
// EXISTS it has PostgreSQL read all items for each chunk.
func gone(id string) string {
	return `(SELECT i.id FROM items i WHERE i.id = ` + id + ` LIMIT 1) IS NULL`
}

// before is the cutoff; 0 where all is kept.
func before(now time.Time, keep time.Duration) int64 {
	if keep <= 0 {
		return 0
	}
	return ms(now.Add(-keep))
}

func deleter(t *Tx, q string) func(context.Context, int64, int) (int, error) {
	return func(ctx context.Context, cutoff int64, chunk int) (int, error) {
		n, err := t.c.Exec(ctx, q, cutoff, chunk)
		return int(n), err
	}
}

// pruneHosts removes hosts of which nothing holds any more.
func (t *Tx) pruneHosts(ctx context.Context, now int64, chunk int) (int, error) {
	all, err := t.Hosts(ctx, nil)
	if err != nil {
		return 0, err
	}
	var old []string
	for key, h := range all {
		if len(old) < chunk && h.Forgotten(at(now)) {
			old = append(old, key)
		}
	}
	if len(old) == 0 {
		return 0, nil
	}
	return len(old), t.exec(ctx, `DELETE FROM hosts WHERE id IN (SELECT e.id FROM `+t.d.Each("$1", Col{"id", Text})+` e)`, texts(old))
}

// ids reads a column of numbers.
func (t *Tx) ids(ctx context.Context, q string, args ...any) ([]int64, error) {
	var out []int64
	err := t.each(ctx, q, args, func(rows Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func (t *Tx) pruneItems(ctx context.Context, cutoff int64, chunk int) (int, error) {
	ids, err := t.ids(ctx, `SELECT id FROM items WHERE seen_at < $1 ORDER BY seen_at LIMIT $2`, cutoff, chunk)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	in := ` IN (SELECT e.id FROM ` + t.d.Each("$1", Col{"id", Int}) + ` e)`
	qs := []string{`DELETE FROM items WHERE id` + in, `DELETE FROM hits WHERE item` + in, `DELETE FROM revisions WHERE item` + in}
	if !t.d.WordsInItems {
		qs = append(qs, `DELETE FROM item_words WHERE rowid`+in)
	}
	for _, q := range qs {
		if err := t.exec(ctx, q, ints(ids)); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (t *Tx) pruneStories(ctx context.Context, cutoff int64, chunk int) (int, error) {
	var ids []string
	err := t.each(ctx, `SELECT id FROM stories WHERE last_seen < $1 ORDER BY last_seen LIMIT $2`, []any{cutoff, chunk}, func(rows Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	in := ` IN (SELECT e.id FROM ` + t.d.Each("$1", Col{"id", Text}) + ` e)`
	for _, q := range []string{`DELETE FROM stories WHERE id` + in, `DELETE FROM story_topics WHERE story` + in, `DELETE FROM voices WHERE story` + in, `DELETE FROM marks WHERE story` + in} {
		if err := t.exec(ctx, q, texts(ids)); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// pruneSeen forgets keys that have left their feed's document: those not noted
// for a while when what stands in it was written down (Stand).
func (t *Tx) pruneSeen(ctx context.Context, cutoff int64, chunk int) (int, error) {
	n, err := t.c.Exec(ctx, `DELETE FROM seen WHERE (feed, item_key) IN (
		SELECT s.feed, s.item_key FROM seen s LEFT JOIN feeds f ON f.id = s.feed AND NOT f.removed
		WHERE s.at < $1 AND (f.id IS NULL OR s.at < f.stood_at - $3) AND `+gone("s.item")+` LIMIT $2)`, cutoff, chunk, missing.Milliseconds())
	return int(n), err
}

func (t *Tx) pruneDeliveries(which string) func(context.Context, int64, int) (int, error) {
	return func(ctx context.Context, cutoff int64, chunk int) (int, error) {
		var ids []string
		err := t.each(ctx, `SELECT id FROM deliveries WHERE created < $1 AND `+which+` ORDER BY created LIMIT $2`, []any{cutoff, chunk}, func(rows Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil || len(ids) == 0 {
			return 0, err
		}
		in := ` IN (SELECT e.id FROM ` + t.d.Each("$1", Col{"id", Text}) + ` e)`
		if err := t.exec(ctx, `DELETE FROM deliveries WHERE id`+in, texts(ids)); err != nil {
			return 0, err
		}
		return len(ids), t.exec(ctx, `DELETE FROM attempts WHERE delivery`+in, texts(ids))
	}
}

// Stats counts rows; the sizes are the database's to add.
func (t *Tx) Stats(ctx context.Context) (store.Stats, error) {
	s := store.Stats{Rows: map[string]int64{}}
	for _, table := range store.Tables() {
		var n int64
		if err := t.one(ctx, `SELECT count(*) FROM `+table, nil, &n); err != nil {
			return s, err
		}
		s.Rows[table] = n
	}
	var oldest, newest int64
	err := t.one(ctx, `SELECT COALESCE(min(seen_at), 0), COALESCE(max(seen_at), 0) FROM items`, nil, &oldest, &newest)
	s.OldestItem, s.NewestItem = at(oldest), at(newest)
	return s, err
}
