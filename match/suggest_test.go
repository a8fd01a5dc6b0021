package match

import (
	"strings"
	"testing"
	"time"

	"watcher/feeds"
)

func TestSuggest(t *testing.T) {
	s, errs, _ := Compile(Config{Entities: []Entity{
		{ID: "araghchi", Alias: list("Araghchi", "عراقچی")},
		{ID: "talks", Alias: list("talks", "mediation", "envoy", "White House")},
		{ID: "deal", Alias: list("वार्ता", "میانجی", "برجام")},
		{ID: "name", Name: "Abbas Araghchi", Alone: true},
	}})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	items := []feeds.Item{
		{Title: "Araqchi arrives in Muscat", Summary: "<p>Araghchi said so. Aragchi, too.</p>"},
		{Title: "Arakçi bugün Maskat'ta", Lang: "tr"},
		{Title: "Mediators and the mediatoin", Summary: "Araqchi talks to envoys at the White House"},
	}
	words := func(id string) string {
		g, err := s.Suggest(id)
		if err != nil {
			t.Fatal(err)
		}
		for i, it := range items {
			g.Add(it, time.Unix(int64(1000*i), 0))
		}
		var out []string
		for _, w := range g.Words() {
			if w.Count < 1 || !strings.Contains(w.Sample, w.Word) || w.Near == "" || w.Last.Before(w.First) {
				t.Errorf("%+v", w)
			}
			out = append(out, w.Word)
		}
		return strings.Join(out, " ")
	}
	if got := words("araghchi"); got != "Araqchi Aragchi Arakçi" {
		t.Errorf("araghchi: %s", got)
	}
	if got := words("talks"); got != "Mediators" && got != "Mediators mediatoin" {
		t.Errorf("talks: %s", got)
	}
	// Words of other languages that only sound like an ordinary word.
	items = append(items, feeds.Item{Title: "Amidst the menace: a menace, বার্তা ভারত"}, feeds.Item{Title: "میانجیی"})
	if got := words("deal"); got != "میانجیی" {
		t.Errorf("deal: %s", got)
	}
	if got := words("name"); strings.Contains(got, "Araqchi") {
		t.Errorf("what the name meets is suggested: %s", got)
	}
	if _, err := s.Suggest("araqchi"); err == nil || !strings.Contains(err.Error(), `did you mean "araghchi"?`) {
		t.Error(err)
	}
}
