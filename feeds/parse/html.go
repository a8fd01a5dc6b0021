package parse

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy is what HTML may hold when it leaves: text and its structure, links,
// pictures and players that name their source. No script, handler, style,
// frame, form or plug-in.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto", "tel", "magnet", "ftp")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowElements("p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "i", "em", "u", "s", "strike",
		"del", "ins", "small", "big", "sub", "sup", "mark", "code", "kbd", "samp", "var", "tt", "pre", "blockquote", "q", "cite", "abbr",
		"acronym", "dfn", "address", "article", "aside", "section", "header", "footer", "main", "nav", "figure", "figcaption", "details",
		"summary", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "col",
		"a", "img", "picture", "source", "audio", "video", "track", "time", "ruby", "rt", "rp", "bdi", "bdo", "wbr", "center", "font",
		"map", "area", "hgroup", "dir", "menu", "noindex")
	p.AllowAttrs("href").OnElements("a", "area")
	p.AllowAttrs("src", "alt", "width", "height", "srcset", "sizes", "longdesc", "usemap", "loading").OnElements("img")
	p.AllowAttrs("src", "srcset", "type", "media", "sizes").OnElements("source")
	p.AllowAttrs("src", "controls", "poster", "width", "height").OnElements("audio", "video")
	p.AllowAttrs("src", "kind", "srclang", "label").OnElements("track")
	p.AllowAttrs("cite", "datetime").OnElements("blockquote", "q", "del", "ins")
	p.AllowAttrs("datetime").OnElements("time")
	p.AllowAttrs("colspan", "rowspan", "align", "valign", "abbr", "scope", "headers").OnElements("td", "th")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "summary", "width", "align").OnElements("table")
	p.AllowAttrs("span").OnElements("col", "colgroup")
	p.AllowAttrs("start", "type", "reversed").OnElements("ol")
	p.AllowAttrs("value").OnElements("li")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^[a-z \-]+$`)).OnElements("a")
	p.AllowAttrs("name").OnElements("a", "map")
	p.AllowAttrs("shape", "coords", "alt").OnElements("area")
	p.AllowAttrs("open").OnElements("details")
	p.AllowAttrs("title", "lang", "dir").Globally()
	p.AllowNoAttrs().OnElements("span", "a", "img", "font")
	// Only scripts and styles take their content with them. The library would drop
	// all that follows an element of the others which is never closed.
	p.AllowElementsContent("iframe", "frame", "frameset", "object", "noembed", "noframes", "noscript", "nostyle", "script", "style")
	return p
})

// rawTags are the elements whose content HTML takes for text with no markup in
// it. What stands in them is read as all the rest.
var rawTags = regexp.MustCompile(`(?i)</?(?:iframe|noembed|noframes|noscript|xmp|plaintext|textarea|title)(?:[\s/][^>]*)?>`)

// beforePolicy removes what makes HTML readers lose text: elements with raw
// content, and comments without an end.
func beforePolicy(s string) string {
	if i := strings.LastIndex(s, "<!--"); i >= 0 && !strings.Contains(s[i:], "-->") {
		rest := ""
		if j := strings.IndexAny(s[i+4:], "<>"); j >= 0 {
			rest = strings.TrimPrefix(s[i+4+j:], ">")
		}
		s = s[:i] + rest
	}
	if !hasRawTag(s) {
		return s
	}
	return rawTags.ReplaceAllString(s, "")
}

// hasRawTag is a quick look for what rawTags may find.
func hasRawTag(s string) bool {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+2 >= len(s) {
			return false
		}
		s = s[i+1:]
		if s[0] == '/' {
			s = s[1:]
		}
		if len(s) < 3 {
			return false
		}
		switch two := [2]byte{s[0] | 0x20, s[1] | 0x20}; two {
		case [2]byte{'i', 'f'}, [2]byte{'n', 'o'}, [2]byte{'x', 'm'}, [2]byte{'p', 'l'}, [2]byte{'t', 'e'}, [2]byte{'t', 'i'}:
			return true
		}
	}
}

// safeHTML gives a text of a feed as HTML that is safe to show, its links
// absolute where they can be.
func (r *reader) safeHTML(s string, kind textKind, base *url.URL) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if kind == kindPlain {
		s = html.EscapeString(cleanText(s))
		if len(s) > maxText {
			s = cutText(s)
		}
		return s
	}
	if !strings.ContainsAny(s, "<&") {
		if len(s) > maxText {
			s = cutText(s)
		}
		return cleanText(strings.ReplaceAll(s, ">", "&gt;"))
	}
	if len(s) > maxText {
		r.faults.add("a text of more than %d KB, the rest is left out", maxText>>10)
		s = cutText(s)
	}
	if r.html -= len(s); r.html < 0 {
		r.faults.add("more text than can be of use, the rest is left out")
		return ""
	}
	if plainHTML(s) {
		return s
	}
	if base == nil {
		base = r.base
	}
	s = joinSurrogates(cleanText(s))
	if oddLinks(s) {
		s = mendLinks(s, base)
	}
	s = strings.TrimSpace(policy().Sanitize(beforePolicy(s)))
	return absoluteHTML(s, base)
}

// cutText shortens a text to maxText bytes, not inside a tag.
func cutText(s string) string {
	s = s[:maxText]
	if i := strings.LastIndexByte(s, '<'); i > strings.LastIndexByte(s, '>') {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "")
}

// cleanText drops the control characters that no text may hold.
func cleanText(s string) string {
	bad := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == 0xfffe || r == 0xffff
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, s)
}
