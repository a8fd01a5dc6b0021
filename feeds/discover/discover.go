// Package discover finds the feeds that a web page names, in all the ways in
// which pages spell it. It reads bytes and fetches nothing; whether an address
// holds a feed is for feeds/fetch and feeds/parse to say.
package discover

import (
	"bytes"
	"mime"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
)

// Link is a feed that a page names.
type Link struct {
	URL   string `json:"url"`
	Title string `json:"title"`
	Type  string `json:"type"` // media type as the page gives it, in lower case; may be empty
}

const maxPage = 4 << 20 // what names a feed stands near the top

// Find gives the feeds that a page names, in its order, each once. address is
// where the page came from, contentType its HTTP Content-Type; either may be
// empty. With guess, links that only look like feeds are taken as well.
func Find(page []byte, address, contentType string, guess bool) []Link {
	base, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		base = &url.URL{}
	}
	p := &finder{base: base, guess: guess, seen: map[string]bool{}}
	text := toUTF8(page[:min(len(page), maxPage)], contentType)
	p.xhtml = isXHTML(text, contentType)
	p.read(text)
	return p.links
}

// toUTF8 reads a page in whatever it is written in, UTF-16 without a mark
// among it.
func toUTF8(page []byte, contentType string) []byte {
	enc, _, _ := charset.DetermineEncoding(page[:min(len(page), 1024)], contentType)
	if len(page) > 3 {
		switch {
		case page[0] == 0 && page[1] != 0:
			enc = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		case page[1] == 0 && page[0] != 0 && page[0] < 0x80:
			enc = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		}
	}
	out, err := enc.NewDecoder().Bytes(page)
	if err != nil {
		return page
	}
	return out
}

// isXHTML tells pages in which any element may close itself.
func isXHTML(page []byte, contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	head := bytes.TrimLeft(page[:min(len(page), 512)], "\ufeff \t\r\n")
	return kind == "application/xhtml+xml" || bytes.HasPrefix(head, []byte("<?xml"))
}

type finder struct {
	base  *url.URL
	based bool // a base element has been seen: the first one counts
	guess bool
	xhtml bool
	seen  map[string]bool
	links []Link
}

func (p *finder) read(page []byte) {
	z := html.NewTokenizer(bytes.NewReader(page))
	z.AllowCDATA(p.xhtml)
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		name, more := z.TagName()
		tag := string(name)
		if i := strings.LastIndexByte(tag, ':'); i >= 0 {
			tag = tag[i+1:] // html:link
		}
		// What stands in noscript is there for readers like us.
		if tag == "noscript" || p.xhtml && kind == html.SelfClosingTagToken {
			z.NextIsNotRawText()
		}
		switch tag {
		case "link", "a", "area", "base":
			p.element(tag, attributes(z, more))
		}
	}
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	attr := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if _, again := attr[string(k)]; !again {
			attr[string(k)] = string(v)
		}
	}
	return attr
}

func (p *finder) element(tag string, attr map[string]string) {
	href, given := attr["href"]
	if !given {
		return
	}
	if tag == "base" {
		if u := p.resolve(href); u != nil && !p.based {
			p.base, p.based = u, true
		}
		return
	}
	kind := mediaType(attr["type"])
	rel := strings.Fields(strings.ToLower(attr["rel"]))
	if !p.names(tag, rel, kind, href) {
		return
	}
	u := p.resolve(href)
	if u == nil || u.Host == "" && p.base.Host != "" || strings.TrimSpace(href) == "" || strings.Contains(u.Path, "/wp-json/") {
		return
	}
	u.Fragment, u.RawFragment = "", ""
	if s := u.String(); !p.seen[s] {
		p.seen[s] = true
		p.links = append(p.links, Link{URL: s, Title: strings.Join(strings.Fields(attr["title"]), " "), Type: kind})
	}
}

// names tells whether an element names a feed.
func (p *finder) names(tag string, rel []string, kind, href string) bool {
	alternate := slices.Contains(rel, "alternate") && !slices.Contains(rel, "stylesheet")
	switch {
	case tag == "link" && alternate:
		return isFeedType(kind) || kind == "" && p.guess && looksLikeFeed(href)
	case slices.Contains(rel, "feed"):
		return kind == "" || isFeedType(kind)
	case tag == "link":
		return false
	case isFeedType(kind) && kind != "application/json" && kind != "text/xml" && kind != "application/xml":
		return true // a typed link in the text
	}
	return p.guess && looksLikeFeed(href)
}

// resolve makes an address absolute; nil for what no reader fetches.
func (p *finder) resolve(href string) *url.URL {
	href = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(href))
	if rest, ok := strings.CutPrefix(strings.ToLower(href), "feed:"); ok {
		href = href[len("feed:"):]
		if strings.HasPrefix(rest, "//") {
			href = "http:" + href
		}
	}
	ref, err := url.Parse(strings.ReplaceAll(href, " ", "%20"))
	if err != nil {
		return nil
	}
	u := p.base.ResolveReference(ref)
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(s))
}

func isFeedType(kind string) bool {
	switch kind {
	case "application/atom+xml", "application/rss+xml", "application/rdf+xml", "application/feed+json", "application/json",
		"application/x.atom+xml", "application/x-atom+xml", "application/x.rss+xml", "application/x-rss+xml", "application/atom", "application/rss",
		"text/atom+xml", "text/rss+xml", "text/atom", "text/rss", "application/xml", "text/xml":
		return true
	}
	return false
}

// looksLikeFeed judges an address by its words.
func looksLikeFeed(href string) bool {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil {
		return false
	}
	path := strings.ToLower(strings.TrimRight(u.Path, "/"))
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch last {
	case "feed", "feeds", "rss", "atom", "rss2", "rdf":
		return true
	}
	for _, ext := range []string{".rss", ".atom", ".rdf", "feed.xml", "rss.xml", "atom.xml", "feed.json", "index.xml"} {
		if strings.HasSuffix(last, ext) {
			return true
		}
	}
	q := u.Query()
	return q.Has("feed") || strings.EqualFold(q.Get("format"), "rss") || strings.EqualFold(q.Get("format"), "atom")
}

// Guesses are addresses under which sites of many makes keep their feed, most
// likely first. They are only asked for when a person wants it.
func Guesses(address string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	dir := u.Path[:strings.LastIndexByte(u.Path, '/')+1]
	var out []string
	for _, d := range []string{dir, "/"} {
		for _, name := range []string{"feed/", "rss.xml", "feed.xml", "atom.xml", "rss", "index.xml", "feed.json", "feeds/posts/default", "index.rdf"} {
			v := *u
			v.Path = "/" + strings.TrimLeft(d, "/") + name
			if s := v.String(); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
