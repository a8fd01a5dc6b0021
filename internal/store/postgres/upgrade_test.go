package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

var shipped = []string{"21f031cc4ae9286f", "4d2e985b0b19526d", "746c29f62479aa2b", "639f1e43711c9afc"}

func TestMigrationsAreAppendOnly(t *testing.T) { storetest.Shipped(t, migrations, shipped) }

// TestUpgrade opens a database of every schema ever shipped.
func TestUpgrade(t *testing.T) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	for version := int64(1); version <= int64(len(shipped)); version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			url := pgtest.URL(t)
			pool, err := pgxpool.New(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			db := stdlib.OpenDBFromPool(pool)
			defer db.Close()
			p, err := goose.NewProvider(goose.DialectPostgres, db, dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.UpTo(t.Context(), version); err != nil {
				t.Fatal(err)
			}
			for _, q := range storetest.Kept(int(version)) {
				if _, err := db.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(t.Context(), url, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			storetest.Upgraded(t, s)
		})
	}
}

// From here on replicas of two versions run side by side.
func TestMigrationsOnlyAdd(t *testing.T) { storetest.OnlyAdds(t, migrations, 4) }

// TestTwoVersions runs the whole suite on two replicas that take turns: one that
// was at work before the database was brought to the schema of the next
// version, and one of that version. No more of the old ones start.
func TestTwoVersions(t *testing.T) {
	newer := fstest.MapFS{}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		newer[name] = &fstest.MapFile{Data: text}
	}
	newer[fmt.Sprintf("migrations/%04d_next.sql", len(names)+1)] = &fstest.MapFile{Data: []byte(storetest.Next())}
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		url := pgtest.URL(t)
		open := func(t *testing.T, o Options) *Store {
			t.Helper()
			s, err := Open(t.Context(), url, o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		began := false
		return func(t *testing.T) store.Store {
			var s store.Store
			if began {
				if _, err := Open(t.Context(), url, Options{}); !errors.Is(err, store.ErrNewer) {
					t.Errorf("an old replica on the newer schema: %v", err)
				}
				s = open(t, Options{migrations: newer})
			} else {
				began = true
				old := open(t, Options{})
				s = storetest.Turns(t, old, open(t, Options{migrations: newer}))
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			return s
		}
	})
}

// TestUpgradeWaitsItsTurn begins while somebody reads the tables for long: the
// upgrade waits, and holds up nobody who writes meanwhile.
func TestUpgradeWaitsItsTurn(t *testing.T) {
	url := pgtest.URL(t)
	old, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	reading, read, raised := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		err := old.View(t.Context(), func(r store.Reader) error {
			_, err := r.Feeds(t.Context(), store.FeedFilter{})
			close(reading)
			<-read
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-reading
	tries := 0
	go func() {
		raised <- patiently(t.Context(), func() error {
			tries++
			return old.Update(t.Context(), func(tx store.Tx) error {
				_, err := Raw(tx).Exec(t.Context(), `SET LOCAL lock_timeout = '100ms'; ALTER TABLE feeds ADD COLUMN mood TEXT NOT NULL DEFAULT ''`)
				return err
			})
		})
	}()
	for i := range 5 {
		if err := old.Update(t.Context(), func(tx store.Tx) error {
			return tx.SaveFeed(t.Context(), storetest.Feed(fmt.Sprint("f", i)))
		}); err != nil {
			t.Error(err)
		}
	}
	close(read)
	if err := <-raised; err != nil {
		t.Errorf("after %d tries: %v", tries, err)
	}
}
