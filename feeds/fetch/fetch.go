// Package fetch asks a server for a feed, politely: with the validators that
// the server gave and only those, no more than the limits allow, and never
// where a feed has no business (private networks). It owns one HTTP exchange
// with its redirects; when to ask is feeds/pace, what the bytes mean is
// feeds/parse.
package fetch

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
)

// The limits of one fetch.
const (
	DefaultTimeout = 30 * time.Second
	dialTimeout    = 10 * time.Second
	headerTimeout  = 15 * time.Second
	MaxBody        = 10 << 20 // after decoding
	maxRedirects   = 10
	maxHeader      = 256 << 10
)

// Options are what a Client is made of. The zero value works.
type Options struct {
	Version string // of watcher, for the User-Agent
	Contact string // mail address or URL of who runs it
	MaxBody int64  // 0: MaxBody
	Now     func() time.Time

	// Gate is asked before a redirect is followed to another pacing key
	// than home, the one whose gate the caller has passed (pace.Pacer.Follow);
	// nil: none is asked. Its time does not count against the fetch. A
	// *pace.Later ends the fetch as pace.Held.
	Gate func(ctx context.Context, home, key string, f feeds.Feed) (release func(), err error)

	// Dial replaces the dialer, guard included. For tests.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client fetches feeds. It keeps connections open for a while, so that the
// feeds of one host share one. It may be used from many goroutines.
type Client struct {
	opts  Options
	agent atomic.Pointer[string]

	mu         sync.Mutex
	transports map[route]*http.Transport
}

// route is what makes two feeds share connections.
type route struct {
	proxy   string
	private bool
	headers time.Duration // how long an answer may take to begin
}

// Result is what one fetch came to. Outcome is for pace.After; for a feed that
// changed, Body holds the document.
type Result struct {
	pace.Outcome
	Body        []byte // decoded; nil unless Class is pace.OK
	ContentType string
	Bytes       int64 // of the body, as sent
}

// New makes a Client.
func New(o Options) *Client {
	if o.MaxBody <= 0 {
		o.MaxBody = MaxBody
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{opts: o, transports: map[route]*http.Transport{}}
	c.SetContact(o.Contact)
	return c
}

// SetContact changes what requests say of who runs it.
func (c *Client) SetContact(contact string) {
	a := agent(c.opts.Version, contact)
	c.agent.Store(&a)
}

func agent(version, contact string) string {
	if version == "" {
		version = "dev"
	}
	a := "watcher/" + version
	if contact != "" {
		a += " (+" + contact + ")"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, a)
}

// Get fetches a feed. What the web answers, or does not, is in the Result; the
// error is ctx's alone. The caller has passed the feed's own host's gate.
func (c *Client) Get(ctx context.Context, f feeds.Feed, st feeds.State) (Result, error) {
	start := c.opts.Now()
	x := &exchange{c: c, f: f, st: pace.Adopt(f, st), left: f.Timeout}
	if x.left <= 0 {
		x.left = DefaultTimeout
	}
	defer x.releaseGate()
	r := x.run(ctx)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	r.Elapsed = c.opts.Now().Sub(start)
	return r, nil
}

// CloseIdle closes the connections that no fetch uses.
func (c *Client) CloseIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.transports {
		t.CloseIdleConnections()
	}
}

// transport gives the connections that f may use.
func (c *Client) transport(f feeds.Feed) (*http.Transport, error) {
	// Who allows a feed more time than usual waits longer for its headers too.
	key := route{f.Proxy, f.AllowPrivate, max(headerTimeout, f.Timeout/2)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.transports[key]; t != nil {
		return t, nil
	}
	t := &http.Transport{
		DialContext:            c.dialer(f),
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  key.headers,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // the bytes as sent are what is hashed
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		ReadBufferSize:         4 << 10,
		WriteBufferSize:        2 << 10,
	}
	if f.Proxy != "" {
		u, err := proxyURL(f.Proxy)
		if err != nil {
			return nil, err
		}
		t.Proxy = http.ProxyURL(u)
		t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return &refusal{resp.StatusCode}
			}
			return nil
		}
	}
	c.transports[key] = t
	return t, nil
}

func (c *Client) dialer(f feeds.Feed) func(context.Context, string, string) (net.Conn, error) {
	if c.opts.Dial != nil {
		return c.opts.Dial
	}
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if f.Proxy == "" { // the proxy is the owner's own choice; targets behind it are checked by name
		d.Control = guard{f.AllowPrivate}.control
	}
	return d.DialContext
}
