package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"watcher/internal/store/storetest"
)

// shipped are the migrations that are out in the world: they never change, and
// new ones are added at the end.
var shipped = []string{"681b4ab8ec69375d", "e4eea2272e2e9f76", "74ba2b41e64d2f8b", "883d07daebf5093c"}

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

// TestUpgrade opens a file of every schema ever shipped.
func TestUpgrade(t *testing.T) {
	for version := range len(shipped) + 1 {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.db")
			if err := prepare(path, Options{}); err != nil {
				t.Fatal(err)
			}
			if version > 0 {
				db, err := openOne(dsn(path, Options{}, true))
				if err != nil {
					t.Fatal(err)
				}
				p, err := provider(db)
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
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if version > 0 {
				storetest.Upgraded(t, s)
				return
			}
			storetest.Populate(t, s)
		})
	}
}
