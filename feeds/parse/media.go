package parse

import (
	"path"
	"strconv"
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"

	"watcher/feeds"
)

// media reads the Media RSS elements of an entry.
func (s source) media(it *feeds.Item, e ext.Extensions) {
	m := e["media"]
	if m == nil {
		return
	}
	s.mediaIn(it, m)
	for _, g := range m["group"] {
		s.mediaIn(it, g.Children)
	}
	for _, x := range m["category"] {
		it.Categories = s.categories(it.Categories, false, firstOf(x.Value, x.Attrs["label"]))
	}
	it.Categories = s.categories(it.Categories, true, extValues(e, "media", "keywords")...)
	if len(it.Authors) == 0 {
		for _, x := range m["credit"] {
			if role := strings.ToLower(s.text(x.Attrs["role"])); role == "" || role == "author" || role == "owner" {
				it.Authors = s.lineAuthors(it.Authors, x.Value)
			}
		}
	}
	if it.Title == "" {
		it.Title = s.title(mediaText(m, "title"))
	}
	if it.Summary == "" && it.Content == "" {
		it.Summary = s.html(mediaText(m, "description"))
	}
}

func mediaText(m map[string][]ext.Extension, name string) string {
	for _, x := range m[name] {
		return x.Value
	}
	for _, holder := range []string{"group", "content"} {
		for _, g := range m[holder] {
			for _, x := range g.Children[name] {
				return x.Value
			}
		}
	}
	return ""
}

func (s source) mediaIn(it *feeds.Item, m map[string][]ext.Extension) {
	for _, c := range m["content"] {
		if u := s.link(c.Attrs["url"]); u != "" {
			it.Media = addWord(it.Media, u)
			typ, medium := s.text(c.Attrs["type"]), s.text(c.Attrs["medium"])
			if it.Image == "" && (strings.HasPrefix(typ, "image/") || medium == "image") {
				it.Image = u
			}
		}
		s.mediaIn(it, c.Children)
	}
	for _, name := range []string{"thumbnail", "player", "peerlink"} {
		for _, x := range m[name] {
			u := s.link(firstOf(x.Attrs["url"], x.Attrs["href"]))
			if u == "" {
				continue
			}
			if name == "thumbnail" && it.Image == "" {
				it.Image = u
			}
			it.Media = addWord(it.Media, u)
		}
	}
}

func firstOf(vs ...string) string {
	for _, v := range vs {
		if v != "" {
			return v
		}
	}
	return ""
}

// enclosure adds one that has an address.
func (s source) enclosure(it *feeds.Item, address, typ, length string) {
	u := s.link(address)
	if u == "" {
		return
	}
	for _, have := range it.Enclosures {
		if have.URL == u {
			return
		}
	}
	e := feeds.Enclosure{URL: u}
	if words := strings.Fields(s.text(typ)); len(words) > 0 {
		e.Type = strings.Trim(words[0], `;"'`)
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(s.text(length)), 10, 64); err == nil && n > 0 {
		e.Length = strconv.FormatInt(n, 10)
	}
	it.Enclosures = append(it.Enclosures, e)
}

// originals puts the file itself in the place of an enclosure that goes through
// a counting service, as an item's own page stands in the place of its link
// there. The two end in the same name.
func (s source) originals(it *feeds.Item, e ext.Extensions) {
	for _, v := range extValues(e, "feedburner", "origenclosurelink") {
		orig := s.webLink(v)
		name := path.Base(strings.SplitN(orig, "?", 2)[0])
		if orig == "" || name == "." || name == "/" {
			continue
		}
		for i, en := range it.Enclosures {
			if strings.Contains(en.URL, name) {
				it.Enclosures[i].URL = orig
				break
			}
		}
	}
}
