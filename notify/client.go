package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"watcher/feeds"
)

// Client speaks HTTP with one service as a receiver wants it: TLS verified, no
// redirects, no link-local address, at most 2 KB of the answer kept, and no
// secret in what it returns.
type Client struct {
	http    *http.Client
	agent   string
	now     func() time.Time
	secrets []string
}

const (
	maxAnswer = 2 << 10
	maxBody   = 64 << 10
)

// NewClient makes a Client; secrets are masked in answers and errors.
func NewClient(env Env, secrets ...Secret) *Client {
	rt := env.Transport
	if rt == nil {
		rt = transport()
	}
	version := env.Version
	if version == "" {
		version = "dev"
	}
	c := &Client{agent: "watcher/" + version, now: env.Time, http: &http.Client{
		Transport:     rt,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, s := range secrets {
		if s != "" {
			c.secrets = append(c.secrets, s.Reveal())
			c.secrets = append(c.secrets, insideURL(s.Reveal())...)
		}
	}
	return c
}

// insideURL gives the parts of an address that are secret when the whole is:
// services repeat the path, the token at its end or a key of the query.
func insideURL(s string) []string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil
	}
	parts := []string{u.RequestURI(), u.Path}
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	parts = append(parts, strings.Split(u.Path, "/")...)
	const guessable = 8 // shorter parts are words: hooks, services
	return slices.DeleteFunc(parts, func(p string) bool {
		return len(p) < guessable || p == "webhooks" || p == "services" || p == "workflows"
	})
}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = Dialer().DialContext
	t.MaxIdleConnsPerHost = perLane
	t.IdleConnTimeout = time.Minute
	return t
}

// Dialer connects to receivers: private addresses are fine, link-local ones are not.
func Dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: refuseLinkLocal}
}

var errLinkLocal = errors.New("link-local addresses are never spoken to")

// refuseLinkLocal keeps receivers off addresses that only this machine's
// surroundings answer on, such as a cloud's metadata service.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if linkLocal(ap.Addr()) {
		return errLinkLocal
	}
	return nil
}

func linkLocal(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if b := a.As16(); a.Is6() && netip.MustParsePrefix("64:ff9b::/96").Contains(a) {
		a = netip.AddrFrom4([4]byte(b[12:])) // IPv4 behind NAT64
	}
	return a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsMulticast() ||
		a == netip.MustParseAddr("fd00:ec2::254") // a metadata service that is not link-local
}

// Post sends a body and returns the whole answer beside the receipt, for
// services that say more than their status. Its errors are those of Notifier.
func (c *Client) Post(ctx context.Context, method, target string, header http.Header, body []byte) (Receipt, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, nil, Reject("the address cannot be used")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", c.agent)
	resp, err := c.http.Do(req)
	if err != nil {
		return Receipt{}, nil, Retry(0, c.netError(req.URL, err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	r := Receipt{Status: resp.StatusCode, Answer: c.answer(answer), Header: resp.Header}
	if err != nil && resp.StatusCode/100 != 2 {
		return r, nil, Retry(0, c.netError(req.URL, err))
	}
	return r, answer, c.status(resp, r.Answer)
}

// status gives the meaning of an HTTP status, by the table of answers.
func (c *Client) status(resp *http.Response, answer string) error {
	code := resp.StatusCode
	said := fmt.Errorf("answered %d %s", code, http.StatusText(code))
	if line := oneLine(answer); line != "" {
		said = fmt.Errorf("%w: %s", said, line)
	}
	switch {
	case code/100 == 2:
		return nil
	case code/100 == 3:
		where := "elsewhere"
		if u, err := resp.Location(); err == nil {
			where = c.mask(u.Scheme + "://" + u.Host + u.Path)
		}
		return &RetryError{Fault: Moved, Err: fmt.Errorf("answered %d: it moved to %s; redirects are not followed", code, where)}
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound:
		return &RetryError{Fault: Setup, Err: said}
	case code == http.StatusGone:
		return &RejectError{Disable: true, Err: said}
	case code == http.StatusRequestEntityTooLarge:
		return &RejectError{Smaller: true, Err: said}
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code/100 == 5:
		return Retry(RetryAfter(resp.Header.Get("Retry-After"), c.now()), said)
	case code/100 == 4:
		return &RejectError{Err: said}
	}
	return Retry(0, said)
}

// RetryAfter reads a Retry-After header, seconds or date; 0 when there is none.
func RetryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return min(time.Duration(min(s, maxRetryAfter.Seconds())*float64(time.Second)), maxRetryAfter)
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return min(t.Sub(now), maxRetryAfter)
	}
	return 0
}

// netError says what went wrong on the way, naming the host but never the
// path or query, which may be secrets.
func (c *Client) netError(u *url.URL, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: no answer in time", u.Host)
	}
	return fmt.Errorf("%s: %s", u.Host, c.mask(err.Error()))
}

func (c *Client) answer(data []byte) string {
	s := c.mask(strings.ToValidUTF8(string(data), "�"))
	if len(s) > maxAnswer {
		s = strings.ToValidUTF8(s[:maxAnswer], "")
	}
	return CleanText(s)
}

// mask replaces the secrets in a text.
func (c *Client) mask(s string) string { return Mask(s, c.secrets...) }

// Mask replaces secrets in a text, as they stand and as they stand in a URL.
func Mask(s string, secrets ...string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		s = strings.ReplaceAll(s, secret, "***")
		if esc := url.PathEscape(secret); esc != secret {
			s = strings.ReplaceAll(s, esc, "***")
		}
	}
	return s
}

func oneLine(s string) string {
	return Cut(strings.Join(strings.Fields(s), " "), 200)
}

// CheckURL says whether a receiver's address can be used.
func CheckURL(key, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return &MissingSecret{Key: key, Err: errors.New("an address is needed")}
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%s: an http or https address is needed", key) // the text itself may be a secret
	}
	if what := feeds.BadHost(u); what != "" {
		return fmt.Errorf("%s: %s", key, what)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && linkLocal(a) {
		return fmt.Errorf("%s: %w", key, errLinkLocal)
	}
	return nil
}
