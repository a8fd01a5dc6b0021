package feeds

import "time"

// Phase is where a feed stands in its life.
type Phase string

// The phases of a feed.
const (
	Active  Phase = "active"
	BackOff Phase = "backoff" // failing; polled ever more rarely, never given up
	Gone    Phase = "gone"    // 410 twice, a day apart: polled no more until revived by hand
	Paused  Phase = "paused"  // by its owner
)

// State is what polling has learnt about one feed. It is saved in the same
// transaction as the items of the poll that changed it, so that a validator
// never stands without its entries.
type State struct {
	Feed string // Feed.ID
	URL  string // effective address; differs from Feed.URL after a learnt redirect
	// ConfigURL is the Feed.URL that this state was learnt for.
	ConfigURL string
	Seq       int64 // grows by one with each save; a save with an old Seq is refused

	ETag         string // byte for byte as sent
	LastModified string
	ValidFor     string // URL that issued them: sent nowhere else
	BodyHash     []byte // SHA-256 of the body as sent, with its Content-Encoding

	Phase     Phase
	NextPoll  time.Time     // zero: due at once (never polled)
	Slot      time.Time     // cron slot that NextPoll stands for, before spreading
	Interval  time.Duration // adaptive gap in force
	Fails     int           // failures in a row
	FirstFail time.Time     // start of the present run of failures
	GoneOnce  time.Time     // first of two 410s
	NotFound  int           // 400, 404 … in a row: validators are dropped after 3
	Doubt     bool          // the newest poll found no network, and nobody could say whose fault it was

	Baseline   bool      // a first poll has succeeded
	LastPoll   time.Time // start of the newest poll
	LastOK     time.Time // newest poll that read the feed (200 or 304)
	LastNew    time.Time // newest poll that brought an item
	LastStatus int       // HTTP status; 0: no answer
	LastError  string    // empty after a success
	Diagnosis  string    // at most 4 KB of an answer that was no feed

	Rhythm     time.Duration // median gap of the newest entries; 0: unknown
	TTL        time.Duration // shortest gap the document asks for: ttl, sy:updatePeriod
	SkipHours  []int         // hours (UTC) in which the document wants no poll
	SkipDays   []time.Weekday
	Untrusted  bool   // ids are not trusted: keyed by link and title
	Health     string // last health event told: failing, stale, gone, merged …; empty: healthy
	HealthAt   time.Time
	Permanent  Redirect // a permanent redirect under observation
	Merged     string   // the feed (Feed.ID) that has this one's new address, and is polled for both
	Hub        string   // WebSub hub and topic as the feed names them
	HubTopic   string
	HubSecret  string
	HubToken   string    // last part of the callback's path
	HubTried   time.Time // newest request to subscribe
	LeaseFrom  time.Time
	LeaseUntil time.Time
	HubMisses  int // entries first seen by poll while subscribed

	Title    string // of the document
	SiteLink string
	Items    int // in the newest document
}

// Redirect is a permanent redirect that a feed's address answered with. It is
// learnt only after several sightings over two days.
type Redirect struct {
	URL   string
	Seen  int
	First time.Time
}

// HostState is what is known of a pacing key (PacingKey): all feeds under it
// share one queue.
type HostState struct {
	Key       string
	NotBefore time.Time     // nothing is sent earlier (Retry-After)
	Gap       time.Duration // learnt gap; 0: the configured one
	GapAt     time.Time     // last change of Gap
	LastStart time.Time
	Fails     int
}

// hostMemory is how long a host's state means anything after the last that was
// heard of it: the longest learnt gap has shrunk away by then.
const hostMemory = 62 * 24 * time.Hour

// Forgotten tells whether nothing that is known of the host holds any more, as
// where none of our feeds is there now.
func (h HostState) Forgotten(now time.Time) bool {
	last := h.LastStart
	for _, t := range []time.Time{h.NotBefore, h.GapAt} {
		if t.After(last) {
			last = t
		}
	}
	return now.Sub(last) > hostMemory
}
