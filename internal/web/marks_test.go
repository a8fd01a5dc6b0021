package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

// TestReviewedUntilItGrows: what was reviewed stays aside until it brings
// something more; then it is shown whole again and says so.
func TestReviewedUntilItGrows(t *testing.T) {
	w := newWorld(t)
	review := func(story string, at time.Time) {
		t.Helper()
		if err := w.store.Update(t.Context(), func(tx store.Tx) error {
			return tx.SaveMark(t.Context(), store.Mark{Story: story, Kind: store.Reviewed, At: at})
		}); err != nil {
			t.Fatal(err)
		}
	}
	review("st_talks", morning.Add(-5*time.Hour)) // its last article came 3 h ago
	review("st_rtl", morning.Add(-time.Hour))
	s := w.serve(t)
	for _, p := range []string{"/", "/digests/morning/2026-02-07", "/topics/strait-talks"} {
		_, body := fetch(t, s, p)
		talks, rtl := rowOf(t, body, "st_talks"), rowOf(t, body, "st_rtl")
		if strings.Contains(talks, "data-state") || !strings.Contains(talks, "grown since you reviewed it") {
			t.Errorf("%s sets a story aside that has grown:\n%s", p, talks)
		}
		if !strings.Contains(rtl, `data-state="reviewed"`) || strings.Contains(rtl, "grown since") {
			t.Errorf("%s does not set a reviewed story aside:\n%s", p, rtl)
		}
	}
	if _, body := fetch(t, s, "/digests/morning/2026-02-07"); !strings.Contains(body, "1 reviewed") {
		t.Error("the digest counts what is to be reviewed again as reviewed")
	}
	// Another mark does not make it reviewed; reviewing it again does.
	for _, c := range []struct{ set, want string }{{"starred", `{"marks":["starred"]}`}, {"reviewed", `{"marks":["starred","reviewed"]}`}} {
		if _, body := submitJSON(t, s, "/marks", "set", c.set+" st_talks"); strings.TrimSpace(body) != c.want {
			t.Errorf("after %s: %s, want %s", c.set, body, c.want)
		}
	}
}

// TestMarkOfMerged: a page that still shows a story by the id that it had
// before it was merged is told the marks of the story that it lives on in.
func TestMarkOfMerged(t *testing.T) {
	s := newWorld(t).serve(t)
	if code, out := call(t, s, "POST", "/api/v1/stories/st_talks/merge", `{"from":"st_rtl"}`); code != http.StatusOK {
		t.Fatalf("%d %v", code, out)
	}
	if _, body := submitJSON(t, s, "/marks", "set", "starred st_rtl"); strings.TrimSpace(body) != `{"marks":["starred"]}` {
		t.Errorf("after a star: %s", body)
	}
}

// rowOf is a story's row on a page.
func rowOf(t *testing.T, body, story string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `id="`+story+`"`)
	if !ok {
		t.Fatalf("the page has no %s", story)
	}
	row, _, _ := strings.Cut(rest, "</li>")
	return row
}

// TestMarksShowOnArticles: lists of articles say what was said of their stories.
func TestMarksShowOnArticles(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	submit(t, s, "/marks", "set", "starred st_talks")
	submit(t, s, "/stories/st_talks/note", "text", "call the port")
	for _, p := range []string{"/search?q=mediator", "/feeds/tide"} {
		_, body := fetch(t, s, p)
		if got := plain(body); !strings.Contains(got, "★ starred") || !strings.Contains(got, "✎ call the port") {
			t.Errorf("%s does not show the marks:\n%s", p, got)
		}
	}
}

func TestSnippet(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"strait AND talks", "topics:\n  - id: mine\n    match: |\n      strait AND talks\n"},
		{"strait AND\ntalks", "topics:\n  - id: mine\n    match: |\n      strait AND\n      talks\n"},
		{"match: strait\nunless: football", "topics:\n  - id: mine\n    match: strait\n    unless: football\n"},
		{"- id: own\nmatch: strait", "topics:\n  - id: own\n    match: strait\n"},
	} {
		if got := snippet("mine", c.rule); got != c.want {
			t.Errorf("%q becomes\n%swant\n%s", c.rule, got, c.want)
		}
	}
	s := newWorld(t).serve(t)
	if _, body := submit(t, s, "/try", "rule", "strait", "title", "The strait is calm"); !strings.Contains(body, "match: |\n      strait\n") {
		t.Error("a rule that was tried cannot be taken along")
	}
	if _, body := submit(t, s, "/topics/whales/backtest", "rule", "orca", "days", "3"); !strings.Contains(body, "id: whales\n    match: |\n      orca\n") {
		t.Error("a rule that was tested cannot be taken along")
	}
}
