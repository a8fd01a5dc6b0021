package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"watcher/internal/store"
	"watcher/internal/web/auth"
)

func fetch(t testing.TB, s *httptest.Server, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return send(t, s, req)
}

func send(t testing.TB, s *httptest.Server, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// submit posts a form as a browser does, and follows the redirect.
func submit(t testing.TB, s *httptest.Server, path string, kv ...string) (*http.Response, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		form.Add(kv[i], kv[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.URL)
	req.Header.Set("Accept", "text/html")
	return send(t, s, req)
}

// submitJSON posts a form as the page's script does.
func submitJSON(t testing.TB, s *httptest.Server, path string, kv ...string) (*http.Response, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		form.Add(kv[i], kv[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return send(t, s, req)
}

var titleTag = regexp.MustCompile(`<title>([^<]*)</title>`)

func TestPages(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	for _, p := range w.allPages(t) {
		res, body := fetch(t, s, p)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d\n%s", p, res.StatusCode, body)
			continue
		}
		if got := res.Header.Get("Content-Security-Policy"); got != csp {
			t.Errorf("%s: policy %q", p, got)
		}
		if len(body) > 60_000 {
			t.Errorf("%s: %d bytes", p, len(body))
		}
		for _, bad := range []string{"<script>", "onerror=\"", "<b>bold", " style=", "<style", "javascript:alert(1)\"", "token=hush", "ZgotmplZ"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s", p, bad)
			}
		}
		if !titleTag.MatchString(body) || !strings.Contains(body, `<html lang="en">`) || !strings.Contains(body, `class="skip"`) {
			t.Errorf("%s lacks a title, a language or the skip link", p)
		}
		checkLinks(t, s, p, body)
	}
}

// checkLinks follows every link to a page of ours and wants no other host
// loaded from.
func checkLinks(t *testing.T, s *httptest.Server, from, body string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("%s: id %s twice", from, a.Val)
				}
				ids[a.Val] = true
			case strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: inline handler %s", from, a.Key)
			case a.Key == "src", a.Key == "href" && n.Data == "link", a.Key == "action":
				if !strings.HasPrefix(a.Val, "/") {
					t.Errorf("%s loads or sends to %s", from, a.Val)
				}
			case a.Key == "href" && strings.HasPrefix(a.Val, "/") && !followed[a.Val]:
				followed[a.Val] = true
				if res, _ := fetch(t, s, a.Val); res.StatusCode != http.StatusOK {
					t.Errorf("%s links to %s: %d", from, a.Val, res.StatusCode)
				}
			}
		}
	}
}

var followed = map[string]bool{}

func TestDigestPageShowsItsDocument(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	_, page := fetch(t, s, "/digests/morning/2026-02-07")
	_, text := fetch(t, s, "/digests/morning/2026-02-07.txt")
	for _, want := range []string{"7 publishers", "1 independent, 1 public", "you starred this", "Second round said to be planned for March"} {
		if !strings.Contains(page, want) || !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%q is missing on the page (%v) or in the text (%v)", want, strings.Contains(page, want), strings.Contains(text, want))
		}
	}
}

func TestReviewWithoutScript(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	res, body := submit(t, s, "/marks", "set", "starred st_talks", "back", "/digests/morning/2026-02-07", "where", "morning/2026-02-07")
	if res.Request.URL.Path != "/digests/morning/2026-02-07" || !strings.Contains(body, `name=unset value="starred st_talks" aria-pressed=true>`) {
		t.Errorf("star: ended on %s", res.Request.URL)
	}
	submit(t, s, "/marks", "set", "reviewed st_talks", "back", "/digests/morning/2026-02-07")
	if _, body = fetch(t, s, "/stories/st_talks"); !strings.Contains(body, `data-state="reviewed"`) {
		t.Error("the mark does not show on the story's page")
	}
	if _, body = fetch(t, s, "/"); !strings.Contains(body, `id="st_talks" data-row data-state="reviewed"`) {
		t.Error("the mark does not show on the live page")
	}
	submit(t, s, "/marks", "unset", "reviewed st_talks", "back", "/")
	if _, body = fetch(t, s, "/stories/st_talks"); strings.Contains(body, `data-state="reviewed"`) {
		t.Error("the mark was not taken back")
	}
	if res, _ = submit(t, s, "/marks", "set", "starred st_talks", "back", "https://evil.example/"); res.Request.URL.Host != strings.TrimPrefix(s.URL, "http://") {
		t.Errorf("the redirect left for %s", res.Request.URL)
	}
	submit(t, s, "/stories/st_talks/note", "text", "call the <b>port</b>")
	if _, body = fetch(t, s, "/stories/st_talks"); !strings.Contains(body, "call the port") {
		t.Error("the note is not shown")
	}
	for _, c := range []struct{ path, key, value, want string }{
		{"/stories/st_rtl/note", "text", "ask the coast guard", "ask the coast guard"}, {"/stories/st_rtl/mute", "muted", "1", "Muted"},
	} {
		res, body := submit(t, s, c.path, c.key, c.value, "back", "/digests/morning/2026-02-07")
		if res.Request.URL.Path != "/digests/morning/2026-02-07" || !strings.Contains(body, c.want) {
			t.Errorf("%s from the digest's page ended on %s", c.path, res.Request.URL)
		}
	}
	_, csv := fetch(t, s, "/marks.csv")
	if !strings.Contains(csv, "st_talks,starred,,local,2026-02-07T06:30:00Z,,Strait talks open with both delegations in the room\n") {
		t.Errorf("export:\n%s", csv)
	}
}

