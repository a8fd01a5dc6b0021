package config

import (
	"strings"
	"testing"
)

// TestReceiverNames: a receiver alone of its type is named by it; of two each
// needs a name, and the message gives one.
func TestReceiverNames(t *testing.T) {
	head := "feeds: [{url: \"https://a.example/rss\"}]\ntopics: [{id: t, match: oman}]\n"
	c, ps := Parse("c.yaml", []byte(head+"receivers: [{type: log}, {id: hook, type: webhook, url: \"https://h.example/\"}]\nroutes: [{to: [log, hook]}]\n"), nil)
	if Failed(ps) || c.Receivers[0].ID != "log" {
		t.Errorf("alone: %+v, %v", c.Receivers, ps)
	}
	_, ps = Parse("c.yaml", []byte(head+"receivers:\n  - {type: log}\n  - {type: webhook, url: \"https://h.example/1\"}\n  - {type: webhook, url: \"https://h.example/2\"}\n"), nil)
	var got []string
	for _, p := range ps {
		if !p.Warning {
			got = append(got, p.Error())
		}
	}
	want := `c.yaml:5:5: receivers[1]: key "id" is missing: there are 2 receivers of type webhook, so each needs a name: id: webhook-2`
	if len(got) != 2 || !strings.HasPrefix(got[0], want) || !strings.Contains(got[1], "id: webhook-3") {
		t.Errorf("two of a type:\n%s", strings.Join(got, "\n"))
	}
}
