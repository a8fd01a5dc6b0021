package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watcher/match"
)

const ruleConfig = `version: 1
entities:
  iran: [Iran, Tehran]
  oman: {alias: [Oman, Muscat]}
feeds:
  - {id: gulf, url: "https://example.org/feed", tags: [gulf]}
  - {id: sport, url: "https://example.org/sport"}
topics:
  - id: talks
    feeds: {tags: [gulf]}
    match: |
      @iran AND @oman
      AND (talks OR mediat*)
    unless: football
    ignore: ["Gulf of Oman"]
    score: [{add: 2, q: "title:talks"}]
    threshold: 2
    where: {max_age: 48h}
`

const ruleItems = `{"id":"1","title":"Iran and Oman open talks","published":"2026-01-02 03:04:05"}
{"id":"2","title":"Tehran ship in Gulf of Oman before talks"}
{"id":"3","title":"Muscat hosts","summary":"<p>Iran</p><p>mediators &amp; talks</p>"}
{"id":"4","title":"Iran football talks with Oman"}
{"id":"5","title":"Iran and Oman open talks","feed":"sport"}
{"id":"6","title":"Iran and Oman open talks","feed":"elsewhere"}
`

func ruleFiles(t *testing.T) (config, items string) {
	t.Helper()
	dir := t.TempDir()
	config, items = filepath.Join(dir, "config.yaml"), filepath.Join(dir, "items.jsonl")
	if err := os.WriteFile(config, []byte(ruleConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(items, []byte(ruleItems), 0o600); err != nil {
		t.Fatal(err)
	}
	return config, items
}

func hitLines(t *testing.T, text string) (out []match.Hit) {
	t.Helper()
	for line := range strings.Lines(text) {
		var h match.Hit
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, h)
	}
	return out
}

func TestMatchVerb(t *testing.T) {
	config, items := ruleFiles(t)
	r := call(t, "", "match", "-c", config, "--json", items)
	hits := hitLines(t, r.stdout)
	if r.code != exitOK || len(hits) != 2 || hits[0].ID != "1" || hits[1].ID != "6" {
		t.Fatalf("got %+v", r)
	}
	want := `{"id":"1","topic":"talks","match":true,"score":2,"threshold":2,"hits":[` +
		`{"clause":"@iran","field":"title","start":0,"end":4,"text":"Iran","via":"@iran","form":"alias"},` +
		`{"clause":"@oman","field":"title","start":9,"end":13,"text":"Oman","via":"@oman","form":"alias"},` +
		`{"clause":"talks","field":"title","start":19,"end":24,"text":"talks","via":"","form":"word"}],"missing":[]}` + "\n"
	if got, _, _ := strings.Cut(r.stdout, "\n"); got+"\n" != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r = call(t, ruleItems, "match", "-c", config, "--json", "--misses", "--topic", "talks")
	missing := map[string]string{}
	for _, h := range hitLines(t, r.stdout) {
		missing[h.ID] = strings.Join(h.Missing, "; ")
	}
	for id, want := range map[string]string{"1": "", "2": "@oman (only in what is ignored)", "3": "score 0 of 2", "4": "unless football", "5": "feeds", "6": ""} {
		if missing[id] != want {
			t.Errorf("item %s lacks %q, want %q", id, missing[id], want)
		}
	}
	if r := call(t, `{"title":"weather"}`, "match", "-c", config); r.code != exitNothing || r.stdout != "" {
		t.Errorf("nothing: %+v", r)
	}
	if r := call(t, "", "match", "-c", config, "--topic", "talk", items); r.code != exitUsage || !strings.Contains(r.stderr, `did you mean "talks"?`) {
		t.Errorf("unknown topic: %+v", r)
	}
	for _, args := range [][]string{{"match", "--topic", "zzzzzz", items}, {"backtest", "zzzzzz"}, {"explain", "zzzzzz", items}} {
		if r := call(t, "", append(args, "-c", config)...); r.code != exitUsage || !strings.Contains(r.stderr, "; `watcher topics` lists what there is") {
			t.Errorf("%s of a topic like none: %+v", args[0], r)
		}
	}
}

func TestMatchConfigErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	os.WriteFile(file, []byte("topics:\n  - id: x\n    match: |\n      iran AND oman OR qatar\n      NEAR/3 (a AND b)\n  - {id: y, match: nuclear deal}\n"), 0o600)
	r := call(t, "{}", "match", "-c", file)
	if r.code != exitUsage || !strings.Contains(r.stderr, file+":4:7: ") || !strings.Contains(r.stderr, file+":5:14: ") ||
		!strings.Contains(r.stderr, file+":6:20: ") || !strings.Contains(r.stderr, "^~~~") {
		t.Errorf("got %+v", r)
	}
}

