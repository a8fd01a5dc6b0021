package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"watcher/internal/store"
)

// raw opens the file at path beside a store, or without one.
func raw(t *testing.T, path string) *sql.Conn {
	t.Helper()
	db, err := openOne(dsn(path, Options{}, true))
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); db.Close() })
	return c
}

func number(t *testing.T, c *sql.Conn, q string, args ...any) (n int) {
	t.Helper()
	if err := c.QueryRowContext(t.Context(), q, args...).Scan(&n); err != nil {
		t.Fatal(q, err)
	}
	return n
}

func run(t *testing.T, c *sql.Conn, q string, args ...any) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), q, args...); err != nil {
		t.Fatal(q, err)
	}
}

// written is how many pages fn added to the journal, which nobody empties.
func written(t *testing.T, c *sql.Conn, fn func()) int {
	t.Helper()
	pages := func() int {
		n, _, err := wal(t.Context(), &conn{c: c, stmts: map[string]*sql.Stmt{}}, "NOOP")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := pages()
	fn()
	return pages() - before
}

const segments = `SELECT count(DISTINCT segid) FROM item_words_idx`

// perCommit is how many items' words indexed writes together: some eight pages.
const perCommit = 80

// indexed makes a file with the words of so many items, in a segment for each
// commit, as a process leaves it that is killed before it merged any.
func indexed(t *testing.T, items int) (path string, c *sql.Conn) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "w.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c = raw(t, path)
	for id := 1; id <= items; id += perCommit {
		run(t, c, "BEGIN")
		for i := id; i < id+perCommit; i++ {
			words := fmt.Appendf(nil, "harbour k%d", i%10)
			for w := range 48 {
				words = fmt.Appendf(words, " n%dx%d", i*7919%items, w)
			}
			run(t, c, `INSERT INTO item_words (rowid, words) VALUES ($1,$2)`, i, string(words))
		}
		run(t, c, "COMMIT")
	}
	return path, c
}

// A commit of who writes words merges nothing, and a step of the merges is small.
func TestMergeSteps(t *testing.T) {
	_, c := indexed(t, 15*perCommit)
	if n := number(t, c, segments); n != 15 {
		t.Fatalf("%d segments of 15 commits", n)
	}
	found := number(t, c, `SELECT count(*) FROM item_words WHERE words MATCH 'k7'`)
	steps, worst := 0, 0
	for more := true; more && steps < 1000; steps++ {
		worst = max(worst, written(t, c, func() {
			var err error
			if more, err = mergeStep(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}))
		if n := number(t, c, `SELECT count(*) FROM item_words WHERE words MATCH 'k7'`); n != found || n != 120 {
			t.Fatalf("%d found after %d steps, %d before", n, steps+1, found)
		}
	}
	if steps < 4 || worst > 6*mergePages {
		t.Errorf("%d steps, of which one wrote %d pages", steps, worst)
	}
	if n := number(t, c, segments); n > 6 {
		t.Errorf("%d segments when all was merged", n)
	}
	if n := written(t, c, func() { mergeStep(t.Context(), c) }); n != 0 {
		t.Errorf("%d pages written where nothing was to do", n)
	}
	run(t, c, `INSERT INTO item_words (item_words) VALUES ('integrity-check')`)
}

// Removing is in small commits too, and what is left of the index is merged
// into less.
func TestMergesWhatIsRemoved(t *testing.T) {
	const items, each = 1200, 100
	_, c := indexed(t, items)
	merge := func() {
		for more := true; more; {
			var err error
			if more, err = mergeStep(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
	merge()
	full := number(t, c, `SELECT count(*) FROM item_words_data`)
	for id := 1; id <= items*3/4; id += each {
		n := written(t, c, func() { run(t, c, `DELETE FROM item_words WHERE rowid >= $1 AND rowid < $2`, id, id+each) })
		if n > 30 {
			t.Fatalf("%d pages written to remove %d items", n, each)
		}
		merge()
	}
	if n := number(t, c, `SELECT count(*) FROM item_words_data`); n > full/2 {
		t.Errorf("%d of %d rows of the index are left of a quarter of the items", n, full)
	}
	if n := number(t, c, `SELECT count(*) FROM item_words WHERE words MATCH 'harbour'`); n != items/4 {
		t.Errorf("%d items found", n)
	}
}

// A store merges what it finds, a merge begun by another process included,
// without anything being removed.
func TestMerges(t *testing.T) {
	path, c := indexed(t, 12*perCommit)
	if more, err := mergeStep(t.Context(), c); err != nil || !more {
		t.Fatal(more, err)
	}
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Set(t.Context(), "k", nil) }); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Minute)
	for number(t, c, segments) > 6 {
		if time.Now().After(end) {
			t.Fatalf("%d segments are left", number(t, c, segments))
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := number(t, c, `SELECT count(*) FROM item_words WHERE words MATCH 'harbour'`); n != 12*perCommit {
		t.Errorf("%d items found", n)
	}
	if err := CheckFile(context.Background(), path); err != nil {
		t.Error(err)
	}
}
