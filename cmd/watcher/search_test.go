package main

import (
	"strings"
	"testing"
)

// TestSearchLimit: as many as are asked for, and all of them for 0.
func TestSearchLimit(t *testing.T) {
	t.Parallel()
	_, file := checkHistory(t, false)
	for limit, want := range map[string]int{"": 50, "0": 290, "1": 1, "200": 200, "250": 250, "290": 290, "1000": 290} {
		args := []string{"search", "bulletin", "-c", file}
		if limit != "" {
			args = append(args, "--limit", limit)
		}
		r := call(t, "", args...)
		seen := map[string]bool{}
		for line := range strings.Lines(r.stdout) {
			if id, _, _ := strings.Cut(line, " "); id != "" {
				seen[id] = true
			}
		}
		if more := strings.Contains(r.stderr, "--limit shows more"); r.code != exitOK || len(seen) != want || more != (want < 290) {
			t.Errorf("--limit %q: %d items, want %d, and then %q", limit, len(seen), want, r.stderr)
		}
	}
}
