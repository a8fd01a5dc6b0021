package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
)

// MaxBody bounds what a hub may push.
const MaxBody = 10 << 20

// ErrUnknown says that no feed has a token.
var ErrUnknown = errors.New("no such subscription")

// Feeds is where feeds are kept.
type Feeds interface {
	// ByToken gives the feed whose State.HubToken is token, or ErrUnknown.
	ByToken(ctx context.Context, token string) (feeds.Feed, feeds.State, error)
	// Save keeps a state that Confirm or Deny gave.
	Save(ctx context.Context, st feeds.State) error
	// Push takes a document as a poll would: the same parser, the same commit.
	Push(ctx context.Context, f feeds.Feed, body []byte, contentType string) error
}

// Callback answers hubs, under Path.
type Callback struct {
	Feeds Feeds
	Log   *slog.Logger
	Now   func() time.Time
}

// ServeHTTP answers a hub's question whether a subscription is ours, and takes
// what it pushes. What is not signed as agreed is thrown away; the hub is told
// nothing about it.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.URL.Path, Path)
	if !ok || token == "" || strings.Contains(token, "/") {
		http.NotFound(w, r)
		return
	}
	f, st, err := c.Feeds.ByToken(r.Context(), token)
	switch {
	case errors.Is(err, ErrUnknown):
		http.Error(w, "no such subscription", http.StatusGone) // hubs then forget it
		return
	case err != nil:
		c.fail(w, f, err)
		return
	}
	switch r.Method {
	case http.MethodGet:
		c.verify(w, r, f, st)
	case http.MethodPost:
		c.receive(w, r, f, st)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

func (c *Callback) verify(w http.ResponseWriter, r *http.Request, f feeds.Feed, st feeds.State) {
	q := r.URL.Query()
	mode := q.Get("hub.mode")
	if mode == "denied" {
		c.Log.Warn("hub denies a subscription", "feed", f.ID, "err", feeds.Clip(feeds.OneLine(q.Get("hub.reason")), 200))
		if err := c.Feeds.Save(r.Context(), Deny(st, c.Now())); err != nil {
			c.fail(w, f, err)
		}
		return
	}
	seconds, _ := strconv.ParseInt(q.Get("hub.lease_seconds"), 10, 64)
	lease := time.Duration(min(max(seconds, 0), int64(maxLease.Seconds()))) * time.Second
	next, ok := Confirm(f, st, mode, q.Get("hub.topic"), lease, c.Now())
	if !ok {
		http.Error(w, "not asked for", http.StatusNotFound)
		return
	}
	if err := c.Feeds.Save(r.Context(), next); err != nil {
		c.fail(w, f, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff") // the challenge is the hub's text, not ours
	_, _ = io.WriteString(w, q.Get("hub.challenge"))
}

func (c *Callback) receive(w http.ResponseWriter, r *http.Request, f feeds.Feed, st feeds.State) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		http.Error(w, "too large, or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if !Signed(body, r.Header.Get("X-Hub-Signature"), st.HubSecret) {
		c.Log.Warn("a push is not signed by its hub", "feed", f.ID)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if !st.LeaseUntil.After(c.Now()) {
		http.Error(w, "the subscription has ended", http.StatusGone)
		return
	}
	if err := c.Feeds.Push(r.Context(), f, body, r.Header.Get("Content-Type")); err != nil {
		c.fail(w, f, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// fail has the hub try again later.
func (c *Callback) fail(w http.ResponseWriter, f feeds.Feed, err error) {
	c.Log.Warn("push not taken", "feed", f.ID, "err", err)
	http.Error(w, "not now", http.StatusServiceUnavailable)
}

// Signed tells whether a header "method=hex" is body's HMAC with secret.
func Signed(body []byte, header, secret string) bool {
	method, sum, ok := strings.Cut(header, "=")
	if !ok || secret == "" {
		return false
	}
	var h func() hash.Hash
	switch strings.ToLower(strings.TrimSpace(method)) {
	case "sha1":
		h = sha1.New
	case "sha256":
		h = sha256.New
	case "sha384":
		h = sha512.New384
	case "sha512":
		h = sha512.New
	default:
		return false
	}
	got, err := hex.DecodeString(strings.TrimSpace(sum))
	if err != nil {
		return false
	}
	m := hmac.New(h, []byte(secret))
	m.Write(body)
	return hmac.Equal(m.Sum(nil), got)
}
