package sqlite

import (
	"fmt"
	"strings"

	"watcher/internal/store/sqlstore"
)

func dialect() *sqlstore.Dialect { return theDialect }

var theDialect = &sqlstore.Dialect{
	Each:        each,
	Unnumbered:  true,
	Prepend:     prepend,
	Query:       ftsQuery,
	SearchFrom:  "item_words JOIN items i ON i.id = item_words.rowid",
	SearchMatch: "item_words.words MATCH ?",
	SearchID:    "item_words.rowid", // not i.id: a common word's million rows would be sorted for one page
	SameLink:    "canonical = $1",
	TakeRevs:    "UPDATE rev SET n = n + $1 RETURNING n",
	ItemIDs: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT i + COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'items'), 0) FROM n`,
	AfterFill: []string{"UPDATE rev SET n = max((SELECT COALESCE(max(rev), 0) FROM stories), (SELECT COALESCE(max(rev), 0) FROM group_records))"},
}

// prepend: || makes text of its bytes, and substr makes NULL of no bytes.
func prepend(a, b string, n int) string {
	return fmt.Sprintf("COALESCE(substr(CAST(%s || %s AS BLOB), 1, %d), x'')", a, b, n)
}

func each(param string, cols ...sqlstore.Col) string {
	var b strings.Builder
	b.WriteString("(SELECT ")
	for i, c := range cols {
		if i > 0 {
			b.WriteString(", ")
		}
		v := fmt.Sprintf("value->>%d", i)
		if c.Type == sqlstore.Bytes {
			v = "unhex(" + v + ")"
		}
		b.WriteString(v + " AS " + c.Name)
	}
	b.WriteString(" FROM json_each(" + param + "))")
	return b.String()
}

// ftsQuery writes a search in FTS5's language; every word is quoted.
func ftsQuery(q sqlstore.Terms) string {
	term := func(t sqlstore.Term) string {
		s := `"` + strings.Join(t.Words, " ") + `"`
		if t.Prefix {
			s += " *"
		}
		return s
	}
	var all []string
	for _, t := range q.All {
		all = append(all, term(t))
	}
	s := "(" + strings.Join(all, " AND ") + ")"
	for _, t := range q.None {
		s += " NOT " + term(t)
	}
	return s
}
