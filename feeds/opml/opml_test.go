package opml_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"watcher/feeds"
	"watcher/feeds/opml"
)

func read(t *testing.T, s string) []opml.Line {
	t.Helper()
	lines, err := opml.Read(strings.NewReader(s), nil)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func show(lines []opml.Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%d %s %s %v\n", l.Line, l.Status, l.URL, l.Tags)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"folders", `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World News">
  <outline text="Gulf, East">
    <outline type="rss" text="A &amp; B" xmlUrl="http://a.example/feed?x=1&amp;y=2"/>
  </outline>
  <outline type="rss" text="B" xmlUrl="https://b.example/feed"></outline>
</outline>
<outline text="C" xmlUrl="http://c.example/" category="/Science/Sea,Daily"/>
</body></opml>`,
			"5 added http://a.example/feed?x=1&y=2 [world-news gulf-east]\n7 added https://b.example/feed [world-news]\n9 added http://c.example/ [science sea daily]\n"},
		{"bare ampersands, odd attributes", "<opml><body>\n<outline XMLURL='http://a.example/?a=1&b=2' TEXT=\"x < y\">\n</outline><outline xmlurl=http://b.example/feed />",
			"2 added http://a.example/?a=1&b=2 []\n3 added http://b.example/feed []\n"},
		{"a quote not closed", "<opml><body>\n<outline text=\"oops xmlUrl=\"http://a.example/>\n<outline text=\"fine\" xmlUrl=\"http://b.example/\"/>\n</body></opml>",
			"2 invalid  []\n3 added http://b.example/ []\n"},
		{"cut off", "<opml><body>\n<outline xmlUrl=\"http://a.example/\"/>\n<outline xmlUrl=\"http://b.exa",
			"2 added http://a.example/ []\n3 invalid  []\n"},
		{"a quote open to the end", "<opml><body>\n<outline text='oops xmlUrl=\"http://a.example/\"/>\n<outline text=\"fine\" xmlUrl=\"http://b.example/\"/>\n</body></opml>",
			"2 invalid  []\n3 added http://b.example/ []\n"},
		{"twice", "<opml>\n<outline text=x>\n<outline xmlUrl=\"http://a.example/feed\"/>\n</outline><outline text=y>\n<outline xmlUrl=\"https://A.example:443/feed#top\"/></outline>",
			"3 added http://a.example/feed [x y]\n5 same https://A.example:443/feed [y]\n"},
		{"what cannot be", "<opml>\n<outline xmlUrl=\"\"/>\n<outline xmlUrl=\"ftp://a.example/\"/>\n<outline xmlUrl=\"a.example/feed\"/>\n<outline xmlUrl=\"http:///x\"/>\n<outline xmlUrl=\"http://[bad/\"/>\n<outline htmlUrl=\"http://a.example/\" text=\"site\"/>\n<outline text=\"alone\"/>\n",
			"2 invalid  []\n3 invalid ftp://a.example/ []\n4 invalid a.example/feed []\n5 invalid http:///x []\n6 invalid http://[bad/ []\n7 invalid  []\n8 invalid  []\n"},
		{"feed: and blanks", "<opml>\n<outline xmlUrl=\" feed://a.example/x y \"/>\n<outline xmlUrl=\"feed:https://b.example/\"/>",
			"2 added http://a.example/x%20y []\n3 added https://b.example/ []\n"},
		{"type and url", "<opml>\n<outline type=\"rss\" url=\"http://a.example/\"/>", "2 added http://a.example/ []\n"},
		{"title with markup", "<opml><head><title>a <outline> b</title></head><body>\n<outline xmlUrl=\"http://a.example/\"/>", "2 added http://a.example/ []\n"},
		{"empty list", "<opml><body></body></opml>", ""},
		{"commented out", "<opml><!-- <outline xmlUrl=\"http://a.example/\"/> --></opml>", ""},
	}
	for _, tt := range tests {
		lines := read(t, tt.in)
		if got := show(lines); got != tt.want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, tt.want)
		}
		for _, l := range lines {
			if (l.Status == opml.Invalid) != (l.Why != "") && l.Status != opml.Same {
				t.Errorf("%s: line %d: %s without a reason, or with one: %q", tt.name, l.Line, l.Status, l.Why)
			}
		}
	}
	if _, err := opml.Read(strings.NewReader("a letter"), nil); err == nil {
		t.Error("a letter was read as a list")
	}
}

func TestKnown(t *testing.T) {
	known := func(key string) bool { return key == opml.Key("http://A.example:80/feed") }
	lines, err := opml.Read(strings.NewReader(`<opml><outline xmlUrl="https://a.example/feed"/><outline xmlUrl="https://a.example/feed2"/>`), known)
	if err != nil || lines[0].Status != opml.Same || lines[1].Status != opml.Added {
		t.Errorf("%v %v", lines, err)
	}
}

func TestEncodings(t *testing.T) {
	list := `<?xml version="1.0" encoding="UTF-16"?><opml><outline text="Küste"><outline text="Übersee" xmlUrl="http://a.example/"/></outline></opml>`
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string][]byte{
		"UTF-16":  b,
		"Latin 1": []byte("<?xml version='1.0' encoding='ISO-8859-1'?><opml><outline text='K\xfcste'><outline text='\xdcbersee' xmlUrl='http://a.example/'/></outline></opml>"),
		"marked":  []byte("\xef\xbb\xbf" + strings.Replace(list, "UTF-16", "utf-8", 1)),
	} {
		lines, err := opml.Read(bytes.NewReader(in), nil)
		if err != nil || len(lines) != 1 || lines[0].Title != "Übersee" || lines[0].Tags[0] != "küste" {
			t.Errorf("%s: %v %v", name, lines, err)
		}
	}
}

// What is written is well-formed, and reads back as it was.
func TestWrite(t *testing.T) {
	list := []feeds.Feed{
		{URL: "http://a.example/feed?x=1&y=2", Name: `A "quoted" <name> & more`, Tags: []string{"world", "gulf"}},
		{URL: "http://b.example/", Lang: "fa"},
		{URL: "http://me:secret@c.example/feed", Tags: []string{"world"}},
		{URL: "http://gone.example/", Removed: true},
	}
	var b bytes.Buffer
	if err := opml.Write(&b, "My list", list, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(b.Bytes(), new(struct{})); err != nil {
		t.Errorf("not well-formed: %v\n%s", err, b.String())
	}
	if strings.Contains(b.String(), "secret") {
		t.Error("a password was written")
	}
	lines := read(t, b.String())
	if len(lines) != 3 {
		t.Fatalf("%s", show(lines))
	}
	for _, l := range lines {
		i := slices.IndexFunc(list, func(f feeds.Feed) bool { return opml.Key(f.URL) == opml.Key(l.URL) })
		if i < 0 || !slices.Equal(l.Tags, list[i].Tags) || list[i].Name != "" && l.Title != list[i].Name {
			t.Errorf("%+v", l)
		}
	}
	again, err := opml.Read(&b, func(string) bool { return true })
	if err == nil && slices.ContainsFunc(again, func(l opml.Line) bool { return l.Status != opml.Same }) {
		t.Error("reading it again changes something")
	}
}

// big is a list of n feeds, a line each, every tenth of them broken.
func big(n int) []byte {
	var b bytes.Buffer
	b.WriteString("<opml version=\"2.0\"><body>\n")
	for i := range n {
		if i%10 == 9 {
			fmt.Fprintf(&b, "<outline type=\"rss\" text=\"Feed %d xmlUrl=\"http://h%d.example/feed\"/>\n", i, i)
			continue
		}
		fmt.Fprintf(&b, "<outline type=\"rss\" text=\"Feed %d\" xmlUrl=\"http://h%d.example/feed\"/>\n", i, i)
	}
	b.WriteString("</body></opml>\n")
	return b.Bytes()
}

func TestEveryLineIsAccountedFor(t *testing.T) {
	lines, err := opml.Read(bytes.NewReader(big(12000)), nil)
	if err != nil || len(lines) != 12000 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, l := range lines {
		if want := i%10 == 9; l.Line != i+2 || (l.Status == opml.Invalid) != want {
			t.Fatalf("entry %d: line %d %s %s", i, l.Line, l.Status, l.Why)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	list := big(12000)
	b.SetBytes(int64(len(list)))
	for b.Loop() {
		if _, err := opml.Read(bytes.NewReader(list), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<opml><outline text="a"><outline xmlUrl="http://a/?&b"`))
	f.Add([]byte("<outline <outline xmlUrl='"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, _ := opml.Read(bytes.NewReader(b), nil)
		for _, l := range lines {
			if l.Line < 1 || l.Line > bytes.Count(b, []byte("\n"))+1 && bytes.IndexByte(b, 0) < 0 {
				t.Errorf("line %d", l.Line)
			}
		}
	})
}
