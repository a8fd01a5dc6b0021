package digest

import (
	"testing"

	"watcher/notify"
)

func TestHeldWhy(t *testing.T) {
	for note, want := range map[string]string{
		"silence 4 until 07:41: maintenance":            "silence 4 until 07:41",
		"away since 11:00":                              "away since 11:00",
		"budget of 3 an hour: rolled up at 12:00":       "budget of 3 an hour",
		"quiet hours until 06:30: goes into the digest": "quiet hours until 06:30",
		"": "held",
	} {
		if got := heldWhy(notify.Delivery{State: notify.Held, Note: note}); got != want {
			t.Errorf("%q: %q, want %q", note, got, want)
		}
	}
}
