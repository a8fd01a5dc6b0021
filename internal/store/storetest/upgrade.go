package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"watcher/internal/store"
)

// Shipped proves that the migrations that are out in the world stand as they
// were: new ones are added at the end. sums are the first bytes of their
// SHA-256, in hexadecimal digits.
func Shipped(t *testing.T, migrations fs.FS, sums []string) {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) < len(sums) {
		t.Fatalf("%d migrations of %d that were shipped, %v", len(names), len(sums), err)
	}
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
		case i >= len(sums):
			t.Errorf("%s is new: add %q to shipped", name, got)
		case got != sums[i]:
			t.Errorf("%s was changed (%s): add a migration instead", name, got)
		}
	}
}

// Kept are statements that fill a database whose schema has this version;
// Upgraded finds what they wrote.
func Kept(version int) []string {
	stories := `INSERT INTO stories (id, first_seen, last_seen, rev, data) VALUES ('st_bare', 1, 1, 1, '{}'), ('st_kept', 1, 1, 1, '{}')`
	voices := `INSERT INTO voices (story, name, outlet, kind) VALUES ('st_kept', 'Kept News', TRUE, ''), ('st_kept', 'kept', FALSE, 'independent')`
	if version < 2 {
		voices = `UPDATE stories SET data = '{"Articles":2,"Voices":{"kept":"independent"},"OutletNames":["Kept News"]}' WHERE id = 'st_kept'`
	}
	records := `INSERT INTO group_records (kind, id, story, last_at, rev, data) VALUES ('story', 'st_kept', 'st_kept', 1, 2, 'as it was'), ('print', 'it_1', 'st_kept', 1, 1, 'as well')`
	return []string{`INSERT INTO feeds (id, url, shard, config) VALUES ('kept', 'https://kept.example/rss', 1, '{}')`, stories, voices, records}
}

// Upgraded looks for what Kept wrote, as the newest schema holds it.
func Upgraded(t *testing.T, s store.Store) {
	t.Helper()
	ctx := t.Context()
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "kept")
		if err == nil && row.Feed.URL != "https://kept.example/rss" {
			t.Errorf("the feed became %+v", row.Feed)
		}
		if err != nil {
			return err
		}
		recs, err := r.GroupRecords(ctx, 0, time.Time{})
		equal(t, "records", recs, []store.GroupRecord{
			{Table: "print", ID: "it_1", Story: "st_kept", Last: time.UnixMilli(1).UTC(), Rev: 1, Data: []byte("as well")},
			{Table: "story", ID: "st_kept", Story: "st_kept", Last: time.UnixMilli(1).UTC(), Rev: 2, Data: []byte("as it was")},
		})
		return err
	})
	update(t, s, func(tx store.Tx) error {
		more := store.Voice{Name: "Other News", Outlet: true}
		got, err := tx.AddVoices(ctx, voicesOf("st_kept", store.Voice{Name: "Kept News", Outlet: true}, store.Voice{Name: "kept", Kind: "independent"}, more))
		equal(t, "voices that the story did not have", got, voicesOf("st_kept", more))
		if err != nil {
			return err
		}
		return tx.InsertItems(ctx, []*store.Item{Item("kept", "g1", "new", T0)})
	})
}
