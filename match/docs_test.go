package match

import (
	"os"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
)

// TestDocs runs the examples of docs/rules.md.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	inside, n := false, 0
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			inside = line == "```examples"
			continue
		}
		if !inside {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 3 {
			t.Fatalf("line %d: not rule | text | yes or no", i+1)
		}
		n++
		rule, item, want := strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[2]) == "yes"
		s := compileOne(t, Topic{ID: "x", Match: src(rule)})
		if got := len(s.NewMatcher().Match(feeds.Item{Title: item}, time.Time{})) == 1; got != want {
			t.Errorf("docs/rules.md:%d: %s on %q: %v, want %v", i+1, rule, item, got, want)
		}
	}
	if n < 40 {
		t.Errorf("only %d examples", n)
	}
}
