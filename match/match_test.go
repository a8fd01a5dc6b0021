package match

import (
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/query"
)

func src(text string) query.Source { return query.Source{Text: text, Name: "match"} }

func list(texts ...string) (out []query.Source) {
	for _, t := range texts {
		out = append(out, src(t))
	}
	return out
}

var sample = []Entity{
	{ID: "iran", Alias: list("Iran", "Tehran", "Islamic Republic", "ایران")},
	{ID: "us", Alias: list("case:US", "U.S.", "Washington", "White House")},
	{ID: "araghchi", Alias: list("Araghchi", "Araqchi", "عراقچی")},
	{ID: "talks", Alias: list("talks", "negotiat*", "mediat*", "nuclear deal", "مذاکرات")},
	{ID: "people", Alias: list("@araghchi", "Witkoff")},
}

func compileOne(t *testing.T, topic Topic) *Set {
	t.Helper()
	s, errs, _ := Compile(Config{Topics: []Topic{topic}, Entities: sample})
	if errs != nil {
		t.Fatalf("%s: %v", topic.Match.Text, Join(errs))
	}
	return s
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		rule, title, body string
		want              bool
	}{
		{"oman", "Oman hosts", "", true},
		{"oman", "Omani hosts", "", false},
		{"oman AND iran", "Oman hosts", "<p>Iran</p>", true},
		{"oman AND iran", "Oman hosts", "", false},
		{"talk", "Talks in Muscat", "", true},
		{"talks", "A talk", "", true},
		{"=talk", "Talks in Muscat", "", false},
		{"Talk", "Talks in Muscat", "", false},
		{"policy", "new policies", "", true},
		{"news", "a new start", "", false},
		{"U.S.", "The U.S. said", "", true},
		{"U.S.", "The US said", "", true},
		{"U.S.", "tell us more", "", false},
		{"us", "tell us more", "", true},
		{"case:US", "tell us more", "", false},
		{"case:US", "US more", "", true},
		{"iran", "Iran’s man", "", true},
		{`"nuclear deal"`, "a nuclear deal", "", true},
		{`"nuclear deal"`, "a nuclear-deal", "", true},
		{`"nuclear deal"`, "", "<p>nuclear</p><p>deal</p>", false},
		{`"nuclear deal"`, "nuclear", "deal", false},
		{"negotiat*", "Negotiators meet", "", true},
		{"mediator~", "mediation goes on", "", true},
		{"iran NEAR/2 oman", "Iran and Oman", "", true},
		{"iran NEAR/2 oman", "Iran and its Oman", "", false},
		{"iran ONEAR/2 oman", "Oman and Iran", "", false},
		{"@iran NEAR/30 @us AND (@talks OR @araghchi)", "Tehran and Washington start negotiations", "", true},
		{"2 OF (iran, oman, qatar)", "Qatar, Oman", "", true},
		{"2 OF (iran, oman, qatar)", "Qatar, Qatar", "", false},
		{"ATLEAST/2 oman", "Oman Oman", "", true},
		{"ATLEAST/2 oman", "Oman", "", false},
		{"FIRST/2(oman)", "In Oman", "", true},
		{"FIRST/2(oman)", "We in Oman", "", false},
		{"title:oman", "", "Oman", false},
		{"body:oman", "", "Oman", true},
		{"/Om[ae]n/", "Omen", "", true},
		{"oman NOT iran", "Oman Iran", "", false},
		{"Erdogan", "Erdoğan", "", true},
		{"@people", "آقای عراقچي", "", true},
		{"میرود", "می\u200cرود", "", true},
		{"می\u200cرود", "می رود", "", true},
		{`"می رود"`, "او می\u200cرود خانه", "", true},
		{`"او میرود خانه"`, "او می\u200cرود خانه", "", true},
		{"北京", "在北京举行", "", true},
		{"北京", "北方京", "", false},
	} {
		s := compileOne(t, Topic{ID: "x", Match: src(c.rule)})
		hits := s.NewMatcher().Match(feeds.Item{GUID: "1", Title: c.title, Content: c.body}, time.Time{})
		if got := len(hits) == 1; got != c.want {
			t.Errorf("rule %s, title %q, body %q: %v, want %v", c.rule, c.title, c.body, got, c.want)
		}
		for _, h := range hits {
			if len(h.Hits) == 0 {
				t.Errorf("rule %s, title %q: no spans", c.rule, c.title)
			}
			for _, sp := range h.Hits {
				if sp.Field == "title" && c.title[sp.Start:sp.End] != sp.Text || sp.Text == "" || sp.Form == "" {
					t.Errorf("rule %s: span %+v", c.rule, sp)
				}
			}
		}
	}
}
