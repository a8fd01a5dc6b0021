package auth

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

// memory keeps sessions; it is the store of these tests.
type memory struct {
	store.Tx
	sessions map[string]store.Session
}

func (m *memory) View(_ context.Context, fn func(store.Reader) error) error { return fn(m) }
func (m *memory) Update(_ context.Context, fn func(store.Tx) error) error   { return fn(m) }
func (m *memory) Session(_ context.Context, hash []byte) (store.Session, error) {
	s, ok := m.sessions[string(hash)]
	if !ok {
		return s, store.ErrNotFound
	}
	return s, nil
}
func (m *memory) SaveSession(_ context.Context, s store.Session) error {
	m.sessions[string(s.Hash)] = s
	return nil
}
func (m *memory) EndSession(_ context.Context, hash []byte) error {
	delete(m.sessions, string(hash))
	return nil
}

// site is a guarded page that says who looks.
func site(t *testing.T, o Options) (*httptest.Server, *memory) {
	t.Helper()
	m := &memory{sessions: map[string]store.Session{}}
	o.Store = m
	o.Form = func(w http.ResponseWriter, _ *http.Request, f Form) {
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "form %s %s next=%s", f.Mode, f.Failed, f.Next)
	}
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	g.Routes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello "+User(r.Context())) })
	s := httptest.NewServer(g.Wrap(mux, func(p string) bool { return p == "/livez" || strings.HasPrefix(p, "/login") }))
	t.Cleanup(s.Close)
	return s, m
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func get(t *testing.T, c *http.Client, url string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Add(header[i], header[i+1])
	}
	return do(t, c, req)
}

func do(t *testing.T, c *http.Client, req *http.Request) (int, string) {
	t.Helper()
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func post(t *testing.T, c *http.Client, to string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, c, req)
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		listen, mode string
		ok           bool
	}{
		{"127.0.0.1:8377", "none", true}, {"127.0.0.5:0", "", true}, {"[::1]:8377", "none", true}, {"localhost:8377", "none", true}, {"", "none", true},
		{"0.0.0.0:8377", "none", false}, {":8377", "none", false}, {"[::]:8377", "", false}, {"192.0.2.7:80", "none", false}, {"watcher.example:80", "none", false},
		{"0.0.0.0:8377", "token", true}, {"0.0.0.0:8377", "password", true}, {":80", "oidc", true}, {":80", "proxy", true}, {"127.0.0.1:80", "basic", false},
	} {
		if err := Check(c.listen, c.mode); (err == nil) != c.ok {
			t.Errorf("Check(%q, %q) = %v, want ok %v", c.listen, c.mode, err, c.ok)
		}
	}
}

func TestPassword(t *testing.T) {
	h, err := Hash("a long enough secret")
	if err != nil {
		t.Fatal(err)
	}
	if !Verify(h, "a long enough secret") || Verify(h, "a long enough secre") || Verify(h, "") {
		t.Error("the hash does not tell its password")
	}
	if again, _ := Hash("a long enough secret"); again == h {
		t.Error("two hashes share a salt")
	}
	if _, err := Hash("short"); err == nil {
		t.Error("a short password was taken")
	}
	for _, bad := range []string{"", "secret", "$argon2id$v=19$m=99999999,t=3,p=2$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5", "$argon2i$v=19$m=65536,t=3,p=2$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=65536,t=3,p=2$!$!"} {
		if Verify(bad, "secret") {
			t.Errorf("%q verified", bad)
		}
	}
}

func TestLoopbackNeedsNoLogin(t *testing.T) {
	s, _ := site(t, Options{})
	if code, body := get(t, s.Client(), s.URL+"/"); code != 200 || body != "hello local" {
		t.Errorf("%d %s", code, body)
	}
	// A page of another site that resolves its own name to 127.0.0.1.
	if code, _ := get(t, s.Client(), s.URL+"/", "Host", "evil.example"); code != http.StatusMisdirectedRequest {
		t.Errorf("a foreign name was served: %d", code)
	}
}

