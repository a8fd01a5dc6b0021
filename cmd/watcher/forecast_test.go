package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
)

// checkHistory checks a configuration with a store of 300 items.
func checkHistory(t *testing.T, baseline bool) (r result, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "config.yaml")
	os.WriteFile(file, []byte(`store: sqlite:./w.db
feeds: [{id: a, url: "https://example.org/feed"}]
topics:
  - {id: port, match: (harbour AND (weather OR storm)) OR (harbour AND storm AND weather), max_per_day: 1}
receivers: [{id: t, type: log}]
`), 0o600)
	if r := call(t, "", "check", "-c", file); r.code != exitOK || strings.Contains(r.stderr, "forecast") {
		t.Fatalf("without history: %+v", r)
	}
	ctx := context.Background()
	c, _ := config.Load(file, os.LookupEnv)
	s, err := app.OpenStore(ctx, c, app.Write)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	err = s.Update(ctx, func(tx store.Tx) error {
		if err := tx.SyncFeeds(ctx, app.Feeds(c)); err != nil {
			return err
		}
		var items []*store.Item
		news := []string{"Storm shuts Genoa harbour crane", "Ferry sinks outside Odense harbour during storm", "Kochi harbour pilots plan strike over storm pay",
			"Mombasa harbour grain store burns, storm fans flames", "Callao customs find gold, storm delays harbour search", "Whale swims into Osaka harbour ahead of storm",
			"Durban sells harbour land despite storm risk", "Storm uncovers Roman wreck at Split harbour", "Tampico mayor quits over storm money for harbour", "Rotterdam robots unload harbour ships in storm"}
		for i := range 300 {
			title := fmt.Sprintf("Number %d of the bulletin says weather", i)
			if i%30 == 0 {
				title = news[i/30]
			}
			it := feeds.Item{Feed: "a", GUID: fmt.Sprint(i), Title: title, Link: fmt.Sprintf("https://example.org/%d", i)}
			feeds.Normalize(&it)
			items = append(items, &store.Item{Item: it, FirstSeen: now.Add(time.Duration(i-320) * 5 * time.Minute), Baseline: baseline})
		}
		return tx.InsertItems(ctx, items)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return call(t, "", "check", "-c", file), file
}

func TestCheckForecast(t *testing.T) {
	r, file := checkHistory(t, false)
	for _, want := range []string{file + ":4:", "weather holds for 97 % of the stored items", "above max_per_day: 1"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in %+v", want, r)
		}
	}
	if r.code != exitOK || !strings.Contains(r.stderr, "forecast: port: about ") {
		t.Errorf("got %+v", r)
	}
	if n := strings.Count(r.stdout, "weather holds for"); n != 1 {
		t.Errorf("a clause that stands twice in a rule is warned of %d times: %s", n, r.stdout)
	}
	if r, _ := checkHistory(t, true); !strings.Contains(r.stderr, "forecast: port: none yet") || !strings.Contains(r.stderr, "(10 hits in 300 items)") {
		t.Errorf("of first polls alone: %+v", r)
	}
}
