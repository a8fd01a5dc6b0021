package parse

import (
	"encoding/base64"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"watcher/feeds"
)

// maxEntity is longer than any entity with a name.
const maxEntity = 40

// decodeEntities resolves character references and the names that HTML knows,
// one level deep. A reference without its semicolon, as in the query of an
// address, and a name that nobody knows stay as they stand.
func decodeEntities(s string) string {
	s = joinSurrogates(s)
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		window := s[1:min(len(s), maxEntity)]
		end := strings.IndexAny(window, ";& <")
		if end < 1 || window[end] != ';' {
			b.WriteByte('&')
			s = s[1:]
		} else {
			switch name := window[:end]; name {
			case "lt":
				b.WriteByte('<')
			case "gt":
				b.WriteByte('>')
			case "amp":
				b.WriteByte('&')
			case "quot":
				b.WriteByte('"')
			case "apos":
				b.WriteByte('\'')
			default:
				b.WriteString(entity(s[:end+2]))
			}
			s = s[end+2:]
		}
		i = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}

var surrogateForm = regexp.MustCompile(`&#([xX]?[0-9a-fA-F]{4,5});&#([xX]?[0-9a-fA-F]{4,5});`)

// joinSurrogates writes two references to the halves of one character, as
// software that thinks in UTF-16 makes of an emoji, as that character.
func joinSurrogates(s string) string {
	if !strings.Contains(s, "&#5") && !strings.Contains(s, "&#xd") && !strings.Contains(s, "&#xD") && !strings.Contains(s, "&#XD") {
		return s
	}
	return surrogateForm.ReplaceAllStringFunc(s, func(pair string) string {
		m := surrogateForm.FindStringSubmatch(pair)
		half := func(ref string) rune {
			base := 10
			if ref[0]|0x20 == 'x' {
				ref, base = ref[1:], 16
			}
			n, _ := strconv.ParseUint(ref, base, 32)
			return rune(n)
		}
		if r := utf16.DecodeRune(half(m[1]), half(m[2])); r != unicode.ReplacementChar {
			return string(r)
		}
		return pair
	})
}

// entity resolves one reference, given from '&' to ';'.
func entity(span string) string {
	if strings.HasPrefix(span, "&#X") {
		span = "&#x" + span[3:]
	}
	out := html.UnescapeString(span)
	if strings.HasSuffix(out, ";") && len(out) > 1 {
		return span // "&copy2;" begins with a name, but is none
	}
	return out
}

// innerText gives the text of an element: CDATA sections as they stand,
// comments left out, entities resolved elsewhere. Markup stays.
func innerText(raw []byte) string { return inner(string(raw), decodeEntities, keep) }

func keep(s string) string { return s }

// inner puts together what stands outside and inside of CDATA sections, and
// leaves comments and processing instructions out.
func inner(s string, outside, inside func(string) string) string {
	if !strings.Contains(s, "<!") && !strings.Contains(s, "<?") {
		return strings.TrimSpace(outside(s))
	}
	var b strings.Builder
	nested := false // a section was opened inside of one: its end stands outside
	plain := func(s string) {
		if nested {
			s = strings.ReplaceAll(s, "]]>", "")
		}
		b.WriteString(outside(s))
	}
	for {
		i := strings.IndexByte(s, '<')
		for i >= 0 && i+1 < len(s) && s[i+1] != '!' && s[i+1] != '?' {
			j := strings.IndexByte(s[i+1:], '<')
			if j < 0 {
				i = -1
				break
			}
			i += 1 + j
		}
		if i < 0 || i+1 >= len(s) {
			break
		}
		plain(s[:i])
		s = s[i:]
		switch {
		case strings.HasPrefix(s, "<![CDATA["):
			content, rest, _ := strings.Cut(s[len("<![CDATA["):], "]]>")
			if strings.Contains(content, "<![CDATA[") {
				content, nested = strings.ReplaceAll(content, "<![CDATA[", ""), true
			}
			b.WriteString(inside(content))
			s = rest
		case strings.HasPrefix(s, "<!--"):
			_, s, _ = strings.Cut(s[len("<!--"):], "-->")
		case s[1] == '?' && strings.Contains(s, "?>"):
			_, s, _ = strings.Cut(s, "?>")
		default:
			b.WriteString(s[:2])
			s = s[2:]
		}
	}
	plain(s)
	return strings.TrimSpace(b.String())
}

// lifted finds the text behind a mark; nil for a text that was left in place.
func (r *reader) lifted(l *lean, s string) *lifted {
	if l == nil || !strings.HasPrefix(s, l.mark) || !strings.HasSuffix(s, "z") {
		return nil
	}
	n := 0
	for _, c := range s[len(l.mark) : len(s)-1] {
		if c < '0' || c > '9' || n > len(l.texts) {
			return nil
		}
		n = n*10 + int(c-'0')
	}
	if n >= len(l.texts) {
		return nil
	}
	return &l.texts[n]
}

// The kinds of text that feeds carry.
type textKind int

