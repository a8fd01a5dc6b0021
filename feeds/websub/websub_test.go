package websub_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/websub"
)

// hub is a WebSub hub of our own: it takes requests, makes sure of them at
// once, and pushes.
type hub struct {
	t        *testing.T
	refuse   int
	lease    string
	verified int // status of our answer to its question

	callback, topic, secret string
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.refuse != 0 {
		http.Error(w, "no such topic", h.refuse)
		return
	}
	_ = r.ParseForm()
	h.callback, h.topic, h.secret = r.Form.Get("hub.callback"), r.Form.Get("hub.topic"), r.Form.Get("hub.secret")
	h.ask(r.Form.Get("hub.mode"), h.topic)
	w.WriteHeader(http.StatusAccepted)
}

func (h *hub) ask(mode, topic string) string {
	q := url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {"c-<b>1"}, "hub.lease_seconds": {h.lease}}
	resp, err := http.Get(h.callback + "?" + q.Encode())
	if err != nil {
		h.t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	h.verified = resp.StatusCode
	if h.verified == 200 && mode != "denied" && string(b) != "c-<b>1" {
		h.t.Errorf("challenge came back as %q", b)
	}
	return string(b)
}

func (h *hub) push(body, secret string) int {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	req, _ := http.NewRequest(http.MethodPost, h.callback, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/rss+xml")
	if secret != "" {
		req.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(m.Sum(nil)))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Error(err)
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// shelf keeps one feed.
type shelf struct {
	mu     sync.Mutex
	f      feeds.Feed
	st     feeds.State
	pushed []string
}

func (s *shelf) ByToken(_ context.Context, token string) (feeds.Feed, feeds.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token != s.st.HubToken {
		return feeds.Feed{}, feeds.State{}, websub.ErrUnknown
	}
	return s.f, s.st, nil
}

func (s *shelf) Save(_ context.Context, st feeds.State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st = st
	return nil
}

func (s *shelf) Push(_ context.Context, _ feeds.Feed, body []byte, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushed = append(s.pushed, string(body))
	return nil
}

func TestSubscription(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	h := &hub{t: t, lease: "864000"}
	hubSrv := httptest.NewServer(h)
	defer hubSrv.Close()
	s := &shelf{f: feeds.Feed{ID: "f", URL: "http://paper.example/feed", WebSub: true, AllowPrivate: true}}
	s.st = feeds.State{Feed: "f", URL: s.f.URL, Phase: feeds.Active, Hub: hubSrv.URL, HubTopic: s.f.URL}
	us := httptest.NewServer(&websub.Callback{Feeds: s, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	defer us.Close()
	client := fetch.New(fetch.Options{})
	defer client.CloseIdle()

	if !websub.Due(s.f, s.st, now) {
		t.Fatal("not due")
	}
	h.refuse = 404
	s.st = websub.Prepare(s.st, now)
	if err := websub.Subscribe(t.Context(), client, s.f, s.st, us.URL); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a hub that refuses: %v", err)
	}
	if websub.Due(s.f, s.st, now.Add(time.Hour)) || !websub.Due(s.f, s.st, now.Add(7*time.Hour)) {
		t.Error("a hub that refused is asked too soon, or never again")
	}
	h.refuse = 0
	now = now.Add(7 * time.Hour)
	s.st = websub.Prepare(s.st, now)
	if err := websub.Subscribe(t.Context(), client, s.f, s.st, us.URL+"/"); err != nil || h.verified != 200 {
		t.Fatalf("%v, the hub was answered %d", err, h.verified)
	}
	if got := s.st.LeaseUntil.Sub(now); got != 10*24*time.Hour {
		t.Errorf("lease of %v", got)
	}

	// What is signed arrives; what is not, or by another, does not.
	if code := h.push("<rss/>", h.secret); code != 202 || len(s.pushed) != 1 {
		t.Errorf("signed: %d, %q", code, s.pushed)
	}
	for _, secret := range []string{"", "guess"} {
		if code := h.push("<rss>forged</rss>", secret); code != 202 || len(s.pushed) != 1 {
			t.Errorf("signed with %q: %d, %q", secret, code, s.pushed)
		}
	}

	// Questions that we did not ask for.
	if h.ask("subscribe", "http://other.example/"); h.verified != 404 {
		t.Errorf("another topic: %d", h.verified)
	}
	if h.ask("unsubscribe", h.topic); h.verified != 404 || s.st.LeaseUntil.IsZero() {
		t.Errorf("an end that nobody wants: %d", h.verified)
	}
	mine := h.callback
	h.callback = us.URL + websub.Path + "0000"
	if h.ask("subscribe", h.topic); h.verified != 410 {
		t.Errorf("an unknown token: %d", h.verified)
	}
	h.callback = mine

	// Renewal at four fifths, with the same token and secret.
	if websub.Due(s.f, s.st, now.Add(7*24*time.Hour)) || !websub.Due(s.f, s.st, now.Add(8*24*time.Hour)) {
		t.Error("renewal is not at four fifths")
	}
	if again := websub.Prepare(s.st, now); again.HubToken != s.st.HubToken || again.HubSecret != s.st.HubSecret {
		t.Error("a renewal changed the token")
	}
	h.lease = "99999999999"
	now = now.Add(8 * 24 * time.Hour)
	if err := websub.Subscribe(t.Context(), client, s.f, websub.Prepare(s.st, now), us.URL); err != nil || s.st.LeaseUntil.Sub(now) != 14*24*time.Hour {
		t.Errorf("an endless lease: %v, %v", err, s.st.LeaseUntil.Sub(now))
	}

	// While pushed, polling only looks after the hub; three misses end that.
	poll := func() time.Duration {
		o := pace.Outcome{Class: pace.OK, Status: 200, Host: feeds.PacingKey(s.f.URL), FinalURL: s.f.URL, Hub: s.st.Hub, HubTopic: s.st.HubTopic}.Read(pace.Doc{New: 1, Items: 1})
		s.st.Baseline = true
		s.st, _, _ = pace.After(s.f, s.st, feeds.HostState{}, o, hourly{}, now, func() float64 { return 0.5 })
		return s.st.NextPoll.Sub(now)
	}
	s.st.ConfigURL = s.f.URL
	for i := range 3 {
		wait := poll()
		if pushed := wait >= 24*time.Hour; pushed != (i < 2) {
			t.Errorf("miss %d: next poll after %v", i+1, wait)
		}
	}
	if websub.Due(s.f, s.st, now.Add(30*24*time.Hour)) {
		t.Error("a hub that was given up is asked again")
	}

	h.ask("denied", h.topic)
	if !s.st.LeaseUntil.IsZero() {
		t.Error("a denied subscription goes on")
	}
	if code := h.push("<rss/>", h.secret); code != 410 || len(s.pushed) != 1 {
		t.Errorf("a push after the end: %d", code)
	}
	s.f.Removed = true
	if h.ask("unsubscribe", h.topic); h.verified != 200 {
		t.Errorf("the end of a removed feed: %d", h.verified)
	}
}

type hourly struct{}

func (hourly) Next(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) }

func TestSigned(t *testing.T) {
	for header, want := range map[string]bool{
		"sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8": true,
		"sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9":                           true,
		"SHA1=DE7C9B85B8B78AA6BC8A7A36F70A90701C9DB4D9":                           true,
		"sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d8":                           false,
		"md5=80070713463e7749b90c2dc24911e275":                                    false,
		"sha256=zz":                                                               false,
		"":                                                                        false,
		"sha256=":                                                                 false,
	} {
		if got := websub.Signed([]byte("The quick brown fox jumps over the lazy dog"), header, "key"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
	if websub.Signed([]byte("x"), "sha256="+hex.EncodeToString(hmac.New(sha256.New, nil).Sum(nil)), "") {
		t.Error("an empty secret signs")
	}
}

// A hub on a private address is no business of a public feed.
func TestHubIsGuarded(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	client := fetch.New(fetch.Options{})
	f := feeds.Feed{ID: "f", URL: "http://paper.example/feed", WebSub: true}
	err := websub.Subscribe(t.Context(), client, f, feeds.State{Hub: srv.URL, HubTopic: f.URL}, "http://us.example")
	if err == nil || !strings.Contains(err.Error(), "private") {
		t.Errorf("%v", err)
	}
}
