package sqlstore

import (
	"context"
	"fmt"
	"math"
	"strings"

	"watcher/feeds"
	"watcher/internal/store"
)

// layout names each table's columns with their type: t text, i number, f
// floating point, b bytes, o yes or no. What databases compute (live, words)
// is not among them.
var layout = map[string]string{
	"feeds": "id:t url:t stored:o paused:o removed:o shard:i seq:i next_poll:i phase:t stood_at:i tags:t config:t state:t polls:b",
	"hosts": "id:t state:t",
	"items": "id:i feed:t item_key:b alt_key:b raw_hash:i content_hash:b seen_at:i published:i updated:i publisher:t feed_kind:t story:t story_kind:t " +
		"copy_of:i wire_copy_of:i baseline:o revisions:i guid:t link:t canonical:t lang:t source:t title:t why:b extra:t summary:t content:t",
	"seen":          "feed:t item_key:b item:i at:i",
	"hits":          "item:i topic:t at:i score:f record:b",
	"revisions":     "id:i item:i at:i title:t summary:t new_title:t feed:t story:t",
	"stories":       "id:t first_seen:i last_seen:i muted:o merged_into:t rev:i data:t",
	"story_topics":  "story:t topic:t",
	"voices":        "story:t name:t outlet:o kind:t",
	"group_records": "kind:t id:t story:t last_at:i rev:i data:b",
	"deliveries":    "id:t receiver:t type:t subject:t topic:t sequence:i state:t note:t created:i next_at:i due_at:i sending_at:i send_by:i told_at:i attempts:i ref:t data:t payload:b",
	"attempts":      "delivery:t n:i at:i elapsed:i status:i answer:t err:t",
	"receivers":     "id:t state:t",
	"silences":      "id:i ends_at:i data:t",
	"digests":       "id:t date:t from_at:i to_at:i zone:t created:i built:i sent:i stories:i empty:o document:b",
	"marks":         "id:i story:t kind:t text:t author:t at:i place:t",
	"sessions":      "hash:b person:t created:i expires:i",
	"events":        "id:i at:i type:t subject:t title:t text:t",
	"named":         "id:t value:b",
}

// moveRows is how many rows are moved at a time.
const moveRows = 50

func columnsOf(table string) (names []string, types string) {
	for _, f := range strings.Fields(layout[table]) {
		name, typ, _ := strings.Cut(f, ":")
		names, types = append(names, name), types+typ
	}
	return names, types
}

// Dump gives all rows of all tables.
func (t *Tx) Dump(ctx context.Context, put store.Put) error {
	for _, table := range store.Tables() {
		names, types := columnsOf(table)
		var rows [][]any
		err := t.each(ctx, `SELECT `+strings.Join(names, ", ")+` FROM `+table, nil, func(r Rows) error {
			row, dest := make([]any, len(names)), make([]any, len(names))
			for i := range names {
				dest[i] = target(types[i])
			}
			if err := r.Scan(dest...); err != nil {
				return err
			}
			for i := range dest {
				row[i] = value(dest[i])
			}
			if rows = append(rows, row); len(rows) < moveRows {
				return nil
			}
			full := rows
			rows = nil
			return put(table, names, full)
		})
		if err == nil && len(rows) > 0 {
			err = put(table, names, rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func target(typ byte) any {
	switch typ {
	case 'i':
		return new(int64)
	case 'f':
		return new(float64)
	case 'b':
		return new([]byte)
	case 'o':
		return new(bool)
	}
	return new(string)
}

func value(p any) any {
	switch v := p.(type) {
	case *int64:
		return *v
	case *float64:
		return *v
	case *[]byte:
		return blob(*v)
	case *bool:
		return *v
	case *string:
		return *v
	}
	return nil
}

// Fill writes what fn puts into an empty database.
func (t *Tx) Fill(ctx context.Context, fn func(store.Put) error) error {
	for _, table := range store.Tables() {
		var n int
		if err := t.one(ctx, `SELECT count(*) FROM (SELECT 1 FROM `+table+` LIMIT 1) x`, nil, &n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: its table %s holds rows; name an empty database", store.ErrNotEmpty, table)
		}
	}
	if err := fn(func(table string, names []string, rows [][]any) error { return t.put(ctx, table, names, rows) }); err != nil {
		return err
	}
	for _, q := range t.d.AfterFill {
		if err := t.exec(ctx, q); err != nil {
			return err
		}
	}
	return t.indexWords(ctx, math.MaxInt64, 1)
}

func (t *Tx) put(ctx context.Context, table string, names []string, rows [][]any) error {
	if _, ok := layout[table]; !ok {
		return fmt.Errorf("unknown table %q", table)
	}
	var args []any
	for _, row := range rows {
		args = append(args, row...)
		if table == "items" && t.d.WordsInItems {
			args = append(args, t.d.Words(itemWords(itemOf(names, row))))
		}
	}
	if table == "items" && t.d.WordsInItems {
		names = append(names[:len(names):len(names)], "words")
	}
	return t.exec(ctx, `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES `+t.d.values(len(rows), len(names)), args...)
}

// itemOf reads what an item is searched by from a row.
func itemOf(names []string, row []any) feeds.Item {
	var it feeds.Item
	for i, n := range names {
		switch n {
		case "title":
			it.Title, _ = row[i].(string)
		case "summary":
			it.Summary, _ = row[i].(string)
		case "content":
			it.Content, _ = row[i].(string)
		}
	}
	return it
}
