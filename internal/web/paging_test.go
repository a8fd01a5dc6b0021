package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

// TestPagingLosesNothing: stories that were last seen at one instant fall on
// two pages, in the API and on a topic's page.
func TestPagingLosesNothing(t *testing.T) {
	w := newWorld(t)
	const n = 60
	if err := w.store.Update(t.Context(), func(tx store.Tx) error {
		for i := range n {
			if err := w.story(t.Context(), tx, fmt.Sprintf("st_same%02d", i), []string{"whales"}, []seedItem{{2 * time.Hour, "tide", fmt.Sprintf("Whale %d is seen", i), ""}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s := w.serve(t)
	seen := map[string]int{}
	for before, pages := "", 0; pages == 0 || before != ""; pages++ {
		_, out := call(t, s, "GET", "/api/v1/stories?topic=whales&limit=7&before="+url.QueryEscape(before), "")
		page := out.(map[string]any)
		for _, st := range page["stories"].([]any) {
			seen[st.(map[string]any)["id"].(string)]++
		}
		before, _ = page["before"].(string)
		if pages > n {
			t.Fatal("the pages have no end")
		}
	}
	if len(seen) != n {
		t.Errorf("the API's pages show %d of %d stories", len(seen), n)
	}
	for id, k := range seen {
		if k != 1 {
			t.Errorf("%s stands on %d pages", id, k)
		}
	}
	shown, at := 0, "/topics/whales"
	for pages := 0; at != "" && pages <= n; pages++ {
		_, body := fetch(t, s, at)
		shown += strings.Count(body, `<li class="story"`)
		at = ""
		if _, rest, ok := strings.Cut(body, `rel="next" href="`); ok {
			at, _, _ = strings.Cut(rest, `"`)
			at = strings.ReplaceAll(at, "&amp;", "&")
		}
	}
	if shown != n {
		t.Errorf("the topic's pages show %d of %d stories", shown, n)
	}
}

// TestFeedsAreConditional: a reader that has a feed is told so, until it changes.
func TestFeedsAreConditional(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	for _, path := range []string{"/topics/strait-talks.atom", "/topics/strait-talks.rss", "/topics/strait-talks.json", "/digests/morning.atom"} {
		res, _ := fetch(t, s, path)
		tag := res.Header.Get("ETag")
		if tag == "" || res.Header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, tag, res.Header.Get("Cache-Control"))
		}
		again, body := fetch(t, s, path, "If-None-Match", tag)
		if again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s asked again: %d with %d bytes", path, again.StatusCode, len(body))
		}
	}
	res, _ := fetch(t, s, "/topics/strait-talks.atom")
	if err := w.store.Update(t.Context(), func(tx store.Tx) error {
		return w.story(t.Context(), tx, "st_newer", []string{"strait-talks"}, []seedItem{{time.Minute, "tide", "Strait talks resume", ""}})
	}); err != nil {
		t.Fatal(err)
	}
	if now, _ := fetch(t, s, "/topics/strait-talks.atom", "If-None-Match", res.Header.Get("ETag")); now.StatusCode != http.StatusOK {
		t.Errorf("a feed with a new story answers %d", now.StatusCode)
	}
}