const (
	kindAny   textKind = iota // nothing said: plain text that may hold HTML
	kindPlain                 // plain text, said so
	kindHTML
	kindXHTML
)

// value gives a text and its kind.
func (t *lifted) value() (string, textKind) {
	if t.attr {
		return strings.TrimSpace(decodeEntities(string(t.raw))), kindPlain
	}
	switch {
	case t.mode == "base64", t.mode == "" && binaryType(t.typ):
		s := strings.Join(strings.Fields(innerText(t.raw)), "")
		if b, err := base64.StdEncoding.DecodeString(s); err == nil && utf8.Valid(b) {
			if t.typ == "text/plain" || t.typ == "text" {
				return string(b), kindPlain
			}
			return string(b), kindHTML
		}
	case strings.Contains(t.typ, "xhtml"), t.mode == "xml" && strings.Contains(string(t.raw), "<"):
		return t.xhtmlText(), kindXHTML
	case strings.Contains(t.typ, "html"):
		return innerText(t.raw), kindHTML
	case t.typ == "text", t.typ == "text/plain", t.typ == "plain":
		return innerText(t.raw), kindPlain
	}
	return innerText(t.raw), kindAny
}

// binaryType tells the types that stand for base64: never text or XML.
func binaryType(typ string) bool {
	switch typ {
	case "application/octet-stream", "application/pdf", "application/zip":
		return true
	}
	return strings.HasPrefix(typ, "image/") && !strings.Contains(typ, "xml") || strings.HasPrefix(typ, "audio/") || strings.HasPrefix(typ, "video/")
}

// xhtmlText gives XHTML as HTML: no prefix on its names, CDATA as text, and no
// element that ends in itself but those that HTML has.
func (t *lifted) xhtmlText() string {
	s := string(t.raw)
	if t.xhtml != "" {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "<"+t.xhtml+":", "<"), "</"+t.xhtml+":", "</")
	}
	s = inner(s, keep, html.EscapeString)
	return strings.TrimSpace(stripDiv(openEmpty(s)))
}

// openEmpty writes <b/> as <b></b>, which HTML would take for an open <b>.
func openEmpty(s string) string {
	if !strings.Contains(s, "/>") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "/>")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		j := strings.LastIndexByte(s[:i], '<')
		b.WriteString(s[:i])
		name := ""
		if j >= 0 {
			name = s[j+1 : i]
			if k := strings.IndexAny(name, " \t\r\n"); k >= 0 {
				name = name[:k]
			}
		}
		s = s[i+2:]
		switch atom.Lookup([]byte(strings.ToLower(name))) {
		case 0, atom.Area, atom.Br, atom.Col, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Wbr, atom.Source, atom.Track, atom.Embed:
			b.WriteString("/>")
		default:
			b.WriteString("></" + name + ">")
		}
	}
}

// stripDiv removes the one div that wraps XHTML.
func stripDiv(s string) string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "<div") || !strings.HasSuffix(s, "</div>") {
		return s
	}
	end := strings.IndexByte(s, '>')
	if end < 0 || end > len(s)-len("</div>") || strings.Contains(s[:end], "xml:base") {
		return s
	}
	body := s[end+1 : len(s)-len("</div>")]
	for depth, rest := 0, body; ; {
		i := strings.Index(rest, "div")
		if i < 0 {
			return body
		}
		switch {
		case strings.HasSuffix(rest[:i], "</"):
			if depth--; depth < 0 {
				return s
			}
		case strings.HasSuffix(rest[:i], "<"):
			depth++
		}
		rest = rest[i+3:]
	}
}

// titleText makes a title plain: without markup, and without the second level
// of escaping that many feeds have. What is said to be plain text keeps both.
func titleText(s string, plain bool) string {
	if plain || !strings.ContainsAny(s, "<&") {
		return feeds.OneLine(s)
	}
	once := strip(s)
	if strings.Contains(once, "&") {
		if again := decodeEntities(once); again != once {
			once = again
			if knownTag(once) {
				once = strip(once)
			}
		}
	}
	return feeds.OneLine(once)
}

// strip removes the tags that HTML knows. A text that is one such tag and
// nothing else is kept: it speaks of the tag.
func strip(s string) string {
	if !knownTag(s) {
		return decodeEntities(s)
	}
	p := feeds.PlainText(beforePolicy(s))
	if p == "" && len(s) < 20 && strings.Count(s, "<") == 1 && strings.IndexByte(s, ' ') < 0 {
		return s
	}
	return p
}

// knownTag tells whether a text holds a tag that HTML has.
func knownTag(s string) bool {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return false
		}
		s = strings.TrimPrefix(s[i+1:], "/")
		if strings.HasPrefix(s, "!--") {
			return true
		}
		n := 0
		for n < len(s) && n < 20 && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
			n++
		}
		if n == 0 || n == len(s) || !isSpace(s[n]) && s[n] != '>' && s[n] != '/' {
			continue
		}
		if atom.Lookup([]byte(strings.ToLower(s[:n]))) != 0 && strings.IndexByte(s[n:], '>') >= 0 {
			return true
		}
	}
}
