// Package parse turns the bytes of a feed into items, tolerant of what feeds
// are like. It is the only importer of gofeed, and stands on both sides of it:
// before, bytes become UTF-8 and then a lean, well-formed document with the
// known names only, all long text lifted out (lean.go); gofeed reads that; after,
// the lifted text is put back as plain titles, safe HTML and absolute links.
// Fetching, identity over time and topics are left to others.
package parse

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"watcher/feeds"
)

// Limits that keep any document within a second or so of work.
const (
	maxBody     = 16 << 20 // longer bodies are cut, and keep their whole entries
	maxEntries  = 10_000   // of one document
	maxElements = 200_000  // handed to gofeed
	maxChildren = 2_000    // of one entry, or of the channel beside its entries
	maxText     = 1 << 20  // of one summary or content, in bytes of HTML
	maxHTML     = 16 << 20 // of all of them
	maxWarnings = 50
)

// Options says what is known of a document besides its bytes.
type Options struct {
	URL         string     // final address: the base of relative links
	ContentType string     // HTTP header
	Feed        feeds.Feed // ID, Lang and Name for its items; may be zero

	// Known, if set, tells the RawHash of entries that need not be read again:
	// they are left out before parsing and counted in Skipped.
	Known func(rawHash uint64) bool
}

// Document is what a feed says.
type Document struct {
	Encoding  string // as declared or found, lower case
	Malformed string // what was wrong and mended; empty: nothing

	Title       string // plain text
	Link        string
	SelfLink    string
	Description string // HTML, safe to show
	Language    string
	Image       string // logo, or the icon where there is none
	Icon        string // the small one
	Updated     time.Time
	Published   time.Time
	TTL         time.Duration
	Authors     []feeds.Author
	Categories  []string
	Links       []string

	UpdatePeriod  time.Duration // sy:updatePeriod over sy:updateFrequency; 0: not said
	SkipHours     []int         // UTC
	SkipDays      []time.Weekday
	Hub, HubTopic string // WebSub: link rel=hub and rel=self

	Items    []feeds.Item // in the document's order, normalized
	Skipped  int          // entries left out because Known
	Warnings []string     // one for each field or entry that could not be read
}

// Parse reads a feed of any kind: RSS, RDF, Atom or JSON Feed. What is damaged
// is mended as far as whole entries go, and named in Malformed. The error is a
// *NotFeedError when the bytes are no feed at all. No input makes it panic.
func Parse(body []byte, o Options) (doc Document, err error) {
	defer func() {
		if r := recover(); r != nil {
			doc, err = Document{}, fmt.Errorf("parse: internal error on this document: %v", r)
		}
	}()
	var faults faults
	if len(body) > maxBody {
		body = body[:maxBody]
		faults.add("longer than %d MB, the rest is cut off", maxBody>>20)
	}
	text, encoding := toUTF8(body, o.ContentType, &faults)
	r := &reader{opt: o, faults: &faults, html: maxHTML}
	r.base, _ = url.Parse(strings.TrimSpace(o.URL))
	r.doc.Encoding = encoding
	root := findRoot(text)
	switch root.kind {
	case rootRSS, rootAtom:
		if root.junk {
			faults.add("text before the root element")
		}
		err = r.xml(text, root)
	case rootJSON:
		err = r.json(text[root.start:])
	default:
		err = notFeed(text, root)
	}
	if err != nil {
		return Document{}, err
	}
	r.finish()
	return r.doc, nil
}

// faults collects what was wrong with a document, each kind once.
type faults []string

func (f *faults) add(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	for _, have := range *f {
		if have == s {
			return
		}
	}
	if len(*f) < 8 {
		*f = append(*f, s)
	}
}

// reader carries one document through the steps.
type reader struct {
	opt    Options
	base   *url.URL // of the document; nil: unknown
	doc    Document
	faults *faults
	html   int // bytes of HTML that may still be made safe
}

func (r *reader) warn(format string, args ...any) {
	if len(r.doc.Warnings) < maxWarnings {
		r.doc.Warnings = append(r.doc.Warnings, fmt.Sprintf(format, args...))
	}
}

// finish fills what items take over from their document, and normalizes them.
func (r *reader) finish() {
	d := &r.doc
	d.Malformed = strings.Join(*r.faults, "; ")
	outlet := r.opt.Feed.Outlet(d.Title)
	if outlet == "" {
		outlet = feeds.Host(r.opt.URL)
	}
	if outlet == "" {
		outlet = feeds.Host(d.Link)
	}
	for i := range d.Items {
		it := &d.Items[i]
		it.Feed = r.opt.Feed.ID
		if it.Source == "" {
			it.Source = outlet
		}
		if it.Lang == "" {
			it.Lang = d.Language
		}
		if it.Lang == "" {
			it.Lang = r.opt.Feed.Lang
		}
		feeds.Normalize(it)
	}
}
