package sqlstore

import (
	"context"

	"watcher/feeds"
)

// Where the words are a table of their own, they are written for many items
// together: each writing makes a segment of the index, which is merged again
// and again. What is not written yet is at the end of items, never more than
// wordsTogether and one document; a search reads it as it is.

// wordsTogether is how many items wait before their words are written. At 100
// microseconds an item, whoever comes at the wrong moment waits 25 ms.
const wordsTogether = 256

// indexed is the newest item whose words are written; those after it are not.
func (t *Tx) indexed(ctx context.Context) (id int64, err error) {
	err = t.one(ctx, `SELECT COALESCE(max(id), 0) FROM item_words_docsize`, nil, &id)
	return id, err
}

// indexWords writes the words that wait, if there are so many items up to newest.
func (t *Tx) indexWords(ctx context.Context, newest, many int64) error {
	if t.d.WordsInItems {
		return nil
	}
	from, err := t.indexed(ctx)
	if err != nil || newest-from < many {
		return err
	}
	var words []byte
	for {
		its, err := t.texts(ctx, from)
		if err != nil || len(its) == 0 {
			return err
		}
		for _, it := range its {
			// One by one: a statement of many rows begins with a savepoint, at which the index writes a segment.
			words = appendItem(words[:0], it.item)
			if err := t.exec(ctx, `INSERT INTO item_words (rowid, words) VALUES ($1,$2)`, it.id, string(words)); err != nil {
				return err
			}
			from = it.id
		}
	}
}

type textOf struct {
	id   int64
	item feeds.Item
}

// texts are the next items after one, with what is searched of them.
func (t *Tx) texts(ctx context.Context, after int64) (out []textOf, err error) {
	err = t.each(ctx, `SELECT id, title, summary, content FROM items WHERE id > $1 ORDER BY id LIMIT $2`, []any{after, wordsTogether}, func(rows Rows) error {
		var x textOf
		err := rows.Scan(&x.id, &x.item.Title, &x.item.Summary, &x.item.Content)
		out = append(out, x)
		return err
	})
	return out, err
}

// reindexWords replaces the words of an item, unless they wait still.
func (t *Tx) reindexWords(ctx context.Context, id int64, now feeds.Item) error {
	newest, err := t.indexed(ctx)
	if err != nil || id > newest {
		return err
	}
	if err := t.exec(ctx, `DELETE FROM item_words WHERE rowid = $1`, id); err != nil {
		return err
	}
	return t.exec(ctx, `INSERT INTO item_words (rowid, words) VALUES ($1,$2)`, id, itemWords(now))
}
