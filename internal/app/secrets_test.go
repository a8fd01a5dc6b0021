package app

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestNoSecretShows: what is secret in a configuration (passwords,
// queries that are keys, headers) stands in no log line, page, metric, state or answer
// of the API, while everything that can fail fails.
func TestNoSecretShows(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer broken.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	host := func(s *httptest.Server, user string) string { return strings.Replace(s.URL, "://", "://"+user, 1) }
	t.Setenv("HUSH_SECRET", "whsec_aHVzaC1odXNoLWh1c2gtaHVzaC1odXNo")
	text := fmt.Sprintf(`server: {listen: "127.0.0.1:0", public_url: "https://watch.example.org/"}
polling: {allow_private: true, host_gap: 0s}
feeds:
  - {id: good, url: "%[1]s/feed?token=hush-one"}
  - {id: failing, url: "%[2]s/feed?token=hush-two", headers: {X-Key: hush-three}}
  - {id: nobody, url: "%[3]s/feed?token=hush-four", auth: {user: reader, password: hush-six}}
  - {id: html, url: "%[2]s/?apikey=hush-seven"}
topics: [{id: oman, match: oman}]
receivers:
  - {id: terminal, type: log}
  - {id: hook, type: webhook, url: "%[2]s/x?key=hush-eight", secrets: ["${HUSH_SECRET}"], headers: {Authorization: Bearer hush-nine}}
  - {id: away, type: webhook, url: "%[3]s/x?key=hush-ten"}
  - {id: phone, type: ntfy, url: "%[4]s/topic", token: hush-eleven}
ops: {heartbeat_url: "%[3]s/b?k=hush-twelve", metrics: {per_feed: true}}
`, one(t, "Oman mediates").URL, broken.URL, gone.URL, host(broken, ""))
	e := newErrand(t, text, func(o *Options) { o.NotifyLast = time.Hour })
	secret := regexp.MustCompile(`hush-\w+|aHVzaC1o\w+`)
	clean := func(where, text string) {
		t.Helper()
		for _, m := range secret.FindAllStringIndex(text, 8) {
			t.Errorf("%s shows %q: …%s…", where, text[m[0]:m[1]], text[max(m[0]-120, 0):min(m[1]+40, len(text))])
		}
	}
	for range 3 { // polls and tries fail, again and again
		if _, err := e.Once(t.Context()); err != nil {
			clean("error", err.Error())
		}
		e.now = e.now.Add(time.Hour)
	}
	e.beat.Store(e.now.UnixMilli())
	e.ready.Store(true)
	if err := e.heartbeat(t.Context()); err == nil {
		t.Error("a heartbeat to nobody")
	} else {
		clean("heartbeat", err.Error())
	}
	if err := e.Reload(t.Context()); err != nil {
		t.Error(err)
	}

	// Every page, and what they lead to; the API's too.
	link := regexp.MustCompile(`(?:href|src|action)="?(/[^"#> ]*)`)
	seen, todo := map[string]bool{}, []string{"/", "/metrics", "/status", "/livez", "/readyz", "/api/v1/feeds", "/api/v1/deliveries", "/api/v1/receivers", "/api/v1/status", "/api/v1/events", "/api/v1/stories", "/api/v1/topics"}
	good := 0
	for len(todo) > 0 && len(seen) < 400 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		seen[path] = true
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
		req.RemoteAddr = "127.0.0.1:9"
		e.handler().ServeHTTP(rec, req)
		body := rec.Body.String()
		if rec.Code == 200 {
			good++
		}
		if strings.Contains(path, "opml") { // the list to take elsewhere has whole addresses
			continue
		}
		clean(path, html.UnescapeString(body))
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			todo = append(todo, html.UnescapeString(m[1]))
		}
	}
	if good < 25 || !seen["/metrics"] {
		t.Errorf("%d pages answered of %d: %v", good, len(seen), seen)
	}
	clean("log", e.log.String())
	clean("terminal", e.told.String())
	for _, want := range []string{"poll failed", "delivery will be tried again"} {
		if !strings.Contains(e.log.String(), want) {
			t.Errorf("nothing failed: no %q in the log\n%s", want, e.log.String())
		}
	}
}
