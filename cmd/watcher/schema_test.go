package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v4"
)

// resolved is `schema config` as a validator.
func resolved(t *testing.T) (*jsonschema.Resolved, map[string]any, string) {
	t.Helper()
	r := call(t, "", "schema", "config")
	if r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	var s jsonschema.Schema
	var raw map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(r.stdout), &raw); err != nil {
		t.Fatal(err)
	}
	out, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return out, raw, r.stdout
}

// TestSchemaFile: the file at the root, which editors read, is what the
// program says.
func TestSchemaFile(t *testing.T) {
	_, _, text := resolved(t)
	file := filepath.Join("..", "..", "config.schema.json")
	if *updateDocs {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != text {
		t.Errorf("config.schema.json is out of date (%v): go run ./cmd/watcher schema config > config.schema.json", err)
	}
}

func yamlValue(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	data, err := json.Marshal(v) // as a validator of JSON sees it
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSchemaTakesExamples: what the loader takes in our own files, so does the
// schema.
func TestSchemaTakesExamples(t *testing.T) {
	v, _, _ := resolved(t)
	example, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"config.example.yaml": string(example)}
	for i, block := range fenced(t, "receivers.md", "yaml") {
		texts[fmt.Sprintf("receivers.md block %d", i+1)] = "receivers:\n  " + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n  ")
	}
	for name, text := range texts {
		if err := v.Validate(yamlValue(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// node is one place of a configuration: how to write a mapping there.
type node struct {
	path string
	open string // YAML up to the mapping, with %s for its body
	at   map[string]any
}

// mappings walks the schema's objects. A place is written in flow style, with
// the keys that are needed beside it.
func mappings(s map[string]any, path, open string, out *[]node) {
	for _, alt := range []string{"anyOf", "oneOf"} { // oneOf: kinds of receiver
		list, _ := s[alt].([]any)
		for _, a := range list {
			mappings(a.(map[string]any), path, open, out)
		}
	}
	if items, ok := s["items"].(map[string]any); ok {
		mappings(items, path+"[]", fmt.Sprintf(open, "[%s]"), out)
	}
	if more, ok := s["additionalProperties"].(map[string]any); ok {
		mappings(more, path+".x", fmt.Sprintf(open, "{x: %s}"), out)
	}
	props, ok := s["properties"].(map[string]any)
	if !ok {
		return
	}
	*out = append(*out, node{path, open, s})
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		inner := "{" + k + ": %s" + needed(s, k) + "}"
		mappings(props[k].(map[string]any), path+"."+k, fmt.Sprintf(open, inner), out)
	}
}

// needed writes the keys that must stand beside key.
func needed(s map[string]any, key string) string {
	props := s["properties"].(map[string]any)
	text := ""
	if kind, ok := props["type"].(map[string]any); ok && key != "type" {
		if c, ok := kind["const"].(string); ok {
			text += ", type: " + c
		}
	}
	list, _ := s["required"].([]any)
	for _, k := range list {
		if k == key || k == "type" {
			continue
		}
		text += fmt.Sprintf(", %s: %s", k, sample(props[k.(string)].(map[string]any)))
	}
	return text
}

// sample is a value that a schema takes.
func sample(s map[string]any) string {
	if c, ok := s["const"].(string); ok {
		return c
	}
	if e, ok := s["enum"].([]any); ok {
		return fmt.Sprint(e[0])
	}
	for _, alt := range []string{"anyOf", "oneOf"} {
		if list, ok := s[alt].([]any); ok {
			return sample(list[0].(map[string]any))
		}
	}
	if s["items"] != nil {
		return "[]"
	}
	if s["properties"] != nil {
		return "{" + strings.TrimPrefix(needed(s, ""), ", ") + "}"
	}
	if s["additionalProperties"] != nil {
		return "{}"
	}
	switch p, _ := s["pattern"].(string); {
	case strings.Contains(p, "mhd"):
		return "1/d"
	case p != "":
		return "5m"
	}
	if list, _ := s["type"].([]any); len(list) == 2 && list[0] == "boolean" {
		return "true"
	}
	switch s["type"] {
	case "integer", "number":
		return "1"
	case "boolean":
		return "true"
	}
	return "abc"
}

// TestSchemaAndLoader: at every place of a configuration both know the same
// keys: each that the schema names the loader takes, and one that neither
// names both refuse. What the loader knows and the schema does not would be
// refused by the schema in TestSchemaTakesExamples and TestConfigDoc.
func TestSchemaAndLoader(t *testing.T) {
	v, raw, _ := resolved(t)
	var places []node
	mappings(raw, "", "%s", &places)
	if len(places) < 40 {
		t.Fatalf("only %d places were found", len(places))
	}
	dir := t.TempDir()
	problems := func(text string) string {
		file := filepath.Join(dir, "config.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return call(t, "", "check", "-c", file).stdout
	}
	keys := 0
	for _, p := range places {
		props := p.at["properties"].(map[string]any)
		for k, s := range props {
			keys++
			body := "{" + k + ": " + sample(s.(map[string]any)) + needed(p.at, k) + "}"
			text := fmt.Sprintf(p.open, body)
			if err := v.Validate(yamlValue(t, text)); err != nil {
				t.Errorf("%s.%s: the schema refuses %s: %v", p.path, k, text, err)
			}
			for line := range strings.Lines(problems(text)) {
				if strings.Contains(line, "unknown key") || strings.Contains(line, "unknown field") || strings.Contains(line, "cannot read a") {
					t.Errorf("%s.%s: the loader says of %s: %s", p.path, k, text, line)
				}
			}
		}
		text := fmt.Sprintf(p.open, "{nosuchkey: abc"+needed(p.at, "")+"}")
		if v.Validate(yamlValue(t, text)) == nil {
			t.Errorf("%s: the schema takes %s", p.path, text)
		}
		if got := problems(text); !strings.Contains(got, `"nosuchkey"`) {
			t.Errorf("%s: the loader takes %s: %s", p.path, text, got)
		}
	}
	t.Logf("%d keys at %d places", keys, len(places))
}
