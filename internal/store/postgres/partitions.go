package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watcher/internal/store/sqlstore"
)

const partitionPrefix = "items_m"

// partitions makes the months of items from back months ago to the month
// after next. A month of which items lie in items_other already stays there.
func (s *Store) partitions(ctx context.Context, c sqlstore.Conn, now time.Time, back int) error {
	have, err := months(ctx, c)
	if err != nil {
		return err
	}
	now = now.UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := -back; i <= 2; i++ {
		from, to := first.AddDate(0, i, 0), first.AddDate(0, i+1, 0)
		name := partitionPrefix + from.Format("200601")
		if _, ok := have[name]; ok {
			continue
		}
		// Replicas come here together: one after the other, and look again.
		if _, err := c.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(groupingLock+1)); err != nil {
			return err
		}
		n, err := count(ctx, c, "SELECT count(*) FROM (SELECT 1 FROM items_other WHERE seen_at >= $1 AND seen_at < $2 LIMIT 1) x", from.UnixMilli(), to.UnixMilli())
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		q := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF items FOR VALUES FROM (%d) TO (%d)", name, from.UnixMilli(), to.UnixMilli())
		if _, err := c.Exec(ctx, q); err != nil {
			return fmt.Errorf("partition %s: %w", name, err)
		}
	}
	return nil
}

// months gives the end of each partition.
func months(ctx context.Context, c sqlstore.Conn) (map[string]time.Time, error) {
	rows, err := c.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'items'::regclass`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		digits, ok := strings.CutPrefix(name, partitionPrefix)
		if n, err := strconv.Atoi(digits); ok && err == nil {
			out[name] = time.Date(n/100, time.Month(n%100)+1, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	return out, rows.Err()
}

// dropOld drops one month that ended before the cutoff. Replicas take turns.
func dropOld(ctx context.Context, c sqlstore.Conn, before time.Time) (int, error) {
	have, err := oldMonths(ctx, c, before)
	if err != nil || len(have) == 0 {
		return 0, err
	}
	if _, err := c.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(groupingLock+1)); err != nil {
		return 0, err
	}
	if have, err = oldMonths(ctx, c, before); err != nil {
		return 0, err
	}
	for _, name := range have {
		n, err := count(ctx, c, "SELECT count(*) FROM "+name)
		if err != nil {
			return 0, err
		}
		if _, err := c.Exec(ctx, "DROP TABLE "+name); err != nil {
			return 0, fmt.Errorf("partition %s: %w", name, err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, nil
}

func oldMonths(ctx context.Context, c sqlstore.Conn, before time.Time) ([]string, error) {
	have, err := months(ctx, c)
	var old []string
	for name, end := range have {
		if !end.After(before) {
			old = append(old, name)
		}
	}
	return old, err
}

func count(ctx context.Context, c sqlstore.Conn, q string, args ...any) (n int, err error) {
	rows, err := c.Query(ctx, q, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
		return n, err
	}
	return 0, rows.Err()
}
