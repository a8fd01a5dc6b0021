package feedtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"time"

	"watcher/feeds"
)

// Policy is how a feed's server behaves.
type Policy struct {
	ETag         bool          // sent and honoured
	WeakETag     bool          // W/ in front of it
	LastModified bool          // sent and honoured
	MaxAge       time.Duration // Cache-Control
	Expires      time.Duration // Expires in place of it
	Gzip         bool
	Cookie       bool   // tries to set one
	Atom         bool   // Atom in place of RSS
	Head         string // elements put into the channel: <ttl>60</ttl>
}

// Feed is a feed in memory, an http.Handler. It may be changed while it is
// served.
type Feed struct {
	mu       sync.Mutex
	policy   Policy
	title    string
	items    []feeds.Item // newest first
	keep     int
	modified time.Time
	override http.HandlerFunc
}

// NewFeed makes a feed that shows its newest 30 items.
func NewFeed(title string, p Policy, items ...feeds.Item) *Feed {
	f := &Feed{policy: p, title: title, keep: 30, modified: time.Now()}
	f.Add(items...)
	return f
}

// Add puts items in front.
func (f *Feed) Add(items ...feeds.Item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, it := range items {
		f.items = append([]feeds.Item{it}, f.items...)
	}
	f.items = f.items[:min(len(f.items), f.keep)]
	f.modified = time.Now()
}

// Answer makes every request be answered by h, until it is given nil.
func (f *Feed) Answer(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = h
}

// Fail answers every request with a status.
func (f *Feed) Fail(status int, header ...string) {
	f.Answer(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	})
}

// ServeHTTP answers as the policy says.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	h := f.override
	f.mu.Unlock()
	if h != nil {
		h(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	body := f.document()
	sum := sha256.Sum256(body)
	etag := fmt.Sprintf("%q", fmt.Sprintf("%x", sum[:6]))
	if f.policy.WeakETag {
		etag = "W/" + etag
	}
	modified := f.modified.UTC().Format(http.TimeFormat)
	same := false
	head := w.Header()
	if f.policy.LastModified {
		head.Set("Last-Modified", modified)
		same = r.Header.Get("If-Modified-Since") == modified
	}
	if f.policy.ETag || f.policy.WeakETag {
		head.Set("ETag", etag)
		same = r.Header.Get("If-None-Match") == etag
	}
	if f.policy.MaxAge > 0 {
		head.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(f.policy.MaxAge.Seconds())))
	}
	if f.policy.Expires > 0 {
		head.Set("Expires", time.Now().Add(f.policy.Expires).UTC().Format(http.TimeFormat))
	}
	if f.policy.Cookie {
		head.Set("Set-Cookie", "reader=1")
	}
	if same {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Type", "application/rss+xml; charset=utf-8")
	if f.policy.Gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body)
		_ = z.Close()
		body = b.Bytes()
	}
	_, _ = w.Write(body)
}

func (f *Feed) document() []byte {
	if f.policy.Atom {
		return Atom(f.title, f.items...)
	}
	return []byte(strings.Replace(string(RSS(f.title, f.items...)), "</title>", "</title>"+f.policy.Head, 1))
}

// Item builds an item with an id, link and text of its own from its title.
func Item(title string, published time.Time) feeds.Item {
	id := fmt.Sprintf("%x", sha256.Sum256([]byte(title)))[:12]
	return feeds.Item{GUID: "urn:item:" + id, Link: "http://news.example/" + id, Title: title, Summary: "<p>" + html.EscapeString(title) + ", in full.</p>", Published: published}
}

// RSS writes items as an RSS 2.0 document.
func RSS(title string, items ...feeds.Item) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>%s</title><link>http://news.example/</link>\n", html.EscapeString(title))
	for _, it := range items {
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s</guid><description>%s</description>",
			html.EscapeString(it.Title), html.EscapeString(it.Link), html.EscapeString(it.GUID), html.EscapeString(it.Summary))
		if !it.Published.IsZero() {
			fmt.Fprintf(&b, "<pubDate>%s</pubDate>", it.Published.UTC().Format(time.RFC1123Z))
		}
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return b.Bytes()
}

// Atom writes items as an Atom 1.0 document.
func Atom(title string, items ...feeds.Item) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>%s</title><id>urn:feed:%s</id>\n", html.EscapeString(title), html.EscapeString(strings.ReplaceAll(title, " ", "-")))
	for _, it := range items {
		fmt.Fprintf(&b, "<entry><title>%s</title><link href=\"%s\"/><id>%s</id><summary type=\"html\">%s</summary>",
			html.EscapeString(it.Title), html.EscapeString(it.Link), html.EscapeString(it.GUID), html.EscapeString(it.Summary))
		if !it.Published.IsZero() {
			fmt.Fprintf(&b, "<published>%[1]s</published><updated>%[1]s</updated>", it.Published.UTC().Format(time.RFC3339))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}