func TestActionsWithoutScript(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	for _, c := range []struct {
		path string
		form []string
		end  string // where it leads
		want string // what stands there
	}{
		{"/stories/st_talks/mute", []string{"muted", "1"}, "/stories/st_talks", "Unmute"},
		{"/stories/st_talks/mute", []string{"muted", "0"}, "/stories/st_talks", "told again"},
		{"/silences", []string{"story", "st_talks", "for", "4h", "reason", "summit live blog"}, "/silences", "summit live blog"},
		{"/silences/1/end", nil, "/silences", "has ended"},
		{"/feeds/beacon/pause", nil, "/feeds/beacon", "Resume"},
		{"/feeds/beacon/resume", nil, "/feeds/beacon", "Pause"},
		{"/feeds/beacon/poll", nil, "/feeds/beacon", "polled as soon"},
		{"/feeds", []string{"url", "https://new.example/rss", "name", "New one"}, "/feeds/added", "New one"},
		{"/feeds/added/remove", nil, "/feeds", "Removed"},
		{"/deliveries/msg_dead/resend", nil, "/deliveries/msg_dead", "pending"},
		{"/deliveries/msg_dead/drop", nil, "/deliveries/msg_dead", "dropped by hand"},
		{"/deliveries/msg_ok/replay", nil, "/deliveries/msg_new3", "Replay of"},
		{"/receivers/mail/enable", nil, "/deliveries", "In service again"},
		{"/receivers/desk/pause", nil, "/deliveries", "paused"},
		{"/receivers/desk/resume", nil, "/deliveries", "Resumed"},
		{"/reload", nil, "/status", "read again"},
		{"/digests/morning/2026-02-07/send", nil, "/digests/morning/2026-02-07", "on its way"},
		{"/try", []string{"rule", "strait", "title", "The strait is calm"}, "/try", "<mark>strait</mark>"},
		{"/topics/strait-talks/backtest", []string{"rule", "ferry", "days", "7"}, "/topics/strait-talks/backtest", "of 1200 articles hit"},
		{"/stories/st_talks/merge", []string{"from", s.URL + "/stories/st_rtl"}, "/stories/st_talks", "Holds what was st_rtl"},
	} {
		res, body := submit(t, s, c.path, c.form...)
		if res.StatusCode != http.StatusOK || res.Request.URL.Path != c.end || !strings.Contains(body, c.want) {
			t.Errorf("POST %s: %d on %s, want %s with %q", c.path, res.StatusCode, res.Request.URL, c.end, c.want)
		}
	}
	// A merged story's old address leads to where it lives on; its articles split off again.
	if _, body := fetch(t, s, "/stories/st_rtl"); !strings.Contains(body, "st_rtl lives on in this story") {
		t.Error("the merged story's address is dead")
	}
	var its []store.Item
	if err := w.store.View(t.Context(), func(r store.Reader) (err error) { its, err = r.StoryItems(t.Context(), "st_talks"); return }); err != nil {
		t.Fatal(err)
	}
	res, body := submit(t, s, "/stories/st_talks/split", "item", store.ItemID(its[0].ID), "item", store.ItemID(its[1].ID))
	if !strings.HasPrefix(res.Request.URL.Path, "/stories/st_") || strings.HasSuffix(res.Request.URL.Path, "/st_talks") || !strings.Contains(body, "2 articles") {
		t.Errorf("split: %d on %s", res.StatusCode, res.Request.URL)
	}
}

