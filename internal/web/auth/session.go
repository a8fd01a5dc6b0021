package auth

import (
	"context"
	"crypto/sha256"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"watcher/internal/store"
)

const (
	cookieName  = "watcher_session"
	sessionLife = 30 * 24 * time.Hour
)

// session finds the login of a request's cookie.
func (g *Guard) session(r *http.Request) (string, bool) {
	c, err := r.Cookie(cookieName)
	if err != nil || c.Value == "" {
		return "", false
	}
	var s store.Session
	err = g.Store.View(r.Context(), func(rd store.Reader) error {
		var err error
		s, err = rd.Session(r.Context(), hashOf(c.Value))
		return err
	})
	return s.User, err == nil && g.Now().Before(s.Expires)
}

func hashOf(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// begin logs a user in: a new token each time, so none can be planted before.
func (g *Guard) begin(w http.ResponseWriter, r *http.Request, user string) error {
	token, now := newToken(), g.Now().UTC()
	err := g.Store.Update(r.Context(), func(tx store.Tx) error {
		return tx.SaveSession(r.Context(), store.Session{Hash: hashOf(token), User: user, Created: now, Expires: now.Add(sessionLife)})
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(r, cookieName, token, int(sessionLife/time.Second)))
	return nil
}

// end logs out; it forgets the token even when the browser keeps it.
func (g *Guard) end(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	http.SetCookie(w, g.cookie(r, cookieName, "", -1))
	return g.Store.Update(ctx, func(tx store.Tx) error { return tx.EndSession(ctx, hashOf(c.Value)) })
}

// cookie is lax, so that a link in a digest's mail finds its reader logged in;
// what changes things is POST, which another site cannot send (CSRF is stopped
// by http.CrossOriginProtection).
func (g *Guard) cookie(r *http.Request, name, value string, age int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: g.secure(r)}
}

// secure tells whether the browser came by HTTPS.
func (g *Guard) secure(r *http.Request) bool {
	return r.TLS != nil || g.public != nil && g.public.Scheme == "https" && strings.EqualFold(r.Host, g.public.Host)
}

// limiter slows guessing: at most ten wrong tries in five minutes from one
// address, and a hundred from all.
type limiter struct {
	mu    sync.Mutex
	tries map[string][]time.Time
}

const (
	limitWindow = 5 * time.Minute
	limitOne    = 10
	limitAll    = 100
)

func (l *limiter) blocked(who string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.recent(who, now)) >= limitOne || len(l.recent("", now)) >= limitAll
}

func (l *limiter) fail(who string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tries) > 10_000 { // bounded: forget rather than grow
		clear(l.tries)
	}
	for _, k := range []string{who, ""} {
		if ts := l.recent(k, now); len(ts) < 2*limitAll {
			l.tries[k] = append(ts, now)
		}
	}
}

func (l *limiter) recent(who string, now time.Time) []time.Time {
	ts := l.tries[who]
	for len(ts) > 0 && now.Sub(ts[0]) > limitWindow {
		ts = ts[1:]
	}
	if len(ts) == 0 {
		delete(l.tries, who)
	} else {
		l.tries[who] = ts
	}
	return ts
}

func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
