package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

// shipped are the migrations that are out in the world: they never change, and
// new ones are added at the end.
var shipped = []string{"21f031cc4ae9286f", "4d2e985b0b19526d", "746c29f62479aa2b"}

func TestMigrationsAreAppendOnly(t *testing.T) {
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for i, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		got := hex.EncodeToString(sum[:8])
		switch {
		case filepath.Base(name)[:4] != fmt.Sprintf("%04d", i+1):
			t.Errorf("%s: want number %04d", name, i+1)
		case i >= len(shipped):
			t.Errorf("%s is new: add %q to shipped", name, got)
		case got != shipped[i]:
			t.Errorf("%s was changed (%s): add a migration instead", name, got)
		}
	}
}

// TestUpgrade opens a database of every schema ever shipped.
func TestUpgrade(t *testing.T) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version <= len(shipped); version++ {
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
			if _, err := p.UpTo(t.Context(), int64(version)); err != nil {
				t.Fatal(err)
			}
			for _, q := range storetest.Kept(version) {
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
