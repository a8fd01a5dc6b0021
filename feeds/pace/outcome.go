package pace

import (
	"bytes"
	"cmp"
	"net/url"
	"strings"
	"time"
)

// Class says which line of the decision table an answer falls under.
type Class string

// The classes of answer.
const (
	OK           Class = "ok"           // 200 with a body; with Doc, a feed that was read
	Unchanged    Class = "unchanged"    // 304, or 200 with the body of last time
	Damaged      Class = "damaged"      // a feed with faults, some entries read
	Page         Class = "page"         // 200 with a web page
	NotFeed      Class = "not_feed"     // 200 with something else, a challenge, or nothing
	Odd          Class = "odd_status"   // 204, 206 and the like
	Refused      Class = "refused"      // by us: redirect loop, bad scheme, private address
	NotFound     Class = "not_found"    // 400, 404, 405, 406, 451 and other 4xx
	Denied       Class = "denied"       // 401, 402, 407
	Forbidden    Class = "forbidden"    // 403
	Gone         Class = "gone"         // 410
	Precondition Class = "precondition" // 412, 416
	TooMany      Class = "too_many"     // 429
	ServerError  Class = "server_error" // 5xx
	Network      Class = "network"      // DNS, connect, TLS, timeout, reset
	TooLarge     Class = "too_large"    // body over the limit, bomb, cut off
	Held         Class = "held"         // not asked: the host wants to be left alone
)

// Blame says whose fault a network failure is.
type Blame int

// Theirs: the feed's host, counted. Ours: most hosts fail. Unclear: the first
// failures after a silence, counted if they happen again.
const (
	Theirs Blame = iota
	Ours
	Unclear
)

// Outcome is what one poll came to. feeds/fetch fills in what HTTP tells;
// Read and Unread add what the parser made of the body.
type Outcome struct {
	Class   Class
	Status  int    // HTTP status; 0: no answer
	Message string // why it failed and what to do, for a person
	Host    string // pacing key of the host that answered last
	Elapsed time.Duration
	Blame   Blame // Network: whose fault, as Offline judges
	Local   bool  // Network: nothing left this machine: no network, no name server
	Pushed  bool  // brought by the feed's hub, not asked for

	FinalURL     string // address that answered, after redirects
	Redirected   bool
	Permanent    bool   // redirected, by 301 and 308 alone
	PermanentURL string // where the permanent redirects at the start of the chain lead; "" without

	ETag, LastModified string // as sent; to be stored with the entries
	BodyHash           []byte // SHA-256 of the body as sent and its Content-Encoding
	Conditional        bool   // the request carried validators
	Same               bool   // 200 with the stored hash
	Truncated          bool   // the body ended early

	Freshness  time.Duration // max-age or Expires, less Age; 0: none
	RetryAfter time.Duration
	Challenge  string // who shows a browser check: "Cloudflare" …

	Hub, HubTopic string // Link headers
	Diagnosis     string // start of an answer that was no feed

	Doc *Doc // what the body held; nil: not parsed
}

// Doc is what pacing needs of a parsed document.
type Doc struct {
	New       int // entries not known before
	Items     int
	Published []time.Time   // dates of the entries, in any order; zero ones are passed over
	TTL       time.Duration // ttl
	Every     time.Duration // sy:updatePeriod / sy:updateFrequency
	SkipHours []int
	SkipDays  []time.Weekday
	Malformed string // what is wrong with the document

	Title, SiteLink string
	Hub, HubTopic   string
}

// Read is the outcome once its body was read as a feed.
func (o Outcome) Read(d Doc) Outcome {
	o.Doc = &d
	if d.Malformed != "" || o.Truncated {
		o.Class = Damaged
		o.Message = d.Malformed
	}
	return o
}

// Unread is the outcome once its body proved to be no feed. alternates are the
// feeds that it names if it is a web page.
func (o Outcome) Unread(body []byte, why string, alternates ...string) Outcome {
	o.Diagnosis = clip(body)
	switch {
	case o.Truncated:
		o.Class, o.Message = TooLarge, "the answer ended early and holds no whole entry; the next poll will tell whether it was chance"
	case o.Challenge != "":
		o.Class, o.Message = NotFeed, Challenged(o.Challenge)
	case len(bytes.TrimSpace(body)) == 0:
		o.Class, o.Message = NotFeed, "the answer is empty; if it stays so, ask the site or remove the feed"
	case len(alternates) > 0:
		o.Class, o.Message = Page, "a web page, not a feed; it names "+resolve(o.FinalURL, alternates[0])+": use that address"
	case IsHTML(body):
		o.Class, o.Message = Page, notFeed(why)+"; look for the site's feed with: watcher discover "+o.FinalURL
	default:
		o.Class, o.Message = NotFeed, notFeed(why)+"; check the address in a browser"
	}
	return o
}

// notFeed says once that something is no feed; the parser's own words do.
func notFeed(why string) string {
	if strings.HasPrefix(why, "not a feed") {
		return why
	}
	return "not a feed: " + cmp.Or(why, "a web page")
}

// resolve makes a page's link absolute.
func resolve(base, link string) string {
	u, err := url.Parse(base)
	if err != nil {
		return link
	}
	if u, err = u.Parse(strings.TrimSpace(link)); err != nil {
		return link
	}
	return u.String()
}

// IsHTML tells whether a document starts like a web page.
func IsHTML(body []byte) bool {
	b := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), 1024)], "\ufeff \t\r\n"))
	for bytes.HasPrefix(b, []byte("<!--")) || bytes.HasPrefix(b, []byte("<?xml")) {
		end, skip := bytes.Index(b, []byte("-->")), 3
		if b[1] == '?' {
			end, skip = bytes.Index(b, []byte("?>")), 2
		}
		if end < 0 {
			return false
		}
		b = bytes.TrimLeft(b[end+skip:], " \t\r\n")
	}
	for _, p := range []string{"<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title"} {
		if bytes.HasPrefix(b, []byte(p)) {
			return true
		}
	}
	return false
}

// Failed tells whether a class counts against the feed.
func (c Class) Failed() bool {
	return c != OK && c != Unchanged && c != Damaged && c != Held
}

// Challenged says what to do about a site that shows programs a browser check.
// watcher never poses as a browser.
func Challenged(by string) string {
	return by + " shows programs a browser check in place of the feed; ask the site to let feed readers through, or look for another address of it"
}

func clip(b []byte) string {
	return string(bytes.ToValidUTF8(b[:min(len(b), 4096)], nil))
}
