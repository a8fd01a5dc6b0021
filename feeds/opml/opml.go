// Package opml reads and writes lists of feeds. It reads what people have:
// exports with broken quotes, bare ampersands, odd encodings. Every line that
// names a feed, or should, is accounted for. What becomes of the feeds, and
// whether they are known, is the caller's part; nothing is fetched.
package opml

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// Entry is one feed of a list.
type Entry struct {
	Line  int // of the file, from 1
	URL   string
	Title string
	Site  string
	Tags  []string // from the folders around it and its categories
}

// Status is what becomes of a line.
type Status string

// Read gives Added, Same and Invalid; a caller that fetches may say Dead and
// Redirected.
const (
	Added      Status = "added"
	Same       Status = "same"
	Invalid    Status = "invalid"
	Dead       Status = "dead"
	Redirected Status = "redirected"
)

// Line is one line of the report.
type Line struct {
	Entry
	Status Status
	Why    string // Invalid: what is wrong; Same: where it is already
}

const maxTag = 64 << 10 // a tag that is longer is broken

// MaxSize bounds a list: 12,000 feeds are 3 MB.
const MaxSize = 64 << 20

// Read reads a list and says of every feed in it whether it is new. known
// tells which addresses the caller has already, by Key. The error is for what
// is no list at all.
func Read(r io.Reader, known func(key string) bool) ([]Line, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read OPML: %w", err)
	}
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("read OPML: larger than %d MB", MaxSize>>20)
	}
	rd := &reader{text: toUTF8(raw), known: known, first: map[string]int{}}
	rd.read()
	if len(rd.lines) == 0 && !rd.list {
		return nil, fmt.Errorf("read OPML: no <opml> and no <outline> in it; export the list again as OPML")
	}
	return rd.lines, nil
}

// reader goes through a list tag by tag, with a tokenizer that nothing stops.
type reader struct {
	text    []byte
	known   func(string) bool
	first   map[string]int // key of a feed -> index of its line
	folders []string       // "" for one that gives no tag
	lines   []Line
	list    bool // an opml element was seen
}

func (r *reader) read() {
	line := 1
	for at := 0; at < len(r.text); {
		n := r.tokens(at, line)
		line += bytes.Count(r.text[at:at+n], []byte("\n"))
		at += n
	}
}

// tokens reads from at until the end, or up to where a broken tag swallowed
// another one and reading must start anew. It says how far it came.
func (r *reader) tokens(at, line int) int {
	z := html.NewTokenizer(bytes.NewReader(r.text[at:]))
	z.SetMaxBuf(maxTag)
	done := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			rest := r.text[at+done:]
			if inner := swallowed(rest); inner > 0 {
				r.broken(rest[:inner], line)
				return done + inner
			}
			r.broken(rest, line)
			return len(r.text) - at
		}
		raw := z.Raw()
		size, lines := len(raw), bytes.Count(raw, []byte("\n"))
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			if inner := swallowed(raw); inner > 0 {
				r.add(Entry{Line: line}, "a quote is not closed")
				return done + inner
			}
			name, more := z.TagName()
			switch string(name) {
			case "opml":
				r.list = true
			case "outline":
				r.outline(attributes(z, more), line, kind == html.SelfClosingTagToken)
			default:
				z.NextIsNotRawText() // <title> and the like end where they end
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "outline" && len(r.folders) > 0 {
				r.folders = r.folders[:len(r.folders)-1]
			}
		}
		done += size
		line += lines
	}
}

// swallowed finds the start of an outline inside another's tag: the mark of a
// quote that was never closed.
func swallowed(raw []byte) int {
	if !bytes.HasPrefix(raw, []byte("<")) {
		return 0
	}
	lower := bytes.ToLower(raw[1:])
	for _, tag := range []string{"<outline", "</outline", "</body"} {
		if i := bytes.Index(lower, []byte(tag)); i >= 0 {
			return i + 1
		}
	}
	return 0
}

// broken reports an outline that has no end.
func (r *reader) broken(rest []byte, line int) {
	if i := bytes.Index(bytes.ToLower(rest), []byte("<outline")); i >= 0 {
		r.add(Entry{Line: line + bytes.Count(rest[:i], []byte("\n"))}, "it has no end: a quote or the file is cut off")
	}
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	attr := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if _, again := attr[string(k)]; !again {
			attr[string(k)] = strings.TrimSpace(string(v))
		}
	}
	return attr
}

