package web

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watcher/feeds"
	"watcher/feeds/parse"
)

// Every feed that watcher gives out is read back by watcher's own parser and,
// strictly, by the standard library's.
func TestFeedsReadBack(t *testing.T) {
	s := newWorld(t).serve(t)
	for _, base := range []string{"/topics/strait-talks", "/topics/whales", "/digests/morning"} {
		var first []string
		for _, form := range syndicationForms {
			res, body := fetch(t, s, base+form.ext)
			if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || !strings.HasPrefix(got, form.media) {
				t.Errorf("%s%s: %d %s", base, form.ext, res.StatusCode, got)
			}
			doc, err := parse.Parse([]byte(body), parse.Options{URL: s.URL + base + form.ext, Feed: feeds.Feed{ID: "w"}})
			if err != nil || doc.Malformed != "" || len(doc.Warnings) > 0 {
				t.Errorf("%s%s: %v, malformed %q, warnings %v", base, form.ext, err, doc.Malformed, doc.Warnings)
				continue
			}
			if form.ext == ".json" {
				var any map[string]any
				if err := json.Unmarshal([]byte(body), &any); err != nil || any["version"] != "https://jsonfeed.org/version/1.1" {
					t.Errorf("%s%s: %v", base, form.ext, err)
				}
			} else if err := wellFormed(body); err != nil {
				t.Errorf("%s%s: %v", base, form.ext, err)
			}
			var ids []string
			for _, it := range doc.Items {
				ids = append(ids, it.GUID)
				if !strings.HasPrefix(it.GUID, "tag:127.0.0.1,2026:") || it.Link == "" || it.Title == "" {
					t.Errorf("%s%s: entry %q %q %q", base, form.ext, it.GUID, it.Link, it.Title)
				}
				if strings.Contains(it.Content+it.Summary, "<script") || strings.Contains(it.Content+it.Summary, "<img") {
					t.Errorf("%s%s: markup of a feed came through", base, form.ext)
				}
			}
			if first == nil {
				first = ids
			} else if strings.Join(first, " ") != strings.Join(ids, " ") {
				t.Errorf("%s%s: ids %v, the Atom form has %v", base, form.ext, ids, first)
			}
		}
	}
	if _, again := fetch(t, s, "/topics/strait-talks.atom"); !strings.Contains(again, "tag:127.0.0.1,2026:story/st_talks") {
		t.Error("a story's id has changed")
	}
}

func wellFormed(body string) error {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		if _, err := d.Token(); err != nil {
			if err.Error() == "EOF" {
				return nil
			}
			return err
		}
	}
}

func TestOPML(t *testing.T) {
	s := newWorld(t).serve(t)
	res, body := fetch(t, s, "/opml")
	if err := wellFormed(body); err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/x-opml") {
		t.Errorf("%v %s", err, res.Header.Get("Content-Type"))
	}
	if n := strings.Count(body, "xmlUrl="); n != len(seedFeeds) {
		t.Errorf("%d feeds, want %d:\n%s", n, len(seedFeeds), body)
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// The digest's feeds and the topic's, whole, for the written world.
func TestFeedsGolden(t *testing.T) {
	w := newWorld(t)
	w.options.PublicURL = "https://watcher.example"
	s := w.serve(t)
	for _, base := range []string{"/digests/morning", "/topics/strait-talks"} {
		for _, form := range syndicationForms {
			_, got := fetch(t, s, base+form.ext)
			path := filepath.Join("testdata", filepath.Base(base)+form.ext)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; run go test -update and read the difference", path)
			}
		}
	}
}
