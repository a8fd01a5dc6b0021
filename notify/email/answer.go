package email

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"watcher/notify"
)

// dialError is a failure before any mail was offered: connecting, TLS, login.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// failure gives the meaning of a server's answer: 4xx is tried again, a login
// or set-up that is refused is a set-up fault, a mail that is too large may be
// shortened, any other 5xx refuses the mail.
func (e *Email) failure(ctx context.Context, err error) (notify.Receipt, error) {
	code := answerCode(err)
	text := notify.CleanText(notify.Mask(strings.Join(strings.Fields(err.Error()), " "), e.password))
	said := errors.New(notify.Cut(e.smtp.Host+": "+text, 400))
	r := notify.Receipt{Status: code, Answer: notify.Cut(text, 1000)}
	var dial *dialError
	switch {
	case ctx.Err() != nil:
		return r, notify.Retry(0, fmt.Errorf("%s: no answer in time", e.smtp.Host))
	case code/100 == 4:
		return r, notify.Retry(0, said) // greylisting, too busy
	case code == 530, code == 534, code == 535, code == 538,
		errors.Is(err, gomail.ErrNoSupportedAuthDiscovered), strings.Contains(text, "does not support STARTTLS"):
		return r, &notify.RetryError{Fault: notify.Setup, Err: said}
	case code == 552, code == 523:
		return r, &notify.RejectError{Smaller: true, Err: said}
	case errors.As(err, &dial) && code/100 == 5:
		return r, &notify.RetryError{Fault: notify.Setup, Err: said}
	case code/100 == 5:
		return r, &notify.RejectError{Err: said}
	}
	return r, notify.Retry(0, said)
}

func answerCode(err error) int {
	var send *gomail.SendError
	if errors.As(err, &send) && send.ErrorCode() != 0 {
		return send.ErrorCode()
	}
	var proto *textproto.Error
	if errors.As(err, &proto) {
		return proto.Code
	}
	return 0
}

// withoutRefused splits the recipients by a refusal that names some of them
// for good.
func withoutRefused(err error, to []string) (left, refused []string) {
	var send *gomail.SendError
	if !errors.As(err, &send) || send.Reason != gomail.ErrSMTPRcptTo || send.ErrorCode()/100 != 5 {
		return to, nil
	}
	text := err.Error() // go-mail names them in the text alone
	for _, a := range to {
		if strings.Contains(text, a) {
			refused = append(refused, a)
		} else {
			left = append(left, a)
		}
	}
	return left, refused
}
