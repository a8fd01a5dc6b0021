package parse

import (
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"

	"watcher/feeds"
)

// rssFeed takes a channel over into the document.
func (s source) rssFeed(f *rss.Feed) {
	d, e := &s.doc, f.Extensions
	d.Title = s.title(f.Title, extValue(e, "dc", "title"), extValue(e, "itunes", "title"), extValue(e, "atom", "title"), extValue(e, "media", "title"))
	d.Description = s.html(f.Description, extValue(e, "dc", "description"), extValue(e, "itunes", "summary"), extValue(e, "itunes", "subtitle"),
		extValue(e, "atom", "subtitle"), extValue(e, "googleplay", "description"), extValue(e, "content", "encoded"))
	if lang := s.first(f.Language, extValue(e, "dc", "language")); lang != "" {
		d.Language = lang
	}
	links := s.extLinks(e["atom"]["link"])
	for _, l := range f.Links {
		if u := s.webLink(l); u != "" {
			d.Links = addWord(d.Links, u)
			if d.Link == "" {
				d.Link = u
			}
		}
	}
	if d.Link == "" {
		d.Link = s.bestLink(links)
	}
	s.feedLinks(links)
	d.Published = stamp(f.PubDate, extValue(e, "dcterms", "issued", "created"), extValue(e, "atom", "published"))
	d.Updated = stamp(f.LastBuildDate, extValue(e, "dc", "date"), extValue(e, "dcterms", "modified"), extValue(e, "atom", "updated", "modified"))
	if minutes, err := strconv.Atoi(s.text(f.TTL)); err == nil && minutes > 0 && minutes < 1<<20 {
		d.TTL = time.Duration(minutes) * time.Minute
	}
	s.syndication(e)
	s.skips(f)
	d.Authors = s.lineAuthors(d.Authors, f.ManagingEditor)
	d.Authors = s.extPersons(d.Authors, e["atom"]["author"])
	d.Authors = s.lineAuthors(d.Authors, extValues(e, "dc", "creator")...)
	d.Authors = s.lineAuthors(d.Authors, extValues(e, "dc", "author")...)
	d.Authors = s.lineAuthors(d.Authors, extValues(e, "itunes", "author")...)
	if len(d.Authors) == 0 {
		d.Authors = s.lineAuthors(d.Authors, f.WebMaster)
		d.Authors = s.extPersons(d.Authors, e["itunes"]["owner"])
	}
	for _, c := range f.Categories {
		d.Categories = s.categories(d.Categories, false, c.Value)
	}
	d.Categories = s.categories(d.Categories, false, extValues(e, "dc", "subject")...)
	d.Categories = s.itunesCategories(d.Categories, e["itunes"]["category"], 0)
	d.Categories = s.categories(d.Categories, true, extValues(e, "itunes", "keywords")...)
	if f.Image != nil {
		d.Image = s.link(f.Image.URL)
	}
	for _, v := range []string{extAttr(e, "itunes", "image", "href"), extAttr(e, "googleplay", "image", "href"), extValue(e, "atom", "logo", "icon"),
		extAttr(e, "media", "thumbnail", "url")} {
		if d.Image == "" {
			d.Image = s.link(v)
		}
	}
	if d.Image == "" {
		var own feeds.Item
		s.mediaIn(&own, e["media"])
		d.Image = own.Image
	}
	d.Items = make([]feeds.Item, 0, len(f.Items))
	for i, it := range f.Items {
		d.Items = append(d.Items, s.rssItem(it, s.info(i)))
	}
}

func (s source) skips(f *rss.Feed) {
	seen := map[int]bool{}
	for _, v := range f.SkipHours {
		h, err := strconv.Atoi(s.text(v))
		if h == 24 {
			h = 0
		}
		if err == nil && h >= 0 && h < 24 && !seen[h] {
			seen[h] = true
			s.doc.SkipHours = append(s.doc.SkipHours, h)
		}
	}
	for _, v := range f.SkipDays {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(s.text(v), day.String()) && !seen[100+int(day)] {
				seen[100+int(day)] = true
				s.doc.SkipDays = append(s.doc.SkipDays, day)
			}
		}
	}
}

