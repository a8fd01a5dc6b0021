package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"watcher/feeds"
	"watcher/feeds/pace"
)

// exchange is one fetch: a request, and one more for each redirect.
type exchange struct {
	c       *Client
	f       feeds.Feed
	st      feeds.State
	left    time.Duration // of the whole fetch, waiting at gates apart
	release func()        // of the gate of a redirect's host

	conditional bool // the newest request carried validators
	hops        int
	permanent   bool   // every hop so far was 301 or 308
	permanentTo string // where those at the start of the chain lead
}

// run walks the redirects by hand: each hop is checked like a first request.
func (x *exchange) run(ctx context.Context) Result {
	at, err := parseAddress(x.st.URL)
	if err != nil {
		return x.refuse(nil, "the feed's address cannot be used: "+err.Error())
	}
	home := at
	at.User = nil // request takes it from the configured address
	seen := map[string]bool{at.String(): true}
	x.permanent = true
	for {
		r, to := x.hop(ctx, at)
		if to == nil {
			return r
		}
		if x.hops++; x.hops > maxRedirects {
			return x.refuse(at, fmt.Sprintf("more than %d redirects; open the address in a browser and use the one it ends at", maxRedirects))
		}
		if seen[to.String()] {
			return x.refuse(at, "it redirects in a circle, as sites do that want cookies; look for another address of the feed")
		}
		if at.Scheme == "https" && to.Scheme == "http" && home.Scheme == "https" {
			return x.refuse(to, "it redirects from https to http, where anyone could change it; use an http address if that is meant")
		}
		if r := r.Status; r == 301 || r == 308 {
			if x.permanent {
				x.permanentTo = to.String()
			}
		} else {
			x.permanent = false
		}
		if r, held := x.pass(ctx, at, to); held {
			return r
		}
		seen[to.String()] = true
		at = to
	}
}

// pass waits at the gate of a redirect's host if it is another one.
func (x *exchange) pass(ctx context.Context, from, to *url.URL) (Result, bool) {
	key := feeds.PacingKey(to.String())
	if x.c.opts.Gate == nil || key == feeds.PacingKey(from.String()) {
		return Result{}, false
	}
	x.releaseGate()
	home := feeds.PacingKey(x.st.URL)
	if key == home {
		return Result{}, false
	}
	release, err := x.c.opts.Gate(ctx, home, key, x.f)
	var later *pace.Later
	switch {
	case errors.As(err, &later):
		return Result{Outcome: later.Outcome(x.c.opts.Now())}, true
	case err != nil:
		return x.broken(to, err), true
	}
	x.release = release
	return Result{}, false
}

func (x *exchange) releaseGate() {
	if x.release != nil {
		x.release()
		x.release = nil
	}
}

// hop sends one request. It gives a Result, or the address to go on with.
func (x *exchange) hop(ctx context.Context, at *url.URL) (Result, *url.URL) {
	g := guard{x.f.AllowPrivate}
	if x.f.Proxy != "" {
		if err := g.checkName(at.Hostname()); err != nil {
			return x.refuse(at, err.Error()), nil
		}
	}
	t, err := x.c.transport(x.f)
	if err != nil {
		return x.refuse(at, err.Error()), nil
	}
	start := x.c.opts.Now()
	ctx, cancel := context.WithTimeout(ctx, x.left)
	defer cancel()
	defer func() { x.left = max(x.left-x.c.opts.Now().Sub(start), time.Millisecond) }()
	req, err := x.request(ctx, at)
	if err != nil {
		return x.refuse(at, "a header of the configuration cannot be sent: "+err.Error()), nil
	}
	resp, err := t.RoundTrip(req)
	if err != nil {
		return x.broken(at, err), nil
	}
	defer resp.Body.Close()
	if to, isRedirect, err := redirect(resp, at); isRedirect {
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // a short body read to its end keeps the connection
		if err != nil {
			return x.refuse(at, fmt.Sprintf("HTTP %d, but the address it redirects to cannot be used: %v", resp.StatusCode, err)), nil
		}
		return Result{Outcome: pace.Outcome{Status: resp.StatusCode}}, to
	}
	return x.answer(at, resp), nil
}

// request makes the GET for one hop. Credentials and the owner's own headers
// go to the feed's own host alone, validators to the address that issued them.
func (x *exchange) request(ctx context.Context, at *url.URL) (*http.Request, error) {
	clean := *at
	clean.User, clean.Fragment, clean.RawFragment = nil, "", ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, clean.String(), nil)
	if err != nil {
		return nil, err
	}
	h := req.Header
	h.Set("User-Agent", *x.c.agent.Load())
	h.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.6, */*;q=0.1")
	h.Set("Accept-Encoding", "gzip, br, zstd")
	if x.f.UserAgent != "" {
		if !httpguts.ValidHeaderFieldValue(x.f.UserAgent) {
			return nil, errors.New("user_agent")
		}
		h.Set("User-Agent", x.f.UserAgent)
	}
	if own, err := parseAddress(x.f.URL); err == nil && sameHost(own, at) {
		for k, v := range x.f.Headers {
			if !httpguts.ValidHeaderFieldName(k) || !httpguts.ValidHeaderFieldValue(v) {
				return nil, fmt.Errorf("%q", k)
			}
			if strings.EqualFold(k, "Host") {
				req.Host = v
				continue
			}
			h.Set(k, v)
		}
		if x.f.User != "" {
			req.SetBasicAuth(x.f.User, x.f.Password)
		} else if own.User != nil {
			password, _ := own.User.Password()
			req.SetBasicAuth(own.User.Username(), password)
		}
	}
	x.conditional = false
	// A redirect on the issuer's own host never sent them; a query that changes
	// from time to time is no other document.
	if issuer, err := url.Parse(x.st.ValidFor); err == nil && sameHost(issuer, at) && issuer.EscapedPath() == at.EscapedPath() {
		x.validate(h)
	}
	return req, nil
}

func (x *exchange) validate(h http.Header) {
	if x.st.ETag != "" {
		h["If-None-Match"] = []string{x.st.ETag}
		x.conditional = true
	}
	if x.st.LastModified != "" {
		h["If-Modified-Since"] = []string{x.st.LastModified}
		x.conditional = true
	}
}

// sameHost tells whether what host a may know, b may: the same name and port,
// or the same name's https in place of its http.
func sameHost(a, b *url.URL) bool {
	if a.Host == "" || !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	return port(a) == port(b) || a.Scheme == "http" && b.Scheme == "https" && port(a) == "80" && port(b) == "443"
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// parseAddress reads a feed's address; feed: in front of it is an old habit of
// browsers.
func parseAddress(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if rest, ok := strings.CutPrefix(raw, "feed:"); ok {
		if raw = rest; strings.HasPrefix(rest, "//") {
			raw = "http:" + rest
		}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("it is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("its scheme is %q, only http and https are fetched", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// redirect reads where a 3xx answer leads.
func redirect(resp *http.Response, at *url.URL) (*url.URL, bool, error) {
	switch resp.StatusCode {
	case 301, 302, 303, 307, 308:
	case 300:
		if resp.Header.Get("Location") == "" {
			return nil, false, nil
		}
	default:
		return nil, false, nil
	}
	loc := strings.TrimSpace(resp.Header.Get("Location"))
	if loc == "" {
		return nil, true, errors.New("it names none")
	}
	ref, err := url.Parse(strings.ReplaceAll(loc, " ", "%20"))
	if err != nil {
		return nil, true, errors.New("it is no URL")
	}
	u, err := parseAddress(at.ResolveReference(ref).String())
	if err == nil {
		u.User = nil
	}
	return u, true, err
}
