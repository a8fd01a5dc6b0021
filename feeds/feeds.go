// Package feeds owns what a feed and an item are: their identity, their
// canonical links and their plain text. Everything in it is a pure value; it
// reads no clock, no network and no configuration. Fetching is feeds/fetch,
// reading documents feeds/parse, politeness over time feeds/pace.
package feeds

import "time"

// Kind says who speaks through a feed. The digest shows a story's spread over
// kinds, and an aggregator is never counted as a publisher.
type Kind string

// The kinds of feed, as the configuration spells them.
const (
	Independent Kind = "independent"
	Public      Kind = "public"
	StateRun    Kind = "state"
	StateFunded Kind = "state_funded"
	Official    Kind = "official"
	Wire        Kind = "wire"
	Exile       Kind = "exile"
	Aggregator  Kind = "aggregator"
)

// Kinds lists every Kind in the order in which they are shown.
func Kinds() []Kind {
	return []Kind{Independent, Public, StateRun, StateFunded, Official, Wire, Exile, Aggregator}
}

// Feed is one feed as its owner configured it. It holds what stays the same
// between two polls; State holds what a poll changes.
type Feed struct {
	ID        string // unique, stable over edits of the URL
	URL       string // as configured; State.URL may have learnt a newer one
	Name      string // shown as the outlet; empty: the document's title
	Publisher string // owner group: feeds of one publisher count once
	Kind      Kind
	Tags      []string
	Lang      string // BCP 47, used where the document names none

	Schedule    string        // cron text: when a poll is allowed, and how fine
	AdaptiveOff bool          // poll at every slot the server allows
	AdaptiveMin time.Duration // shortest gap the adaptive interval takes
	AdaptiveMax time.Duration // longest gap: a monitor must not doze

	UserAgent    string // empty: watcher/VERSION (+contact)
	Headers      map[string]string
	User         string // HTTP Basic credentials, sent to the feed's own host only
	Password     string
	Proxy        string        // URL of an HTTP or SOCKS5 proxy; empty: none
	AllowPrivate bool          // private and loopback addresses may be fetched
	Timeout      time.Duration // whole fetch; 0: the fetcher's default
	PerHost      int           // connections at once to one host; 0: 1
	HostGap      time.Duration // between the starts of two requests of one host
	WebSub       bool          // subscribe where the feed names a hub

	Notify  bool // false: stored, never told
	Paused  bool
	Removed bool // no longer configured; its history is kept
	Stored  bool // lives in the store (`feeds add`, `import opml`), not in the file
}

// Author is a person or body that signs an item or a feed.
type Author struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Enclosure is a file attached to an item.
type Enclosure struct {
	URL    string `json:"url,omitempty"`
	Type   string `json:"type,omitempty"`
	Length string `json:"length,omitempty"` // as it stood
}

// Item is one entry of a feed. Title is plain text in one line; Summary and
// Content are HTML that is safe to show. Links are absolute where the document
// allows. A time that the document does not give, or gives in no readable
// form, is zero, never "now".
type Item struct {
	Feed string // Feed.ID
	GUID string // guid, atom:id or JSON id as it stood
	Link string

	Title      string
	Summary    string
	Content    string
	Lang       string // BCP 47; empty: unknown
	Source     string // the outlet: the item's own <source>, else the feed's name, title or host
	Authors    []Author
	Categories []string
	Links      []string
	Image      string
	Enclosures []Enclosure
	Media      []string

	Published time.Time
	Updated   time.Time

	// RawHash is a hash of the entry's bytes in its document, zero where the
	// parser cannot say; the same hash means an unchanged entry.
	RawHash uint64

	// Set by Normalize.
	Canonical string // CanonicalLink(Link)
	Key       Key    // identity within the feed
	AltKey    Key    // the same without scheme, www. and tracking parameters
}

// Outlet gives the name under which an item of f is shown when the item
// brings no source of its own.
func (f Feed) Outlet(documentTitle string) string {
	switch {
	case f.Name != "":
		return f.Name
	case documentTitle != "":
		return documentTitle
	}
	return Host(f.URL)
}
