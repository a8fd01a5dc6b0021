package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// shown is what `stories show --json` and `stories list --json` say of a story.
type shown struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Articles int    `json:"articles"`
	Items    []struct {
		ID, Title string
	} `json:"items"`
}

func storiesOf(t *testing.T, file string) map[string]shown {
	t.Helper()
	out := map[string]shown{}
	r := call(t, "", "stories", "list", "--json", "-c", file)
	for line := range strings.Lines(r.stdout) {
		var s shown
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out[s.Title] = s
	}
	return out
}

// TestCorrections merges stories through the daemon and splits them without
// it: either is remembered by what comes next and by a restart, and nothing is
// told a second time.
func TestCorrections(t *testing.T) {
	t.Parallel()
	const (
		pilots = "Pilots and Oman's airline resume pay talks"
		quotas = "Oman and Yemen open talks on fishing quotas"
		strike = "Cabin crews of the airline met the mediator of the labour ministry on Friday for a second round on pay, rest times and pensions, and agreed to meet again after the weekend."
		fish   = "Two delegations of the fisheries ministries sat down in Salalah on Friday to share out the kingfish catch of the coming season, which both sides want to cut by a fifth."
	)
	d := newDesk(t)
	feeds := []string{"/one", "/two", "/three"}
	for _, f := range feeds {
		d.publish(f, "old"+f[1:], "Nothing of note", "An empty day.")
	}
	file := d.config("@every 1s", feeds...)
	p := start(t, "run", "-c", file)
	d.polledAgain(feeds...)
	d.publish("/one", "n1", pilots, strike)
	d.publish("/two", "n2", quotas, fish)
	wait(t, "two alerts", time.Minute, func() bool { return len(d.accepted()) == 2 })
	before := storiesOf(t, file)
	a, b := before[pilots].ID, before[quotas].ID
	if a == "" || b == "" {
		t.Fatalf("stories %+v", before)
	}

	if r := call(t, "", "stories", "merge", a, b, "-c", file); r.code != exitOK {
		t.Fatalf("merge: %+v", r)
	}
	if r := call(t, "", "stories", "merge", a, b, "-c", file); r.code != exitFailed || !strings.Contains(r.stderr, "one story already") {
		t.Errorf("merged again: %+v", r)
	}
	d.publish("/three", "n3", "Fishing talks in Oman", fish) // a copy of what was merged
	articles := func(id string) int {
		r := call(t, "", "stories", "show", "--json", id, "-c", file)
		var s shown
		if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
			t.Fatalf("%v: %+v", err, r)
		}
		return s.Articles
	}
	wait(t, "the copy in the merged story", time.Minute, func() bool { return articles(a) == 3 && articles(b) == 3 })
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}

	var whole shown
	r := call(t, "", "stories", "show", "--json", a, "-c", file)
	if err := json.Unmarshal([]byte(r.stdout), &whole); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	args := []string{"stories", "split", "--json", a, "-c", file}
	for _, it := range whole.Items {
		if it.Title != pilots {
			args = append(args, it.ID)
		}
	}
	r = call(t, "", args...)
	var split struct{ Story string }
	if err := json.Unmarshal([]byte(r.stdout), &split); err != nil || r.code != exitOK || split.Story == "" || split.Story == a {
		t.Fatalf("split: %+v", r)
	}
	if r := call(t, "", "stories", "split", a, whole.Items[0].ID, whole.Items[1].ID, whole.Items[2].ID, "-c", file); r.code != exitFailed {
		t.Errorf("a split of what is not in the story: %+v", r)
	}

	if r := call(t, "", "stories", "mute", a, "-c", file); r.code != exitOK {
		t.Errorf("mute: %+v", r)
	}
	if r := call(t, "", "stories", "list", "-c", file); strings.Count(r.stdout, "(muted) ") != 1 || !strings.Contains(r.stdout, "(muted) "+pilots) {
		t.Errorf("a muted story is not marked:\n%s", r.stdout)
	}

	start(t, "run", "-c", file)
	d.polledAgain(feeds...)
	d.publish("/one", "n4", "More on the fishing talks of Oman", fish)
	d.publish("/two", "n5", "Once more: pay talks at Oman's airline", strike)
	wait(t, "copies where the split says", time.Minute, func() bool { return articles(split.Story) == 3 && articles(a) == 2 })
	d.polledAgain(feeds...)
	if n := len(d.accepted()); n != 2 {
		t.Errorf("%d alerts, want the first two: %+v", n, d.accepted())
	}
}
