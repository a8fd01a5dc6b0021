package parse

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"

	"watcher/feeds"
)

// source gives the texts of one lean document back.
type source struct {
	*reader
	l *lean
}

// xml reads RSS, RDF and Atom.
func (r *reader) xml(text []byte, root root) error {
	l := newLean(text, root, r)
	s := source{r, l}
	r.doc.Skipped = l.skipped
	r.doc.Language = strings.TrimSpace(l.lang)
	if l.atom {
		feed, err := (&atom.Parser{}).Parse(bytes.NewReader(l.out))
		if err != nil {
			return fmt.Errorf("parse atom: %w", err)
		}
		s.atomFeed(feed)
		return nil
	}
	feed, err := (&rss.Parser{}).Parse(bytes.NewReader(l.out))
	if err != nil {
		return fmt.Errorf("parse rss: %w", err)
	}
	s.rssFeed(feed)
	return nil
}

// text gives a plain text back.
func (s source) text(v string) string {
	if t := s.lifted(s.l, v); t != nil {
		v, _ = t.value()
	}
	return v
}

// first gives the first text that says something.
func (s source) first(vs ...string) string {
	for _, v := range vs {
		if v = strings.TrimSpace(s.text(v)); v != "" {
			return v
		}
	}
	return ""
}

func (s source) title(vs ...string) string {
	for _, v := range vs {
		kind := kindAny
		if t := s.lifted(s.l, v); t != nil {
			v, kind = t.value()
		}
		if v = titleText(v, kind == kindPlain); v != "" {
			return v
		}
	}
	return ""
}

// line gives a text in one line without markup.
func (s source) line(v string) string { return s.title(v) }

// html gives the first text that says something as HTML that is safe to show.
func (s source) html(vs ...string) string {
	for _, v := range vs {
		if v == "" {
			continue
		}
		kind, base := kindAny, (*url.URL)(nil)
		if t := s.lifted(s.l, v); t != nil {
			base = t.base
			v, kind = t.value()
		}
		if v = s.safeHTML(v, kind, base); v != "" {
			return v
		}
	}
	return ""
}

// link gives an address back, absolute where it can be.
func (s source) link(v string) string {
	if v == "" {
		return ""
	}
	base := s.base
	if t := s.lifted(s.l, v); t != nil {
		if t.base != nil {
			base = t.base
		}
		v, _ = t.value()
		if strings.TrimSpace(v) == "" && t.base != nil { // href="" stands for the base itself
			return t.base.String()
		}
	}
	return resolve(base, v)
}

func (s source) webLink(v string) string {
	switch link := s.link(v); schemeOf(link) {
	case "http", "https", "":
		return link
	}
	return ""
}

