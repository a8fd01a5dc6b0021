package parse

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// absoluteHTML resolves the links of HTML that is safe already.
func absoluteHTML(s string, base *url.URL) string {
	if base == nil || base.Host == "" || !relativeLink(s) {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		tt := z.Next()
		switch tt {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			kept := tok.Attr[:0]
			for _, a := range tok.Attr {
				switch a.Key {
				case "href", "src", "cite", "poster", "longdesc":
					if a.Val = resolve(base, a.Val); a.Val == "" {
						continue
					}
				case "srcset":
					a.Val = resolveSet(base, a.Val)
				}
				kept = append(kept, a)
			}
			tok.Attr = kept
			b.WriteString(tok.String())
		default:
			b.Write(z.Raw())
		}
	}
}

// relativeLink tells whether HTML that has gone through the policy, which
// writes every attribute the same way, holds a link that is not absolute.
func relativeLink(s string) bool {
	for _, key := range []string{` href="`, ` src="`, ` cite="`, ` poster="`, ` longdesc="`} {
		for rest := s; ; {
			i := strings.Index(rest, key)
			if i < 0 {
				break
			}
			rest = rest[i+len(key):]
			if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "mailto:") {
				return true
			}
		}
	}
	return strings.Contains(s, ` srcset="`)
}

// resolveSet resolves the addresses of a srcset.
func resolveSet(base *url.URL, set string) string {
	parts := strings.Split(set, ", ")
	for i, p := range parts {
		address, size, _ := strings.Cut(strings.TrimSpace(p), " ")
		if size != "" {
			size = " " + size
		}
		parts[i] = resolve(base, address) + size
	}
	return strings.Join(parts, ", ")
}

func linkAttr(name string) bool {
	switch name {
	case "href", "src", "cite", "poster", "longdesc":
		return true
	}
	return false
}

// oddLinks tells whether HTML holds what mendLinks is for: a base of its own on
// an element, or an address with a blank in it.
func oddLinks(s string) bool {
	if strings.Contains(s, "xml:base") {
		return true
	}
	for i := strings.IndexByte(s, '='); i >= 0 && i+1 < len(s); {
		name, rest := s[max(0, i-8):i], s[i+1:]
		if q := rest[0]; q == '"' || q == '\'' {
			end := strings.IndexByte(rest[1:], q)
			if end < 0 {
				return false
			}
			name = strings.ToLower(name[strings.LastIndexAny(name, " \t\r\n/")+1:])
			if value := strings.TrimSpace(rest[1 : 1+end]); linkAttr(name) && strings.ContainsAny(value, " \t\r\n") {
				return true
			}
		}
		j := strings.IndexByte(rest, '=')
		if j < 0 {
			return false
		}
		i += 1 + j
	}
	return false
}

// mendLinks writes blanks in addresses as a browser does, where the policy
// would drop the whole address, and resolves the links of elements under an
// xml:base.
func mendLinks(s string, base *url.URL) string {
	type open struct {
		name string
		base *url.URL // in force outside of it
	}
	var b strings.Builder
	var stack []open
	outer := base
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		tt := z.Next()
		switch tt {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			here := base
			for _, a := range tok.Attr {
				if a.Key == "xml:base" {
					if u, err := url.Parse(strings.TrimSpace(a.Val)); err == nil && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https") {
						if here = u; base != nil {
							here = base.ResolveReference(u)
						}
					}
				}
			}
			for i, a := range tok.Attr {
				if !linkAttr(a.Key) {
					continue
				}
				v := strings.NewReplacer("\t", "", "\n", "", "\r", "", " ", "%20").Replace(strings.TrimSpace(a.Val))
				if here != outer {
					v = resolve(here, v)
				}
				tok.Attr[i].Val = v
			}
			if tt == html.StartTagToken && len(stack) < 100 {
				stack = append(stack, open{tok.Data, base})
				base = here
			}
			b.WriteString(tok.String())
		case html.EndTagToken:
			b.Write(z.Raw())
			name, _ := z.TagName()
			for i := len(stack) - 1; i >= 0; i-- {
				if stack[i].name == string(name) {
					base = stack[i].base
					stack = stack[:i]
					break
				}
			}
		default:
			b.Write(z.Raw())
		}
	}
}