func TestTokenAndSession(t *testing.T) {
	now := time.Date(2026, 2, 7, 7, 0, 0, 0, time.UTC)
	s, m := site(t, Options{Settings: Settings{Mode: Token, Token: "0123456789abcdef"}, RunToken: func() string { return "run-file-token" }, Now: func() time.Time { return now }})
	c := browser(t)
	if code, body := get(t, c, s.URL+"/topics?x=1"); code != 200 || body != "form token  next=/topics?x=1" {
		t.Errorf("stranger: %d %s", code, body)
	}
	for _, h := range []string{"0123456789abcdef", "run-file-token"} {
		if code, _ := get(t, c, s.URL+"/api/v1/status", "Authorization", "Bearer "+h); code != 200 {
			t.Errorf("bearer %s: %d", h, code)
		}
	}
	if code, _ := get(t, c, s.URL+"/api/v1/status", "Authorization", "Bearer "); code != 401 {
		t.Errorf("empty bearer: %d", code)
	}
	if code, _ := get(t, c, s.URL+"/api/v1/status"); code != 401 {
		t.Errorf("api without token: %d", code)
	}
	if code, _ := get(t, c, s.URL+"/livez"); code != 200 {
		t.Errorf("livez: %d", code)
	}
	if code, _ := post(t, c, s.URL+"/login", url.Values{"secret": {"wrong"}}); code != 401 {
		t.Errorf("wrong token: %d", code)
	}
	if code, body := post(t, c, s.URL+"/login", url.Values{"secret": {"0123456789abcdef"}, "next": {"/feeds"}}); code != 200 || body != "hello token" {
		t.Errorf("login: %d %s", code, body)
	}
	u, _ := url.Parse(s.URL)
	kept := c.Jar.Cookies(u)[0].Value
	for h := range m.sessions {
		if strings.Contains(h, kept) {
			t.Error("the store holds the token itself")
		}
	}
	if code, body := get(t, c, s.URL+"/"); body != "hello token" {
		t.Errorf("with session: %d %s", code, body)
	}
	now = now.Add(sessionLife + time.Second)
	if _, body := get(t, c, s.URL+"/"); !strings.HasPrefix(body, "form") {
		t.Errorf("an old session was let in: %s", body)
	}
	now = now.Add(-sessionLife)
	if _, body := post(t, c, s.URL+"/logout", nil); !strings.HasPrefix(body, "form") || len(m.sessions) != 0 {
		t.Errorf("logout: %s, %d sessions left", body, len(m.sessions))
	}
}

func TestNextStaysHere(t *testing.T) {
	for in, want := range map[string]string{"/feeds?x=1": "/feeds?x=1", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/\n/x": "/", "/login?next=/login": "/"} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	now := time.Date(2026, 2, 7, 7, 0, 0, 0, time.UTC)
	s, _ := site(t, Options{Settings: Settings{Mode: Token, Token: "0123456789abcdef"}, Now: func() time.Time { return now }})
	for range limitOne {
		post(t, s.Client(), s.URL+"/login", url.Values{"secret": {"guess"}})
	}
	if code, _ := post(t, s.Client(), s.URL+"/login", url.Values{"secret": {"0123456789abcdef"}}); code != http.StatusTooManyRequests {
		t.Errorf("after %d wrong tries: %d", limitOne, code)
	}
	now = now.Add(limitWindow + time.Second)
	if code, _ := post(t, browser(t), s.URL+"/login", url.Values{"secret": {"0123456789abcdef"}}); code != 200 {
		t.Errorf("later: %d", code)
	}
}

func TestProxy(t *testing.T) {
	p := ProxySettings{Header: "X-User", CIDR: []string{"127.0.0.0/8"}, SecretHeader: "X-Secret", Secret: "0123456789abcdef"}
	s, _ := site(t, Options{Settings: Settings{Mode: Proxy, Proxy: p}})
	for _, c := range []struct {
		name   string
		header []string
		code   int
	}{
		{"all well", []string{"X-User", "mira", "X-Secret", "0123456789abcdef"}, 200},
		{"no secret", []string{"X-User", "mira"}, 403},
		{"wrong secret", []string{"X-User", "mira", "X-Secret", "guess"}, 403},
		{"two users", []string{"X-User", "mira", "X-User", "root", "X-Secret", "0123456789abcdef"}, 403},
		{"no user", []string{"X-Secret", "0123456789abcdef"}, 403},
	} {
		if code, _ := get(t, s.Client(), s.URL+"/", c.header...); code != c.code {
			t.Errorf("%s: %d, want %d", c.name, code, c.code)
		}
	}
	p.CIDR = []string{"10.0.0.0/8"}
	s, _ = site(t, Options{Settings: Settings{Mode: Proxy, Proxy: p}})
	if code, _ := get(t, s.Client(), s.URL+"/", "X-User", "mira", "X-Secret", "0123456789abcdef"); code != 403 {
		t.Errorf("another address: %d", code)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for name, s := range map[string]Settings{
		"short token":     {Mode: Token, Token: "short"},
		"no hash":         {Mode: Password},
		"proxy no secret": {Mode: Proxy, Proxy: ProxySettings{Header: "X-User", CIDR: []string{"10.0.0.0/8"}}},
		"proxy bad range": {Mode: Proxy, Proxy: ProxySettings{Header: "X-User", CIDR: []string{"ten"}, SecretHeader: "X-S", Secret: "0123456789abcdef"}},
		"oidc no issuer":  {Mode: OIDC},
		"oidc no public":  {Mode: OIDC, OIDC: OIDCSettings{Issuer: "https://id.example", ClientID: "w", Allow: []string{"@example.org"}}},
		"unknown mode":    {Mode: "magic"},
	} {
		if _, err := New(Options{Settings: s}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
