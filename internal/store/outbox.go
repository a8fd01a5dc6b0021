package store

import (
	"context"
	"time"

	"watcher/notify"
)

// DeliveryReader reads deliveries, silences and receivers.
type DeliveryReader interface {
	Delivery(ctx context.Context, id string) (notify.Delivery, error)
	Deliveries(ctx context.Context, f DeliveryFilter) ([]notify.Delivery, error)
	Attempts(ctx context.Context, delivery string) ([]notify.Attempt, error)
	// DueDeliveries gives pending deliveries with neither NextAt nor NotBefore after now, for
	// each receiver the oldest few, in the order of their sequence within a subject:
	// a delivery is not due while an earlier one of its receiver and subject is pending or sending.
	DueDeliveries(ctx context.Context, now time.Time, perReceiver, limit int) ([]notify.Delivery, error)
	NextDelivery(ctx context.Context) (time.Time, error)
	// LastRef is the service's id of the newest delivered message of a subject to a receiver.
	LastRef(ctx context.Context, receiver, subject string) (string, error)
	CountDeliveries(ctx context.Context, f DeliveryFilter) (map[string]map[notify.DeliveryState]int, error) // by receiver
	Receivers(ctx context.Context) ([]notify.ReceiverState, error)
	// Places gives the deliveries that took a place in a receiver's budget since
	// an instant, oldest first: ids and topics only.
	Places(ctx context.Context, receiver string, since time.Time) ([]notify.Delivery, error)
	Silences(ctx context.Context, now time.Time, ended bool) ([]Silence, error)
}

// DeliveryFilter narrows a list of deliveries, newest first.
type DeliveryFilter struct {
	Receiver, Subject, Topic, Note string
	States                         []notify.DeliveryState
	Types                          []notify.Type
	From, To                       time.Time // Created in [From, To)
	Before                         string
	Oldest                         bool
	Limit                          int
}

// DeliveryWriter writes deliveries.
type DeliveryWriter interface {
	// Enqueue inserts deliveries; one with the same (Receiver, Subject,
	// Sequence) is passed over: told is told. It wakes other processes.
	Enqueue(ctx context.Context, ds []notify.Delivery) error
	// BeginSend claims a pending delivery until `by`: state sending, one attempt
	// more, payload kept. ErrConflict when it is no longer pending, or was put
	// off to after `at`.
	BeginSend(ctx context.Context, id string, payload []byte, at, by time.Time) (notify.Delivery, error)
	// FinishSend keeps the outcome of a try: d's state, times, ref and errors,
	// and its payload, or where that is empty the one that BeginSend kept.
	FinishSend(ctx context.Context, d notify.Delivery, a notify.Attempt) error
	// SaveDelivery replaces state, note, times, payload and event of a delivery that is not being sent.
	SaveDelivery(ctx context.Context, d notify.Delivery) error
	// SaveWaiting is SaveDelivery for one that waits as it did when it was read:
	// pending, tried as often. ErrConflict otherwise.
	SaveWaiting(ctx context.Context, d notify.Delivery) error
	// Requeue makes pending again what is being sent under a claim that ended
	// before the given instant; with a zero one, whatever is being sent.
	Requeue(ctx context.Context, before time.Time) (int, error)
	// LockReceiver makes this transaction the only one that changes a
	// receiver's state or takes places in its budget, until it ends.
	LockReceiver(ctx context.Context, id string) error
	// TakePlace notes that a delivery counts in its receiver's budget from now on.
	TakePlace(ctx context.Context, id string, now time.Time) error
	SaveReceiver(ctx context.Context, r notify.ReceiverState) error
	SaveSilence(ctx context.Context, s Silence) (int64, error)
}

// Silence keeps alerts that it meets from being told until it ends.
type Silence struct {
	ID        int64
	Topics    []string // empty lists meet all
	Feeds     []string
	Pubs      []string
	Story     string
	Text      string // words in the title
	From      time.Time
	Until     time.Time
	Author    string
	Reason    string
	Receivers []string
	Ended     time.Time // by hand, before Until
	Told      bool      // its end was reported
}

// ---- digests ----
