package feeds

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Host returns the lower-case host of a URL without its port, or "" when there
// is none.
func Host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// PacingKey names the group of feeds that share one queue and one gap: the
// registrable domain under ICANN's rules (a.blogspot.com and b.blogspot.com
// are one machine park, whatever the private part of the public suffix list
// says), and address with port for IP literals and for names without a dot.
func PacingKey(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		return net.JoinHostPort(host, port)
	}
	// Walk up until the suffix is ICANN's own.
	suffix, icann := publicsuffix.PublicSuffix(host)
	for !icann && strings.Contains(suffix, ".") {
		suffix = suffix[strings.IndexByte(suffix, '.')+1:]
		_, icann = publicsuffix.PublicSuffix(suffix)
		if s, ok := publicsuffix.PublicSuffix(suffix); ok {
			suffix = s
		}
	}
	rest := strings.TrimSuffix(host, "."+suffix)
	if rest == host {
		return host
	}
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + suffix
}
