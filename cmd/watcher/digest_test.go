package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
)

const digestConfig = `version: 1
timezone: Europe/Berlin
feeds:
  - {id: beacon, url: "https://beacon.example/rss", name: The Beacon}
  - {id: tide, url: "https://tide.example/rss", name: Tide Radio}
topics:
  - {id: ferry, name: Ferries, match: ferry}
receivers:
  - {id: terminal, type: log}
digests:
  - {id: morning, topics: [ferry], at: "07:00", to: [terminal]}
`

// ferryDay makes a config and a store with one story of an hour ago.
func ferryDay(t *testing.T) (config string, at time.Time) {
	t.Helper()
	dir := t.TempDir()
	config = filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(digestConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "data", "watcher.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at = time.Now().UTC().Add(-time.Hour)
	err = s.Update(t.Context(), func(tx store.Tx) error {
		var its []*store.Item
		for i, f := range []string{"beacon", "tide"} {
			it := &store.Item{Item: feeds.Item{Feed: f, GUID: f, Link: "https://" + f + ".example/1", Title: "Ferry Halcyon fails its inspection", Summary: "Eleven faults.", Lang: "en", Source: f, Published: at},
				FirstSeen: at.Add(time.Duration(i) * time.Minute), Publisher: f, FeedKind: feeds.Independent, Story: "st_ferry"}
			feeds.Normalize(&it.Item)
			its = append(its, it)
		}
		if err := tx.InsertItems(t.Context(), its); err != nil {
			return err
		}
		for _, it := range its {
			if err := tx.PlaceItem(t.Context(), it.ID, "st_ferry", "same", 0, 0, nil); err != nil {
				return err
			}
		}
		return tx.SaveStories(t.Context(), store.Story{ID: "st_ferry", Title: its[0].Title, Lang: "en", Lead: its[0].ID, Topics: []string{"ferry"}, FirstSeen: at, LastSeen: at.Add(time.Minute),
			Articles: 2, Outlets: 2, Publishers: 2, Languages: []string{"en"}, Kinds: map[string]int{"independent": 2}})
	})
	if err != nil {
		t.Fatal(err)
	}
	return config, at
}

func TestDigestPreview(t *testing.T) {
	config, at := ferryDay(t)
	for format, want := range map[string]string{"text": "1. Ferry Halcyon fails its inspection", "md": "1. **Ferry Halcyon fails its inspection**", "html": "<table", "json": `"schema": "watcher.digest.v1"`} {
		r := call(t, "", "digest", "preview", "-c", config, "--digest", "morning", "--format", format)
		if r.code != exitOK || !strings.Contains(r.stdout, want) {
			t.Errorf("--format %s: %+v", format, r)
		}
	}
	r := call(t, "", "digest", "preview", "morning", "-c", config, "--json", "--from", at.Add(-time.Hour).Format(time.RFC3339), "--to", at.Add(30*time.Second).Format(time.RFC3339))
	var doc digest.Document
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil || doc.Head.Articles != 1 {
		t.Errorf("half-open window: %d articles, %v\n%s", doc.Head.Articles, err, r.stderr)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--digest", "evening"}, exitUsage, "no digest"},
		{[]string{"--format", "pdf"}, exitUsage, "text, html, md or json"},
		{[]string{"--date", "tomorrow"}, exitUsage, "no day"},
		{[]string{"--from", "noon"}, exitUsage, "no time"},
		{[]string{"--date", "2026-02-07", "--to", "2026-02-07"}, exitUsage, "give --date, or"},
		{[]string{"--date", "1999-02-07"}, exitOK, "nothing was kept so early: its window ends at 1999-02-07 07:00 CET, what is stored begins at "},
		{[]string{"--date", "2099-02-07"}, exitNothing, "the window begins at 2099-02-06 07:00 CET, which is to come"},
		{[]string{"--from", "2099-02-07"}, exitNothing, "which is to come"},
	} {
		if r := call(t, "", append([]string{"digest", "preview", "-c", config}, c.args...)...); r.code != c.code || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%v: %+v, want exit %d with %q", c.args, r, c.code, c.want)
		}
	}
}

// Sent twice in a day: one issue, two deliveries; the list shows it, and its
// stored document is what preview --date shows.
func TestDigestSendAndList(t *testing.T) {
	config, _ := ferryDay(t)
	if r := call(t, "", "digest", "list", "-c", config); r.code != exitNothing {
		t.Errorf("list of nothing: %+v", r)
	}
	for range 2 {
		if r := call(t, "", "digest", "send", "-c", config); r.code != exitOK || !strings.Contains(r.stdout, "queued for 1 receiver") || !strings.Contains(r.stderr, "no daemon runs") {
			t.Errorf("send: %+v", r)
		}
	}
	r := call(t, "", "digest", "list", "-c", config, "--json")
	var issue struct {
		Digest, Date string
		Stories      int
	}
	if err := json.Unmarshal([]byte(r.stdout), &issue); err != nil || issue.Digest != "morning" || issue.Stories != 1 {
		t.Fatalf("list: %v %+v", err, r)
	}
	if r := call(t, "", "digest", "preview", "-c", config, "--date", issue.Date); !strings.Contains(r.stdout, "Ferry Halcyon") {
		t.Errorf("stored issue: %+v", r)
	}
	if r := call(t, "", "digest", "send", "-c", config, "--date", "1999-02-07"); r.code != exitNothing || !strings.Contains(r.stderr, "`watcher digest list`") {
		t.Errorf("an issue that never was: %+v", r)
	}
	s, err := sqlite.Open(context.Background(), filepath.Join(filepath.Dir(config), "data", "watcher.db"), sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.View(t.Context(), func(r store.Reader) error {
		ds, err := r.Deliveries(t.Context(), store.DeliveryFilter{Subject: "morning/" + issue.Date})
		if len(ds) != 2 || ds[0].Sequence+ds[1].Sequence != 3 {
			t.Errorf("deliveries: %+v", ds)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDigestWithoutStore(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte(digestConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := call(t, "", "digest", "preview", "-c", config); r.code != exitNothing || !strings.Contains(r.stderr, "nothing is stored yet") {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(config), "data")); err == nil {
		t.Error("a preview made a store")
	}
}
