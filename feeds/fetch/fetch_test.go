package fetch_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
)

const doc = `<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour news</title><item><title>A ferry is late</title></item></channel></rss>`

// site starts a server and gives a feed on it.
func site(t *testing.T, h http.HandlerFunc) (*fetch.Client, feeds.Feed, *httptest.Server) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c := fetch.New(fetch.Options{Version: "1.2", Contact: "ops@example.org"})
	t.Cleanup(c.CloseIdle)
	return c, feeds.Feed{ID: "f", URL: srv.URL + "/feed.xml", AllowPrivate: true}, srv
}

func get(t *testing.T, c *fetch.Client, f feeds.Feed, st feeds.State) fetch.Result {
	t.Helper()
	r, err := c.Get(context.Background(), f, st)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// keep is what After stores of a success.
func keep(f feeds.Feed, r fetch.Result) feeds.State {
	return feeds.State{Feed: f.ID, URL: f.URL, ConfigURL: f.URL, ETag: r.ETag, LastModified: r.LastModified, BodyHash: r.BodyHash, ValidFor: r.FinalURL, Baseline: true}
}

func TestValidatorsGoBackAsTheyCame(t *testing.T) {
	for _, etag := range []string{`"abc"`, `W/"abc"`, `abc`, `"a\"b, c"`, `W/"ü"`, `"1-gzip"`} {
		var got http.Header
		c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Clone()
			w.Header()["ETag"] = []string{etag}
			w.Header().Set("Last-Modified", "Sun, 01 Nov 2026 10:00:00 +0000")
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(304)
				return
			}
			fmt.Fprint(w, doc)
		})
		first := get(t, c, f, feeds.State{})
		if first.Class != pace.OK || string(first.Body) != doc || first.Conditional {
			t.Fatalf("first: %+v", first)
		}
		if got["If-None-Match"] != nil || got["If-Modified-Since"] != nil {
			t.Errorf("validators before the server gave any: %v", got)
		}
		second := get(t, c, f, keep(f, first))
		if second.Class != pace.Unchanged || second.Status != 304 || second.Body != nil || !second.Conditional {
			t.Errorf("second: %+v", second)
		}
		if got.Get("If-None-Match") != etag || got.Get("If-Modified-Since") != "Sun, 01 Nov 2026 10:00:00 +0000" {
			t.Errorf("sent %q, %q; want %q", got.Get("If-None-Match"), got.Get("If-Modified-Since"), etag)
		}
		moved := f
		moved.URL += "?new"
		if get(t, c, moved, keep(f, first)); got["If-None-Match"] != nil {
			t.Errorf("validators of another address were sent")
		}
	}
}

func TestIdentity(t *testing.T) {
	var got *http.Request
	c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		w.Header().Set("Set-Cookie", "id=1")
		if r.URL.Path == "/feed.xml" {
			http.Redirect(w, r, "/other.xml?x=1", http.StatusFound)
			return
		}
		fmt.Fprint(w, doc)
	})
	get(t, c, f, feeds.State{})
	get(t, c, f, feeds.State{})
	h := got.Header
	if h.Get("User-Agent") != "watcher/1.2 (+ops@example.org)" {
		t.Errorf("User-Agent %q", h.Get("User-Agent"))
	}
	if !strings.HasPrefix(h.Get("Accept"), "application/atom+xml") || !strings.HasSuffix(h.Get("Accept"), "*/*;q=0.1") {
		t.Errorf("Accept %q", h.Get("Accept"))
	}
	for _, name := range []string{"Cookie", "Referer", "If-None-Match"} {
		if h.Get(name) != "" {
			t.Errorf("%s was sent: %q", name, h.Get(name))
		}
	}
	if got.URL.RequestURI() != "/other.xml?x=1" {
		t.Errorf("asked for %q", got.URL.RequestURI())
	}
	f.UserAgent = "own/1"
	if get(t, c, f, feeds.State{}); got.Header.Get("User-Agent") != "own/1" {
		t.Errorf("own User-Agent: %q", got.Header.Get("User-Agent"))
	}
}

func TestSameBody(t *testing.T) {
	body := doc
	c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) })
	first := get(t, c, f, feeds.State{})
	second := get(t, c, f, keep(f, first))
	if second.Class != pace.Unchanged || !second.Same || second.Body != nil || second.Status != 200 {
		t.Errorf("same body: %+v", second)
	}
	body += " "
	if third := get(t, c, f, keep(f, first)); third.Class != pace.OK || third.Same {
		t.Errorf("changed body: %+v", third)
	}
}

