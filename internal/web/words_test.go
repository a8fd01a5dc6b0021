package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

// plain is a page's text without its markup, in one line.
func plain(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

// TestPagesSpeakPlainly: what a page says is meant for people: names in place
// of ids, words in place of codes, and why where there is nothing.
func TestPagesSpeakPlainly(t *testing.T) {
	w := newWorld(t)
	s := w.serve(t)
	submit(t, s, "/silences", "story", "st_ferry", "for", "4h", "reason", "drill")
	for _, c := range []struct{ page, says string }{
		{"/deliveries", "New story Strait talks open with both delegations in the room"},
		{"/deliveries", "Digest Morning digest, Saturday, 7 February 2026"},
		{"/deliveries/msg_dead", "New story to mail Strait talks open"},
		{"/silences", "story st_ferry Inspectors board the ferry Halcyon"},
		{"/", "seen 5 h ago 1 article 1 independent publisher Coast Courier"},
		{"/", "Whales no article has hit it yet"},
		{"/status", "Feeds polled 5 failing 1 Messages"},
		{"/status", "Up for 60 min"},
		{"/topics/strait-talks", "Atom · RSS · JSON Feed"},
		{"/topics/strait-talks", "too new for a usual day"},
		{"/digests/morning/2026-02-07", "Atom Feed · RSS Feed · JSON Feed"},
		{"/stories/st_talks", "as @talks · score 4 of 1, 7 articles"},
	} {
		res, body := fetch(t, s, c.page)
		if got := plain(body); res.StatusCode != http.StatusOK || !strings.Contains(got, c.says) {
			t.Errorf("%s does not say %q:\n%s", c.page, c.says, got)
		}
	}
	for _, c := range []struct{ page, not string }{
		{"/deliveries", "story.new"}, {"/deliveries", "digest.ready"}, {"/status", "backoff"}, {"/digests/morning/2026-02-07", "Feed feed"},
		{"/stories/st_ferry", "of 0"},
	} {
		if _, body := fetch(t, s, c.page); strings.Contains(plain(body), c.not) {
			t.Errorf("%s says %q", c.page, c.not)
		}
	}
	// v opens the source of a story from every list of stories.
	for _, p := range []string{"/", "/topics/strait-talks", "/digests/morning/2026-02-07"} {
		_, body := fetch(t, s, p)
		for _, row := range strings.Split(body, `<li class="story"`)[1:] {
			if row, _, _ := strings.Cut(row, "</li>"); !strings.Contains(row, "data-source") {
				t.Errorf("%s has a story without a link to its source:\n%s", p, row)
			}
		}
	}
}

// TestEmptyPagesSayWhy: a new store has nothing to show, and says what is missing.
func TestEmptyPagesSayWhy(t *testing.T) {
	w := newWorld(t)
	w.options.Digests[0].ID = "later"
	w.options.Now = func() time.Time { return morning.AddDate(0, 0, 30) }
	s := w.serve(t)
	for _, c := range []struct{ page, says string }{
		{"/", "No story in two days. Articles that came with a feed’s first poll count by their own date"},
		{"/digests", "No issue yet: the first is due Tue 10 Mar 07:00."},
		{"/search?q=zebra", "Nothing in the history has all of these words."},
		{"/topics/whales", "No story yet: no article has hit it yet."},
		{"/deliveries?state=superseded", "No message is like that."},
	} {
		if _, body := fetch(t, s, c.page); !strings.Contains(plain(body), c.says) {
			t.Errorf("%s does not say %q:\n%s", c.page, c.says, plain(body))
		}
	}
}

func TestUsualDay(t *testing.T) {
	for _, c := range []struct {
		days []int
		want string
	}{
		{[]int{0, 0, 0, 0}, "–"}, {[]int{0, 0, 3, 4}, "–"}, {[]int{0, 5, 0, 1}, "1"}, {[]int{2, 3, 4, 9}, "3.5"}, {[]int{0, 0, 4, 0, 0}, "0"},
	} {
		if got := middle(c.days); got != c.want {
			t.Errorf("usual of %v: %s, want %s", c.days, got, c.want)
		}
	}
}

// TestFeedsOfOneNameAreTold: feeds of one site share a name; their ids tell them apart.
func TestFeedsOfOneNameAreTold(t *testing.T) {
	w := newWorld(t)
	if err := w.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.SaveFeed(t.Context(), feeds.Feed{ID: "beacon-sport", URL: "https://beacon.example/sport", Name: "The Beacon", Kind: feeds.Independent})
	}); err != nil {
		t.Fatal(err)
	}
	_, body := fetch(t, w.serve(t), "/feeds")
	for _, want := range []string{"The Beacon (beacon) ", "The Beacon (beacon-sport) "} {
		if !strings.Contains(plain(body), want) {
			t.Errorf("the list of feeds lacks %q", want)
		}
	}
	if strings.Contains(plain(body), "Tide Radio (tide)") {
		t.Error("a name that is alone carries its id")
	}
}

func TestWhatOf(t *testing.T) {
	for want, d := range map[string]notify.Delivery{
		"Update 3: publishers reached 6": {Type: notify.StoryUpdated, Sequence: 3, Reason: "publishers_reached_6"},
		"New story":                      {Type: notify.StoryNew, Sequence: 1, Reason: "new"},
		"Receiver disabled":              {Type: notify.ReceiverDisabled},
	} {
		if got := whatOf(d); got != want {
			t.Errorf("%s reads %q, want %q", d.Type, got, want)
		}
	}
}

func TestRuleMistakes(t *testing.T) {
	err := fmt.Errorf("%w: 1:1: column 1: this bracket is not closed\n2:7: column 7: nothing stands behind AND", api.ErrBad)
	want := "line 1, column 1: this bracket is not closed\nline 2, column 7: nothing stands behind AND"
	if got := ruleMistakes(err); got != want {
		t.Errorf("mistakes read\n%s\nwant\n%s", got, want)
	}
	s := newWorld(t).serve(t)
	for path, form := range map[string][]string{
		"/try": {"rule", "(strait", "title", "x"}, "/topics/whales/backtest": {"rule", "broken"},
	} {
		_, page := fetch(t, s, strings.TrimSuffix(path, "/backtest"))
		if _, body := submit(t, s, path, form...); !strings.Contains(page, `action="`+path+`#result"`) || strings.Count(body, `id="result"`) != 1 || !strings.Contains(body, "column 1: ") {
			t.Errorf("%s does not lead to its mistake", path)
		}
	}
	if _, body := submit(t, s, "/try", "rule", "boat", "title", "The strait is calm"); !strings.Contains(plain(body), "✗ no hit · your rule score 0 of 1 · missing: boat") {
		t.Errorf("the verdict reads:\n%s", plain(body))
	}
}
