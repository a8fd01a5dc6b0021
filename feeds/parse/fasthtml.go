package parse

import "strings"

// Most HTML in feeds is a few paragraphs with links and pictures, written so
// plainly that the policy would give it back as it is. plainHTML recognises a
// small regular part of such HTML and nothing else: what it does not know goes
// the long way through the policy. It accepts text, character references, the
// elements below in lower case, and the attributes below in double quotes, with
// addresses that begin with http:// or https:// and hold nothing odd.

// bareElements may stand without attributes, and end.
var bareElements = set(`p br b strong i em u s ul ol li blockquote h1 h2 h3 h4 h5 h6 div span figure figcaption hr code pre sub sup small
	a img table thead tbody tr td th dl dt dd del ins q cite`)

// plainAttrs are the attributes that an element may have: 'u' an address, 't' a
// text, 'n' a number.
var plainAttrs = map[string]map[string]byte{
	"a":   {"href": 'u', "title": 't'},
	"img": {"src": 'u', "alt": 't', "title": 't', "width": 'n', "height": 'n'},
	"p":   {"dir": 't', "lang": 't'},
}

func plainHTML(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '<':
			n := plainTag(s[i:])
			if n == 0 {
				return false
			}
			i += n
		case c == '&':
			n := plainReference(s[i:])
			if n == 0 {
				return false
			}
			i += n
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			return false
		default:
			i++
		}
	}
	return true
}

// plainNames are the references by name that are known to be plain.
var plainNames = set(`amp lt gt quot nbsp apos mdash ndash hellip lsquo rsquo ldquo rdquo laquo raquo bull middot euro eacute`)

// plainReference measures a character reference; 0: it is none.
func plainReference(s string) int {
	end := strings.IndexByte(s[:min(len(s), 10)], ';')
	if end < 2 {
		return 0
	}
	if s[1] != '#' {
		if plainNames[s[1:end]] {
			return end + 1
		}
		return 0
	}
	n, ok := digits(s, 2, end-2)
	if !ok || end == 2 || n < ' ' || n >= 0x7f && n < 0xa0 || n > 0xfffd || n >= 0xd800 && n < 0xe000 {
		return 0
	}
	return end + 1
}

// plainTag measures a tag; 0: it is none that is known to be plain.
func plainTag(s string) int {
	i := 1
	closing := i < len(s) && s[i] == '/'
	if closing {
		i++
	}
	from := i
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || i > from && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	name := s[from:i]
	if i >= len(s) || !bareElements[name] {
		return 0
	}
	if closing {
		if s[i] == '>' {
			return i + 1
		}
		return 0
	}
	for attrs := plainAttrs[name]; i < len(s); {
		if s[i] == '>' {
			return i + 1
		}
		if s[i] == '/' && i+1 < len(s) && s[i+1] == '>' {
			if name == "br" || name == "img" || name == "hr" {
				return i + 2
			}
			return 0
		}
		if s[i] != ' ' {
			return 0
		}
		if i++; i < len(s) && (s[i] == '/' || s[i] == '>') {
			continue
		}
		n := plainAttr(s[i:], attrs)
		if n == 0 {
			return 0
		}
		i += n
	}
	return 0
}

func plainAttr(s string, attrs map[string]byte) int {
	eq := strings.Index(s[:min(len(s), 8)], `="`)
	if eq < 1 {
		return 0
	}
	kind := attrs[s[:eq]]
	if kind == 0 {
		return 0
	}
	from := eq + 2
	end := strings.IndexByte(s[from:], '"')
	if end < 0 {
		return 0
	}
	value := s[from : from+end]
	if kind == 'u' && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://") {
		return 0
	}
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '&':
			n := plainReference(value[i:])
			if n == 0 || kind != 't' && value[i:i+n] != "&amp;" {
				return 0
			}
			i += n
			continue
		case kind == 'n' && (c < '0' || c > '9'):
			return 0
		case kind == 'u' && (c <= ' ' || c > '~' || strings.IndexByte("<>\\`{}|^'%", c) >= 0 && c != '%'):
			return 0
		case c == '<' || c == '>' || c < ' ' || c == 0x7f:
			return 0
		}
		i++
	}
	return from + end + 1
}