func TestExplainVerb(t *testing.T) {
	config, items := ruleFiles(t)
	r := call(t, "", "explain", "-c", config, "talks", items)
	for _, want := range []string{"talks: hit, score 2 of 2", "[Iran] and [Oman] open [talks]", "missing: unless football",
		`masked Gulf of Oman: "Gulf of Oman" in the title counts for nothing`, "(masked by ignore)", "missing: score 0 of 2\n  nearest: score[0] lacks "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in\n%s", want, r.stdout)
		}
	}
	r = call(t, ruleItems, "explain", "-c", config, "talks", "--json")
	var x match.Explanation
	first, _, _ := strings.Cut(r.stdout, "\n")
	if err := json.Unmarshal([]byte(first), &x); err != nil || !x.Match || len(x.Hits) != 3 || len(x.Nodes) == 0 || x.Nodes[0].Query != [3]int{12, 7, 38} || len(x.Scores) != 1 {
		t.Errorf("%v: %s", err, first)
	}
	if r := call(t, "", "explain", "-c", config, "talks", "https://example.org/none"); r.code != exitNothing {
		t.Errorf("no such item: %+v", r)
	}
}

// TestBacktestUndated: items without a time have no day and no window.
func TestBacktestUndated(t *testing.T) {
	config, _ := ruleFiles(t)
	undated := `{"id":"1","title":"Oman mediates in Iran-US talks"}`
	r := call(t, undated, "backtest", "-c", config, "talks", "--items", "--json")
	if r.code != exitOK || !strings.Contains(r.stdout, `"hits":1`) || !strings.Contains(r.stdout, `"per_day":[]`) || strings.Contains(r.stdout, `"from"`) {
		t.Errorf("got %+v", r)
	}
	if r := call(t, undated, "backtest", "-c", config, "talks", "--items"); r.code != exitOK || !strings.Contains(r.stdout, "talks, undated: 1 items, 1 hits") || strings.Contains(r.stdout, "0001") {
		t.Errorf("got %+v", r)
	}
}

func TestSuggestVerb(t *testing.T) {
	config, _ := ruleFiles(t)
	r := call(t, `{"id":"1","title":"Tehren and Teheran hold talks"}`, "suggest", "-c", config, "@iran", "--items", "--json")
	if r.code != exitOK || !strings.Contains(r.stdout, `{"word":"Teheran","near":"Tehran","how":"spelling"`) {
		t.Errorf("got %+v", r)
	}
	if all := call(t, `{"id":"1","title":"Tehren and Teheran hold talks"}`, "suggest", "-c", config, "@iran", "--items", "--json", "--limit", "0"); all.stdout != r.stdout {
		t.Errorf("no limit: %+v", all)
	}
	if r := call(t, `{"id":"1","title":"weather"}`, "suggest", "-c", config, "@iran", "--items"); r.code != exitNothing || !strings.Contains(r.stderr, "missed by it") {
		t.Errorf("nothing: %+v", r)
	}
	if r := call(t, "", "suggest", "-c", config, "@irna", "--items"); r.code != exitUsage || !strings.Contains(r.stderr, `did you mean "iran"?`) {
		t.Errorf("unknown entity: %+v", r)
	}
}
