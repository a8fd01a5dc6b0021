package parse

import (
	"bytes"
	"net/url"
	"strings"
)

// readAttrs takes the attributes of a tag, and its namespace declarations into
// force.
func (l *lean) readAttrs(t tag) {
	l.attr = l.attr[:0]
	if len(t.attrs) == 0 {
		return
	}
	attributes(t.attrs, func(a attr) {
		switch {
		case string(a.prefix) == "xmlns":
			l.ns = append(l.ns, binding{a.local, namespacePrefix(a.value)})
		case len(a.prefix) == 0 && string(a.local) == "xmlns":
			l.ns = append(l.ns, binding{nil, namespacePrefix(a.value)})
		default:
			l.attr = append(l.attr, a)
		}
	})
	if len(l.ns) > 1000 {
		l.ns = l.ns[:1000]
	}
}

// context gives base and language of the element whose attributes are at hand.
func (l *lean) context(parent frame) (*url.URL, string) {
	base, lang := parent.base, parent.lang
	for _, a := range l.attr {
		switch {
		case string(a.prefix) == "xml" && string(a.local) == "base":
			from := base
			if from == nil {
				from = l.root
			}
			if u, err := url.Parse(strings.TrimSpace(decodeEntities(string(a.value)))); err == nil && u.Scheme != "javascript" && u.Scheme != "data" {
				if from != nil {
					u = from.ResolveReference(u)
				}
				base = u
			}
		case string(a.prefix) == "xml" && string(a.local) == "lang":
			lang = decodeEntities(string(a.value))
		case len(a.prefix) == 0 && string(a.local) == "lang" && lang == "":
			lang = decodeEntities(string(a.value))
		}
	}
	return base, lang
}

// resolve gives the prefix and the name of an element in the lean document.
// The name is only good until the next call.
func (l *lean) resolve(name []byte, buf *[40]byte) (prefix string, local []byte) {
	var p []byte
	if c := bytes.IndexByte(name, ':'); c >= 0 {
		p, name = name[:c], name[c+1:]
	}
	if len(name) > len(buf) {
		return foreign, nil
	}
	local = buf[:len(name)]
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		local[i] = c
	}
	for i := len(l.ns) - 1; i >= 0; i-- {
		if bytes.Equal(l.ns[i].prefix, p) {
			to := l.ns[i].to
			if to == foreign {
				to = orWellKnown(p)
			}
			if l.atom && to == "atom" {
				to = ""
			}
			return to, local
		}
	}
	to := orWellKnown(p)
	if l.atom && to == "atom" {
		to = ""
	}
	return to, local
}

func orWellKnown(p []byte) string {
	if len(p) == 0 {
		return ""
	}
	if len(p) < 16 {
		if to, ok := wellKnown[strings.ToLower(string(p))]; ok {
			return to
		}
	}
	return foreign
}

// useOf decides what is done with an element, and its name in the lean form.
func (l *lean) useOf(prefix string, local []byte, parent frame) (use, string) {
	if prefix != "" {
		u, ok := extensions[prefix][string(local)]
		if !ok || u == skip {
			if prefix == "rdf" && (string(local) == "rdf" || string(local) == "rss") {
				return clear, ""
			}
			return skip, ""
		}
		return u, prefix + ":" + string(local)
	}
	u := native[string(local)]
	switch {
	case u == skip:
		return skip, ""
	case parent.ext != "" && parent.use == nest:
		// An unprefixed child of an extension: taken for one of its own.
		if u, ok := extensions[parent.ext][string(local)]; ok && u != skip {
			return u, parent.ext + ":" + string(local)
		}
		return skip, ""
	case (u == entry || u == clear) && parent.use != clear:
		return skip, ""
	}
	switch string(local) {
	case "item", "entry":
		if l.atom {
			return entry, "entry"
		}
		return entry, "item"
	case "link", "category":
		if l.atom {
			return attrs, string(local)
		}
	case "author":
		if l.atom {
			return u, "author"
		}
		if parent.use != entry {
			return u, "dc:author" // of a channel, where RSS has none
		}
	case "source":
		if l.atom {
			return nest, "source"
		}
		return text, "source"
	case "image":
		if parent.use != entry && !l.atom {
			return nest, "image"
		}
		return place, "itunes:image"
	case "created":
		return u, "dcterms:created"
	case "date":
		return u, "dc:date"
	case "updated", "modified", "published", "issued":
		if !l.atom {
			return u, "atom:" + string(local)
		}
	case "id", "summary", "subtitle":
		if !l.atom {
			return u, "atom:" + string(local)
		}
	case "abstract":
		if !l.atom {
			return u, "atom:summary"
		}
		return u, "summary"
	case "content", "body":
		if !l.atom {
			return u, "atom:content"
		}
		return u, "content"
	case "encoded", "fullitem":
		if !l.atom {
			return u, "content:encoded"
		}
		return u, "content"
	case "description":
		if l.atom {
			return u, "summary"
		}
	case "guid":
		if l.atom {
			return u, "id"
		}
	case "pubdate":
		if l.atom {
			return u, "published"
		}
	}
	return u, string(local)
}

// stop names the elements before which the search for an end tag gives up: an
// element of the channel never holds an entry.
func (l *lean) stop() func([]byte) bool {
	for _, f := range l.stack {
		if f.use == entry {
			return nil
		}
	}
	return isEntryName
}

func isEntryName(name []byte) bool {
	if c := bytes.LastIndexByte(name, ':'); c >= 0 {
		name = name[c+1:]
	}
	return bytes.EqualFold(name, []byte("item")) || bytes.EqualFold(name, []byte("entry"))
}

// leap goes behind an element that is left out.
func (l *lean) leap(t tag, limit int) int {
	if t.empty {
		return t.end
	}
	if l.hopeless < 0 {
		l.cutoff = true
		return limit
	}
	if _, end, ok := l.element(t, limit, l.stop()); ok {
		return end
	}
	l.unbalanced = true
	return t.end
}
