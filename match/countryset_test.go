package match

import (
	"os"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/query"
)

// TestCountrySet reads sentences of many languages for countries of every
// continent: those that are meant are met, those that only sound alike are not.
func TestCountrySet(t *testing.T) {
	data, err := os.ReadFile("testdata/countryset.txt")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]*Matcher{}
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		code, list, _ := strings.Cut(line[2:], ": ")
		if sets[code] == nil {
			e := Entity{ID: "c", Country: code}
			sets[code] = mustSet(t, Config{Topics: []Topic{{ID: "c", Match: query.Source{Text: "@c"}}}, Entities: []Entity{e}}).NewMatcher()
		}
		for _, text := range strings.Split(list, " | ") {
			if hit := len(sets[code].Topics(feeds.Item{Title: text}, time.Time{})) > 0; hit != (line[0] == '+') {
				t.Errorf("country: %s and %q: met %v", code, text, hit)
			}
		}
	}
}
