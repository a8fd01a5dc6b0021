package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watcher/internal/store/sqlstore"
)

// groupingLock is the advisory lock under which items are grouped.
const groupingLock = 0x7761746368657201

func (s *Store) dialect() *sqlstore.Dialect {
	return &sqlstore.Dialect{
		Each:         each,
		Prepend:      func(a, b string, n int) string { return fmt.Sprintf("substr(%s::bytea || %s, 1, %d)", a, b, n) },
		WordsInItems: true,
		Words:        tsvector,
		Query:        tsquery,
		SearchFrom:   "items i",
		SearchMatch:  "i.words @@ CAST(? AS tsquery)",
		SearchID:     "i.id",
		SameLink:     "left(canonical, 500) = left($1, 500) AND canonical = $1",
		TakeRevs:     "SELECT setval('rev', nextval('rev') + $1 - 1)",
		ItemIDs:      "SELECT nextval('items_id') FROM generate_series(1, CAST($1 AS BIGINT))",
		LockGrouping: fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(groupingLock)),
		Notify:       "SELECT pg_notify('" + channel + "', '')",
		AfterFill: []string{
			"SELECT setval('rev', GREATEST((SELECT COALESCE(max(rev), 0) FROM stories), (SELECT COALESCE(max(rev), 0) FROM group_records)) + 1)",
			"SELECT setval('items_id', COALESCE((SELECT max(id) FROM items), 0) + 1, false)",
			refill("revisions"), refill("silences"), refill("marks"), refill("events"),
		},
		DropOld: func(ctx context.Context, c sqlstore.Conn, before time.Time) (int, error) {
			// None of the past: it could be made here and dropped below, at each chunk.
			if err := s.partitions(ctx, c, s.now(), 0); err != nil {
				return 0, err
			}
			return dropOld(ctx, c, before)
		},
	}
}

func refill(table string) string {
	return fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', 'id'), COALESCE((SELECT max(id) FROM %s), 0) + 1, false)", table, table)
}

func each(param string, cols ...sqlstore.Col) string {
	var b strings.Builder
	b.WriteString("(SELECT ")
	for i, c := range cols {
		if i > 0 {
			b.WriteString(", ")
		}
		v := fmt.Sprintf("(x->>%d)", i)
		switch c.Type {
		case sqlstore.Int:
			v += "::bigint"
		case sqlstore.Bytes:
			v = "decode(" + v + ", 'hex')"
		}
		b.WriteString(v + " AS " + c.Name)
	}
	b.WriteString(" FROM jsonb_array_elements(CAST(" + param + " AS jsonb)) x)")
	return b.String()
}

// maxPosition is the last position that a tsvector holds.
const maxPosition = 16383

// tsvector writes words with their positions; they are letters and digits
// only, so that quoting them is enough.
func tsvector(words string) string {
	tokens := strings.Fields(words)
	at := make(map[string][]int, len(tokens))
	var order []string
	for i, w := range tokens[:min(len(tokens), maxPosition)] {
		if at[w] == nil {
			order = append(order, w)
		}
		at[w] = append(at[w], i+1)
	}
	var b strings.Builder
	for _, w := range order {
		b.WriteString("'" + w + "':")
		for i, p := range at[w] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(p))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func tsquery(q sqlstore.Terms) string {
	term := func(t sqlstore.Term) string {
		s := "('" + strings.Join(t.Words, "' <-> '") + "'"
		if t.Prefix {
			s += ":*"
		}
		return s + ")"
	}
	var all []string
	for _, t := range q.All {
		all = append(all, term(t))
	}
	for _, t := range q.None {
		all = append(all, "!"+term(t))
	}
	return strings.Join(all, " & ")
}
