package parse

import (
	"net/url"
	"strings"
)

// resolve makes an address absolute. An absolute one stays byte for byte as it
// stands; what cannot be resolved stays too, unless it would do harm.
func resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(cleanText(ref))
	if ref == "" {
		return ""
	}
	scheme := schemeOf(ref)
	switch scheme {
	case "http", "https":
		if !strings.HasPrefix(ref[len(scheme)+1:], "//") && base != nil { // "http:/path", "http:path"
			return strings.ToLower(scheme) + "://" + strings.TrimLeft(ref[len(scheme)+1:], "/")
		}
		return ref
	case "javascript", "vbscript", "livescript", "mocha", "data", "file", "blob", "about", "view-source":
		return ""
	case "":
	default:
		return ref
	}
	if base == nil || base.Host == "" {
		return ref
	}
	u, err := base.Parse(ref)
	if err != nil {
		u, err = base.Parse(escapeOdd(ref))
	}
	if err != nil {
		return ref
	}
	return u.String()
}

// schemeOf gives the scheme of an address as a browser would see it, which
// passes over control characters and blanks inside.
func schemeOf(s string) string {
	var b []byte
	for i := 0; i < len(s) && len(b) < 20; i++ {
		switch c := s[i]; {
		case c == ':':
			return string(b)
		case c <= ' ':
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		case c >= 'a' && c <= 'z', len(b) > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
			b = append(b, c)
		default:
			return ""
		}
	}
	return ""
}

// escapeOdd escapes what url.Parse refuses: a '%' that escapes nothing, and
// brackets outside a host.
func escapeOdd(s string) string {
	var b strings.Builder
	hex := func(i int) bool {
		return i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && !(hex(i+1) && hex(i+2)):
			b.WriteString("%25")
		case c == ' ':
			b.WriteString("%20")
		case c == '[':
			b.WriteString("%5B")
		case c == ']':
			b.WriteString("%5D")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// webLink resolves a link that a person will follow: http and https alone.
func webLink(base *url.URL, ref string) string {
	s := resolve(base, ref)
	switch schemeOf(s) {
	case "http", "https", "":
		return s
	}
	return ""
}

// isWeb tells an absolute address on the web.
func isWeb(s string) bool {
	sch := schemeOf(s)
	return (sch == "http" || sch == "https") && strings.Contains(s, "://") && !strings.ContainsAny(strings.TrimSpace(s), " \t\n")
}
