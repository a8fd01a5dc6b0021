package fetch

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"watcher/feeds"
	"watcher/feeds/pace"
)

// outcome is what every Result knows of the way it took.
func (x *exchange) outcome(at *url.URL) pace.Outcome {
	o := pace.Outcome{Conditional: x.conditional, Redirected: x.hops > 0, PermanentURL: x.permanentTo}
	o.Permanent = o.Redirected && x.permanent
	if at != nil {
		o.FinalURL = at.String()
		o.Host = feeds.PacingKey(o.FinalURL)
	} else {
		o.Host = feeds.PacingKey(x.st.URL)
	}
	return o
}

// refuse is what we would not do.
func (x *exchange) refuse(at *url.URL, why string) Result {
	o := x.outcome(at)
	o.Class, o.Message = pace.Refused, why
	return Result{Outcome: o}
}

// broken is a request without an answer.
func (x *exchange) broken(at *url.URL, err error) Result {
	var blocked *Blocked
	if errors.As(err, &blocked) {
		if blocked.Addr == at.Hostname() {
			return x.refuse(at, blocked.Error())
		}
		return x.refuse(at, at.Hostname()+": "+blocked.Error())
	}
	o := x.outcome(at)
	o.Class, o.Message, o.Local = pace.Network, networkText(at, err), local(err)
	if why := proxyText(x.f.Proxy, err); why != "" {
		o.Message = why
	}
	return Result{Outcome: o}
}

// answer reads an answer that is no redirect.
func (x *exchange) answer(at *url.URL, resp *http.Response) Result {
	now := x.c.opts.Now()
	h := resp.Header
	r := Result{Outcome: x.outcome(at), ContentType: h.Get("Content-Type")}
	r.Status = resp.StatusCode
	r.ETag, r.LastModified = validator(h, "Etag"), validator(h, "Last-Modified")
	r.Freshness = Freshness(h, now)
	r.Challenge = challenge(resp)
	r.Hub, r.HubTopic = hubLinks(h, at)
	if r.Status >= 400 {
		r.RetryAfter = RetryAfter(h, now)
	}
	r.Class, r.Message = classify(r.Status)
	switch {
	case r.Status == 200 && r.Challenge != "":
		x.diagnose(&r, resp)
		r.Outcome = r.Unread([]byte(r.Diagnosis), "")
	case r.Class == pace.OK:
		x.body(&r, resp)
	case r.Class != pace.Unchanged:
		x.diagnose(&r, resp)
		if r.Challenge != "" {
			r.Message = fmt.Sprintf("HTTP %d: %s", r.Status, pace.Challenged(r.Challenge))
		}
	}
	return r
}

// validator gives a header as it was sent, or nothing if it could not be sent
// back.
func validator(h http.Header, name string) string {
	v := h.Get(name)
	if !httpguts.ValidHeaderFieldValue(v) || len(v) > 1024 {
		return ""
	}
	return v
}

// diagnose keeps the start of an answer that is no feed, and reads it to its
// end where that is near, so that the connection can be used again.
func (x *exchange) diagnose(r *Result, resp *http.Response) {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	r.Bytes = int64(len(raw))
	body, _, _ := decode(raw, resp.Header.Values("Content-Encoding"), 64<<10)
	r.Diagnosis = strings.ToValidUTF8(string(body[:min(len(body), 4096)]), "")
	if r.Challenge == "" && (r.Status == 403 || r.Status == 429 || r.Status == 503) {
		r.Challenge = challengePage(r.Diagnosis)
	}
}

// body reads, compares and decodes the document.
func (x *exchange) body(r *Result, resp *http.Response) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	limit := x.c.opts.MaxBody
	err := buf.fill(resp.Body, resp.ContentLength, limit+1)
	r.Bytes = int64(len(buf.b))
	switch {
	case int64(len(buf.b)) > limit:
		x.tooLarge(r)
		return
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.Truncated = true
	case err != nil:
		at, _ := url.Parse(r.FinalURL)
		*r = x.broken(at, err)
		return
	}
	codings := resp.Header.Values("Content-Encoding")
	sum := bodyHash(buf.b, codings)
	if !r.Truncated && len(x.st.BodyHash) > 0 && string(sum) == string(x.st.BodyHash) {
		r.Class, r.Same, r.BodyHash = pace.Unchanged, true, sum
		return
	}
	body, truncated, err := decode(buf.b, codings, limit)
	switch {
	case errors.Is(err, errTooLarge):
		x.tooLarge(r)
		return
	case err != nil:
		r.Class, r.Message = pace.TooLarge, "the answer's compression is broken ("+err.Error()+"); its owner must mend it"
		return
	}
	r.Truncated = r.Truncated || truncated
	if len(body) == 0 {
		r.Outcome = r.Unread(nil, "")
		return
	}
	if len(codings) == 0 || len(body) > 0 && &body[0] == &buf.b[0] {
		body = append(make([]byte, 0, len(body)), body...) // the buffer goes back to its pool
	}
	r.Body = body
	if !r.Truncated {
		r.BodyHash = sum
	}
}

func (x *exchange) tooLarge(r *Result) {
	r.Class = pace.TooLarge
	r.Message = fmt.Sprintf("the document is larger than %d MB; no feed needs that: look for another address of it", x.c.opts.MaxBody>>20)
}

// bodyHash tells two answers apart before anything is decoded.
func bodyHash(raw []byte, codings []string) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", strings.ToLower(strings.Join(codings, ",")))
	h.Write(raw)
	return h.Sum(nil)
}

// classify gives the line of the decision table for a status, and what to tell
// a person.
func classify(status int) (pace.Class, string) {
	say := func(what string) string { return fmt.Sprintf("HTTP %d: %s", status, what) }
	switch {
	case status == 200:
		return pace.OK, ""
	case status == 304:
		return pace.Unchanged, ""
	case status == 407:
		return pace.Denied, "the proxy " + proxyAuth
	case status == 401, status == 402:
		return pace.Denied, say("the server wants credentials; set the feed's auth")
	case status == 403:
		return pace.Forbidden, say("the server does not let us in; ask its owner, or remove the feed")
	case status == 410:
		return pace.Gone, say("the feed is gone for good; look for its new address, or remove it")
	case status == 412, status == 416:
		return pace.Precondition, say("the server does not understand a plain request for its feed")
	case status == 429:
		return pace.TooMany, say("too many requests; all feeds of this host wait, raise polling.host_gap if it stays so")
	case status == 451:
		return pace.NotFound, say("the feed is withheld for legal reasons where we ask from")
	case status == 404:
		return pace.NotFound, say("there is no feed at this address; look for its new one")
	case status == 408, status == 425, status >= 500:
		return pace.ServerError, say("the server is in trouble; it is tried again")
	case status >= 400:
		return pace.NotFound, say("the server refuses the request; check the address")
	}
	return pace.Odd, say("an answer without a feed; check the address")
}
