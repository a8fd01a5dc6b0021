package parse

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// madeFeed makes a feed of n items with about 1.2 KB of HTML each, every other
// text in a CDATA section where cdata is set.
func madeFeed(n int, atom, cdata bool) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the harbour ferry crane quay tide storm mayor council vote budget school bridge fire market café naïve R&D <5% it's said")
	say := func(k int) string {
		var b strings.Builder
		for range k {
			b.WriteString(words[r.IntN(len(words))] + " ")
		}
		return strings.TrimSpace(b.String())
	}
	text := func(s string) string {
		if cdata {
			return "<![CDATA[" + s + "]]>"
		}
		return html.EscapeString(s)
	}
	var b bytes.Buffer
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	if atom {
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title><id>urn:g</id><link href="https://g.example/"/>`)
	} else {
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Gazette</title><link>https://g.example/</link>`)
	}
	for i := range n {
		var body strings.Builder
		for body.Len() < 1000 {
			fmt.Fprintf(&body, "<p>%s <a href=\"https://g.example/ref/%d\">%s</a> <strong>%s</strong></p>\n", html.EscapeString(say(25)), i, html.EscapeString(say(1)), html.EscapeString(say(1)))
		}
		at = at.Add(-time.Hour)
		if atom {
			fmt.Fprintf(&b, "<entry>\n<title type=\"html\">%s</title>\n<id>urn:g:%d</id>\n<link rel=\"alternate\" href=\"https://g.example/%d.html\"/>\n<published>%s</published>\n<updated>%s</updated>\n<author><name>%s</name></author>\n<category term=\"%s\"/>\n<content type=\"html\">%s</content>\n</entry>\n",
				text(html.EscapeString(say(8))), i, i, at.Format(time.RFC3339), at.Format(time.RFC3339), html.EscapeString(say(2)), html.EscapeString(say(1)), text(body.String()))
		} else {
			fmt.Fprintf(&b, "<item>\n<title>%s</title>\n<link>https://g.example/%d.html</link>\n<guid isPermaLink=\"false\">urn:g:%d</guid>\n<pubDate>%s</pubDate>\n<dc:creator>%s</dc:creator>\n<category>%s</category>\n<description>%s</description>\n</item>\n",
				text(html.EscapeString(say(8))), i, i, at.Format(time.RFC1123Z), html.EscapeString(say(2)), html.EscapeString(say(1)), text(body.String()))
		}
	}
	if atom {
		b.WriteString("</feed>")
	} else {
		b.WriteString("</channel></rss>")
	}
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name        string
		atom, cdata bool
	}{{"rss", false, false}, {"rss-cdata", false, true}, {"atom", true, false}, {"atom-cdata", true, true}} {
		body := madeFeed(30, c.atom, c.cdata)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if doc, err := Parse(body, Options{URL: "https://g.example/f"}); err != nil || len(doc.Items) != 30 {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/known", func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			known := func(uint64) bool { return true }
			for b.Loop() {
				if doc, err := Parse(body, Options{URL: "https://g.example/f", Known: known}); err != nil || doc.Skipped != 30 {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/gofeed", func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := gofeed.NewParser().Parse(bytes.NewReader(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRealFeeds(b *testing.B) {
	dir := dataDir(b, "data/realfeeds")
	files, _ := filepath.Glob(filepath.Join(dir, "single", "*.xml"))
	var bodies [][]byte
	size := 0
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, body)
		size += len(body)
	}
	for name, one := range map[string]func([]byte) error{
		"parse":  func(body []byte) error { _, err := Parse(body, Options{URL: "https://g.example/f"}); return err },
		"gofeed": func(body []byte) error { _, err := gofeed.NewParser().Parse(bytes.NewReader(body)); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, body := range bodies {
					if err := one(body); err != nil && name == "parse" {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
