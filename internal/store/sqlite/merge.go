package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// The full-text index is segments, of which one is written with the words of
// each batch of items. FTS5 merges them within the commits of who writes and
// who removes, for which each row removed is a page: some 400 pages in one of
// them, for which everybody waits. Here that is off, and done a few pages at a
// time beside the writers. Where those are faster for long, a commit merges the
// sixteenth segment of a level as ever. See https://www.sqlite.org/fts5.html,
// section 6.
const (
	mergePages = 16                    // that one step writes, and one or two for each segment it reads
	mergePause = 20 * time.Millisecond // between two steps, and mergeRest times what the last one took
	mergeRest  = 4                     // the disk is others' too
	mergeLook  = time.Second           // between two looks where nothing was to do
	longRest   = 10 * time.Second
)

// ownMerges tells the index, which remembers it, that its merges are done here.
func ownMerges(ctx context.Context, db *sql.DB) error {
	var told bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM item_words_config WHERE k = 'automerge' AND v = 0)`).Scan(&told)
	if err == nil && !told {
		_, err = db.ExecContext(ctx, `INSERT INTO item_words (item_words, rank) VALUES ('automerge', 0)`)
	}
	return err
}

// merges keeps the segments of the index few until the store closes, whoever
// wrote them: a process that was killed leaves its merge to the next.
func (s *Store) merges() {
	for {
		select {
		case <-s.closed:
			return
		case <-s.words:
		}
		for more := true; more; {
			var took time.Duration
			var err error
			more, took, err = s.merge()
			s.explain(err) // what fails is tried again after the next write; damage is noted
			pause := mergeLook
			if more {
				pause = max(mergePause, min(mergeRest*took, longRest))
			}
			select {
			case <-s.closed:
				return
			case <-time.After(pause):
			}
		}
	}
}

// merge does one step, and says whether there may be another. On the writer's
// own connection: a write on another one would empty its page cache.
func (s *Store) merge() (more bool, took time.Duration, err error) {
	select {
	case <-s.closed:
		return false, 0, nil
	case <-s.writer.free:
	}
	w := s.writer.get()
	defer s.writer.put(w)
	began := time.Now()
	more, err = mergeStep(context.Background(), w.c)
	return more, time.Since(began), err
}

// mergeStep says whether it found something to do.
func mergeStep(ctx context.Context, c *sql.Conn) (more bool, err error) {
	var before, after int64
	if err := c.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&before); err != nil {
		return false, err
	}
	if _, err := c.ExecContext(ctx, `INSERT INTO item_words (item_words, rank) VALUES ('merge', $1)`, mergePages); err != nil {
		return false, err
	}
	err = c.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&after)
	return after-before >= 2, err // one is the statement's own
}
