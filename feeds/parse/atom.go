package parse

import (
	"strings"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"

	"watcher/feeds"
)

// atomFeed takes an Atom feed over into the document.
func (s source) atomFeed(f *atom.Feed) {
	d, e := &s.doc, f.Extensions
	d.Title = s.title(f.Title, extValue(e, "dc", "title"))
	d.Description = s.html(f.Subtitle, extValue(e, "dc", "description"), extValue(e, "itunes", "summary"), extValue(e, "itunes", "subtitle"))
	if d.Language == "" {
		d.Language = s.first(extValue(e, "dc", "language"))
	}
	links := s.atomLinks(f.Links)
	d.Link = s.bestLink(links)
	s.feedLinks(links)
	d.Updated = stamp(f.Updated, extValue(e, "dc", "date"), extValue(e, "dcterms", "modified"))
	d.Published = stamp(extValue(e, "dcterms", "created", "issued"))
	d.Authors = s.atomPersons(d.Authors, f.Authors, e)
	d.Categories = s.atomCategories(d.Categories, f.Categories)
	d.Categories = s.categories(d.Categories, false, extValues(e, "dc", "subject")...)
	d.Categories = s.itunesCategories(d.Categories, e["itunes"]["category"], 0)
	for _, v := range []string{f.Logo, extAttr(e, "itunes", "image", "href"), f.Icon, extAttr(e, "media", "thumbnail", "url")} {
		if d.Image == "" {
			d.Image = s.link(v)
		}
	}
	d.Icon = s.link(f.Icon)
	s.syndication(e)
	d.Items = make([]feeds.Item, 0, len(f.Entries))
	for i, x := range f.Entries {
		d.Items = append(d.Items, s.atomEntry(x, s.info(i)))
	}
}

func (s source) atomLinks(links []*atom.Link) []linkForm {
	out := make([]linkForm, 0, len(links))
	for _, l := range links {
		out = append(out, linkForm{l.Href, s.rel(l.Rel), s.text(l.Type), l.Length})
	}
	return out
}

func (s source) atomPersons(list []feeds.Author, persons []*atom.Person, e ext.Extensions) []feeds.Author {
	for _, p := range persons {
		a := feeds.Author{Name: s.line(p.Name), Email: strings.TrimSpace(s.text(p.Email))}
		if a.Email == "" {
			a = person(a.Name)
		}
		list = addPerson(list, a)
	}
	list = s.lineAuthors(list, extValues(e, "dc", "creator")...)
	return s.lineAuthors(list, extValues(e, "dc", "author")...)
}

func (s source) atomCategories(list []string, cats []*atom.Category) []string {
	for _, c := range cats {
		list = s.categories(list, false, firstOf(c.Label, c.Term))
	}
	return list
}

func (s source) atomEntry(x *atom.Entry, info entryInfo) feeds.Item {
	e := x.Extensions
	it := feeds.Item{RawHash: info.hash, GUID: s.first(x.ID, extValue(e, "dc", "identifier"), info.about)}
	it.Title = s.title(x.Title, extValue(e, "dc", "title"))
	it.Summary = s.html(x.Summary, extValue(e, "dc", "description"), extValue(e, "itunes", "summary"))
	if x.Content != nil {
		it.Content = s.atomContent(x.Content)
	}
	links := s.atomLinks(x.Links)
	if orig := s.webLink(extValue(e, "feedburner", "origlink")); orig != "" {
		it.Link = orig
		it.Links = addWord(it.Links, orig)
	} else {
		it.Link = s.bestLink(links)
	}
	s.entryLinks(&it, links)
	if it.Link == "" && x.Content != nil {
		it.Link = s.webLink(x.Content.Src)
	}
	if it.Link == "" && isWeb(it.GUID) {
		it.Link = it.GUID
	}
	it.Published = stamp(x.Published, extValue(e, "dcterms", "issued", "created", "available"), extValue(e, "dc", "date"))
	it.Updated = stamp(x.Updated, extValue(e, "dcterms", "modified"), extValue(e, "dc", "date"))
	if it.Published.IsZero() {
		it.Published = it.Updated
	}
	it.Lang = s.first(extValue(e, "dc", "language"))
	if it.Lang == "" && info.lang != s.l.lang {
		it.Lang = info.lang
	}
	it.Authors = s.atomPersons(it.Authors, x.Authors, e)
	if x.Source != nil {
		it.Source = s.title(x.Source.Title)
		if len(it.Authors) == 0 {
			it.Authors = s.atomPersons(it.Authors, x.Source.Authors, nil)
		}
	}
	it.Categories = s.atomCategories(it.Categories, x.Categories)
	it.Categories = s.categories(it.Categories, false, extValues(e, "dc", "subject")...)
	it.Image = s.link(extAttr(e, "itunes", "image", "href"))
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

// atomContent leaves out what is no text: a picture or a file in base64.
func (s source) atomContent(c *atom.Content) string {
	if t := s.lifted(s.l, c.Value); t != nil && binaryType(t.typ) && t.typ != "application/octet-stream" {
		return ""
	}
	return s.html(c.Value)
}
