package store

import (
	"testing"
	"time"
)

func TestNextChunk(t *testing.T) {
	for _, c := range []struct {
		chunk int
		took  time.Duration
		want  int
	}{
		{100, time.Millisecond, 100}, {100, 20 * time.Millisecond, 100}, {100, 50 * time.Millisecond, 50}, {100, 2 * time.Second, 12},
		{50, time.Millisecond, 63}, {90, time.Millisecond, 100}, {12, time.Second, 10}, {10, time.Hour, 10}, {10, time.Millisecond, 13},
	} {
		if got := nextChunk(c.chunk, c.took); got != c.want {
			t.Errorf("%d rows in %s: %d next, want %d", c.chunk, c.took, got, c.want)
		}
	}
}
