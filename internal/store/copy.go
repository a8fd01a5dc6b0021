package store

import (
	"context"
	"errors"
	"fmt"
)

// Put writes rows of a table; progress is told after each.
type Put func(table string, columns []string, rows [][]any) error

// Movable is a store whose rows can be moved into another database.
type Movable interface {
	Store
	// Dump gives all rows of all tables as they stand at one moment, a few
	// hundred at a time, table by table in the order of Tables.
	Dump(ctx context.Context, put Put) error
	// Fill writes all that fn puts in one transaction. The database must be
	// empty: ErrNotEmpty.
	Fill(ctx context.Context, fn func(put Put) error) error
}

// Copy moves everything from one database into another that is empty: all of
// it or nothing. progress may be nil; it gets the rows done of a table.
func Copy(ctx context.Context, from, to Store, progress func(table string, done int64)) error {
	src, ok1 := from.(Movable)
	dst, ok2 := to.(Movable)
	if !ok1 || !ok2 {
		return errors.New("copy: these databases cannot be moved")
	}
	done := map[string]int64{}
	err := dst.Fill(ctx, func(put Put) error {
		return src.Dump(ctx, func(table string, columns []string, rows [][]any) error {
			if err := put(table, columns, rows); err != nil {
				return fmt.Errorf("table %s: %w", table, err)
			}
			done[table] += int64(len(rows))
			if progress != nil {
				progress(table, done[table])
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("copy: %w; nothing was written", err)
	}
	return nil
}
