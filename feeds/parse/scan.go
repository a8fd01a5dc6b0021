package parse

import (
	"bytes"
)

// scanner walks over the tags of a document without asking that they fit each
// other. It never fails and never looks at a byte more than a few times.
type scanner struct {
	b          []byte
	comment    mark // the next "-->"
	cdata      mark // the next "]]>"
	pi         mark // the next "?>"
	hopeless   int  // bytes that searches without a find may still cost
	cutoff     bool // a comment, CDATA section or tag never ends
	unbalanced bool // a tag without its other half
}

func newScanner(b []byte) *scanner { return &scanner{b: b, hopeless: 4*len(b) + 1<<20} }

type tag struct {
	start, end int    // of the tag in the document
	name       []byte // as written, with its prefix
	attrs      []byte // what stands between the name and the end
	closing    bool   // </name>
	empty      bool   // <name/>
}

func isNameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= 0x80
}

func isName(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' || c == '-' || c == '.' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// open finds the next '<' that starts a tag, between i and limit, stepping over
// comments, CDATA sections, processing instructions and declarations. It returns
// -1 at the end.
func (s *scanner) open(i, limit int) int {
	for i < limit {
		j := bytes.IndexByte(s.b[i:limit], '<')
		if j < 0 {
			return -1
		}
		i += j
		if i+1 >= limit {
			return -1
		}
		switch c := s.b[i+1]; {
		case c == '!':
			i = s.declaration(i, limit)
		case c == '?':
			i = s.past(i+2, limit, "?>", &s.pi)
		case c == '/' && i+2 < limit && isNameStart(s.b[i+2]), isNameStart(c):
			return i
		default:
			i++
		}
	}
	return -1
}

// mark remembers where a mark was found, and from where it was sought.
type mark struct{ from, at int }

// past goes behind the next mark; where none is left, behind the '<' alone.
func (s *scanner) past(i, limit int, text string, m *mark) int {
	if i < m.from || i > m.at || m.at == 0 {
		m.from, m.at = i, len(s.b)
		if j := bytes.Index(s.b[i:], []byte(text)); j >= 0 {
			m.at = i + j
		}
	}
	if m.at+len(text) <= limit {
		return m.at + len(text)
	}
	s.cutoff = s.cutoff || m.at == len(s.b)
	return i
}

func (s *scanner) declaration(i, limit int) int {
	switch rest := s.b[i:limit]; {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.past(i+4, limit, "-->", &s.comment)
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.past(i+9, limit, "]]>", &s.cdata)
	}
	// A document type, perhaps with declarations of its own in brackets:
	// stepped over whole, so that no entity of it is ever known.
	if s.hopeless < 0 {
		return i + 2
	}
	j := i + 2
	for depth := 0; j < limit; j++ {
		switch s.b[j] {
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth <= 0 {
				return j + 1
			}
		}
	}
	s.hopeless -= j - i
	return i + 2
}

// next reads the next tag between i and limit.
func (s *scanner) next(i, limit int) (tag, bool) {
	i = s.open(i, limit)
	if i < 0 {
		return tag{}, false
	}
	t := tag{start: i}
	i++
	if s.b[i] == '/' {
		t.closing = true
		i++
	}
	from := i
	for i < limit && isName(s.b[i]) {
		i++
	}
	t.name = s.b[from:i]
	from = i
	end := s.tagEnd(i, limit)
	t.attrs = s.b[from:end]
	t.end = end
	if end < limit && s.b[end] == '>' {
		t.end = end + 1
	} else if end == limit {
		s.cutoff = s.cutoff || limit == len(s.b)
	} else {
		s.unbalanced = true // a '<' inside a tag
	}
	if n := len(t.attrs); n > 0 && t.attrs[n-1] == '/' {
		t.empty = true
		t.attrs = t.attrs[:n-1]
	}
	return t, true
}

// tagEnd finds the '>' of a tag, or the '<' of the next where it is missing.
func (s *scanner) tagEnd(i, limit int) int {
	first := -1 // the first '>', for a quote that is never closed
	for quote := byte(0); i < limit; i++ {
		switch c := s.b[i]; {
		case c == '<':
			if first >= 0 {
				return first
			}
			return i
		case quote != 0:
			if c == quote {
				quote = 0
			} else if c == '>' && first < 0 {
				first = i
			}
		case c == '"' || c == '\'':
			// Only behind '=' does a quote hold a value.
			if k := lastNonSpace(s.b, i); k >= 0 && s.b[k] == '=' {
				quote = c
			}
		case c == '>':
			return i
		}
	}
	if first >= 0 {
		return first
	}
	return limit
}

func lastNonSpace(b []byte, i int) int {
	for i--; i >= 0 && isSpace(b[i]); i-- {
	}
	return i
}

// element finds the end tag that fits a start tag: the offsets of its '<' and
// behind its '>'. stop names elements before whose start or end the search
// gives up.
func (s *scanner) element(t tag, limit int, stop func(name []byte) bool) (inner, end int, ok bool) {
	if t.empty {
		return t.end, t.end, true
	}
	depth := 0
	for i := t.end; ; {
		i = s.open(i, limit)
		if i < 0 {
			break
		}
		at := i
		i++
		closing := s.b[i] == '/'
		if closing {
			i++
		}
		from := i
		for i < limit && isName(s.b[i]) {
			i++
		}
		name := s.b[from:i]
		if !bytes.EqualFold(name, t.name) {
			if stop != nil && stop(name) {
				limit = at
				break
			}
			continue
		}
		if !closing {
			e := s.tagEnd(i, limit)
			if e > 0 && e < limit && s.b[e] == '>' && s.b[e-1] == '/' {
				i = e
				continue
			}
			depth++
			continue
		}
		if depth == 0 {
			e := s.tagEnd(i, limit)
			if e < limit && s.b[e] == '>' {
				e++
			}
			return at, e, true
		}
		depth--
	}
	s.hopeless -= limit - t.end
	return 0, 0, false
}

// attr is one attribute; its value is still escaped.
type attr struct{ prefix, local, value []byte }

const maxAttrs = 64

// attributes calls yield for the first attributes of a tag.
func attributes(b []byte, yield func(attr)) {
	for n := 0; n < maxAttrs; n++ {
		i := 0
		for i < len(b) && !isNameStart(b[i]) {
			i++
		}
		from := i
		for i < len(b) && isName(b[i]) {
			i++
		}
		if i == from {
			return
		}
		name := b[from:i]
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i >= len(b) || b[i] != '=' {
			b = b[i:]
			continue
		}
		for i++; i < len(b) && isSpace(b[i]); i++ {
		}
		if i >= len(b) {
			return
		}
		a := attr{local: name}
		if c := bytes.IndexByte(name, ':'); c >= 0 {
			a.prefix, a.local = name[:c], name[c+1:]
		}
		if q := b[i]; q == '"' || q == '\'' {
			end := bytes.IndexByte(b[i+1:], q)
			if end < 0 {
				end = len(b) - i - 1
			}
			a.value = b[i+1 : i+1+end]
			b = b[min(len(b), i+2+end):]
		} else {
			end := i
			for end < len(b) && !isSpace(b[end]) {
				end++
			}
			a.value = b[i:end]
			b = b[end:]
		}
		yield(a)
	}
}
