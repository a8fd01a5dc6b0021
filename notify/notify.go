// Package notify owns what is told and that it arrives: the Message, the
// Delivery that carries it to one receiver, the Notifier contract that each
// kind of receiver implements, and the Sender that claims, sends, retries and
// gives up. Who is told, and when, is notify/route; what each service wants to
// hear is in the folder of its kind. It knows no rules and no SQL.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Notifier says one message to one receiver. Send is called at least once for
// a delivery; Message.ID is the same on each try, for the receiver to tell
// repeats by. It returns nil when the receiver took the message, an error from
// Retry or Reject (or one that wraps it) when it did not; any other error is
// retried. It must return when ctx ends. No error may hold a secret.
type Notifier interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt is what the receiver answered.
type Receipt struct {
	Status int         // HTTP or SMTP status; 0: none
	Answer string      // at most 2 KB of the answer, without secrets
	Ref    string      // the service's id of the message, for a later edit or thread
	Header http.Header // of an HTTP answer, for the kind to read; not kept
}

// RetryError asks for a later try.
type RetryError struct {
	After time.Duration // at least; 0: the schedule decides
	Whole bool          // the pause is for the whole receiver (Retry-After, 429)
	Fault Fault
	Err   error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }

// RejectError says that this message will never be taken.
type RejectError struct {
	Disable bool // the receiver is gone for good (410)
	Smaller bool // a shorter message may be taken (413)
	Err     error
}

func (e *RejectError) Error() string { return e.Err.Error() }
func (e *RejectError) Unwrap() error { return e.Err }

// Fault says what kind of failure a retry is, as each has a limit of its own.
type Fault string

// The faults of a retry.
const (
	Transient Fault = ""         // network, 429, 5xx: the whole schedule
	Setup     Fault = "setup"    // 401, 403, 404: three tries, then the receiver is degraded
	Moved     Fault = "redirect" // 3xx: three tries, then dead
)

// Retry asks for another try after at least d; 0 leaves it to the schedule.
func Retry(d time.Duration, err error) error { return &RetryError{After: d, Whole: d > 0, Err: err} }

// Reject says that the receiver refuses this message for good.
func Reject(reason string, args ...any) error {
	return &RejectError{Err: fmt.Errorf(reason, args...)}
}

// ErrUnknown is returned for a delivery or receiver that does not exist.
var ErrUnknown = errors.New("unknown")