func (r *reader) outline(attr map[string]string, line int, closed bool) {
	address, named := attr["xmlurl"]
	kind := strings.ToLower(attr["type"])
	if !named && (kind == "rss" || kind == "atom") {
		address, named = attr["url"], true
	}
	title := first(attr["title"], attr["text"])
	if !closed {
		folder := ""
		if !named {
			folder = tag(first(attr["text"], attr["title"]))
		}
		r.folders = append(r.folders, folder)
	}
	switch {
	case named:
		e := Entry{Line: line, URL: address, Title: title, Site: attr["htmlurl"], Tags: r.tags(attr["category"])}
		r.feed(e)
	case closed && attr["htmlurl"] != "":
		r.add(Entry{Line: line, Title: title, Site: attr["htmlurl"]}, "it names a site and no feed (xmlUrl); find its feed with: watcher discover "+attr["htmlurl"])
	case closed && len(attr) > 0:
		r.add(Entry{Line: line, Title: title}, "it names no feed (xmlUrl)")
	}
}

// feed takes an outline with an address.
func (r *reader) feed(e Entry) {
	address, why := clean(e.URL)
	if why != "" {
		r.add(e, why)
		return
	}
	e.URL = address
	key := Key(address)
	if i, again := r.first[key]; again {
		// In several folders: one feed with the tags of all of them.
		was := &r.lines[i]
		for _, t := range e.Tags {
			if !slices.Contains(was.Tags, t) {
				was.Tags = append(was.Tags, t)
			}
		}
		r.lines = append(r.lines, Line{Entry: e, Status: Same, Why: fmt.Sprintf("as line %d", was.Line)})
		return
	}
	r.first[key] = len(r.lines)
	l := Line{Entry: e, Status: Added}
	if r.known != nil && r.known(key) {
		l.Status, l.Why = Same, "known already"
	}
	r.lines = append(r.lines, l)
}

func (r *reader) add(e Entry, why string) {
	r.lines = append(r.lines, Line{Entry: e, Status: Invalid, Why: why})
}

func (r *reader) tags(categories string) []string {
	var out []string
	take := func(t string) {
		if t = tag(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, f := range r.folders {
		take(f)
	}
	for _, c := range strings.Split(categories, ",") {
		// "/Boston/Weather" is a path; its words are what people look for.
		for _, part := range strings.Split(c, "/") {
			take(part)
		}
	}
	return out
}

// tag writes a folder's name as a tag: lower case, one word.
func tag(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r <= ' ' || r == ',' || r == 0xa0 }), "-")
}

// clean mends an address as people write it, or says what is wrong with it.
func clean(address string) (string, string) {
	if address == "" {
		return "", "its xmlUrl is empty"
	}
	if rest, ok := strings.CutPrefix(address, "feed:"); ok {
		if address = rest; strings.HasPrefix(rest, "//") {
			address = "http:" + rest
		}
	}
	u, err := url.Parse(strings.ReplaceAll(address, " ", "%20"))
	switch {
	case err != nil || strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r == utf8.RuneError }):
		return "", fmt.Sprintf("%q is no address", address)
	case u.Scheme == "" && u.Host == "":
		return "", fmt.Sprintf("%q has no http:// or https:// in front", address)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Sprintf("its scheme is %q, only http and https are fetched", u.Scheme)
	case u.Hostname() == "":
		return "", fmt.Sprintf("%q names no host", address)
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), ""
}

// Key is equal for addresses that surely are the same feed: host in lower case
// without a default port, http as https.
func Key(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host := strings.ToLower(u.Hostname())
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		host += ":" + p
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return host + path
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var declared = regexp.MustCompile(`^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

func toUTF8(raw []byte) []byte {
	label := ""
	if m := declared.FindSubmatch(raw[:min(len(raw), 256)]); m != nil {
		label = string(m[1])
	}
	if label == "" || strings.EqualFold(label, "utf-8") {
		if utf8.Valid(raw) {
			return bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		}
	}
	contentType := ""
	if label != "" {
		contentType = "text/xml; charset=" + label
	}
	enc, _, _ := charset.DetermineEncoding(raw[:min(len(raw), 1024)], contentType)
	out, err := enc.NewDecoder().Bytes(raw)
	if err != nil {
		return raw
	}
	return out
}
