package parse

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// NotFeedKind says what came in place of a feed.
type NotFeedKind string

// The kinds of answer that are no feed.
const (
	NotFeedEmpty     NotFeedKind = "empty"
	NotFeedHTML      NotFeedKind = "html"
	NotFeedChallenge NotFeedKind = "challenge" // a page that wants to see a browser
	NotFeedJSON      NotFeedKind = "json"
	NotFeedXML       NotFeedKind = "xml"
	NotFeedBinary    NotFeedKind = "binary"
	NotFeedText      NotFeedKind = "text"
)

const maxSample = 4 << 10

// NotFeedError is returned for a document that is no feed.
type NotFeedError struct {
	Kind       NotFeedKind
	Detail     string   // the page's title, the root element …
	Alternates []string // feeds that a page names, as they stand in it
	Sample     string   // the start of the document, at most 4 KB
}

func (e *NotFeedError) Error() string {
	s := map[NotFeedKind]string{
		NotFeedEmpty: "an empty document", NotFeedHTML: "a web page", NotFeedChallenge: "a page that asks for a browser",
		NotFeedJSON: "JSON that is no JSON Feed", NotFeedXML: "XML of another kind", NotFeedBinary: "no text", NotFeedText: "plain text",
	}[e.Kind]
	s = "not a feed but " + s
	if e.Detail != "" {
		s += fmt.Sprintf(" (%s)", e.Detail)
	}
	if len(e.Alternates) > 0 {
		s += "; it names a feed at " + e.Alternates[0]
	}
	return s
}

func newNotFeed(kind NotFeedKind, detail string, text []byte) *NotFeedError {
	sample := text[:min(len(text), maxSample)]
	for len(sample) > 0 && !utf8.Valid(sample) && len(sample) > maxSample-utf8.UTFMax {
		sample = sample[:len(sample)-1]
	}
	return &NotFeedError{Kind: kind, Detail: detail, Sample: strings.ToValidUTF8(string(sample), "�")}
}

// notFeed says what a document without the root of a feed is.
func notFeed(text []byte, root root) error {
	trimmed := bytes.TrimSpace(text)
	switch {
	case len(trimmed) == 0:
		return newNotFeed(NotFeedEmpty, "", nil)
	case root.kind == rootHTML:
		return notFeedPage(trimmed)
	case root.kind == rootOther:
		return newNotFeed(NotFeedXML, "root element "+root.name, trimmed)
	case isBinary(trimmed):
		return newNotFeed(NotFeedBinary, "", nil)
	}
	return newNotFeed(NotFeedText, "", trimmed)
}

func isBinary(b []byte) bool {
	b = b[:min(len(b), 1024)]
	odd := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			odd++
		}
	}
	return odd*20 > len(b)
}

// challenges are marks of the pages that stand in front of a site and want
// to see a browser.
var challenges = []string{
	"just a moment...", "attention required! | cloudflare", "cf-challenge", "challenge-platform", "checking your browser", "cf_chl_",
	"enable javascript and cookies to continue", "ddos-guard", "verify you are human", "verifying you are human", "are you a robot",
	"captcha-delivery.com", "px-captcha", "incapsula incident", "_incapsula_resource", "please wait while we verify", "sucuri website firewall",
	"access denied | ", "anubis_challenge", "making sure you&#39;re not a bot", "making sure you're not a bot",
}

func notFeedPage(text []byte) error {
	head := text[:min(len(text), 256<<10)]
	e := newNotFeed(NotFeedHTML, "", text)
	lower := strings.ToLower(string(head[:min(len(head), 64<<10)]))
	for _, mark := range challenges {
		if strings.Contains(lower, mark) {
			e.Kind = NotFeedChallenge
			break
		}
	}
	z := html.NewTokenizer(bytes.NewReader(head))
	for inTitle := false; ; {
		tt := z.Next()
		if tt == html.ErrorToken {
			return e
		}
		tok := z.Token()
		switch {
		case tt == html.TextToken && inTitle && e.Detail == "":
			e.Detail = titleText(strings.TrimSpace(tok.Data), true)
		case tok.Data == "title":
			inTitle = tt == html.StartTagToken
		case tok.Data == "link" && tt != html.EndTagToken && len(e.Alternates) < 20:
			if href := alternate(tok.Attr); href != "" {
				e.Alternates = append(e.Alternates, href)
			}
		}
	}
}

// alternate gives the address of a link element that names a feed.
func alternate(attrs []html.Attribute) string {
	var rel, typ, href string
	for _, a := range attrs {
		switch a.Key {
		case "rel":
			rel = strings.ToLower(a.Val)
		case "type":
			typ, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ";")
		case "href":
			href = strings.TrimSpace(a.Val)
		}
	}
	for _, word := range strings.Fields(rel) {
		if word == "alternate" {
			switch strings.TrimSpace(typ) {
			case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/x.atom+xml":
				return href
			}
		}
	}
	return ""
}
