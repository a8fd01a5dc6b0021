package notify

import (
	"slices"
	"strings"
	"time"
)

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery. Only a pending one is sent; one found sending at
// start is sent again under the same id.
const (
	Pending    DeliveryState = "pending"
	Sending    DeliveryState = "sending"
	Delivered  DeliveryState = "delivered"
	Superseded DeliveryState = "superseded" // a newer update of its story went in its place
	Held       DeliveryState = "held"       // quiet hours, silence, budget: Note says which
	Expired    DeliveryState = "expired"    // too old to tell; goes into the digest
	Dead       DeliveryState = "dead"       // given up; `deliveries resend` tries again
)

// Notes of what a person did.
const (
	ByHand  = "sent again by hand" // nothing holds it
	Dropped = "dropped by hand"
)

// WasHeld begins the note of a delivery that was held and goes now; what held
// it follows, and until when.
const WasHeld = "was held: "

// Delivery is one message to one receiver. The row is written in the
// transaction that decided to tell; it is unique by (Receiver, Subject,
// Sequence). What it says is composed at its first try and kept from then on.
type Delivery struct {
	ID       string // msg_ULID: the webhook-id of every try
	Receiver string
	Type     Type
	Subject  string   // story id, digest id and date, or event subject and day
	Topic    string   // leading topic; empty for events
	Topics   []string // all topics the story hit
	Sequence int      // 1 for story.new, then one more each update
	Reason   string   // new, publishers_reached_6, new_figures …
	Priority Priority
	ReplayOf string

	State     DeliveryState
	Note      string // why held, superseded, expired or dead
	Created   time.Time
	NotBefore time.Time // `wait`, quiet hours
	NextAt    time.Time // next try
	Expires   time.Time // zero: never
	Attempts  int
	Faults    int // set-up faults or redirects in a row

	Event   *Event // for events: what happened
	Payload []byte // Message as JSON, once composed
	Ref     string // the service's id of what was sent

	LastAt     time.Time
	LastStatus int
	LastError  string
}

// Attempt is one try of a delivery.
type Attempt struct {
	Delivery string
	N        int
	At       time.Time
	Elapsed  time.Duration
	Status   int
	Answer   string // at most 2 KB
	Err      string
}

// ReceiverState is what sending has learnt about a receiver.
type ReceiverState struct {
	ID          string
	Paused      bool      // by its owner
	Disabled    string    // why; empty: enabled
	DisabledFor string    // fingerprint of the settings it was disabled under
	Degraded    bool      // set-up faults: its owner was told, it is still probed
	LastError   string    // of the newest failure; empty when it works
	NotBefore   time.Time // Retry-After of the whole receiver
	Fails       int       // in a row
	FirstFail   time.Time
	LastOK      time.Time
	OptedOut    []OptOut // who of its recipients left; mail only
}

// OptOut is an address that wants no more mails of a receiver.
type OptOut struct {
	Address string
	At      time.Time
}

// OptOut notes that an address left.
func (r *ReceiverState) OptOut(address string, at time.Time) {
	if !r.Left(address) {
		r.OptedOut = append(r.OptedOut, OptOut{address, at})
	}
}

// OptIn takes an address back and says whether it had left.
func (r *ReceiverState) OptIn(address string) bool {
	n := len(r.OptedOut)
	r.OptedOut = slices.DeleteFunc(r.OptedOut, func(o OptOut) bool { return strings.EqualFold(o.Address, address) })
	return len(r.OptedOut) < n
}

// Left says whether an address left.
func (r *ReceiverState) Left(address string) bool {
	return slices.ContainsFunc(r.OptedOut, func(o OptOut) bool { return strings.EqualFold(o.Address, address) })
}