func packed(t *testing.T, kind, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	switch kind {
	case "gzip":
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
	case "deflate":
		w := zlib.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
	case "br":
		w := brotli.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
	case "zstd":
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(s))
		_ = w.Close()
	default:
		return []byte(s)
	}
	return b.Bytes()
}

func TestCompression(t *testing.T) {
	long := doc + strings.Repeat("<!-- a long calm sea -->", 2000)
	gz := packed(t, "gzip", long)
	tests := []struct {
		name, header string
		body         []byte
		class        pace.Class
		truncated    bool
	}{
		{"gzip", "gzip", gz, pace.OK, false},
		{"x-gzip", "X-GZIP", gz, pace.OK, false},
		{"gzip unasked and unnamed", "", gz, pace.OK, false},
		{"gzip twice", "gzip", packed(t, "gzip", string(gz)), pace.OK, false},
		{"gzip named, not done", "gzip", []byte(long), pace.OK, false},
		{"gzip and rubbish after it", "gzip", append(bytes.Clone(gz), "\r\n\r\n"...), pace.OK, false},
		{"gzip cut off", "gzip", gz[:len(gz)-20], pace.OK, true},
		{"gzip without its sum", "gzip", gz[:len(gz)-8], pace.OK, true},
		{"gzip, the head alone", "gzip", gz[:12], pace.TooLarge, true},
		{"br", "br", packed(t, "br", long), pace.OK, false},
		{"br named, not done", "br", []byte(long), pace.OK, false},
		{"zstd", "zstd", packed(t, "zstd", long), pace.OK, false},
		{"deflate", "deflate", packed(t, "deflate", long), pace.OK, false},
		{"gzip then br", "gzip, br", packed(t, "br", string(gz)), pace.OK, false},
		{"unknown name", "utf-8", []byte(long), pace.OK, false},
		{"rubbish as br", "br", []byte("\xff\xff\xff\xff rubbish"), pace.TooLarge, false},
		{"empty", "", nil, pace.NotFeed, false},
		{"empty gzip", "gzip", packed(t, "gzip", ""), pace.NotFeed, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
				if tt.header != "" {
					w.Header().Set("Content-Encoding", tt.header)
				}
				_, _ = w.Write(tt.body)
			})
			r := get(t, c, f, feeds.State{})
			if r.Class != tt.class || r.Truncated != tt.truncated {
				t.Fatalf("class %s truncated %v (%s), want %s %v", r.Class, r.Truncated, r.Message, tt.class, tt.truncated)
			}
			if tt.class == pace.OK && !tt.truncated && string(r.Body) != long {
				t.Errorf("body of %d bytes, want %d", len(r.Body), len(long))
			}
			if tt.class == pace.OK && tt.truncated && !strings.HasPrefix(long, string(r.Body)) {
				t.Errorf("a cut body gave other bytes")
			}
			if (r.BodyHash != nil) != (tt.class == pace.OK && !tt.truncated) {
				t.Errorf("hash %x", r.BodyHash)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	huge := strings.Repeat("\x00", 4<<20)
	for _, kind := range []string{"", "gzip", "br", "zstd", "deflate"} {
		body := packed(t, kind, huge)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if kind != "" {
				w.Header().Set("Content-Encoding", kind)
			}
			_, _ = w.Write(body)
		}))
		c := fetch.New(fetch.Options{MaxBody: 1 << 20})
		r := get(t, c, feeds.Feed{URL: srv.URL, AllowPrivate: true}, feeds.State{})
		if r.Class != pace.TooLarge || r.Body != nil || r.Message == "" {
			t.Errorf("%s: %s %s", kind, r.Class, r.Message)
		}
		srv.Close()
		c.CloseIdle()
	}
}

