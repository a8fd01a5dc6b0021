package parse

import (
	"bytes"
	"encoding/xml"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/unicode/norm"

	"watcher/feeds"
)

// dataDir finds the material outside the project that some tests use.
func dataDir(t testing.TB, sub string) string {
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("set WATCHER_DATA to a folder that holds %s", sub)
	}
	return dir
}

// plainEntry is an entry as a plain reading of the XML sees it.
type plainEntry struct{ title, date, link string }

// plainRead reads a feed by encoding/xml alone, without any of the code under
// test: item and entry elements, and of each its own title, date and link.
func plainRead(t *testing.T, body []byte) []plainEntry {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(body)))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = charset.NewReaderLabel
	var out []plainEntry
	var path []string
	var text strings.Builder
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			text.Reset()
			if tok.Name.Local == "item" || tok.Name.Local == "entry" {
				out = append(out, plainEntry{})
			}
			if tok.Name.Local == "link" && len(out) > 0 && out[len(out)-1].link == "" {
				for _, a := range tok.Attr {
					if a.Name.Local == "href" && tok.Name.Space == "http://www.w3.org/2005/Atom" && len(path) > 1 && path[len(path)-2] == "entry" {
						out[len(out)-1].link = a.Value
					}
				}
			}
		case xml.CharData:
			text.Write(tok)
		case xml.EndElement:
			parent := ""
			if len(path) > 1 {
				parent = path[len(path)-2]
			}
			if (parent == "item" || parent == "entry") && (tok.Name.Space == "" || strings.Contains(tok.Name.Space, "purl.org/rss") || strings.Contains(tok.Name.Space, "Atom")) {
				e := &out[len(out)-1]
				s := strings.TrimSpace(text.String())
				switch tok.Name.Local {
				case "title":
					e.title = s
				case "pubDate", "published":
					e.date = s
				case "link":
					if s != "" {
						e.link = s
					}
				}
			}
			path = path[:len(path)-1]
			text.Reset()
		}
	}
}

var tags = regexp.MustCompile(`<[a-zA-Z/][^<>]*>`)

// letters is a title without markup, entities and blanks, in the one form of
// Unicode that items have.
func letters(s string) string {
	for range 2 {
		s = html.UnescapeString(s)
	}
	return norm.NFC.String(strings.Join(strings.Fields(tags.ReplaceAllString(s, "")), ""))
}

var plainDates = []string{time.RFC1123Z, time.RFC1123, time.RFC3339, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "Mon, 02 Jan 2006 15:04 -0700"}

func TestRealFeeds(t *testing.T) {
	dir := dataDir(t, "data/realfeeds")
	var files []string
	for _, pattern := range []string{"single/*.xml", "series/*/*.xml"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		files = append(files, found...)
	}
	if len(files) != 188 {
		t.Errorf("%d feeds, want 188", len(files))
	}
	dated, compared := 0, 0
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		short := strings.TrimPrefix(name, dir+"/")
		doc, err := Parse(body, Options{URL: "https://news.example/rss/feed.xml"})
		if err != nil {
			t.Errorf("%s: %v", short, err)
			continue
		}
		want := plainRead(t, body)
		if len(doc.Items) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d items, want %d", short, len(doc.Items), len(want))
			continue
		}
		if doc.Malformed != "" {
			t.Errorf("%s: said to be damaged: %s", short, doc.Malformed)
		}
		if doc.Title == "" {
			t.Errorf("%s: no title", short)
		}
		for i, it := range doc.Items {
			if got, want := letters(it.Title), letters(want[i].title); got != want {
				t.Errorf("%s: item %d: title %q, want %q", short, i, it.Title, want)
			}
			if it.Key.IsZero() || it.RawHash == 0 {
				t.Errorf("%s: item %d has no key or no hash", short, i)
			}
			if strings.HasPrefix(want[i].link, "http") && it.Link != html.UnescapeString(want[i].link) && it.Link != want[i].link {
				t.Errorf("%s: item %d: link %q, want %q", short, i, it.Link, want[i].link)
			}
			compared++
			dated += compareDate(t, short, i, it, want[i].date)
		}
	}
	t.Logf("%d feeds, %d items, %d dates compared", len(files), compared, dated)
}

func compareDate(t *testing.T, name string, i int, it feeds.Item, want string) int {
	if want == "" {
		return 0
	}
	for _, form := range plainDates {
		w, err := time.Parse(form, want)
		if err != nil {
			continue
		}
		if zone, offset := w.Zone(); offset == 0 && zone != "UTC" && zone != "GMT" && zone != "" {
			break // a name that time.Parse does not know
		}
		if !it.Published.Equal(w) {
			t.Errorf("%s: item %d: published %v, want %v (%s)", name, i, it.Published, w, want)
		}
		return 1
	}
	if it.Published.IsZero() {
		t.Errorf("%s: item %d: the date %q was not read", name, i, want)
	}
	return 1
}
