package feeds

import "time"

// Believed is how long before it was first seen an item's own date is believed
// to be when it was told.
const Believed = 48 * time.Hour

// Moment is when an item counts as told by its publisher: its date, but not
// after it was first seen, nor longer before that than is believed. Where only
// one of the two is known it is that one.
func Moment(published, seen time.Time) time.Time {
	switch {
	case seen.IsZero():
		return published
	case published.IsZero() || published.After(seen):
		return seen
	case seen.Sub(published) > Believed:
		return seen.Add(-Believed)
	}
	return published
}
