package postgres

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

var shipped = []string{"21f031cc4ae9286f", "4d2e985b0b19526d", "746c29f62479aa2b"}

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
