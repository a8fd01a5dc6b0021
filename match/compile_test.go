package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
)

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"NOT oman", "no word must be there"},
		{"oman OR NOT iran", "this alternative has no word that must be there"},
		{"@irna AND x", "unknown entity @irna, did you mean @iran?"},
		{"/a(b/", "regular expression: missing closing )"},
		{"/(?=x)/", "the dialect is RE2"},
		{"/x*/", "meets empty text"},
		{"/(a{1000}){1000}/", "regular expression"},
		{"title:(oman AND body:iran)", "body: stands inside title:"},
		{"source:(=x)", ""},
		{strings.Repeat("b", 70) + "*", "a prefix has at most 63 letters"},
		{"2 OF (a, a)", "2 of 1 different members can never hold"},
	} {
		_, errs, _ := Compile(Config{Topics: []Topic{{ID: "x", Match: src(c.rule)}}, Entities: sample})
		if c.want == "" != (errs == nil) || c.want != "" && !strings.Contains(Join(errs).Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.rule, errs, c.want)
		}
	}
}

func TestEntityMistakes(t *testing.T) {
	_, errs, _ := Compile(Config{Entities: []Entity{
		{ID: "a", Alias: list("@b")}, {ID: "b", Alias: list("x OR @c")}, {ID: "c", Alias: list("@a")},
		{ID: "d", Alias: list("one AND two")}, {ID: "e"}, {ID: "f", Alias: list("@nosuch")},
	}})
	all := fmt.Sprint(errs)
	for _, want := range []string{"entities in a circle: @a → @b → @c → @a", "an alias is a word, a phrase, an entity or an OR of them, not AND", "entity e has no alias", "unknown entity @nosuch"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
	if len(errs) != 4 {
		t.Errorf("%d mistakes, want 4: %s", len(errs), all)
	}
}

func TestLints(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"oman NEAR/200 iran", "wider than most items"},
		{"ir*", "a prefix has three letters or more"},
		{"us AND oman", "write case:US for the capitals, or U.S."},
		{"case:US AND oman", ""},
		{"/[a-z]+[0-9]/", "no text that every match must hold"},
		{"/(i?)oman/", "the flag that ignores case is (?i)"},
		{"said AND oman", "stands in about 40 % of news items"},
		{"oman AND iran", ""},
		{"北*", ""},
	} {
		_, errs, warnings := Compile(Config{Topics: []Topic{{ID: "x", Match: src(c.rule)}}})
		if errs != nil || c.want == "" != (len(warnings) == 0) || c.want != "" && !strings.Contains(warnings[0].Msg, c.want) {
			t.Errorf("%s: %v %v, want %q", c.rule, errs, warnings, c.want)
		}
	}
	_, _, warnings := Compile(Config{
		Topics:   []Topic{{ID: "x", Match: src("a1 AND b1")}, {ID: "y", Match: src("b1 AND a1")}},
		Entities: []Entity{{ID: "e", Alias: list("Tehran", "Tehran city", "negotiat*", "negotiators")}},
	})
	var all []string
	for _, w := range warnings {
		all = append(all, w.Msg)
	}
	if got := strings.Join(all, "; "); got != "this alias of @e adds nothing: Tehran meets it already; this alias of @e adds nothing: negotiat* meets it already; topic y has the same rule as topic x" {
		t.Error(got)
	}
}

