package store

import "context"

// feedsAtOnce is how many rows EachFeed holds: all feeds of a large store are
// hundreds of megabytes.
const feedsAtOnce = 500

// EachFeed calls fn with every feed that f lets through, in the order of their
// ids. f's After and Limit are its own. The reader must not change under it:
// it is that of one transaction.
func EachFeed(ctx context.Context, r interface {
	Feeds(context.Context, FeedFilter) ([]FeedRow, error)
}, f FeedFilter, fn func(FeedRow)) error {
	for f.After, f.Limit = "", feedsAtOnce; ; {
		rows, err := r.Feeds(ctx, f)
		if err != nil {
			return err
		}
		for _, row := range rows {
			fn(row)
		}
		if len(rows) < feedsAtOnce {
			return nil
		}
		f.After = rows[len(rows)-1].Feed.ID
	}
}
