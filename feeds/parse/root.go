package parse

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"
)

// The kinds of root element.
type rootKind int

const (
	rootNone rootKind = iota
	rootRSS           // rss, RDF, Channel
	rootAtom          // feed, or an entry alone
	rootJSON
	rootHTML
	rootOther
)

type root struct {
	kind  rootKind
	name  string
	start int  // where the document begins
	tag   tag  // of XML
	junk  bool // something stands before it
}

// findRoot finds the root of a feed, wherever it starts.
func findRoot(b []byte) root {
	head := bytes.TrimLeft(b, " \t\r\n\f\x00\ufeff")
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		return root{kind: rootJSON, start: len(b) - len(head)}
	}
	s := newScanner(b)
	for i, n := 0, 0; n < 2000; n++ {
		t, ok := s.next(i, len(b))
		if !ok {
			break
		}
		i = t.end
		if t.closing {
			continue
		}
		local := t.name
		if c := bytes.LastIndexByte(local, ':'); c >= 0 {
			local = local[c+1:]
		}
		r := root{name: strings.ToLower(string(local)), start: t.start, tag: t}
		switch r.name {
		case "rss", "rdf", "channel":
			r.kind = rootRSS
		case "feed", "entry":
			r.kind = rootAtom
		case "title", "link", "base", "source", "summary", "object":
			r.kind = rootOther
		default:
			r.kind = rootOther
			if atom.Lookup([]byte(r.name)) != 0 {
				r.kind = rootHTML
			}
		}
		if r.kind == rootRSS || r.kind == rootAtom {
			r.junk = junkBefore(b[:t.start])
			return r
		}
		if n == 0 {
			if better, ok := laterRoot(s, i); ok && r.kind == rootHTML {
				better.junk = true
				return better
			}
			return r
		}
	}
	return root{kind: rootNone}
}

// laterRoot looks for a feed behind a piece of HTML, such as the warning of a
// script engine in front of it: an rss or feed start tag with a version or a
// namespace.
func laterRoot(s *scanner, i int) (root, bool) {
	for n := 0; n < 200; n++ {
		t, ok := s.next(i, len(s.b))
		if !ok {
			return root{}, false
		}
		i = t.end
		switch {
		case t.closing:
		case string(t.name) == "body" || string(t.name) == "head":
			return root{}, false // a whole page
		case string(t.name) == "rss" && bytes.Contains(t.attrs, []byte("version")):
			return root{kind: rootRSS, name: "rss", start: t.start, tag: t}, true
		case string(t.name) == "rdf:RDF":
			return root{kind: rootRSS, name: "rdf", start: t.start, tag: t}, true
		case string(t.name) == "feed" && bytes.Contains(t.attrs, []byte("xmlns")):
			return root{kind: rootAtom, name: "feed", start: t.start, tag: t}, true
		}
	}
	return root{}, false
}

// junkBefore tells whether anything but a prolog stands before the root.
func junkBefore(b []byte) bool {
	s := newScanner(b)
	for i := 0; i < len(b); {
		j := bytes.IndexByte(b[i:], '<')
		if j < 0 {
			return len(bytes.TrimSpace(b[i:])) > 0
		}
		if len(bytes.TrimSpace(b[i:i+j])) > 0 {
			return true
		}
		i += j
		from := i
		switch {
		case i+1 < len(b) && b[i+1] == '!':
			i = s.declaration(i, len(b))
		case i+1 < len(b) && b[i+1] == '?':
			i = s.past(i+2, len(b), "?>", &s.pi)
		default:
			return true
		}
		if i <= from+2 {
			return true
		}
	}
	return false
}
