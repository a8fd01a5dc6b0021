package query

import (
	"strings"
	"testing"
)

var good = []string{
	"oman", "oman AND mediat*", "oman NOT iran", "NOT NOT a AND b", `"nuclear deal" OR talks`, "@iran NEAR/30 @us AND (@talks OR FIRST/60(mediator~))",
	"title:(@talks)", "=talk", `="crude oil"`, "case:US", "2 OF (a, b AND c, (d OR e))", "ATLEAST/3 @iran", "a ONEAR/3 b NEAR/4 c", `/neg.*\/x/`,
	`source:"Example Sport" OR source:*.example.org`, "lang:fa AND عراقچی", "(a OR b) AND (c OR (d AND e))", "a AND (b AND c)", "title:case:US", "U.S. AND al-Busaidi",
	"12:30 AND 5", "“nuclear deal”", "NOT (a OR b) AND c", "a NEAR/5 (b OR \"c d\")", "FIRST/5 a", "a NEAR/2 b OR c NEAR/3 d",
}

func TestPrintParse(t *testing.T) {
	for _, text := range good {
		n, errs := Parse(&Source{Text: text})
		if errs != nil {
			t.Errorf("%s: %v", text, errs[0])
			continue
		}
		again(t, text, n)
	}
}

func again(t *testing.T, text string, n *Node) {
	t.Helper()
	m, errs := Parse(&Source{Text: n.String()})
	if errs != nil {
		t.Errorf("%q printed as %q: %v", text, n, errs[0])
	} else if !Equal(n, m) {
		t.Errorf("%q printed as %q is read back as %q", text, n, m)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "nothing stands here"},
		{"a AND b OR c", "write (a AND b) OR c, or a AND (b OR c)"},
		{"a OR b AND c OR d", "write a OR (b AND c) OR d, or (a OR b) AND (c OR d)"},
		{"nuclear deal", `write "nuclear deal" for the phrase, or nuclear AND deal`},
		{"iran near/5 oman", "operators are written in upper case: write iran NEAR/5 oman"},
		{"iran and oman", "operators are written in upper case: write iran AND oman"},
		{"@iran @us", "an operator is missing: write @iran AND @us, or @iran OR @us"},
		{"a NEAR b", "NEAR needs a number, such as NEAR/10"},
		{"a NEAR/5 (b AND c)", "NEAR takes words, phrases, entities or an OR of them, not AND"},
		{"a NEAR/5 NOT b", "NOT cannot stand inside NEAR"},
		{"titel:oman", `unknown field "titel", did you mean "title"?`},
		{"content:oman", `unknown field "content", did you mean "body"?`},
		{"(a OR b", "this bracket is not closed"},
		{"a OR b)", "this bracket closes nothing"},
		{`"a b`, "the quote is not closed"},
		{"/a b", "the regular expression is not closed"},
		{"neg*iate", "a star stands only at the end"},
		{"*iate", "a star stands only at the end"},
		{"-football AND a", "as in NOT football"},
		{"a AND", "the rule ends where a word is expected"},
		{"OR a", "a word is expected before OR"},
		{"a & b", "& is no operator here: write AND"},
		{"3 OF (a, b)", "3 of 2 members can never hold"},
		{"ATLEAST/2 (a AND b)", "ATLEAST counts words"},
		{"()", "nothing stands between the brackets"},
		{"/x/i", "flags stand inside, as in /(?i)"},
		{strings.Repeat("(", 500) + "a", "brackets within each other"},
		{strings.Repeat("NOT ", 500) + "a", "brackets within each other"},
		{strings.Repeat("title:", 500) + "a", "brackets within each other"},
	} {
		_, errs := Parse(&Source{Text: c.text})
		if len(errs) == 0 {
			t.Errorf("%s: no error, want %q", c.text, c.want)
			continue
		}
		all := ""
		for _, e := range errs {
			all += e.Error() + "\n"
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%s:\n%swant %q", c.text, all, c.want)
		}
	}
}

func TestList(t *testing.T) {
	for text, want := range map[string]string{
		"White House": `"White House"`, "case:White House": `case:"White House"`, "Washington, DC": `"Washington, DC"`, "negotiat*": "negotiat*",
		"case:US": "case:US", "a OR b c": `a OR "b c"`, "Trinidad and Tobago": `"Trinidad and Tobago"`, "@other": "@other", "2 OF (a, b)": "2 OF (a, b)",
	} {
		n, errs := ParseList(&Source{Text: text})
		if errs != nil {
			t.Errorf("%s: %v", text, errs[0])
		} else if n.String() != want {
			t.Errorf("%s: %s, want %s", text, n, want)
		}
	}
}

func TestPlace(t *testing.T) {
	s := &Source{Text: "@iran\nAND talsk talks\n", File: "rules.yaml", Name: "topics[0].match", Exact: true,
		Runs:  []Run{{0, 3, 7}, {6, 4, 7}},
		Lines: []string{"topics:", "- match: |", "      @iran", "      AND talsk talks"}}
	_, errs := Parse(s)
	if len(errs) != 1 {
		t.Fatal(errs)
	}
	want := `rules.yaml:4:11: topics[0].match: column 5: words side by side can be read in two ways: write "talsk talks" for the phrase, or talsk AND talks for all of them`
	if got := errs[0].Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	caret := "  4 |       AND talsk talks\n    |           ^~~~~~~~~~~"
	if got := errs[0].Caret(); got != caret {
		t.Errorf("got\n%s\nwant\n%s", got, caret)
	}
	s.Exact = false
	if got := errs[0].Error(); !strings.HasPrefix(got, "rules.yaml:3:7: topics[0].match: column 5: ") {
		t.Error(got)
	}
	if got := errs[0].Caret(); got != "  AND talsk talks\n      ^~~~~~~~~~~" {
		t.Error(got)
	}
}

func TestAllErrors(t *testing.T) {
	_, errs := Parse(&Source{Text: "(titel:a OR b c) AND x NEAR y AND neg*x"})
	if len(errs) != 4 {
		t.Errorf("%d errors, want 4: %v", len(errs), errs)
	}
}

func TestReuse(t *testing.T) {
	p := &Parser{Reuse: true}
	for range 3 {
		for _, text := range good {
			n, _ := p.Parse(&Source{Text: text})
			again(t, text, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, g := range good {
		f.Add(g)
	}
	f.Add(`a NEAR/5 (b AND`)
	f.Add(`“x” „y” " ( ) = : / * ~ @`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(*Source) (*Node, []*Error){Parse, ParseList} {
			s := &Source{Text: text, File: "f", Exact: true, Runs: []Run{{0, 1, 1}}, Lines: strings.Split(text, "\n")}
			n, errs := read(s)
			for _, e := range errs {
				_, _ = e.Error(), e.Caret()
			}
			if errs == nil {
				again(t, text, n)
			}
		}
	})
}
