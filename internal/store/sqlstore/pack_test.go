package sqlstore

import (
	"reflect"
	"testing"
	"time"

	"watcher/feeds"
)

// TestPack: what is packed comes back, whatever its texts hold.
func TestPack(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	for _, st := range []feeds.State{
		{},
		{ETag: "\"caf\xe9\"", LastModified: "\xff\x80 \u00e9"},
		{URL: "https://a.example/?a=1&b=<2>", ETag: `W/"\"`, Title: "Ünï \u2028\n\x7f", BodyHash: []byte{0, 255}, Interval: time.Hour, Fails: 3, Baseline: true,
			LastPoll: at, SkipHours: []int{1, 2}, SkipDays: []time.Weekday{0}, Permanent: feeds.Redirect{URL: "x", Seen: 1, First: at}},
	} {
		text, err := packState(st)
		if err != nil {
			t.Fatal(err)
		}
		var got feeds.State
		if err := unpackState(text, &got); err != nil || !reflect.DeepEqual(got, st) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", text, err, got, st)
		}
	}
}
