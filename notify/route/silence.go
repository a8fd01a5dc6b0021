package route

import (
	"slices"
	"strings"
	"time"

	"watcher/notify"
)

// Silence keeps what it meets from being told: from From until Until, or in
// each Weekly window. Each matcher that is set must be met; a matcher is met
// by any of its values.
type Silence struct {
	ID         string // "3" of the store, the id of the file
	Receivers  []string
	Topics     []string
	Feeds      []string
	Publishers []string
	Story      string
	Text       string // words that the title must hold
	From       time.Time
	Until      time.Time
	Weekly     *Window
	Author     string
	Reason     string
}

// MaxSilence is the longest that a silence may last.
const MaxSilence = 30 * 24 * time.Hour

// Facts are what routing must know of a story when it is told.
type Facts struct {
	Title       string
	URL         string
	Publishers  int
	PublishedBy []string // ids of publishers
	Feeds       []string
	Muted       bool
	Published   time.Time // of its newest item
}

// active says whether the silence is in force, and until when.
func (s Silence) active(now time.Time) (until time.Time, ok bool) {
	if s.Weekly != nil {
		return s.Weekly.Until(now)
	}
	return s.Until, !now.Before(s.From) && now.Before(s.Until)
}

// meets says whether the silence is about this delivery. A story is met by its
// feeds or publishers only when it has no others: news from elsewhere is told.
func (s Silence) meets(d notify.Delivery, f Facts) bool {
	if len(s.Receivers) > 0 && !contains(s.Receivers, d.Receiver) {
		return false
	}
	if len(s.Topics) > 0 && !overlap(s.Topics, d.Topics) {
		return false
	}
	if s.Story != "" && s.Story != d.Subject {
		return false
	}
	if len(s.Feeds) > 0 && !within(f.Feeds, s.Feeds) {
		return false
	}
	if len(s.Publishers) > 0 && !within(f.PublishedBy, s.Publishers) {
		return false
	}
	title := strings.ToLower(f.Title)
	for _, word := range strings.Fields(strings.ToLower(s.Text)) {
		if !strings.Contains(title, word) {
			return false
		}
	}
	return true
}

func within(values, set []string) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !contains(set, v) })
}

func contains(set []string, s string) bool { return slices.Contains(set, s) }
