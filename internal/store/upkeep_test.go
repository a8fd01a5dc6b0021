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
		{50, time.Millisecond, 50}, {50, 20 * time.Millisecond, 50}, {50, 50 * time.Millisecond, 25}, {50, 2 * time.Second, 10},
		{40, time.Millisecond, 50}, {12, time.Second, 10}, {10, time.Hour, 10}, {10, time.Millisecond, 13},
	} {
		if got := nextChunk(c.chunk, c.took); got != c.want {
			t.Errorf("%d rows in %s: %d next, want %d", c.chunk, c.took, got, c.want)
		}
	}
}
