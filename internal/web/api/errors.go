package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"watcher/internal/store"
)

// Errors of Actions and Rules that are told apart.
var (
	ErrBad     = errors.New("cannot be done")            // because of what was asked for
	ErrOffline = errors.New("the daemon is not running") // and only it can do that
)

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBad, fmt.Sprintf(format, args...))
}

// Code is the HTTP status for an error of Actions, Rules or the store.
func Code(err error) int {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrBad):
		return http.StatusUnprocessableEntity
	case errors.Is(err, store.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, ErrOffline), errors.Is(err, store.ErrLocked), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// Asked marks an error of an action as the asker's, unless it is one of the
// store, the network or time: what an action refuses, it refuses for a reason
// that its text gives.
func Asked(err error) error {
	for _, not := range []error{store.ErrFull, store.ErrCorrupt, store.ErrReadOnly, store.ErrNewer} {
		if errors.Is(err, not) {
			return err
		}
	}
	if err == nil || Code(err) != http.StatusInternalServerError {
		return err
	}
	return fmt.Errorf("%w: %w", ErrBad, err)
}

// Message is an error's text as a person reads it.
func Message(err error) string { return strings.TrimPrefix(err.Error(), ErrBad.Error()+": ") }
