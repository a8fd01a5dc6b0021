package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
)

var update = flag.Bool("update", false, "write what the documents in testdata say beside them")

// golden is the file beside a document: how it came, and what it says.
type golden struct {
	Options struct {
		URL         string `json:"url,omitempty"`
		ContentType string `json:"content_type,omitempty"`
	} `json:"options"`
	Error    string          `json:"error,omitempty"`
	Kind     NotFeedKind     `json:"kind,omitempty"`
	Names    []string        `json:"alternates,omitempty"`
	Document json.RawMessage `json:"document,omitempty"`
}

// TestDocuments reads every document in testdata and compares with the file
// beside it, NAME.want.json. A report of a feed that is read wrong becomes two
// files: the document, and (go test -update, then mended by hand) that one.
func TestDocuments(t *testing.T) {
	docs := documents(t)
	if len(docs) < 60 {
		t.Errorf("only %d documents", len(docs))
	}
	for _, name := range docs {
		t.Run(filepath.Base(name), func(t *testing.T) {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want golden
			before, err := os.ReadFile(name + ".want.json")
			if err == nil {
				err = json.Unmarshal(before, &want)
			}
			if err != nil && !*update {
				t.Fatal(err)
			}
			got := want
			got.Error, got.Kind, got.Names, got.Document = "", "", nil, nil
			doc, err := Parse(body, Options{URL: want.Options.URL, ContentType: want.Options.ContentType})
			var nf *NotFeedError
			switch {
			case errors.As(err, &nf):
				got.Error, got.Kind, got.Names = err.Error(), nf.Kind, nf.Alternates
			case err != nil:
				got.Error = err.Error()
			default:
				got.Document = documentJSON(t, doc)
			}
			after := indent(t, got)
			if *update {
				if err := os.WriteFile(name+".want.json", after, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if !bytes.Equal(after, before) {
				t.Errorf("%s says\n%s\nwant\n%s", name, after, before)
			}
		})
	}
}

func documents(t testing.TB) []string {
	all, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range all {
		if info, err := os.Stat(name); err == nil && !info.IsDir() && !strings.HasSuffix(name, ".want.json") {
			out = append(out, name)
		}
	}
	return out
}

// documentJSON leaves out what is empty, and what Normalize computes.
func documentJSON(t *testing.T, doc Document) json.RawMessage {
	for i := range doc.Items {
		it := &doc.Items[i]
		if it.Key.IsZero() {
			t.Errorf("item %d has no key", i)
		}
		it.Key, it.AltKey, it.Canonical, it.RawHash = feeds.Key{}, feeds.Key{}, "", 0
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return indent(t, prune(v))
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			x = prune(x)
			if x == nil || k == "Key" || k == "AltKey" {
				delete(v, k)
			} else {
				v[k] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			if x := prune(v[i]); x != nil {
				v[i] = x
			}
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}

func indent(t *testing.T, v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Of dates that are none, not one is read, and never as today.
func TestNonsenseDates(t *testing.T) {
	body, err := os.ReadFile("testdata/date-nonsense.xml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(body, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Items) < 20 {
		t.Fatalf("%d items", len(doc.Items))
	}
	for _, it := range doc.Items {
		if !it.Published.IsZero() || !it.Updated.IsZero() {
			t.Errorf("%q was read as %v", it.Title, it.Published)
		}
	}
}

func TestItemsTakeOverFromFeed(t *testing.T) {
	body := []byte(`<rss version="2.0"><channel><title>Gazette</title><item><title>a</title></item></channel></rss>`)
	for _, c := range []struct{ name, wantSource, wantLang string }{{"", "Gazette", "en"}, {"The Gazette", "The Gazette", "en"}} {
		doc, err := Parse(body, Options{URL: "https://gazette.example/f", Feed: feeds.Feed{ID: "gaz", Name: c.name, Lang: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		if it := doc.Items[0]; it.Feed != "gaz" || it.Source != c.wantSource || it.Lang != c.wantLang {
			t.Errorf("item of feed %q: feed %q source %q lang %q", c.name, it.Feed, it.Source, it.Lang)
		}
	}
	doc, err := Parse([]byte(`<rss version="2.0"><channel><item><title>a</title></item></channel></rss>`), Options{URL: "https://www.gazette.example/f"})
	if err != nil || doc.Items[0].Source != "www.gazette.example" {
		t.Errorf("source %q, %v: want the host where there is no name", doc.Items[0].Source, err)
	}
}

// Entries that are known are left out, an edited one is seen, and the hash is
// the same in every process.
func TestKnownEntries(t *testing.T) {
	feed := func(title string) []byte {
		return []byte(`<rss version="2.0"><channel><title>G</title><item><title>` + title + `</title><guid>1</guid></item><item><title>b</title><guid>2</guid></item></channel></rss>`)
	}
	first, err := Parse(feed("a"), Options{URL: "https://g.example/f"})
	if err != nil {
		t.Fatal(err)
	}
	known := map[uint64]bool{}
	for _, it := range first.Items {
		known[it.RawHash] = true
	}
	opt := Options{URL: "https://g.example/f", Known: func(h uint64) bool { return known[h] }}
	again, err := Parse(feed("a"), opt)
	if err != nil || len(again.Items) != 0 || again.Skipped != 2 || again.Title != "G" {
		t.Errorf("%d items, %d skipped, %v: want none and 2", len(again.Items), again.Skipped, err)
	}
	edited, err := Parse(feed("a, corrected"), opt)
	if err != nil || len(edited.Items) != 1 || edited.Skipped != 1 || edited.Items[0].Title != "a, corrected" {
		t.Errorf("an edited title was not seen: %+v, %v", edited.Items, err)
	}
	if edited.Items[0].Key != first.Items[0].Key {
		t.Error("an edit changed the key")
	}
	if got := mix([]byte("the same everywhere"), 7); got != 0xe6dc01d08d063bd6 {
		t.Errorf("the hash has changed: %#x; then hashVersion must change too", got)
	}
	json1, err := Parse([]byte(`{"version":"https://jsonfeed.org/version/1","title":"J","items":[{"id":"1"}]}`), Options{})
	if err != nil || json1.Items[0].RawHash == 0 {
		t.Errorf("JSON: %v, %v", json1.Items, err)
	}
}

// An entry's base and language change its meaning, and so its hash.
func TestHashHoldsContext(t *testing.T) {
	hash := func(attrs, url string) uint64 {
		doc, err := Parse([]byte(`<feed xmlns="http://www.w3.org/2005/Atom" `+attrs+`><entry><id>1</id><link href="a"/></entry></feed>`), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		return doc.Items[0].RawHash
	}
	plain := hash("", "https://a.example/f/x.xml")
	if plain != hash("", "https://a.example/f/x.xml?token=2") {
		t.Error("the query of the feed's address changes the hash")
	}
	for _, other := range []uint64{hash("", "https://b.example/f/x.xml"), hash(`xml:base="https://c.example/"`, "https://a.example/f/x.xml"), hash(`xml:lang="de"`, "https://a.example/f/x.xml")} {
		if other == plain {
			t.Error("another base or language, the same hash")
		}
	}
}

func TestPace(t *testing.T) {
	body, err := os.ReadFile("testdata/pace-ttl-sy-skip.xml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(body, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if doc.TTL != 45*time.Minute || doc.UpdatePeriod != 15*time.Minute || len(doc.SkipHours) != 2 || len(doc.SkipDays) != 2 {
		t.Errorf("ttl %v, period %v, hours %v, days %v", doc.TTL, doc.UpdatePeriod, doc.SkipHours, doc.SkipDays)
	}
}

func TestSampleIsBounded(t *testing.T) {
	_, err := Parse([]byte("<html><body>"+strings.Repeat("é", 10_000)), Options{})
	var nf *NotFeedError
	if !errors.As(err, &nf) || len(nf.Sample) > maxSample || nf.Sample == "" || strings.Contains(nf.Sample, "�") {
		t.Errorf("sample of %d bytes, %v", len(nf.Sample), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range documents(f) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "")
	}
	f.Add([]byte("<rss><channel><item><title>a"), "text/xml; charset=gbk")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		doc, err := Parse(body, Options{URL: "https://e.example/a/b", ContentType: contentType})
		if err != nil {
			if strings.Contains(err.Error(), "internal error") || strings.Contains(err.Error(), "parse rss") || strings.Contains(err.Error(), "parse atom") {
				t.Fatal(err)
			}
			return
		}
		for _, it := range doc.Items {
			again := it
			feeds.Normalize(&again)
			if again.Key != it.Key || again.Title != it.Title {
				t.Errorf("normalizing twice changes %+v", it)
			}
			for _, s := range []string{it.Summary, it.Content} {
				if bad := live(s); bad != "" {
					t.Errorf("%s in %q", bad, s)
				}
			}
			if s := schemeOf(it.Link); s != "" && s != "http" && s != "https" {
				t.Errorf("link %q", it.Link)
			}
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Fri, 20 Nov 2026 08:15:00 GMT", "2026-11-20T08:15:00+01:00", "20261120", "2026년 11월 20일 08:15:30", "1795162500",
		"Πέμ, 20 Νοέ 2026 08:15:00 EET", "20/11/26 8:15 pm", "2026-11-20 08:15 Europe/Oslo", "31 Feb 2026", "now"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := parseDate(s)
		if got.IsZero() {
			return
		}
		if got.Year() < 1900 || got.Year() > 9998 || got.Location() != time.UTC {
			t.Errorf("%q is %v", s, got)
		}
		if again := parseDate(got.Format(time.RFC3339Nano)); !again.Equal(got) {
			t.Errorf("%q is %v, and that %v", s, got, again)
		}
		if !strings.ContainsAny(s, "0123456789") {
			t.Errorf("%q without a digit is %v", s, got)
		}
	})
}

// A document cannot name the texts that were taken out of it.
func TestMarksAreNotForged(t *testing.T) {
	doc, err := Parse([]byte(`<rss version="2.0"><channel><title>secret &amp; more</title><item><title>wLx0z</title><link>https://e.example/wLx1z</link></item></channel></rss>`), Options{})
	if err != nil || doc.Items[0].Title != "wLx0z" || doc.Items[0].Link != "https://e.example/wLx1z" || doc.Title != "secret & more" {
		t.Errorf("%+v, %v", doc.Items, err)
	}
}
