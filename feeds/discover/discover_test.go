package discover_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"watcher/feeds/discover"
)

const at = "http://paper.example/news/index.html"

func find(page string) string {
	var urls []string
	for _, l := range discover.Find([]byte(page), at, "text/html", false) {
		urls = append(urls, l.URL)
	}
	return strings.Join(urls, " ")
}

func TestSpellings(t *testing.T) {
	const feed = "http://paper.example/news/feed.xml"
	tests := []struct{ name, page, want string }{
		{"plain", `<link rel="alternate" type="application/rss+xml" href="feed.xml">`, feed},
		{"atom", `<link rel="alternate" type="application/atom+xml" href="feed.xml">`, feed},
		{"json", `<link rel="alternate" type="application/feed+json" href="feed.xml">`, feed},
		{"rdf", `<link rel="alternate" type="application/rdf+xml" href="feed.xml">`, feed},
		{"self-closing", `<link rel="alternate" type="application/rss+xml" href="feed.xml"/>`, feed},
		{"capitals", `<LINK REL="ALTERNATE" TYPE="Application/RSS+XML" HREF="feed.xml">`, feed},
		{"single quotes", `<link rel='alternate' type='application/rss+xml' href='feed.xml'>`, feed},
		{"no quotes", `<link rel=alternate type=application/rss+xml href=feed.xml>`, feed},
		{"order", `<link href="feed.xml" type="application/rss+xml" rel="alternate">`, feed},
		{"blanks", "<link\n rel = \" alternate \"\n type=\" application/rss+xml \"\thref=\" feed.xml \">", feed},
		{"line feed in the address", "<link rel=alternate type=application/rss+xml href=\"feed\n.xml\">", feed},
		{"several words", `<link rel="home alternate nofollow" type="application/rss+xml" href="feed.xml">`, feed},
		{"parameter of the type", `<link rel=alternate type="application/rss+xml; charset=utf-8" href="feed.xml">`, feed},
		{"entities", `<link rel="&#97;lternate" type="application&#x2f;rss+xml" href="feed.xml?a=1&amp;b=2">`, feed + "?a=1&b=2"},
		{"rel=feed", `<link rel="feed" href="feed.xml">`, feed},
		{"typed anchor", `<a href="feed.xml" type="application/rss+xml">RSS</a>`, feed},
		{"in the body", `<body><p>hello<link rel=alternate type=application/rss+xml href=feed.xml>`, feed},
		{"in noscript", `<head><noscript><link rel=alternate type=application/rss+xml href=feed.xml></noscript>`, feed},
		{"prefix", `<html:link rel="alternate" type="application/rss+xml" href="feed.xml"/>`, feed},
		{"XHTML that closes its script and title", `<?xml version="1.0"?><html><head><title/><script src="x.js"/><link rel="alternate" type="application/rss+xml" href="feed.xml"/></head></html>`, feed},
		{"root of the site", `<link rel=alternate type=application/rss+xml href=/rss>`, "http://paper.example/rss"},
		{"other host", `<link rel=alternate type=application/rss+xml href=//cdn.example/rss>`, "http://cdn.example/rss"},
		{"feed: address", `<link rel=alternate type=application/rss+xml href=feed://paper.example/rss>`, "http://paper.example/rss"},
		{"feed: before https", `<link rel=alternate type=application/rss+xml href=feed:https://paper.example/rss>`, "https://paper.example/rss"},
		{"base", `<base href="http://static.example/x/"><link rel=alternate type=application/rss+xml href="../feed.xml">`, "http://static.example/feed.xml"},
		{"relative base", `<base href="/sub/"><link rel=alternate type=application/rss+xml href="feed.xml">`, "http://paper.example/sub/feed.xml"},
		{"the first base", `<base href="/one/"><base href="/two/"><link rel=alternate type=application/rss+xml href="feed.xml">`, "http://paper.example/one/feed.xml"},
		{"two", `<link rel=alternate type=application/rss+xml href=a><link rel=alternate type=application/atom+xml href=b><link rel=alternate type=application/rss+xml href=a>`, "http://paper.example/news/a http://paper.example/news/b"},

		{"stylesheet", `<link rel="alternate stylesheet" type="application/rss+xml" href="feed.xml">`, ""},
		{"rev", `<link rev="alternate" type="application/rss+xml" href="feed.xml">`, ""},
		{"another word", `<link rel="alternates" type="application/rss+xml" href="feed.xml">`, ""},
		{"id", `<link id="alternate" type="application/rss+xml" href="feed.xml">`, ""},
		{"another language", `<link rel="alternate" hreflang="de" href="/de/">`, ""},
		{"page", `<link rel="alternate" type="text/html" href="feed.xml">`, ""},
		{"type inside another", `<link rel="alternate" type="x-application/rss+xml" href="feed.xml">`, ""},
		{"oembed", `<link rel="alternate" type="application/json+oembed" href="o"><link rel="alternate" type="text/xml+oembed" href="o">`, ""},
		{"the site's API", `<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">`, ""},
		{"no address", `<link rel="alternate" type="application/rss+xml">`, ""},
		{"empty address", `<link rel="alternate" type="application/rss+xml" href=" ">`, ""},
		{"script address", `<link rel="alternate" type="application/rss+xml" href="javascript:x()">`, ""},
		{"comment", `<!-- <link rel="alternate" type="application/rss+xml" href="feed.xml"> -->`, ""},
		{"text of a script", `<script>"<link rel=alternate type=application/rss+xml href=feed.xml>"</script>`, ""},
		{"text area", `<textarea><link rel=alternate type=application/rss+xml href=feed.xml></textarea>`, ""},
		{"escaped", `<pre>&lt;link rel=alternate type=application/rss+xml href=feed.xml></pre>`, ""},
		{"plain anchor", `<a href="/rss.xml">RSS</a>`, ""},
		{"nothing", ``, ""},
	}
	for _, tt := range tests {
		if got := find(tt.page); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEncodings(t *testing.T) {
	page := `<!DOCTYPE html><html><head><title>Zeitung</title><link rel="alternate" type="application/rss+xml" title="Übersicht" href="/rss"></head>`
	for name, enc := range map[string]struct {
		order unicode.Endianness
		bom   unicode.BOMPolicy
	}{
		"little, marked": {unicode.LittleEndian, unicode.UseBOM}, "big, marked": {unicode.BigEndian, unicode.UseBOM},
		"little": {unicode.LittleEndian, unicode.IgnoreBOM}, "big": {unicode.BigEndian, unicode.IgnoreBOM},
	} {
		b, err := unicode.UTF16(enc.order, enc.bom).NewEncoder().Bytes([]byte(page))
		if err != nil {
			t.Fatal(err)
		}
		got := discover.Find(b, at, "text/html", false)
		if len(got) != 1 || got[0].URL != "http://paper.example/rss" || got[0].Title != "Übersicht" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	latin := strings.ReplaceAll(page, "Ü", "\xdc")
	if got := discover.Find([]byte(latin), at, "text/html; charset=iso-8859-1", false); len(got) != 1 || got[0].Title != "Übersicht" {
		t.Errorf("latin 1: %+v", got)
	}
}

func TestGuess(t *testing.T) {
	page := `<a href="/about">About</a> <a href="/rss.xml">RSS</a> <a href="?feed=atom">Atom</a>`
	got := discover.Find([]byte(page), at, "", true)
	if len(got) != 2 || got[0].URL != "http://paper.example/rss.xml" {
		t.Errorf("%+v", got)
	}
	if g := discover.Guesses("http://paper.example/blog/x?y#z"); len(g) < 10 || g[0] != "http://paper.example/blog/feed/" {
		t.Errorf("%v", g)
	}
	if g := discover.Guesses("http://paper.example"); len(g) == 0 || g[0] != "http://paper.example/feed/" {
		t.Errorf("%v", g)
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(`<base href="//x"><link rel=alternate type=application/rss+xml href="feed:%zz">`))
	f.Fuzz(func(t *testing.T, page []byte) {
		for _, l := range discover.Find(page, at, "", true) {
			if !strings.HasPrefix(l.URL, "http://") && !strings.HasPrefix(l.URL, "https://") {
				t.Errorf("%q", l.URL)
			}
		}
	})
}