func TestRedirects(t *testing.T) {
	var other *httptest.Server
	seen := map[string]http.Header{}
	hop := func(w http.ResponseWriter, to string, code int) {
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		seen[r.URL.Path] = r.Header.Clone()
		switch r.URL.Path {
		case "/perm":
			hop(w, "/perm2", 301)
		case "/perm2":
			hop(w, "feed", 308)
		case "/temp":
			hop(w, "/feed", 302)
		case "/mixed":
			hop(w, "/temp", 301)
		case "/loop":
			if r.URL.RawQuery == "" {
				hop(w, "/loop?again", 302)
				return
			}
			hop(w, "/loop", 302)
		case "/self":
			hop(w, "/self", 302)
		case "/nowhere":
			w.WriteHeader(301)
		case "/file":
			hop(w, "file:///etc/passwd", 302)
		case "/long":
			n := 0
			_, _ = fmt.Sscan(r.URL.RawQuery, &n)
			hop(w, fmt.Sprintf("/long?%d", n+1), 302)
		case "/away":
			hop(w, other.URL+"/there", 302)
		case "/metadata":
			hop(w, "http://169.254.169.254/latest/meta-data/", 302)
		case "/missing":
			hop(w, "/none", 301)
		case "/none":
			w.WriteHeader(404)
		default:
			w.Header().Set("Etag", `"1"`)
			fmt.Fprint(w, doc)
		}
	}
	c, f, srv := site(t, handler)
	other = httptest.NewServer(http.HandlerFunc(handler))
	defer other.Close()
	tests := []struct {
		path      string
		class     pace.Class
		final     string
		permanent bool
		to        string
	}{
		{"/perm", pace.OK, "/feed", true, "/feed"},
		{"/temp", pace.OK, "/feed", false, ""},
		{"/mixed", pace.OK, "/feed", false, "/temp"},
		{"/loop", pace.Refused, "", false, ""},
		{"/self", pace.Refused, "", false, ""},
		{"/nowhere", pace.Refused, "", true, ""},
		{"/file", pace.Refused, "", false, ""},
		{"/long", pace.Refused, "", false, ""},
		{"/metadata", pace.Refused, "", false, ""},
		{"/missing", pace.NotFound, "/none", true, "/none"},
	}
	for _, tt := range tests {
		f.URL = srv.URL + tt.path
		r := get(t, c, f, feeds.State{})
		if r.Class != tt.class {
			t.Errorf("%s: %s (%s), want %s", tt.path, r.Class, r.Message, tt.class)
			continue
		}
		if tt.class.Failed() && r.Message == "" {
			t.Errorf("%s: no word on what happened", tt.path)
		}
		if tt.final != "" && (r.FinalURL != srv.URL+tt.final || r.Permanent != tt.permanent) {
			t.Errorf("%s: at %s, permanent %v", tt.path, r.FinalURL, r.Permanent)
		}
		if want := tt.to; want != "" && r.PermanentURL != srv.URL+want {
			t.Errorf("%s: permanent to %q, want %q", tt.path, r.PermanentURL, want)
		}
	}

	// Secrets and validators stay with the host they belong to.
	f.URL = srv.URL + "/away"
	f.User, f.Password, f.Headers = "u", "p", map[string]string{"X-Api-Key": "k", "Cookie": "c=1"}
	st := feeds.State{URL: f.URL, ConfigURL: f.URL, ETag: `"home"`, ValidFor: f.URL}
	if r := get(t, c, f, st); r.Class != pace.OK || r.Conditional {
		t.Errorf("away: %+v", r)
	}
	home, there := seen["/away"], seen["/there"]
	if home.Get("Authorization") == "" || home.Get("X-Api-Key") != "k" || home.Get("If-None-Match") != `"home"` {
		t.Errorf("at home: %v", home)
	}
	for _, name := range []string{"Authorization", "X-Api-Key", "Cookie", "If-None-Match", "Referer"} {
		if there.Get(name) != "" {
			t.Errorf("%s went to another host", name)
		}
	}
	st.ETag, st.ValidFor = `"theirs"`, other.URL+"/there"
	if r := get(t, c, f, st); !r.Conditional || seen["/there"].Get("If-None-Match") != `"theirs"` || seen["/away"].Get("If-None-Match") != "" {
		t.Errorf("validators of the redirect's host: %v", seen["/there"])
	}
}

func TestPrivateAddresses(t *testing.T) {
	c, f, srv := site(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, doc) })
	f.AllowPrivate = false
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		f.URL = "http://" + host + ":" + port + "/"
		if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused {
			t.Errorf("%s: %s %s", host, r.Class, r.Message)
		}
	}
	f.AllowPrivate = true
	for _, host := range []string{"169.254.169.254", "[fe80::1]", "0.0.0.0", "100.100.100.200", "[64:ff9b::a9fe:a9fe]", "[::ffff:169.254.169.254]"} {
		f.URL = "http://" + host + "/"
		if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused {
			t.Errorf("%s is allowed: %s %s", host, r.Class, r.Message)
		}
	}
}