// time reads a date, which the lean document has in one form.
func stamp(vs ...string) time.Time {
	for _, v := range vs {
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Extensions.

func extValues(e ext.Extensions, prefix, name string) []string {
	var out []string
	for _, x := range e[prefix][name] {
		out = append(out, x.Value)
	}
	return out
}

func extValue(e ext.Extensions, prefix string, names ...string) string {
	for _, name := range names {
		for _, x := range e[prefix][name] {
			if x.Value != "" {
				return x.Value
			}
		}
	}
	return ""
}

func extAttr(e ext.Extensions, prefix, name, attr string) string {
	for _, x := range e[prefix][name] {
		if v := x.Attrs[attr]; v != "" {
			return v
		}
	}
	return ""
}

// extPersons reads atom:author and its like.
func (s source) extPersons(list []feeds.Author, xs []ext.Extension) []feeds.Author {
	for _, x := range xs {
		p := feeds.Author{}
		for _, n := range x.Children["name"] {
			p.Name = s.line(n.Value)
		}
		for _, n := range x.Children["email"] {
			p.Email = s.text(n.Value)
		}
		if p == (feeds.Author{}) {
			p = person(s.line(x.Value))
		}
		list = addPerson(list, p)
	}
	return list
}

// lineAuthors adds persons that are named in one line each.
func (s source) lineAuthors(list []feeds.Author, vs ...string) []feeds.Author {
	for _, v := range vs {
		// A title's way of reading would take <a@b.c> for markup; it does not, as
		// HTML has no such tag.
		if v = s.line(v); v != "" {
			list = addPerson(list, person(v))
		}
	}
	return list
}

// category adds one, or several that stand in one line with commas.
func (s source) categories(list []string, split bool, vs ...string) []string {
	for _, v := range vs {
		v = s.line(v)
		if !split {
			list = addWord(list, v)
			continue
		}
		for _, part := range strings.Split(v, ",") {
			list = addWord(list, strings.TrimSpace(part))
		}
	}
	return list
}

// itunesCategories reads the categories that nest.
func (s source) itunesCategories(list []string, xs []ext.Extension, depth int) []string {
	for _, x := range xs {
		list = s.categories(list, false, x.Attrs["text"])
		if depth < 3 {
			list = s.itunesCategories(list, x.Children["category"], depth+1)
		}
	}
	return list
}

// atomLinks reads links in the manner of Atom, as they stand in RSS too.
type linkForm struct{ href, rel, typ, length string }

func (s source) extLinks(xs []ext.Extension) []linkForm {
	var out []linkForm
	for _, x := range xs {
		out = append(out, linkForm{x.Attrs["href"], s.rel(x.Attrs["rel"]), s.text(x.Attrs["type"]), x.Attrs["length"]})
	}
	return out
}

// rel gives the relation of a link in one spelling: the registry's own address
// in front of a name says nothing.
func (s source) rel(v string) string {
	v = strings.ToLower(strings.TrimSpace(s.text(v)))
	if _, name, ok := strings.Cut(v, "iana.org/assignments/"); ok {
		return name[strings.LastIndexByte(name, '/')+1:]
	}
	return v
}

// bestLink picks the address of a page: an alternate, HTML before others.
func (s source) bestLink(links []linkForm) string {
	best, rank := "", 0
	for _, l := range links {
		n := 0
		switch l.rel {
		case "", "alternate":
			n = 3
			if l.typ == "" || strings.Contains(l.typ, "html") {
				n = 4
			}
		}
		if n > rank {
			if u := s.webLink(l.href); u != "" {
				best, rank = u, n
			}
		}
	}
	return best
}

// feedLinks takes what the links of a feed say.
func (s source) feedLinks(links []linkForm) {
	d := &s.doc
	for _, l := range links {
		u := s.link(l.href)
		switch {
		case u == "":
			continue
		case l.rel == "self" && d.SelfLink == "":
			d.SelfLink = u
		case l.rel == "hub" && d.Hub == "" && isWeb(u):
			d.Hub = u
		}
		d.Links = addWord(d.Links, u)
	}
	if d.Hub != "" {
		d.HubTopic = d.SelfLink
	}
}

// entryLinks takes what the links of an entry say besides its page.
func (s source) entryLinks(it *feeds.Item, links []linkForm) {
	for _, l := range links {
		u := s.link(l.href)
		if u == "" {
			continue
		}
		if l.rel == "enclosure" {
			s.enclosure(it, l.href, l.typ, l.length)
		}
		it.Links = addWord(it.Links, u)
	}
}

// syndication reads ttl, sy:*, skipHours and skipDays.
func (s source) syndication(e ext.Extensions) {
	period := map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour,
		"monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour}[strings.ToLower(s.text(extValue(e, "sy", "updateperiod")))]
	frequency, err := strconv.Atoi(s.text(extValue(e, "sy", "updatefrequency")))
	if err != nil || frequency < 1 {
		frequency = 1
	}
	s.doc.UpdatePeriod = period / time.Duration(frequency)
}

// info gives what the scan knows of the i-th entry.
func (s source) info(i int) entryInfo {
	if i < len(s.l.entries) {
		return s.l.entries[i]
	}
	return entryInfo{}
}
