package feeds

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blocks are elements whose start and end cut a text: words on either side
// stand in different lines of the plain text.
var blocks = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Br: true, atom.Caption: true,
	atom.Dd: true, atom.Details: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Fieldset: true,
	atom.Figcaption: true, atom.Figure: true, atom.Footer: true, atom.Form: true, atom.H1: true, atom.H2: true,
	atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Hr: true, atom.Li: true,
	atom.Main: true, atom.Nav: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true, atom.Summary: true,
	atom.Table: true, atom.Td: true, atom.Th: true, atom.Tr: true, atom.Ul: true,
}

// hidden are elements whose text no reader sees.
var hidden = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Template: true, atom.Noscript: true, atom.Iframe: true, atom.Object: true,
	atom.Svg: true, atom.Math: true, atom.Head: true, atom.Title: true, atom.Textarea: true, atom.Select: true,
}

// PlainText reads HTML as a person would see it: tags and attributes are gone,
// entities decoded, alt texts kept, scripts and styles left out. Blanks are
// single; a block's end is a line feed, so that no phrase runs over it, while a
// line feed of the HTML itself is a blank, as it is in text without any markup.
// Control and bidi-override characters are removed.
func PlainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return fold(s, false)
	}
	if text, ok := simple(s); ok {
		return fold(text, true)
	}
	return fold(tokenized(s), true)
}

// tokenized is the text of HTML of any kind.
func tokenized(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(1 << 20)
	skip := atom.Atom(0)
	depth := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\n", " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			a := atom.Lookup(name)
			switch {
			case skip != 0:
				if a == skip {
					depth++
				}
			case hidden[a]:
				skip, depth = a, 1
			case blocks[a]:
				b.WriteByte('\n')
			case a == atom.Img:
				for more {
					var k, v []byte
					k, v, more = z.TagAttr()
					if string(k) == "alt" {
						b.WriteByte(' ')
						b.Write(v)
						b.WriteByte(' ')
					}
				}
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if skip != 0 {
				if a == skip {
					if depth--; depth == 0 {
						skip = 0
					}
				}
			} else if blocks[a] {
				b.WriteByte('\n')
			}
		}
	}
}

// OneLine folds all white space to single blanks and removes control and
// bidi-override characters.
func OneLine(s string) string { return fold(s, false) }

// fold trims, makes runs of white space one blank (one line feed where the run
// holds one and lines are kept) and drops what must not be shown.
func fold(s string, lines bool) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' || c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') || c == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := byte(0)
	put := func(part string) {
		if gap != 0 && b.Len() > 0 {
			b.WriteByte(gap)
		}
		gap = 0
		b.WriteString(part)
	}
	for i := 0; i < len(s); {
		n := asItIs(s[i:])
		if n > 0 {
			put(s[i : i+n])
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		part := s[i : i+n]
		i += n
		switch {
		case r == '\n' && lines:
			gap = '\n'
		case unicode.IsSpace(r) || r == '\u200b':
			if gap == 0 && r != '\u200b' {
				gap = ' '
			}
		case Unshowable(r):
		case r == utf8.RuneError && n == 1:
			put("\ufffd")
		default:
			put(part)
		}
	}
	return b.String()
}

// asItIs counts the bytes up to which fold would change nothing: ASCII that
// shows, with single blanks inside.
func asItIs(s string) int {
	i := 0
	for i < len(s) && (s[i] > ' ' && s[i] < 0x7f || s[i] == ' ' && i > 0 && i+1 < len(s) && s[i+1] > ' ' && s[i+1] < 0x7f) {
		i++
	}
	return i
}

// Unshowable tells characters that feed text may not bring to a page or a
// message: controls, and the marks that override the direction of what follows
// (Trojan Source, CVE-2021-42574).
func Unshowable(r rune) bool {
	switch {
	case r == utf8.RuneError:
		return false
	case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return r == 0xfeff
}

// Clip shortens a text to at most n bytes at a word's end and marks the cut.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	cut := s[:n]
	if i := strings.LastIndexAny(cut, " \n"); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " \n,;:-–—") + "…"
}

// PageText gives the title and the plain text of a whole web page.
func PageText(page string) (title, text string) {
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return title, PlainText(page)
		case html.StartTagToken:
			if name, _ := z.TagName(); title == "" && atom.Lookup(name) == atom.Title && z.Next() == html.TextToken {
				title = OneLine(string(z.Text()))
			}
		}
	}
}
