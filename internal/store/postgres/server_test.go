package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/storetest"
	"watcher/notify"
)

func exec1(t *testing.T, s *postgres.Store, qs ...string) {
	t.Helper()
	for _, q := range qs {
		if _, err := s.Pool().Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStartTogether opens an empty database from six replicas at once.
func TestStartTogether(t *testing.T) {
	url := pgtest.URL(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), url+"&pool_max_conns=3", postgres.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestRefusals(t *testing.T) {
	url := pgtest.URL(t)
	refused := func(url string, o postgres.Options, want error, words ...string) {
		t.Helper()
		s, err := postgres.Open(context.Background(), url, o)
		if err == nil {
			s.Close()
			t.Fatal("it was opened")
		}
		if want != nil && !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q tells the password", err)
		}
	}
	refused(url, postgres.Options{ReadOnly: true}, nil, "watcher run")
	refused(strings.Replace(url, "?", "none?", 1), postgres.Options{}, nil, "createdb", "none")
	refused("postgres://w:s3cret@127.0.0.1:1/x", postgres.Options{}, nil, "no connection", "postgres://w@127.0.0.1/x", "is the server up")
	refused("postgres://w:s3cret@127.0.0.1:port/x", postgres.Options{}, nil, "store")

	other := pgtest.URL(t)
	conn, err := pgx.Connect(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), `CREATE TABLE feeds (x INTEGER)`)
	if err = errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	refused(other, postgres.Options{}, nil, "another program", "postgres://")

	s := open(t, url, postgres.Options{})
	r := open(t, url, postgres.Options{ReadOnly: true})
	err = r.Update(t.Context(), func(store.Tx) error { return nil })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader wrote: %v", err)
	}
	exec1(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	refused(url, postgres.Options{}, store.ErrNewer, "999", "newer watcher")
}

// TestRolling keeps a replica at work while a newer one adds to the schema.
func TestRolling(t *testing.T) {
	url := pgtest.URL(t)
	old := open(t, url, postgres.Options{})
	storetest.Populate(t, old)
	exec1(t, old, `ALTER TABLE items ADD COLUMN mood TEXT NOT NULL DEFAULT ''`, `ALTER TABLE feeds ADD COLUMN mood TEXT NOT NULL DEFAULT ''`,
		`CREATE INDEX moods ON items (mood)`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	err := old.Update(t.Context(), func(tx store.Tx) error {
		row, err := tx.Feed(t.Context(), "a")
		if err != nil {
			return err
		}
		if err := tx.InsertItems(t.Context(), []*store.Item{storetest.Item("a", "later", "later", storetest.T0)}); err != nil {
			return err
		}
		return tx.SaveState(t.Context(), row.State, store.Poll{At: storetest.T0})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWake(t *testing.T) {
	url := pgtest.URL(t)
	a, b := open(t, url, postgres.Options{Listen: true}), open(t, url, postgres.Options{})
	<-a.Wake() // the connection stands
	tell := func(id string) {
		err := b.Update(t.Context(), func(tx store.Tx) error {
			return tx.Enqueue(t.Context(), []notify.Delivery{storetest.Delivery(id, "desk", id, 1, storetest.T0)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tell("m1")
	<-a.Wake()
	if c := pgtest.Get(t); c.Own() { // the server goes and comes back: nothing is missed
		c.Kill()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-a.Wake()
		tell("m2")
		<-a.Wake()
	}
}

func TestMonths(t *testing.T) {
	url := pgtest.URL(t)
	now := storetest.T0
	clock := func() time.Time { return now }
	s := open(t, url, postgres.Options{Now: clock})
	for m := range 8 { // eight months of items, pruned as it goes
		now = storetest.T0.AddDate(0, m, 0)
		if _, err := store.PruneAll(t.Context(), s, store.Keep{Items: 90 * 24 * time.Hour}, now, 0); err != nil {
			t.Fatal(err)
		}
		err := s.Update(t.Context(), func(tx store.Tx) error {
			return tx.InsertItems(t.Context(), []*store.Item{storetest.Item("a", fmt.Sprint("g", m), fmt.Sprint("month ", m), now)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var other, months int
	err := errors.Join(s.Pool().QueryRow(t.Context(), `SELECT count(*) FROM items_other`).Scan(&other),
		s.Pool().QueryRow(t.Context(), `SELECT count(*) FROM pg_inherits WHERE inhparent = 'items'::regclass`).Scan(&months))
	if err != nil || other != 0 || months > 8 {
		t.Errorf("%d items outside of months, %d partitions (%v)", other, months, err)
	}
	n := 0
	s.View(t.Context(), func(r store.Reader) (err error) {
		n, err = r.CountItems(t.Context(), time.Time{}, time.Time{})
		return err
	})
	if n != 3 {
		t.Errorf("%d items left of 8, want 3", n)
	}
}

// TestShortRetention prunes again and again with a retention far below a month:
// no partition is made and dropped each time, which would stop all writers.
func TestShortRetention(t *testing.T) {
	now := storetest.T0.AddDate(0, 0, 20)
	s := open(t, pgtest.URL(t), postgres.Options{Now: func() time.Time { return now }})
	oid := func() (n int64) { // what the server made since has numbers between two of these
		if err := s.Pool().QueryRow(t.Context(), `SELECT lo_create(0)::bigint`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	prune := func() {
		if _, err := store.PruneAll(t.Context(), s, store.Keep{Items: 7 * 24 * time.Hour}, now, 0); err != nil {
			t.Fatal(err)
		}
	}
	prune()
	before := oid()
	prune()
	if n := oid() - before; n > 1 {
		t.Errorf("%d things were made by a prune that had nothing to do", n)
	}
}

// TestGroupingTakesTurns proves that one transaction at a time groups, over
// stores, and that what one wrote the next reads.
func TestGroupingTakesTurns(t *testing.T) {
	url := pgtest.URL(t)
	var wg sync.WaitGroup
	for range 4 {
		s := open(t, url, postgres.Options{})
		wg.Go(func() {
			for range 20 {
				err := s.Update(t.Context(), func(tx store.Tx) error {
					if err := tx.LockGrouping(t.Context()); err != nil {
						return err
					}
					rs, err := tx.GroupRecords(t.Context(), 0, time.Time{})
					if err != nil {
						return err
					}
					return tx.SaveGroupRecords(t.Context(), []store.GroupRecord{{Table: "story", ID: fmt.Sprintf("%03d", len(rs)), Last: storetest.T0}})
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	s := open(t, url, postgres.Options{})
	err := s.View(t.Context(), func(r store.Reader) error {
		rs, err := r.GroupRecords(t.Context(), 0, time.Time{})
		for i, g := range rs {
			if g.ID != fmt.Sprintf("%03d", i) {
				t.Fatalf("record %d is %s", i, g.ID)
			}
		}
		if len(rs) != 80 {
			t.Errorf("%d records, want 80", len(rs))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
