// Package demo owns the sample day: six outlets, two languages, one affair, and
// a clock that jumps from one of its items to the next. It serves the outlets'
// feeds; the daemon that reads them is the real one and started by its caller.
package demo

import (
	"context"
	_ "embed"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The day, and when its digest is due; in the zone of config.yaml.
const (
	date    = "2026-02-06"
	opens   = "06:00"
	Evening = "20:00"
	Digest  = "day"
)

// Muscat is the zone of the day, without zone data.
var muscat = time.FixedZone("+04", 4*60*60)

type outlet struct{ id, name, lang, kind string }

// entry is one item: a time of the day, its outlet, title and text.
type entry struct{ at, outlet, title, text string }

func (e entry) time() time.Time { return clock(e.at) }

func clock(hhmm string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", date+" "+hhmm, muscat)
	if err != nil {
		panic(err) // a constant of this package
	}
	return t
}

// Day is a sample day that is being played. Its clock runs as the wall's does
// and jumps when Play says so.
type Day struct {
	mu    sync.Mutex
	now   time.Time // of the day, when it was last set
	since time.Time // of the wall, then
	known []entry   // what the outlets have published, oldest first
}

// New is the morning before anything happened.
func New() *Day {
	d := &Day{}
	d.set(clock(opens))
	d.known = append(d.known, before...)
	return d
}

// Date names the day.
func (d *Day) Date() string { return date }

// Now is the time of the day.
func (d *Day) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now.Add(time.Since(d.since))
}

func (d *Day) set(t time.Time) { d.now, d.since = t, time.Now() }

// Play publishes one item each gap, calls jumped after the clock was set a few
// minutes past it, and last sets the clock to the evening, when the digest is
// due. It returns early when ctx ends.
func (d *Day) Play(ctx context.Context, gap time.Duration, jumped func()) error {
	tick := time.NewTicker(gap)
	defer tick.Stop()
	for i := 0; i <= len(day); i++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		d.mu.Lock()
		if i < len(day) {
			d.known = append(d.known, day[i])
			d.set(day[i].time().Add(4 * time.Minute))
		} else {
			d.set(clock(Evening).Add(5 * time.Second))
		}
		d.mu.Unlock()
		jumped()
	}
	return nil
}

// Items says how many the day publishes.
func Items() int { return len(day) }

//go:embed config.yaml
var config string

// Config is the configuration of the day for feeds at base
// (http://127.0.0.1:1234).
func Config(base string) string {
	var b strings.Builder
	for _, o := range outlets {
		fmt.Fprintf(&b, "  - {id: %s, url: %q, name: %q, kind: %s, lang: %s}\n", o.id, base+"/"+o.id+"/feed.xml", o.name, o.kind, o.lang)
	}
	return strings.Replace(config, "# FEEDS\n", b.String(), 1)
}

// ServeHTTP serves the outlets: /ID/feed.xml and an article at /ID/N.
func (d *Day) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for _, o := range outlets {
		if o.id == id && r.Method == http.MethodGet {
			d.serve(w, r, o, rest)
			return
		}
	}
	http.NotFound(w, r)
}

func (d *Day) serve(w http.ResponseWriter, r *http.Request, o outlet, page string) {
	now := d.Now()
	d.mu.Lock()
	known := d.known
	d.mu.Unlock()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if page != "feed.xml" {
		article(w, r, o, page, known)
		return
	}
	tag := 0
	var items strings.Builder
	for i := len(known) - 1; i >= 0; i-- {
		e := known[i]
		if e.outlet != o.id {
			continue
		}
		tag = max(tag, i+1)
		at := e.time()
		if i < len(before) {
			at = at.AddDate(0, 0, -1)
		}
		link := fmt.Sprintf("http://%s/%s/%d", r.Host, o.id, i)
		fmt.Fprintf(&items, "<item><guid>%s</guid><link>%s</link><title>%s</title><description>%s</description><pubDate>%s</pubDate></item>\n",
			link, link, text(e.title), text(e.text), at.Format(time.RFC1123Z))
	}
	etag := fmt.Sprintf(`"%d"`, tag)
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	fmt.Fprintf(w, "%s<rss version=\"2.0\"><channel><title>%s</title><link>http://%s/%s/</link><language>%s</language>\n%s</channel></rss>\n",
		xml.Header, text(o.name), r.Host, o.id, o.lang, items.String())
}

func article(w http.ResponseWriter, r *http.Request, o outlet, page string, known []entry) {
	var i int
	if _, err := fmt.Sscanf(page, "%d", &i); err != nil || i < 0 || i >= len(known) || known[i].outlet != o.id {
		http.NotFound(w, r)
		return
	}
	e := known[i]
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><html lang=%q><meta charset=utf-8><title>%s</title><body dir=auto><p>%s · a sample of watcher demo</p><h1 dir=auto>%s</h1><p dir=auto>%s</p>\n",
		o.lang, html.EscapeString(e.title), html.EscapeString(o.name), html.EscapeString(e.title), html.EscapeString(e.text))
}

func text(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
