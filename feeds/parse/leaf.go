package parse

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// inner gives the content of an element and the place behind it. Where the end
// tag is missing, the content ends at the next tag that is a feed's own.
func (l *lean) inner(t tag, limit int) ([]byte, int) {
	if t.empty {
		return nil, t.end
	}
	if l.hopeless >= 0 {
		if inner, end, ok := l.element(t, limit, l.stop()); ok {
			return l.b[t.end:inner], end
		}
	}
	l.unbalanced = true
	end := l.nextKnown(t.end, limit)
	return l.b[t.end:end], end
}

// nextKnown finds the next tag that is a feed's own and not HTML in a text.
func (l *lean) nextKnown(i, limit int) int {
	for from := i; l.hopeless >= 0; {
		t, ok := l.next(i, limit)
		if !ok {
			l.hopeless -= limit - from
			return limit
		}
		i = t.end
		local := t.name
		if c := bytes.IndexByte(local, ':'); c >= 0 && !bytes.HasPrefix(local, []byte("xhtml:")) {
			return t.start
		}
		if native[string(bytes.ToLower(local))] != skip || t.closing && l.holds(local) {
			l.hopeless -= t.start - from
			return t.start
		}
	}
	return limit
}

// leaf writes an element without elements of its own.
func (l *lean) leaf(t tag, limit int, u use, prefix, emit, local string, f frame) int {
	raw, end := l.inner(t, limit)
	raw = bytes.TrimSpace(raw)
	switch {
	case u == date:
		l.date(emit, raw)
		return end
	case local == "link" && prefix == "" && !l.atom && len(raw) == 0:
		emit = "atom:link" // <link href="…"/> in RSS
	case emit == "author" && l.atom:
		l.atomName(raw, f)
		return end
	case prefix == "dc" && bytes.Contains(raw, []byte("<rdf:li")):
		l.listed(raw, emit, f)
		return end
	case emit == "enclosure":
		l.enclosure(raw)
		raw = nil
	case local == "image" && emit == "itunes:image":
		l.itemImage(emit, raw, f)
		return end
	case emit == "category" && l.atom && len(raw) > 0:
		l.attr = append(l.attr, attr{local: []byte("term"), value: raw})
		raw = nil
	case (emit == "link" && l.atom || emit == "atom:link") && len(raw) > 0:
		if l.attrValue("href") == nil {
			l.attr = append(l.attr, attr{local: []byte("href"), value: raw})
		}
		raw = nil
	}
	if u == attrs {
		raw = nil
	}
	if len(raw) == 0 && len(l.attr) == 0 {
		return end
	}
	l.out = append(l.out, '<')
	l.out = append(l.out, emit...)
	if u == text || u == either {
		l.textAttrs(emit, f.base)
	} else {
		l.writeAttrs(f.base)
	}
	l.out = append(l.out, '>')
	if len(raw) > 0 {
		l.writeText(raw, u, emit, f.base)
	}
	l.out = append(l.out, '<', '/')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.count()
	return end
}

// holdsElements tells whether the first thing in an element is another.
func (l *lean) holdsElements(t tag) bool {
	rest := bytes.TrimLeft(l.b[t.end:], " \t\r\n")
	return !t.empty && len(rest) > 1 && rest[0] == '<' && isNameStart(rest[1])
}

// itemImage writes the picture of an item: an address, or an element url.
func (l *lean) itemImage(emit string, raw []byte, f frame) {
	if i := bytes.Index(raw, []byte("<url>")); i >= 0 {
		raw = raw[i+5:]
		if j := bytes.IndexByte(raw, '<'); j >= 0 {
			raw = raw[:j]
		}
	}
	if len(raw) == 0 {
		for _, name := range []string{"href", "url", "src", "resource"} {
			if v := l.attrValue(name); v != nil {
				raw = v
			}
		}
	}
	if len(raw) == 0 || len(raw) > 4096 || bytes.IndexByte(raw, '<') >= 0 {
		return
	}
	l.out = append(l.out, "<itunes:image href=\""...)
	l.lift(lifted{raw: bytes.TrimSpace(raw), attr: true, base: f.base})
	l.out = append(l.out, "\"></itunes:image>"...)
	l.count()
}

// atomName writes an author of Atom who stands there without a name element.
func (l *lean) atomName(raw []byte, f frame) {
	if len(raw) == 0 {
		return
	}
	l.out = append(l.out, "<author><name>"...)
	l.writeText(raw, text, "name", f.base)
	l.out = append(l.out, "</name></author>"...)
	l.count()
}

// listed writes each part of an RDF list as an element of its own.
func (l *lean) listed(raw []byte, emit string, f frame) {
	for _, part := range bytes.Split(raw, []byte("<rdf:li"))[1:] {
		_, part, _ = bytes.Cut(part, []byte(">"))
		part, _, _ = bytes.Cut(part, []byte("</rdf:li"))
		if part = bytes.TrimSpace(part); len(part) == 0 || l.full() {
			continue
		}
		l.out = append(append(append(l.out, '<'), emit...), '>')
		l.writeText(part, text, emit, f.base)
		l.out = append(append(append(l.out, '<', '/'), emit...), '>')
		l.count()
	}
}