func TestProxy(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		fmt.Fprint(w, doc)
	}))
	defer proxy.Close()
	c := fetch.New(fetch.Options{})
	defer c.CloseIdle()
	f := feeds.Feed{URL: "http://news.example/feed", Proxy: proxy.URL}
	if r := get(t, c, f, feeds.State{}); r.Class != pace.OK || asked != f.URL {
		t.Errorf("by proxy: %s %s, asked %q", r.Class, r.Message, asked)
	}
	asked = ""
	for _, target := range []string{"http://127.0.0.1/", "http://localhost/", "http://intranet/", "http://db.internal/", "http://10.1.2.3/", "http://[::1]/", "http://127.1/", "http://metadata.google.internal/"} {
		f.URL = target
		if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused || asked != "" {
			t.Errorf("%s by proxy: %s, asked %q", target, r.Class, asked)
		}
	}
	f.URL, f.Proxy = "http://news.example/", "ftp://x"
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused {
		t.Errorf("bad proxy: %s", r.Class)
	}
}

func TestStatuses(t *testing.T) {
	tests := []struct {
		status int
		class  pace.Class
	}{
		{204, pace.Odd}, {206, pace.Odd}, {226, pace.Odd}, {300, pace.Odd}, {304, pace.Unchanged},
		{400, pace.NotFound}, {404, pace.NotFound}, {405, pace.NotFound}, {406, pace.NotFound}, {418, pace.NotFound}, {451, pace.NotFound},
		{401, pace.Denied}, {402, pace.Denied}, {407, pace.Denied}, {403, pace.Forbidden}, {410, pace.Gone},
		{412, pace.Precondition}, {416, pace.Precondition}, {429, pace.TooMany}, {408, pace.ServerError},
		{500, pace.ServerError}, {502, pace.ServerError}, {503, pace.ServerError}, {504, pace.ServerError}, {522, pace.ServerError},
	}
	for _, tt := range tests {
		c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(tt.status)
		})
		r := get(t, c, f, feeds.State{})
		if r.Class != tt.class || r.Status != tt.status {
			t.Errorf("%d: %s, want %s", tt.status, r.Class, tt.class)
		}
		if (r.RetryAfter == 90*time.Second) != (tt.status >= 400) {
			t.Errorf("%d: retry after %v", tt.status, r.RetryAfter)
		}
		if r.Class.Failed() && !strings.Contains(r.Message, fmt.Sprint(tt.status)) {
			t.Errorf("%d: message %q", tt.status, r.Message)
		}
	}
}

func TestChallenges(t *testing.T) {
	c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("cf-mitigated", "challenge")
		w.WriteHeader(403)
		fmt.Fprint(w, "<html><title>Just a moment...</title>")
	})
	r := get(t, c, f, feeds.State{})
	if r.Class != pace.Forbidden || r.Challenge != "Cloudflare" || !strings.Contains(r.Message, "Cloudflare") || r.Diagnosis == "" {
		t.Errorf("%+v", r)
	}
}

func TestNoAnswer(t *testing.T) {
	c, f, srv := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return
		}
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "10000")
			fmt.Fprint(w, doc)
			return
		}
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	})
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Network {
		t.Errorf("closed: %s", r.Class)
	}
	f.URL, f.Timeout = srv.URL+"/slow", 30*time.Millisecond
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Network || !strings.Contains(r.Message, "in time") {
		t.Errorf("slow: %s %s", r.Class, r.Message)
	}
	f.URL, f.Timeout = srv.URL+"/cut", 0
	if r := get(t, c, f, feeds.State{}); r.Class != pace.OK || !r.Truncated || string(r.Body) != doc || r.BodyHash != nil {
		t.Errorf("cut: %+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Get(ctx, f, feeds.State{}); err == nil {
		t.Error("a cancelled fetch gave no error")
	}
	srv.Close()
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Network || !strings.Contains(r.Message, "refuses") {
		t.Errorf("no server: %s %s", r.Class, r.Message)
	}
	for _, bad := range []feeds.Feed{{UserAgent: "a\nb"}, {Headers: map[string]string{"X": "a\r\nb"}}, {Headers: map[string]string{"X Y": "z"}}} {
		bad.URL, bad.AllowPrivate = f.URL, true
		if r := get(t, c, bad, feeds.State{}); r.Class != pace.Refused {
			t.Errorf("a header that cannot be sent: %s %s", r.Class, r.Message)
		}
	}
	f.URL = "ftp://example.org/feed"
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused {
		t.Errorf("ftp: %s", r.Class)
	}
}

