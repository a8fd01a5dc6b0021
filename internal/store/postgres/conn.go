package postgres

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"watcher/internal/store/sqlstore"
)

// conn is a transaction as sqlstore sees it. pgx prepares each text once a
// connection.
type conn struct{ tx pgx.Tx }

// Exec implements sqlstore.Conn.
func (c conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.tx.Exec(ctx, query, clean(args)...)
	return tag.RowsAffected(), err
}

// Query implements sqlstore.Conn.
func (c conn) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	r, err := c.tx.Query(ctx, query, clean(args)...)
	return rows{r}, err
}

type rows struct{ pgx.Rows }

// Close implements sqlstore.Rows.
func (r rows) Close() error {
	r.Rows.Close()
	return r.Err()
}

// clean drops from texts what PostgreSQL cannot keep: NUL and bytes that are
// no UTF-8.
func clean(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			args[i] = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
		}
	}
	return args
}
