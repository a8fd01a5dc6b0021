package feeds

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// BadHost says what is wrong with an address's host and port, beyond what
// url.Parse refuses: "" where nothing is. No name server is asked.
func BadHost(u *url.URL) string {
	host := u.Hostname()
	if host == "" {
		return "it names no host"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "there is no port " + port
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	// As it is sent, a label beyond ASCII is longer than its letters, by how much
	// is the fetcher's business; in UTF-8 it may be longer still.
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || utf8.RuneCountInString(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "there can be no host " + strconv.Quote(host)
		}
	}
	return ""
}
