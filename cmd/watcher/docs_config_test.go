package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// keyTables writes every key of the schema, a table a block, for docs/config.md.
func keyTables(root map[string]any) string {
	var places []node
	mappings(root, "", "%s", &places)
	sort.SliceStable(places, func(i, j int) bool { return places[i].path < places[j].path })
	var shared map[string]any // of receivers: in the table of type log alone
	var b strings.Builder
	seen := map[string]bool{}
	for _, p := range places {
		props := p.at["properties"].(map[string]any)
		name := strings.TrimPrefix(p.path, ".")
		if name == "receivers[]" {
			kind := props["type"].(map[string]any)["const"].(string)
			name = "receivers[], type: " + kind
			if kind == "log" {
				name, shared = "receivers[]", props
			}
		}
		if name == "" {
			name = "the file"
		}
		var rows []string
		for key, v := range props {
			if shared != nil && name != "receivers[]" && strings.HasPrefix(p.path, ".receivers[]") && p.path == ".receivers[]" && shared[key] != nil {
				continue
			}
			rows = append(rows, row(key, v.(map[string]any), p.at["required"]))
		}
		if len(rows) == 0 || seen[name] || strings.HasPrefix(name, "routes[].update_when[]") {
			continue
		}
		seen[name] = true
		sort.Strings(rows)
		fmt.Fprintf(&b, "\n### %s\n\n| key | default | |\n|---|---|---|\n%s\n", name, strings.Join(rows, "\n"))
	}
	return b.String()
}

func row(key string, s map[string]any, required any) string {
	def := ""
	for _, x := range append([]any{s}, alternatives(s)...) {
		if v, ok := x.(map[string]any)["default"]; ok && def == "" {
			data, _ := json.Marshal(v)
			def = "`" + strings.Trim(string(data), `"`) + "`"
		}
	}
	if list, _ := required.([]any); list != nil {
		for _, k := range list {
			if k == key {
				def = "needed"
			}
		}
	}
	text, _ := s["description"].(string)
	if s["const"] != nil {
		text = "the kind; its own keys are below (receivers.md)"
	}
	if list, ok := s["enum"].([]any); ok {
		var words []string
		for _, w := range list {
			words = append(words, fmt.Sprint(w))
		}
		text = strings.TrimPrefix(text+": "+strings.Join(words, ", "), ": ")
	}
	return fmt.Sprintf("| %s | %s | %s |", key, def, strings.ReplaceAll(text, "|", `\|`))
}

func alternatives(s map[string]any) []any {
	list, _ := s["anyOf"].([]any)
	return list
}

const keysFollow = "<!-- every key, written by: go test ./cmd/watcher -run TestConfigDoc -update-docs -->\n"

// TestConfigDoc: docs/config.md names every key with its default and what it
// says, as the schema does; its blocks load, and the schema takes them.
func TestConfigDoc(t *testing.T) {
	v, raw, _ := resolved(t)
	file := filepath.Join("..", "..", "docs", "config.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, tables, ok := strings.Cut(string(page), keysFollow)
	if !ok {
		t.Fatal("docs/config.md has lost its mark")
	}
	want := keyTables(raw)
	if *updateDocs {
		if err := os.WriteFile(file, []byte(head+keysFollow+want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if tables != want {
		t.Error("docs/config.md is out of date: go test ./cmd/watcher -run TestConfigDoc -update-docs")
	}
	for line := range strings.Lines(want) {
		if strings.HasSuffix(line, "|  |\n") {
			t.Errorf("a key without a word of what it says: %s", line)
		}
	}
	for i, block := range fenced(t, "config.md", "yaml") {
		name := fmt.Sprintf("config.md block %d", i+1)
		if err := v.Validate(yamlValue(t, block)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkText(t, name, block)
	}
}

// TestOperationsDocs: the configuration blocks of these pages load.
func TestOperationsDocs(t *testing.T) {
	v, _, _ := resolved(t)
	t.Setenv("PROXY_SECRET", "as-long-as-it-must-be")
	base := "feeds: [{url: \"https://example.org/feed\"}]\ntopics: [{id: a, match: b}]\nreceivers: [{id: terminal, type: log}]\n"
	for _, page := range []string{"operations.md", "security.md", "digest.md"} {
		for i, block := range fenced(t, page, "yaml") {
			if err := v.Validate(yamlValue(t, block)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
			checkText(t, fmt.Sprintf("%s block %d", page, i+1), base+block)
		}
	}
}

// words splits a command line as a shell does, quotes and all.
func words(s string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(s, -1) {
		out = append(out, strings.Trim(m, "'"))
	}
	return out
}
