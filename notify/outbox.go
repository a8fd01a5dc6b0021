package notify

import (
	"context"
	"errors"
	"time"
)

// ErrNotPending says that a delivery was claimed, sent or dropped by someone else.
var ErrNotPending = errors.New("no longer pending")

// Outbox is what the Sender needs of the store. What a call wrote is kept when
// it returns; calls that write at the same time may share a transaction.
type Outbox interface {
	// Due gives pending deliveries whose NextAt is not after now, for each
	// receiver the oldest few, and none that waits for an earlier sequence of
	// its receiver and subject.
	Due(ctx context.Context, now time.Time, perReceiver, limit int) ([]Delivery, error)
	// Next is the earliest NextAt of a pending delivery after the given
	// instant; zero when there is none.
	Next(ctx context.Context, after time.Time) (time.Time, error)
	// Waiting lists pending deliveries of a receiver, oldest first; of one
	// subject when it is not empty.
	Waiting(ctx context.Context, receiver, subject string, limit int) ([]Delivery, error)
	// Begin claims a pending delivery until `by`: sending, one attempt more,
	// payload kept. ErrNotPending when it is not pending any more, or was put
	// off to after `at`.
	Begin(ctx context.Context, id string, payload []byte, at, by time.Time) (Delivery, error)
	// Finish keeps the outcome of a try, and the payload where d has one.
	Finish(ctx context.Context, d Delivery, a Attempt) error
	// Save replaces a delivery that waits as it did when it was read: pending,
	// tried as often. ErrNotPending otherwise.
	Save(ctx context.Context, d Delivery) error
	// Requeue makes deliveries pending again that are being sent under a claim
	// that ended before the given instant; with a zero one, all that are being sent.
	Requeue(ctx context.Context, before time.Time) (int, error)
	// LastRef is the service's id of the newest message of a subject that a
	// receiver took.
	LastRef(ctx context.Context, receiver, subject string) (string, error)
	// Receivers gives what is known of all receivers.
	Receivers(ctx context.Context) ([]ReceiverState, error)
	// ChangeReceiver reads a receiver's state, changes it and keeps it.
	ChangeReceiver(ctx context.Context, id string, change func(*ReceiverState)) error
}
