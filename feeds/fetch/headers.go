package fetch

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxFreshness  = 24 * time.Hour
	maxRetryAfter = 7 * 24 * time.Hour
)

// Freshness is how long the server wants not to be asked again: max-age, or
// Expires without one, less Age, at most a day. no-cache and no-store say
// nothing about it.
func Freshness(h http.Header, now time.Time) time.Duration {
	maxAge, found := time.Duration(0), false
	for _, d := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-cache", "no-store":
			if value == "" { // no-cache="Set-Cookie" is about that header alone
				return 0
			}
		case "max-age":
			if s, ok := seconds(strings.Trim(strings.TrimSpace(value), `"`)); ok && !found {
				maxAge, found = s, true
			}
		}
	}
	if !found {
		expires, err := http.ParseTime(h.Get("Expires"))
		if err != nil {
			return 0
		}
		maxAge = expires.Sub(sent(h, now))
	}
	if age, ok := seconds(strings.TrimSpace(h.Get("Age"))); ok {
		maxAge -= age
	}
	return min(max(maxAge, 0), maxFreshness)
}

// RetryAfter is how long the server wants to be left alone, in either form of
// the header, at most a week.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	d, ok := seconds(v)
	if !ok {
		at, err := http.ParseTime(v)
		if err != nil {
			return 0
		}
		d = at.Sub(sent(h, now))
	}
	return min(max(d, 0), maxRetryAfter)
}

// sent is the server's own idea of now, so that a wrong clock there does not
// matter.
func sent(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

func seconds(s string) (time.Duration, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), 1<<32)) * time.Second, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f {
		// More digits than an int64 holds still means a long time.
		return 1 << 32 * time.Second, err == nil
	}
	return time.Duration(min(max(f, 0), 1<<32)) * time.Second, true
}

// hubLinks reads rel=hub and rel=self of the Link headers (WebSub).
func hubLinks(h http.Header, at *url.URL) (hub, topic string) {
	for _, line := range h.Values("Link") {
		for _, l := range splitLinks(line) {
			target, params, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(l), "<"), ">")
			if !ok {
				continue
			}
			u, err := at.Parse(strings.TrimSpace(target))
			if err != nil {
				continue
			}
			for _, rel := range linkRels(params) {
				switch {
				case rel == "hub" && hub == "":
					hub = u.String()
				case rel == "self" && topic == "":
					topic = u.String()
				}
			}
		}
	}
	return hub, topic
}

// splitLinks cuts a Link header at the commas between links.
func splitLinks(s string) []string {
	var out []string
	start, angle, quote := 0, false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && !angle:
			quote = !quote
		case c == '<' && !quote:
			angle = true
		case c == '>':
			angle = false
		case c == ',' && !angle && !quote:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func linkRels(params string) []string {
	for _, p := range strings.Split(params, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if ok && strings.EqualFold(strings.TrimSpace(name), "rel") {
			return strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
		}
	}
	return nil
}

// challenge names who shows a browser check in place of the answer, by the
// headers.
func challenge(resp *http.Response) string {
	h := resp.Header
	switch {
	case strings.EqualFold(h.Get("Cf-Mitigated"), "challenge"):
		return "Cloudflare"
	case strings.EqualFold(h.Get("X-Amzn-Waf-Action"), "challenge"), strings.EqualFold(h.Get("X-Amzn-Waf-Action"), "captcha"):
		return "AWS WAF"
	case h.Get("X-Sucuri-Block") != "":
		return "Sucuri"
	case resp.StatusCode == 403 && strings.EqualFold(h.Get("Server"), "ddos-guard"):
		return "DDoS-Guard"
	case resp.StatusCode == 429 && h.Get("X-Vercel-Mitigated") == "challenge":
		return "Vercel"
	}
	return ""
}

// challengePage does the same by the page.
func challengePage(page string) string {
	p := strings.ToLower(page)
	switch {
	case strings.Contains(p, "/cdn-cgi/challenge-platform/"), strings.Contains(p, "just a moment...</title>"), strings.Contains(p, "cf-browser-verification"):
		return "Cloudflare"
	case strings.Contains(p, "_incapsula_resource"):
		return "Imperva"
	case strings.Contains(p, "captcha-delivery.com"):
		return "DataDome"
	case strings.Contains(p, "sgcaptcha"):
		return "SiteGround"
	}
	return ""
}