// enclosure makes sure that the address of one stands in its url, wherever the
// feed puts it.
func (l *lean) enclosure(raw []byte) {
	for i := range l.attr {
		l.attr[i].prefix = nil // enc:length, rdf:resource
	}
	if l.attrValue("url") != nil {
		return
	}
	address := raw
	for _, name := range []string{"href", "src", "resource"} {
		if v := l.attrValue(name); v != nil {
			address = v
		}
	}
	if len(address) > 0 && len(address) <= 4096 && bytes.IndexByte(address, '<') < 0 {
		l.attr = append(l.attr, attr{local: []byte("url"), value: address})
	}
}

// date writes a date in the one form that is always read right, or nothing.
func (l *lean) date(emit string, raw []byte) {
	s := strings.TrimSpace(innerText(raw))
	if s == "" {
		return
	}
	t := parseDate(s)
	if t.IsZero() {
		where := "document"
		if n := len(l.entries); n > 0 {
			where = "entry " + strconv.Itoa(n+l.skipped)
		}
		if len(s) > 60 {
			s = s[:60]
		}
		l.warn("%s: the date %q cannot be read", where, s)
		return
	}
	l.out = append(l.out, '<')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.out = t.UTC().AppendFormat(l.out, time.RFC3339Nano)
	l.out = append(l.out, '<', '/')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.count()
}

func (l *lean) attrValue(name string) []byte {
	for _, a := range l.attr {
		if len(a.prefix) == 0 && string(a.local) == name && len(bytes.TrimSpace(a.value)) > 0 {
			return a.value
		}
	}
	return nil
}

// writeAttrs writes the attributes of the tag at hand that are kept.
func (l *lean) writeAttrs(base *url.URL) {
	for _, a := range l.attr {
		if len(a.prefix) > 0 && string(a.prefix) != "rdf" || len(a.local) > 16 {
			continue
		}
		name := string(bytes.ToLower(a.local))
		address, ok := keptAttrs[name]
		if !ok {
			continue
		}
		if name == "ispermalink" {
			name = "isPermaLink"
		}
		value := bytes.TrimSpace(a.value)
		l.out = append(l.out, ' ')
		l.out = append(l.out, name...)
		l.out = append(l.out, '=', '"')
		if !address && plainText(value) {
			l.out = append(l.out, value...)
		} else {
			l.lift(lifted{raw: value, attr: true, base: base})
		}
		l.out = append(l.out, '"')
	}
}

// textAttrs writes the few attributes that a text element keeps; its type goes
// with the text.
func (l *lean) textAttrs(emit string, base *url.URL) {
	switch emit {
	case "guid", "source", "category", "content", "media:category", "media:credit":
		kept := l.attr[:0:0]
		for _, a := range l.attr {
			switch strings.ToLower(string(a.local)) {
			case "ispermalink", "src", "url", "label", "role", "term":
				kept = append(kept, a)
			}
		}
		all := l.attr
		l.attr = kept
		l.writeAttrs(base)
		l.attr = all
	}
}

func (l *lean) writeText(raw []byte, u use, emit string, base *url.URL) {
	rec := lifted{raw: raw, base: base}
	if u == text {
		rec.typ = strings.ToLower(strings.TrimSpace(string(l.attrValue("type"))))
		rec.mode = strings.ToLower(string(l.attrValue("mode")))
	}
	if base == nil && rec.typ == "" && rec.mode == "" && u != place && emit != "id" && plainText(raw) {
		l.out = append(l.out, raw...)
		return
	}
	if emit == "xhtml:body" || emit == "xhtml:div" {
		rec.typ = "xhtml"
	}
	if strings.Contains(rec.typ, "xhtml") || rec.mode == "xml" {
		rec.xhtml = l.xhtmlPrefix(raw)
	}
	l.lift(rec)
}

func (l *lean) xhtmlPrefix(raw []byte) string {
	for i := len(l.ns) - 1; i >= 0; i-- {
		if l.ns[i].to == "xhtml" && len(l.ns[i].prefix) > 0 {
			return string(l.ns[i].prefix)
		}
	}
	if len(raw) > 1 && raw[0] == '<' { // declared on the div itself
		if c := bytes.IndexAny(raw[1:], ": />"); c > 0 && raw[1+c] == ':' {
			return string(raw[1 : 1+c])
		}
	}
	return ""
}

// plainText tells short ASCII text that needs no care.
func plainText(b []byte) bool {
	if len(b) > 200 {
		return false
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '<' || c == '&' || c == '>' || c == '"' {
			return false
		}
	}
	return true
}

func (l *lean) lift(rec lifted) {
	l.out = append(l.out, l.mark...)
	l.out = strconv.AppendInt(l.out, int64(len(l.texts)), 10)
	l.out = append(l.out, 'z')
	l.texts = append(l.texts, rec)
}
