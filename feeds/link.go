package feeds

import (
	"net/url"
	"sort"
	"strings"
)

// trackers are query parameters that say how a reader came to a page, never
// which page it is.
var trackers = map[string]bool{
	"fbclid": true, "gclid": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true, "yclid": true,
	"twclid": true, "ttclid": true, "igshid": true, "igsh": true, "mc_cid": true, "mc_eid": true, "mkt_tok": true,
	"_hsenc": true, "_hsmi": true, "oc": true, "ocid": true, "cmpid": true, "cmp": true, "ito": true, "ref": true,
	"ref_src": true, "ref_url": true, "referrer": true, "smid": true, "smtyp": true, "s_cid": true, "sr_share": true,
	"soc_src": true, "soc_trk": true, "taid": true, "traffic_source": true, "partner": true, "feature": true,
	"wt_mc": true, "icid": true, "ncid": true, "xtor": true, "guccounter": true, "guce_referrer": true,
	"amp": true, "outputtype": true, "sharetype": true, "share": true, "source": true, "src": true, "mod": true, "syn": true,
	"emc": true, "rss": true, "partner_id": true, "utm": true, "spm": true, "from": true,
}

// trackerPrefixes start families of tracking parameters.
var trackerPrefixes = []string{"utm_", "at_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "ns_", "vero_", "sc_", "wt."}

// wrappers are redirectors that carry the real address in a parameter.
var wrappers = map[string]string{
	"www.google.com/url": "url", "l.facebook.com/l.php": "u", "lm.facebook.com/l.php": "u",
	"out.reddit.com": "url", "www.youtube.com/redirect": "q", "t.umblr.com/redirect": "z",
	"go.redirectingat.com": "url", "duckduckgo.com/l": "uddg",
}

// isTracker tells whether a query parameter carries no identity. Names that
// some sites use for the article itself (id, p, story) are never among them.
func isTracker(name string) bool {
	name = strings.ToLower(name)
	if trackers[name] {
		return true
	}
	for _, p := range trackerPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// CanonicalLink reduces a link to what identifies the page: lower-case scheme
// and host, no default port, no fragment, no tracking parameters, the rest of
// the query sorted, no trailing slash, no www., m. or amp. in front, known
// redirectors unwrapped and http as https. It returns "" for what is no absolute http link.
// CanonicalLink(CanonicalLink(x)) == CanonicalLink(x).
func CanonicalLink(raw string) string {
	raw = strings.TrimSpace(raw)
	for range 3 {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || (!strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https")) {
			return ""
		}
		host := strings.TrimSuffix(strings.ToLower(u.Host), ".")
		param := wrappers[host]
		if param == "" {
			param = wrappers[host+strings.TrimSuffix(u.Path, "/")]
		}
		inner := u.Query().Get(param)
		if param == "" || !strings.HasPrefix(inner, "http") {
			return canonical(u)
		}
		raw = inner
	}
	return ""
}

func canonical(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, p := range []string{"www.", "m.", "mobile.", "amp."} {
		if rest, ok := strings.CutPrefix(host, p); ok && strings.Contains(rest, ".") {
			host = rest
			break
		}
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	path := u.EscapedPath()
	for _, s := range []string{"/amp/", "/amp", ".amp"} {
		if rest, ok := strings.CutSuffix(path, s); ok && rest != "" {
			path = rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(path, "/amp/"); ok && rest != "" {
		path = "/" + rest
	}
	path = strings.TrimRight(path, "/")
	out := "https://" + host + path
	if q := cleanQuery(u.RawQuery); q != "" {
		out += "?" + q
	}
	return out
}

// cleanQuery drops tracking parameters and sorts the others, keeping each as
// it was escaped.
func cleanQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var keep []string
	for _, pair := range strings.FieldsFunc(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if !isTracker(name) {
			keep = append(keep, pair)
		}
	}
	sort.Strings(keep)
	return strings.Join(keep, "&")
}