func (s source) rssItem(x *rss.Item, info entryInfo) feeds.Item {
	e := x.Extensions
	it := feeds.Item{RawHash: info.hash}
	it.Title = s.title(x.Title, extValue(e, "dc", "title"), extValue(e, "dcterms", "title"), extValue(e, "atom", "title"), extValue(e, "itunes", "title"))
	it.Summary = s.html(x.Description, extValue(e, "dc", "description"), extValue(e, "atom", "summary"), extValue(e, "dcterms", "abstract"),
		extValue(e, "itunes", "summary"), extValue(e, "itunes", "subtitle"), extValue(e, "googleplay", "description"))
	if x.Content == "" || x.Content != x.Description {
		it.Content = s.html(x.Content, extValue(e, "atom", "content"), extValue(e, "xhtml", "body", "div"))
	}
	if second := extValue(e, "atom", "summary"); second != "" && x.Description != "" && it.Content == "" {
		if second = s.html(second); second != "" && second != it.Summary {
			it.Summary, it.Content = second, it.Summary
		}
	}
	permalink := ""
	if x.GUID != nil {
		it.GUID = strings.TrimSpace(s.text(x.GUID.Value))
		if is := strings.ToLower(s.text(x.GUID.IsPermalink)); is != "false" && is != "0" && is != "no" && isWeb(it.GUID) {
			permalink = it.GUID
		}
	}
	if it.GUID == "" {
		it.GUID = s.first(extValue(e, "atom", "id"), extValue(e, "dc", "identifier"), info.about)
	}
	links := s.extLinks(e["atom"]["link"])
	s.rssLink(&it, x, links, permalink, info)
	s.entryLinks(&it, links)
	it.Published = stamp(x.PubDate, extValue(e, "atom", "published", "issued"), extValue(e, "dcterms", "issued", "available", "created", "date", "submitted", "valid"),
		extValue(e, "dc", "date"), extValue(e, "prism", "publicationdate", "coverdate", "creationdate"))
	it.Updated = stamp(extValue(e, "atom", "updated", "modified"), extValue(e, "dcterms", "modified"), extValue(e, "dc", "date"),
		extValue(e, "prism", "modificationdate"))
	if it.Published.IsZero() {
		it.Published = it.Updated
	}
	it.Lang = s.first(extValue(e, "dc", "language"))
	if it.Lang == "" && info.lang != s.l.lang {
		it.Lang = info.lang
	}
	it.Authors = s.lineAuthors(it.Authors, x.Author)
	it.Authors = s.extPersons(it.Authors, e["atom"]["author"])
	it.Authors = s.lineAuthors(it.Authors, extValues(e, "dc", "creator")...)
	it.Authors = s.lineAuthors(it.Authors, extValues(e, "dc", "author")...)
	it.Authors = s.lineAuthors(it.Authors, extValues(e, "dcterms", "creator")...)
	if len(it.Authors) == 0 {
		it.Authors = s.lineAuthors(it.Authors, extValues(e, "itunes", "author")...)
	}
	if len(it.Authors) == 0 {
		it.Authors = s.lineAuthors(it.Authors, extValues(e, "googleplay", "author")...)
	}
	for _, c := range x.Categories {
		it.Categories = s.categories(it.Categories, false, c.Value)
	}
	it.Categories = s.categories(it.Categories, false, extValues(e, "dc", "subject")...)
	for _, c := range e["atom"]["category"] {
		it.Categories = s.categories(it.Categories, false, firstOf(c.Attrs["label"], c.Attrs["term"]))
	}
	it.Categories = s.itunesCategories(it.Categories, e["itunes"]["category"], 0)
	it.Categories = s.categories(it.Categories, true, extValues(e, "itunes", "keywords")...)
	if x.Source != nil {
		it.Source = s.title(x.Source.Title)
	}
	for _, en := range x.Enclosures {
		s.enclosure(&it, en.URL, en.Type, en.Length)
	}
	s.originals(&it, e)
	it.Image = s.link(firstOf(extAttr(e, "itunes", "image", "href"), extAttr(e, "googleplay", "image", "href")))
	s.media(&it, e)
	if it.Image == "" {
		for _, en := range it.Enclosures {
			if strings.HasPrefix(en.Type, "image/") {
				it.Image = en.URL
				break
			}
		}
	}
	return it
}

// rssLink picks the page of an item: the original behind a redirecting service,
// its link, an Atom link, the guid where it is a permalink, what RDF says it is
// about.
func (s source) rssLink(it *feeds.Item, x *rss.Item, links []linkForm, permalink string, info entryInfo) {
	candidates := []string{extValue(x.Extensions, "feedburner", "origlink"), extValue(x.Extensions, "pheedo", "origlink")}
	candidates = append(candidates, x.Links...)
	for _, c := range candidates {
		if u := s.webLink(c); u != "" {
			if it.Link == "" {
				it.Link = u
			}
			it.Links = addWord(it.Links, u)
		}
	}
	if it.Link == "" {
		it.Link = s.bestLink(links)
	}
	if it.Link == "" && permalink != "" {
		it.Link = permalink
	}
	if it.Link == "" && isWeb(info.about) {
		it.Link = info.about
	}
	if it.Link == "" && x.GUID != nil && strings.EqualFold(s.text(x.GUID.IsPermalink), "true") && it.GUID != "" && !strings.Contains(it.GUID, ":") &&
		strings.ContainsAny(it.GUID, "/.") && !strings.Contains(it.GUID, " ") {
		it.Link = s.webLink(x.GUID.Value) // a relative permalink
	}
}