func TestMistakesAreExplained(t *testing.T) {
	s := newWorld(t).serve(t)
	for _, c := range []struct {
		path string
		form []string
		code int
		want string
	}{
		{"/silences", []string{"topics", "strait-talks", "for", "4h"}, 422, "needs a reason"},
		{"/silences", []string{"reason", "because", "for", "4h"}, 422, "Say what to silence"},
		{"/silences", []string{"topics", "strait-talks", "reason", "because", "for", "60d"}, 422, "30 days at most"},
		{"/try", []string{"rule", "(strait", "title", "x"}, 422, "bracket is never closed"},
		{"/try", nil, 422, "Give a headline"},
		{"/topics/strait-talks/backtest", []string{"rule", "broken"}, 200, "nothing to look for"},
		{"/stories/st_talks/split", nil, 422, "Tick the articles"},
		{"/stories/st_talks/merge", []string{"from", "st_nowhere"}, 404, "no such thing"},
		{"/stories/st_nowhere/mute", nil, 404, "no such thing"},
		{"/marks", []string{"set", "liked st_talks"}, 422, "Unknown mark"},
		{"/feeds", []string{"url", "gopher://x"}, 422, "no address of a feed"},
		{"/feeds/beacon/remove", nil, 422, "stands in the configuration file"},
		{"/receivers/nobody/pause", nil, 404, "no such thing"},
	} {
		res, body := submit(t, s, c.path, c.form...)
		if res.StatusCode != c.code || !strings.Contains(body, c.want) {
			t.Errorf("POST %s %v: %d, want %d with %q\n%s", c.path, c.form, res.StatusCode, c.code, c.want, main(body))
		}
	}
	for _, p := range []string{"/nowhere", "/stories/st_nowhere", "/topics/nowhere", "/feeds/nowhere", "/digests/nowhere", "/digests/morning/1999-01-01", "/deliveries/msg_nowhere", "/topics/nowhere.atom", "/static/nothing.js", "/static/..%2fweb.go"} {
		if res, _ := fetch(t, s, p); res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Security-Policy") != csp {
			t.Errorf("GET %s: %d", p, res.StatusCode)
		}
	}
}

// main cuts a page down to what it says.
func main(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "</main>")
	return body
}

// TestProgramsAreRefusedInJSON: whoever asks the API is told what is wrong in
// the form of its errors, before the API is reached too.
func TestProgramsAreRefusedInJSON(t *testing.T) {
	open, closed := newWorld(t), newWorld(t)
	closed.options.Auth = auth.Settings{Mode: auth.Token, Token: strings.Repeat("t", 32)}
	a, b := open.serve(t), closed.serve(t)
	for _, c := range []struct {
		s            *httptest.Server
		method, path string
		header       []string
		code         int
		want         string
	}{
		{b, "GET", "/api/v1/status", nil, 401, "log in first"},
		{b, "GET", "/status", []string{"Accept", "application/json"}, 401, "Authorization: Bearer"},
		{a, "POST", "/api/v1/reload", []string{"Origin", "https://evil.example"}, 403, "another site"},
		{a, "GET", "/api/v1/status", []string{"Host", "evil.example"}, 421, "server.public_url"},
		{a, "POST", "/stories/st_nowhere/mute", []string{"Accept", "application/json"}, 404, "no such thing"},
	} {
		req, err := http.NewRequest(c.method, c.s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(c.header); i += 2 {
			if req.Header.Set(c.header[i], c.header[i+1]); c.header[i] == "Host" {
				req.Host = c.header[i+1]
			}
		}
		res, body := send(t, c.s, req)
		var out struct {
			Error string `json:"error"`
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil || res.StatusCode != c.code || !strings.Contains(out.Error, c.want) {
			t.Errorf("%s %s: %d %q, want %d and JSON that says %q", c.method, c.path, res.StatusCode, body, c.code, c.want)
		}
		if res.Header.Get("Content-Security-Policy") == "" || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: headers %v", c.method, c.path, res.Header)
		}
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	for _, h := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
		for _, path := range []string{"/reload", "/api/v1/reload"} {
			req, err := http.NewRequest(http.MethodPost, s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(h[0], h[1])
			if res, _ := send(t, s, req); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s: %s was let through: %d", path, h[0], h[1], res.StatusCode)
			}
		}
	}
	if w.acts.reloads != 0 {
		t.Error("it acted")
	}
}

func TestLoginPages(t *testing.T) {
	w := newWorld(t)
	hash, err := auth.Hash("open the strait")
	if err != nil {
		t.Fatal(err)
	}
	w.options.Auth = auth.Settings{Mode: auth.Password, PasswordHash: hash}
	s := w.serve(t)
	s.Client().Jar = newJar(t)
	for _, p := range w.allPages(t) {
		if res, body := fetch(t, s, p); res.Request.URL.Path != "/login" || strings.Contains(body, "trait talks") {
			t.Errorf("%s was shown to a stranger", p)
		}
	}
	for _, p := range []string{"/static/watcher.css", "/login"} {
		if res, _ := fetch(t, s, p); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", p, res.StatusCode)
		}
	}
	if res, body := submit(t, s, "/login", "secret", "wrong"); res.StatusCode != 401 || !strings.Contains(body, "not right") || res.Header.Get("Content-Security-Policy") != csp {
		t.Errorf("wrong password: %d", res.StatusCode)
	}
	if res, body := submit(t, s, "/login", "secret", "open the strait", "next", "/feeds"); res.Request.URL.Path != "/feeds" || !strings.Contains(body, "Log out") {
		t.Errorf("login ended on %s", res.Request.URL)
	}
	if res, _ := submit(t, s, "/logout"); res.Request.URL.Path != "/login" {
		t.Errorf("logout ended on %s", res.Request.URL)
	}
	if res, _ := fetch(t, s, "/feeds"); res.Request.URL.Path != "/login" {
		t.Error("still logged in")
	}
}
