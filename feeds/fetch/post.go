package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watcher/feeds"
)

// Post sends a form to an address that f names (its WebSub hub), under the
// same guard and limits as Get. Credentials and headers of the feed are not
// sent, redirects not followed. It gives the status and the start of the
// answer.
func (c *Client) Post(ctx context.Context, f feeds.Feed, address string, form url.Values) (status int, answer string, err error) {
	at, err := parseAddress(address)
	if err != nil {
		return 0, "", fmt.Errorf("post to %q: %w", address, err)
	}
	at.User = nil
	if f.Proxy != "" {
		if err := (guard{f.AllowPrivate}).checkName(at.Hostname()); err != nil {
			return 0, "", fmt.Errorf("post to %s: %w", at.Host, err)
		}
	}
	t, err := c.transport(f)
	if err != nil {
		return 0, "", err
	}
	timeout := f.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, min(timeout, time.Minute))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", fmt.Errorf("post to %s: %w", at.Host, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", *c.agent.Load())
	resp, err := t.RoundTrip(req)
	if err != nil {
		return 0, "", fmt.Errorf("post to %s: %w", at.Host, err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return resp.StatusCode, strings.ToValidUTF8(string(body), ""), nil
}
