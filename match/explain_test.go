package match

import (
	"strings"
	"testing"
	"time"

	"watcher/feeds"
)

// TestMissing reads what is said of items that a topic does not hit.
func TestMissing(t *testing.T) {
	s := compileOne(t, Topic{
		ID: "x", Match: src("iran AND (talks OR deal)"), Unless: src("football OR (opinion AND NOT minister) OR podcast"), Threshold: 2,
		Score: []Score{
			{Add: 2, Query: src("title:(oman) AND title:(talks) AND geneva")},
			{Add: 1, Query: src("title:(talks) AND geneva")},
			{Add: -1, Query: src("rumour")},
		},
	})
	m := s.NewMatcher()
	for _, c := range []struct{ title, want string }{
		{"talks in Geneva", "iran"},
		{"Iran talks", "score 0 of 2: score[1] lacks geneva"},
		{"Iran talks in Geneva", "score 1 of 2: score[0] lacks oman in title"},
		{"Oman and Iran in talks in Geneva: opinion", "unless (opinion AND NOT minister)"},
		{"Oman and Iran in talks in Geneva", ""},
		{"Oman and Iran in talks in Geneva, a rumour", ""},
	} {
		h := m.Miss(0, feeds.Item{Title: c.title}, time.Time{})
		got := strings.Join(h.Missing, "; ")
		if h.Nearest != "" {
			got += ": " + h.Nearest
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}

// TestPoints holds decimal points to what people mean: binary fractions sum
// .7 and .1 to a hair below .8.
func TestPoints(t *testing.T) {
	s := compileOne(t, Topic{ID: "x", Match: src("iran"), Threshold: .8, Score: []Score{{Add: .7, Query: src("talks")}, {Add: .1, Query: src("oman")}}})
	m := s.NewMatcher()
	if h := m.Miss(0, feeds.Item{Title: "Iran talks"}, time.Time{}); h.Score != .7 {
		t.Errorf("one part: %v", h)
	}
	if got := m.Match(feeds.Item{Title: "Iran talks in Oman"}, time.Time{}); len(got) != 1 {
		t.Errorf("both parts: %v topics hit, want the one", len(got))
	}
}