func TestHeaders(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	head := func(lines ...string) http.Header {
		h := http.Header{}
		for _, l := range lines {
			k, v, _ := strings.Cut(l, ": ")
			h.Add(k, v)
		}
		return h
	}
	fresh := []struct {
		h    http.Header
		want time.Duration
	}{
		{head(), 0},
		{head("Cache-Control: max-age=600"), 10 * time.Minute},
		{head(`Cache-Control: public, Max-Age="600"`), 10 * time.Minute},
		{head("Cache-Control: max-age=600", "Age: 100"), 500 * time.Second},
		{head("Cache-Control: max-age=600", "Age: 1000"), 0},
		{head("Cache-Control: max-age=2592000"), 24 * time.Hour},
		{head("Cache-Control: max-age=99999999999999999999"), 24 * time.Hour},
		{head("Cache-Control: max-age=-5"), 0},
		{head("Cache-Control: no-cache, max-age=600"), 0},
		{head("Cache-Control: no-store", "Expires: Mon, 23 Nov 2026 13:00:00 GMT"), 0},
		{head("Expires: Mon, 23 Nov 2026 13:00:00 GMT"), time.Hour},
		{head("Expires: Mon, 23 Nov 2026 13:00:00 GMT", "Date: Mon, 23 Nov 2026 12:50:00 GMT"), 10 * time.Minute},
		{head("Cache-Control: max-age=60", "Expires: Mon, 23 Nov 2026 13:00:00 GMT"), time.Minute},
		{head("Expires: 0"), 0},
		{head("Expires: Thu, 01 Dec 1994 16:00:00 GMT"), 0},
	}
	for _, tt := range fresh {
		if got := fetch.Freshness(tt.h, now); got != tt.want {
			t.Errorf("freshness of %v: %v, want %v", tt.h, got, tt.want)
		}
	}
	retry := []struct {
		h    http.Header
		want time.Duration
	}{
		{head(), 0},
		{head("Retry-After: 120"), 2 * time.Minute},
		{head("Retry-After: 1.5"), time.Second},
		{head("Retry-After: Mon, 23 Nov 2026 12:30:00 GMT"), 30 * time.Minute},
		{head("Retry-After: Mon, 23 Nov 2026 12:30:00 GMT", "Date: Mon, 23 Nov 2026 12:20:00 GMT"), 10 * time.Minute},
		{head("Retry-After: Mon, 23 Nov 2026 11:30:00 GMT"), 0},
		{head("Retry-After: 99999999"), 7 * 24 * time.Hour},
		{head("Retry-After: soon"), 0},
	}
	for _, tt := range retry {
		if got := fetch.RetryAfter(tt.h, now); got != tt.want {
			t.Errorf("retry after %v: %v, want %v", tt.h, got, tt.want)
		}
	}
}

func TestHubLinks(t *testing.T) {
	c, f, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Link", `<https://hub.example/>; rel="hub", </feed.xml?a=1,2>; title="x, y"; rel=self`)
		fmt.Fprint(w, doc)
	})
	r := get(t, c, f, feeds.State{})
	u, _ := url.Parse(f.URL)
	if r.Hub != "https://hub.example/" || r.HubTopic != "http://"+u.Host+"/feed.xml?a=1,2" {
		t.Errorf("hub %q topic %q", r.Hub, r.HubTopic)
	}
}

// Feeds of one host share connections.
func TestKeepAlive(t *testing.T) {
	remotes := map[string]bool{}
	c, f, srv := site(t, func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		if strings.HasSuffix(r.URL.Path, "9") {
			w.WriteHeader(404)
		}
		fmt.Fprint(w, doc)
	})
	for i := range 50 {
		f.URL = fmt.Sprintf("%s/%d", srv.URL, i)
		get(t, c, f, feeds.State{})
	}
	if len(remotes) != 1 {
		t.Errorf("%d connections for 50 feeds of one host", len(remotes))
	}
}

func BenchmarkNotModified(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) }))
	defer srv.Close()
	c := fetch.New(fetch.Options{})
	f := feeds.Feed{URL: srv.URL, AllowPrivate: true}
	st := feeds.State{URL: f.URL, ConfigURL: f.URL, ETag: `"1"`, ValidFor: f.URL}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := c.Get(context.Background(), f, st); err != nil || r.Class != pace.Unchanged {
			b.Fatal(r.Message, err)
		}
	}
}
