package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"watcher/internal/store/storetest"
)

var shipped = []string{"681b4ab8ec69375d", "e4eea2272e2e9f76", "74ba2b41e64d2f8b", "883d07daebf5093c", "1c0c8b21ae33bb50", "7cba7f1827faa82c"}

func TestMigrationsAreAppendOnly(t *testing.T) { storetest.Shipped(t, migrations, shipped) }

// A file has one owner, but the two stores keep to one form; what 0006 makes
// anew has that of before.
func TestMigrationsOnlyAdd(t *testing.T) { storetest.OnlyAdds(t, migrations, 7) }

// earlier makes a file as the program of an earlier schema left it.
func earlier(t *testing.T, version int64) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "w.db")
	if err := prepare(path, Options{}); err != nil {
		t.Fatal(err)
	}
	db, err := openOne(dsn(path, Options{}, true))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := provider(db)
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
	return path
}

// TestUpgrade opens a file of every schema ever shipped, and a new one. What
// stands as it was can be checked and copied, but not read, before.
func TestUpgrade(t *testing.T) {
	for version := int64(1); version <= int64(len(shipped)); version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			path := earlier(t, version)
			if _, err := Open(t.Context(), path, Options{ReadOnly: true}); (err != nil) != (version < int64(len(shipped))) {
				t.Errorf("read without an upgrade: %v", err)
			}
			copied := filepath.Join(t.TempDir(), "before.db")
			old, err := Open(t.Context(), path, Options{ReadOnly: true, AsIs: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := old.Backup(t.Context(), copied); err != nil {
				t.Error(err)
			}
			old.Close()
			if err := CheckFile(t.Context(), copied); err != nil {
				t.Error(err)
			}
			for _, path := range []string{path, copied} {
				s, err := Open(t.Context(), path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				storetest.Upgraded(t, s)
				s.Close()
			}
		})
	}
	t.Run("new", func(t *testing.T) {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		storetest.Populate(t, s)
	})
}
