package main

import (
	"strings"
	"testing"

	"watcher/internal/web/auth"
)

func TestAuthHash(t *testing.T) {
	r := call(t, "open the strait\n", "auth", "hash")
	if r.code != exitOK || !auth.Verify(strings.TrimSpace(r.stdout), "open the strait") {
		t.Errorf("%+v", r)
	}
	for _, in := range []string{"", "short\n"} {
		if r := call(t, in, "auth", "hash"); r.code != exitUsage || !strings.Contains(r.stderr, "at least 8") {
			t.Errorf("%q: %+v", in, r)
		}
	}
}
