package storetest

import (
	"testing"

	"watcher/internal/store"
)

// Kept are statements that fill a database whose schema has this version;
// Upgraded finds what they wrote.
func Kept(version int) []string {
	stories := `INSERT INTO stories (id, first_seen, last_seen, rev, data) VALUES ('st_bare', 1, 1, 1, '{}'), ('st_kept', 1, 1, 1, '{}')`
	voices := `INSERT INTO voices (story, name, outlet, kind) VALUES ('st_kept', 'Kept News', TRUE, ''), ('st_kept', 'kept', FALSE, 'independent')`
	if version < 2 {
		voices = `UPDATE stories SET data = '{"Articles":2,"Voices":{"kept":"independent"},"OutletNames":["Kept News"]}' WHERE id = 'st_kept'`
	}
	return []string{`INSERT INTO feeds (id, url, shard, config) VALUES ('kept', 'https://kept.example/rss', 1, '{}')`, stories, voices}
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
		return err
	})
	update(t, s, func(tx store.Tx) error {
		more := store.Voice{Name: "Other News", Outlet: true}
		got, err := tx.AddVoices(ctx, "st_kept", []store.Voice{{Name: "Kept News", Outlet: true}, {Name: "kept", Kind: "independent"}, more})
		equal(t, "voices that the story did not have", got, []store.Voice{more})
		if err != nil {
			return err
		}
		return tx.InsertItems(ctx, []*store.Item{Item("kept", "g1", "new", T0)})
	})
}