// TestSpans: only what made the rule hold is shown.
func TestSpans(t *testing.T) {
	for _, c := range []struct{ rule, title, want string }{
		{"iran NEAR/2 oman", "Oman was said to be: Iran, and Oman. It is far away from Iran", "iran 21-25 word, oman 31-35 word"},
		{"(iran AND qatar) OR oman", "Iran Oman", "oman 5-9 word"},
		{"ATLEAST/2 iran OR oman", "Iran Oman", "oman 5-9 word"},
		{"title:(talk) AND @us", "U.S. talks: White House", "talk 5-10 plural, @us 0-4 alias, @us 12-23 alias"},
		{`"nuclear deal" AND negotiat* AND mediate~`, "nuclear deals, negotiators, mediation", `"nuclear deal" 0-13 phrase, negotiat* 15-26 prefix, mediate~ 28-37 stem`},
		{"case:US AND /de.l/ NOT oman", "US deal", "case 0-2 case, /de.l/ 3-7 regexp"},
		{"(@us AND iran) OR (@us AND oman)", "Washington, Iran and Oman", "@us 0-10 alias, iran 12-16 word, oman 21-25 word"},
		{"(@people AND @people) OR oman", "Araghchi", "@people 0-8 alias"},
		{"عراقچی", "سید عراقچي", "عراقچی 7-19 word"},
		{"oman AND iran AND (qatar OR oman)", "Iran, Oman", "oman 6-10 word, iran 0-4 word"}, // a clause that stands twice finds once
		{`/\?/`, "???", `/\?/ 0-3 regexp`}, // no word is near
		{`oman AND /\?/`, "Oman ??", `oman 0-4 word, /\?/ 5-7 regexp`},
	} {
		s := compileOne(t, Topic{ID: "x", Match: src(c.rule)})
		var got []string
		for _, h := range s.NewMatcher().Match(feeds.Item{Title: c.title}, time.Time{}) {
			for _, sp := range h.Hits {
				clause := sp.Clause
				if sp.Form == FormCase {
					clause = "case"
				}
				got = append(got, fmt.Sprintf("%s %d-%d %s", clause, sp.Start, sp.End, sp.Form))
			}
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s: %s, want %s", c.rule, g, c.want)
		}
	}
}

func TestBounds(t *testing.T) {
	s := compileOne(t, Topic{ID: "x", Match: src("last OR " + strings.Repeat("a", 64) + " OR /zz+top/")})
	m := s.NewMatcher()
	if hits := m.Match(feeds.Item{Title: strings.Repeat("a", 100000)}, time.Time{}); len(hits) != 1 || len(hits[0].Hits[0].Text) != 64 {
		t.Errorf("a long word: %+v", hits)
	}
	if hits := m.Match(feeds.Item{Title: strings.Repeat("x ", 70000) + "last"}, time.Time{}); len(hits) != 0 {
		t.Errorf("beyond the last place: %+v", hits)
	}
	x, _ := m.Explain("x", feeds.Item{Title: strings.Repeat("x ", 70000) + "zzztop"}, time.Time{})
	if !x.Truncated || !x.Cut || x.Match || len(x.Notes) != 2 {
		t.Errorf("explained as %+v", x.Hit)
	}
	for i := range 6 { // every item all new words: the cache stays bounded
		var b strings.Builder
		for k := range 65000 {
			fmt.Fprintf(&b, "%xq%dlonger ", k, i)
		}
		m.Match(feeds.Item{Title: b.String()}, time.Time{})
	}
	if n := len(m.cache.entries); n > 2*cacheMost {
		t.Errorf("%d words kept", n)
	}
}

func TestNoAllocations(t *testing.T) {
	s := compileOne(t, Topic{ID: "x", Match: src("@iran NEAR/5 @us AND (talks OR negotiat*)"), Ignore: list("Gulf of Oman"), Where: Where{Lang: []string{"en"}}})
	m := s.NewMatcher()
	for _, it := range []feeds.Item{
		{Title: "Iran and the weather", Summary: "Nothing of note in the Gulf of Oman", Lang: "en"},
		{Title: "Iran and the US hold talks", Summary: "In the Gulf of Oman", Lang: "en"},
	} {
		m.Match(it, time.Time{})
		if n := testing.AllocsPerRun(100, func() { m.Match(it, time.Time{}) }); n > 0 {
			t.Errorf("%s: %v allocations", it.Title, n)
		}
	}
}
