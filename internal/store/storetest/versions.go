package storetest

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"watcher/internal/store"
)

// Next is a migration as the next version may bring one: it only adds, to the
// tables that every replica writes.
func Next() string {
	text := "-- +goose Up\nCREATE TABLE moods (id TEXT NOT NULL PRIMARY KEY, mood TEXT NOT NULL);\n"
	for _, table := range []string{"feeds", "items", "stories", "deliveries", "seen"} {
		text += "ALTER TABLE " + table + " ADD COLUMN mood TEXT NOT NULL DEFAULT '';\nCREATE INDEX " + table + "_mood ON " + table + " (mood);\n"
	}
	return text
}

var (
	comments = regexp.MustCompile(`(?m)--.*$`)
	blanks   = regexp.MustCompile(`\s+`)
	adding   = []*regexp.Regexp{
		regexp.MustCompile(`^CREATE TABLE `),
		regexp.MustCompile(`^CREATE INDEX `),
		regexp.MustCompile(`^DROP INDEX `), // it only made something faster
		regexp.MustCompile(`^ALTER TABLE \w+ ADD COLUMN \w+ \w+( NOT NULL DEFAULT \S+)?$`),
	}
)

// MoreThanAdds gives the statements of a migration that a program of the
// version before could not live with: what it reads and writes must stay where
// it is, and mean the same.
func MoreThanAdds(migration string) (bad []string) {
	text, _, _ := strings.Cut(migration, "-- +goose Down")
	for _, q := range strings.Split(comments.ReplaceAllString(text, ""), ";") {
		q = strings.TrimSpace(blanks.ReplaceAllString(q, " "))
		ok := q == ""
		for _, form := range adding {
			ok = ok || form.MatchString(q)
		}
		if !ok {
			bad = append(bad, q)
		}
	}
	return bad
}

// OnlyAdds holds migrations from the given number on to adding.
func OnlyAdds(t *testing.T, migrations fs.FS, from int) {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) < from-1 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	for i, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		bad := MoreThanAdds(string(text))
		if i+1 >= from && len(bad) > 0 {
			t.Errorf("%s: replicas of the version before run beside it, and cannot live with %q: add what is new, keep both for a version, and take the old away in the one after", name, bad)
		}
		if strings.Contains(name, "0002_voices") && len(bad) != 3 {
			t.Errorf("%s moves data, and %q were found", name, bad)
		}
	}
	if bad := MoreThanAdds(Next()); len(bad) > 0 {
		t.Errorf("%q only add", bad)
	}
}

// Turns is two stores of one database, of which each transaction takes another
// one: replicas of two versions at work.
func Turns(t *testing.T, a, b store.Store) store.Store { return &turns{Store: a, other: b} }

type turns struct {
	store.Store
	other store.Store
	n     atomic.Int64
}

func (s *turns) next() store.Store {
	if s.n.Add(1)%2 == 0 {
		return s.other
	}
	return s.Store
}

func (s *turns) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.next().Update(ctx, fn)
}

func (s *turns) View(ctx context.Context, fn func(store.Reader) error) error {
	return s.next().View(ctx, fn)
}

func (s *turns) Close() error {
	if err := s.other.Close(); err != nil {
		return fmt.Errorf("the other one: %w", err)
	}
	return s.Store.Close()
}
