package app_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"watcher/match"
	"watcher/match/query"
)

// TestShippedTopicsHeadlines holds the topics of the example to headlines made
// up for them, half of them close neighbours: Iran and the Europeans, inspectors,
// strikes, sanctions, fees in Hormuz, Houthis in Muscat, football. The rules were
// mended by them, so this shows that nothing mended comes back, not how unseen
// news fares. A plain rule, Iran and a word of talks, fares beside them.
func TestShippedTopicsHeadlines(t *testing.T) {
	c := exampleConfig(t)
	c.Topics = append(c.Topics, match.Topic{ID: "plain", Match: query.Source{Text: "@iran AND @talks"}})
	set, errs, _ := match.Compile(c)
	if errs != nil {
		t.Fatal(match.Join(errs))
	}
	m := set.NewMatcher()
	f, err := os.Open("testdata/headlines.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var talks, oman, plain tally
	languages := map[string]*tally{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		p := strings.Split(lines.Text(), "|")
		if len(p) != 5 {
			t.Fatalf("%q has not five parts", lines.Text())
		}
		hit := topicsOf(m, labelled{ID: "1", Lang: p[2], Title: p[3], Summary: p[4]})
		want := map[string]bool{"iran-us-talks": p[0] == "y", "oman-mediation": p[1] == "o"}
		for topic, want := range want {
			if hit[topic] != want {
				t.Logf("%s hits %v, wanted %v: %s: %s | %s", topic, hit[topic], want, p[2], p[3], p[4])
			}
		}
		talks.add(want["iran-us-talks"], hit["iran-us-talks"])
		oman.add(want["oman-mediation"], hit["oman-mediation"])
		plain.add(want["iran-us-talks"], hit["plain"])
		if languages[p[2]] == nil {
			languages[p[2]] = &tally{}
		}
		languages[p[2]].add(want["iran-us-talks"], hit["iran-us-talks"])
	}
	t.Logf("iran-us-talks: precision %.3f, recall %.3f of %d; a plain rule %.3f, %.3f; oman-mediation: precision %.3f, recall %.3f of %d",
		talks.precision(), talks.recall(), talks.hit+talks.missed, plain.precision(), plain.recall(), oman.precision(), oman.recall(), oman.hit+oman.missed)
	logParts(t, "language", languages)
	if talks.precision() < .97 || talks.recall() < .93 || oman.precision() < .95 || oman.recall() < .95 {
		t.Error("below precision .97, recall .93; for Oman .95, .95")
	}
}
