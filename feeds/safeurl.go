package feeds

import (
	"net/url"
	"regexp"
	"strings"
)

// secretKey meets the names of query values that are secrets.
var secretKey = regexp.MustCompile(`(?i)key|token|secret|auth|pass|pwd|sig|session|credential|^code$`)

// SafeURL shows an address without its secrets: the user and password, and
// the query values whose name says that they are one.
func SafeURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable address)"
	}
	if u.User != nil {
		u.User = url.User("***")
	}
	if u.RawQuery == "" {
		return u.String()
	}
	parts := strings.Split(u.RawQuery, "&")
	for i, p := range parts {
		if k, _, ok := strings.Cut(p, "="); ok && secretKey.MatchString(k) {
			parts[i] = k + "=***"
		}
	}
	u.RawQuery = strings.Join(parts, "&")
	return u.String()
}
