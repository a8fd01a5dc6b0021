package api

import (
	"fmt"
	"strings"
	"time"

	"watcher/internal/store"
)

// Cursor is where a list of stories goes on after one: the instant at which it
// was last seen and its id, as several may have been seen at one instant.
func Cursor(s store.Story) string { return s.LastSeen.UTC().Format(time.RFC3339Nano) + "," + s.ID }

// ParseCursor reads a cursor, or an instant alone: stories before it.
func ParseCursor(s string) (before time.Time, id string, err error) {
	if s == "" {
		return before, "", nil
	}
	at, id, _ := strings.Cut(s, ",")
	if before, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return before, "", fmt.Errorf("%w: before %q is no time (2026-02-07T06:00:00Z) and none of those that a list gives to go on", ErrBad, s)
	}
	return before, id, nil
}
