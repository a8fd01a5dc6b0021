// Package auth decides who may look. On loopback nobody logs in; on any other
// address a token, a password, an OpenID Connect provider or a trusted proxy
// says who it is. A login is a random token in a cookie, kept in the store as
// its hash. What a person may do once inside is not its business: everybody
// who may look may act.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"watcher/internal/store"
)

// The modes of server.auth.mode.
const (
	None     = "none"
	Token    = "token"
	Password = "password"
	OIDC     = "oidc"
	Proxy    = "proxy"
)

// Settings is server.auth with its secrets read.
type Settings struct {
	Mode         string
	Token        string
	PasswordHash string // as Hash writes it
	OIDC         OIDCSettings
	Proxy        ProxySettings
}

// Check refuses an address that others can reach without a login.
func Check(listen, mode string) error {
	switch mode {
	case "", None:
	case Token, Password, OIDC, Proxy:
		return nil
	default:
		return fmt.Errorf("server.auth.mode %q is unknown: use none, token, password, oidc or proxy", mode)
	}
	if listen == "" || loopback(listen) {
		return nil
	}
	return fmt.Errorf("server.listen %s can be reached by others, and server.auth.mode is none: set auth to token, password, oidc or proxy, or listen on 127.0.0.1", listen)
}

// loopback tells whether only this machine reaches an address to listen on.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// Sessions is what the guard keeps in the store; a store.Store is one.
type Sessions interface {
	View(ctx context.Context, fn func(r store.Reader) error) error
	Update(ctx context.Context, fn func(tx store.Tx) error) error
}

// Options make a Guard.
type Options struct {
	Settings
	Store     Sessions
	RunToken  func() string // the token of the run file: verbs on this machine use it; nil: none
	PublicURL string        // where people reach the pages; empty: wherever they did
	Now       func() time.Time
	// Form draws the login page with its status.
	Form func(w http.ResponseWriter, r *http.Request, f Form)
}

// Form is what the login page shows.
type Form struct {
	Mode   string // token, password or oidc
	Status int    // of the answer
	Failed string
	Next   string // where to go afterwards
}

// Guard lets requests through to those pages that their sender may see.
type Guard struct {
	Options
	public *url.URL
	cidrs  []netip.Prefix
	limit  limiter
	oidc   *oidcFlow
}

// New makes a guard.
func New(o Options) (*Guard, error) {
	g := &Guard{Options: o, limit: limiter{tries: map[string][]time.Time{}}}
	if g.Mode == "" {
		g.Mode = None
	}
	if g.Now == nil {
		g.Now = time.Now
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("server.public_url %q is no address (https://watcher.example.org)", o.PublicURL)
		}
		g.public = u
	}
	switch g.Mode {
	case None:
	case Token:
		if len(o.Token) < 16 {
			return nil, errors.New("server.auth.token_file: the token is shorter than 16 characters")
		}
	case Password:
		if _, err := parseHash(o.PasswordHash); err != nil {
			return nil, fmt.Errorf("server.auth.password_hash_file: %w; make one with: watcher auth hash", err)
		}
	case OIDC:
		flow, err := newOIDC(o.OIDC, g.public)
		if err != nil {
			return nil, err
		}
		g.oidc = flow
	case Proxy:
		if o.Proxy.Header == "" || o.Proxy.SecretHeader == "" || len(o.Proxy.Secret) < 16 || len(o.Proxy.CIDR) == 0 {
			return nil, errors.New("server.auth.proxy needs header, cidr, secret_header and a secret_file of at least 16 characters: a header alone can be forged")
		}
		for _, c := range o.Proxy.CIDR {
			p, err := parsePrefix(c)
			if err != nil {
				return nil, fmt.Errorf("server.auth.proxy.cidr: %w", err)
			}
			g.cidrs = append(g.cidrs, p)
		}
	default:
		return nil, fmt.Errorf("server.auth.mode %q is unknown: use none, token, password, oidc or proxy", g.Mode)
	}
	return g, nil
}

// ProxySettings is server.auth.proxy: a proxy that has logged people in names
// them in a header. It is believed only from its own addresses and with the
// shared secret.
type ProxySettings struct {
	Header       string
	CIDR         []string
	SecretHeader string
	Secret       string
}

func parsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a range (10.0.0.0/8)", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

type userKey struct{}

// User is who sent a request that a Guard let through.
func User(ctx context.Context) string {
	u, _ := ctx.Value(userKey{}).(string)
	return u
}

// Wrap guards h. Paths for which open is true need no login.
func (g *Guard) Wrap(h http.Handler, open func(path string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.hostAllowed(r) {
			refused(w, r, http.StatusMisdirectedRequest, "this name is not one of watcher's: use its address, or set server.public_url")
			return
		}
		user, ok := g.who(r)
		switch {
		case ok:
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
		case open(r.URL.Path):
			h.ServeHTTP(w, r)
		default:
			g.refuse(w, r)
		}
	})
}

// hostAllowed stops DNS rebinding: without a login, a page of another site
// must not reach watcher under a name of its own.
func (g *Guard) hostAllowed(r *http.Request) bool {
	if g.Mode != None {
		return true
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	return r.Host == "" || loopback(host) || g.public != nil && strings.EqualFold(host, g.public.Hostname())
}

// who names the sender of a request; not ok when it must log in first.
func (g *Guard) who(r *http.Request) (string, bool) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return g.bearer(r, strings.TrimSpace(token))
	}
	switch g.Mode {
	case None:
		return "local", true
	case Proxy:
		return g.proxyUser(r)
	}
	return g.session(r)
}

func (g *Guard) bearer(r *http.Request, token string) (string, bool) {
	if g.RunToken != nil && same(token, g.RunToken()) {
		return "local", true
	}
	if g.Mode == Token && same(token, g.Token) {
		return "token", true
	}
	g.limit.fail(client(r), g.Now())
	return "", false
}

// same compares secrets in constant time; an empty one is never right.
func same(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func (g *Guard) proxyUser(r *http.Request) (string, bool) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "", false
	}
	addr := from.Addr().Unmap()
	if !slices.ContainsFunc(g.cidrs, func(p netip.Prefix) bool { return p.Contains(addr) }) || !same(r.Header.Get(g.Proxy.SecretHeader), g.Proxy.Secret) {
		return "", false
	}
	// More than one value means that somebody added theirs.
	users := r.Header.Values(g.Proxy.Header)
	if len(users) != 1 || strings.TrimSpace(users[0]) == "" {
		return "", false
	}
	return strings.TrimSpace(users[0]), true
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request) {
	browser := strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/")
	if g.Mode == Proxy {
		refused(w, r, http.StatusForbidden, "the proxy in front of watcher has not said who you are: come through it, and look at server.auth.proxy")
		return
	}
	if browser && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="watcher"`)
	refused(w, r, http.StatusUnauthorized, "log in first, or send Authorization: Bearer TOKEN")
}

// refused says why, to programs as the API says its errors.
func refused(w http.ResponseWriter, r *http.Request, code int, text string) {
	accept := r.Header.Get("Accept")
	if !strings.HasPrefix(r.URL.Path, "/api/") && (strings.Contains(accept, "text/html") || !strings.Contains(accept, "application/json")) {
		http.Error(w, text, code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]string{"error": text}) // the client may be gone
}

// newToken is 32 random bytes as text.
func newToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
