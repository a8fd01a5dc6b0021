// Package sqlstore holds the SQL of the store, once for both databases: texts
// with $1 placeholders over a small connection, and a Dialect for the few
// things that SQLite and PostgreSQL say differently. It opens nothing and
// knows no driver; connections, migrations and errors are those of sqlite and
// postgres.
package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/internal/store"
)

// Conn is one connection inside a transaction.
type Conn interface {
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
}

// Rows is what both drivers give. Err tells why Next ended.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Dialect says what the databases say differently.
type Dialect struct {
	// Each makes a derived table of the JSON array of arrays in a parameter.
	Each func(param string, cols ...Col) string
	// Prepend is an expression: the bytes of a before those of b, at most n.
	Prepend func(a, b string, n int) string
	// Unnumbered: rows of values take ? for $1: SQLite seeks the name of every
	// numbered parameter among all of them, the square of a long statement.
	Unnumbered bool
	// WordsInItems: the search words are a column of items, else a table item_words.
	WordsInItems bool
	// Words (for WordsInItems) and Query write an item's words, blanks between them, and a search for the database.
	Words func(words string) string
	Query func(q Terms) string
	// SearchFrom joins items (alias i) to its words; SearchMatch is the condition on a parameter;
	// SearchID is the item's number as the index holds it, in whose order it can answer.
	SearchFrom, SearchMatch, SearchID string
	// SameLink is the condition that an item has the canonical link $1.
	SameLink string
	// TakeRevs takes $1 revision numbers and gives the last.
	TakeRevs string
	// ItemIDs gives numbers for $1 new items, a row each.
	ItemIDs string
	// LockGrouping and Notify are statements, empty where they are not needed.
	LockGrouping, Notify string
	// AfterFill are statements that follow the rows of another database.
	AfterFill []string
	// DropOld drops whole partitions of items that are older than before; nil where there are none.
	DropOld func(ctx context.Context, c Conn, before time.Time) (int, error)
}

// Col is a column of Dialect.Each.
type Col struct {
	Name string
	Type Type
}

// Type is how a column of Dialect.Each is read.
type Type int

// The types of column. Bytes stand in the JSON as hexadecimal digits.
const (
	Text Type = iota
	Int
	Bytes
)

// Tx implements store.Tx on a connection.
type Tx struct {
	c      Conn
	d      *Dialect
	locked bool
	woken  bool

	numbered int64 // the last number that was given to an item
}

// New gives the store's methods on a connection.
func New(c Conn, d *Dialect) *Tx { return &Tx{c: c, d: d} }

var _ store.Tx = (*Tx)(nil)

// Conn is the connection, for the engine that shares its transaction.
func (t *Tx) Conn() Conn { return t.c }

// one scans the first row; store.ErrNotFound when there is none.
func (t *Tx) one(ctx context.Context, query string, args []any, dest ...any) error {
	rows, err := t.c.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return store.ErrNotFound
	}
	return rows.Scan(dest...)
}

// each calls scan for every row.
func (t *Tx) each(ctx context.Context, query string, args []any, scan func(Rows) error) error {
	rows, err := t.c.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// exec runs a statement whose count does not matter.
func (t *Tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.c.Exec(ctx, query, args...)
	return err
}

// must runs a statement that has to touch a row, else it gives miss.
func (t *Tx) must(ctx context.Context, miss error, query string, args ...any) error {
	n, err := t.c.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		return miss
	}
	return err
}

// notify wakes other processes, once a transaction.
func (t *Tx) notify(ctx context.Context) error {
	if t.woken || t.d.Notify == "" {
		return nil
	}
	t.woken = true
	return t.exec(ctx, t.d.Notify)
}

// LockGrouping implements store.Tx.
func (t *Tx) LockGrouping(ctx context.Context) error {
	if t.locked || t.d.LockGrouping == "" {
		return nil
	}
	t.locked = true
	return t.exec(ctx, t.d.LockGrouping)
}

// query collects a statement with conditions.
type query struct {
	strings.Builder
	args  []any
	where bool
}

// arg adds a parameter and gives its placeholder.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// and adds a condition in which each ? is one of vs.
func (q *query) and(cond string, vs ...any) {
	if q.where {
		q.WriteString(" AND ")
	} else {
		q.WriteString(" WHERE ")
		q.where = true
	}
	for _, v := range vs {
		cond = strings.Replace(cond, "?", q.arg(v), 1)
	}
	q.WriteString(cond)
}

func (q *query) limit(n int) {
	if n > 0 {
		q.WriteString(" LIMIT " + q.arg(n))
	}
}

// values writes rows of placeholders: ($1,$2),($3,$4).
func (d *Dialect) values(rows, cols int) string {
	var b strings.Builder
	b.Grow(rows * cols * 5)
	for i := range rows * cols {
		switch {
		case i%cols != 0:
			b.WriteByte(',')
		case i > 0:
			b.WriteString("),(")
		default:
			b.WriteByte('(')
		}
		if d.Unnumbered {
			b.WriteByte('?')
			continue
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// rowsOf cuts what goes into statements of many rows: few sizes, so that few
// statements are prepared.
func rowsOf[T any](vs []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for _, n := range [...]int{25, 5, 1} {
			for len(vs) >= n {
				if !yield(vs[:n]) {
					return
				}
				vs = vs[n:]
			}
		}
	}
}

// Times are milliseconds since 1970; 0 is none.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// pack writes a struct as JSON without its zero fields, so that rows stay
// small whatever fields the types grow; skip names fields that have columns.
func pack(v any, skip ...string) (string, error) {
	rv := reflect.ValueOf(v)
	b := append(make([]byte, 0, 512), '{')
	for i := range rv.NumField() {
		f := rv.Field(i)
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		name := rv.Type().Field(i).Name
		if slices.Contains(skip, name) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), '"', ':')
		var err error
		if b, err = appendJSON(b, f.Interface()); err != nil {
			return "", err
		}
	}
	return string(append(b, '}')), nil
}

// appendJSON is json.Marshal; what most fields are goes without it.
func appendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case time.Duration:
		return strconv.AppendInt(b, int64(v), 10), nil
	case string:
		if strings.IndexFunc(v, special) < 0 {
			return append(append(append(b, '"'), v...), '"'), nil
		}
	}
	text, err := json.Marshal(v)
	return append(b, text...), err
}

// special tells what JSON may write otherwise than it stands.
func special(r rune) bool {
	return r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r > '~'
}

func unpack(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("%w: a %T cannot be read: %w", store.ErrCorrupt, v, err)
	}
	return nil
}

// list makes the JSON array of arrays that Dialect.Each reads.
func list[T any](vs []T, row func(T) []any) string {
	all := make([][]any, len(vs))
	for i, v := range vs {
		all[i] = row(v)
	}
	b, err := json.Marshal(all)
	if err != nil { // rows hold only texts and whole numbers
		panic(err)
	}
	return string(b)
}

// texts is list for one column of texts.
func texts[T ~string](vs []T) string { return list(vs, func(v T) []any { return []any{string(v)} }) }

func ints(vs []int64) string { return list(vs, func(v int64) []any { return []any{v} }) }
