package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/names"
)

func runNames(t *testing.T, in string, args ...string) (string, int) {
	t.Helper()
	var out, talk strings.Builder
	e := &env{stdin: strings.NewReader(in), stdout: &out, stderr: &talk, getenv: func(string) string { return "" }}
	code := run(context.Background(), e, append([]string{"names"}, args...))
	return out.String() + talk.String(), code
}

func TestNamePairs(t *testing.T) {
	in := `{"id":"a","a":"Araghchi","b":"عراقچی","part":"family"}
{"id":2,"a":"Abbas Araghchi","b":"Araqchi","part":"token"}

{"id":"c","a":"Abbas Araghchi","b":"Aragon","part":"token"}
{"id":"d","a":"Abbas Araghchi","b":"Abbas Araqchi","part":"full"}
{"id":"e","a":"阿","b":"Araqchi","part":"token"}
`
	out, code := runNames(t, in, "--pairs")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, out)
	}
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var got struct {
			ID   any
			Same bool
			Cost float64
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if want := []bool{true, true, false, true, false}[i]; got.Same != want || got.Cost < 0 || got.Cost > 1 {
			t.Errorf("%s, want %v", line, want)
		}
	}
	for _, bad := range []string{`{"id":"a","part":"nose"}`, `{`} {
		if out, code := runNames(t, bad, "--pairs"); code != exitFailed || !strings.Contains(out, "standard input: line 1") {
			t.Errorf("%s: exit %d, %s", bad, code, out)
		}
	}
}

func TestNamesPage(t *testing.T) {
	out, code := runNames(t, "", "Abbas Araghchi")
	if code != exitOK || !strings.Contains(out, "Araqchi") || !strings.Contains(out, "Арагчи") || !strings.Contains(out, "cost up to") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	out, code = runNames(t, "", "--json", "Abbas Araghchi", "--spelling", "strict")
	var page namePage
	if err := json.Unmarshal([]byte(out), &page); err != nil || code != exitOK || page.Family != "Araghchi" || page.Spelling != "strict" || len(page.Spellings) == 0 {
		t.Errorf("exit %d, %v:\n%s", code, err, out)
	}
	for _, args := range [][]string{{}, {""}, {"a", "b"}, {"Araghchi", "--spelling", "wild"}, {"阿拉格齐"}} {
		if out, code := runNames(t, "", args...); code != exitUsage {
			t.Errorf("%q: exit %d, %s", args, code, out)
		}
	}
	if out, _ := runNames(t, "", "John Smith"); !strings.Contains(out, "warning: ") {
		t.Errorf("no warning of a common name:\n%s", out)
	}
}

func TestNamesHistory(t *testing.T) {
	n, err := names.Compile("Abbas Araghchi", names.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := newNameReader(n)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
	for i, title := range []string{"Araqchi lands in Muscat", "Minister Araqchi leaves", "عراقچی برگشت", "Painter Mehdi Araqchi shows in Lyon", "Araghi of Aragon"} {
		r.read(feeds.Item{Title: title}, day.AddDate(0, 0, i))
	}
	var h nameHistory
	r.fill(&h)
	if h.Items != 5 || len(h.Hits) != 2 || h.Hits[0].Text != "Araqchi" || h.Hits[0].Count != 3 || !h.Hits[0].First.Equal(day) || !h.Hits[0].Last.Equal(day.AddDate(0, 0, 3)) {
		t.Errorf("hits %+v", h.Hits)
	}
	if len(h.Others) != 1 || h.Others[0].Text != "Mehdi Araqchi" {
		t.Errorf("others %+v", h.Others)
	}
	if len(h.Refused) == 0 || h.Refused[0].Text != "Araghi" || h.Refused[0].Why != "too far" {
		t.Errorf("refused %+v", h.Refused)
	}
	page := newNamePage(n)
	page.nameHistory = &h
	var b strings.Builder
	page.print(&b)
	for _, want := range []string{"would hit", "Mehdi Araqchi", "nearest refused", "too far"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, b.String())
		}
	}
}
