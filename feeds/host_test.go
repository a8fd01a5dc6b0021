package feeds

import (
	"net/url"
	"strings"
	"testing"
)

func TestBadHost(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://a.example/": true, "https://a.example.:443/x": true, "http://localhost:1/": true, "http://[::1]:8080/": true, "http://192.0.2.7/": true,
		"https://a_b.example/": true, "https://новости.example/": true, "https://xn--e1afmkfd.example/": true, "https://निर्माणाधीनमहाविद्यालय.example/": true,
		"https://" + strings.Repeat("a", 63) + ".example/": true, "https://" + strings.Repeat("a", 64) + ".example/": false,
		"https://a.example:0/": false, "https://a.example:99999/": false, "https://.example/": false, "https://a..example/": false, "https://-/": false, "https:///x": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := BadHost(u); (got == "") != ok {
			t.Errorf("%s: %q", address, got)
		}
	}
}
