package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInputNamedOnce: what cannot be read is named once with the reason, by
// every verb that takes files, and standard input cannot be read twice.
func TestInputNamedOnce(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte("topics:\n  - {id: talks, match: oman}\nreceivers:\n  - {id: terminal, type: log}\nfeeds: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone")
	for _, verb := range []string{"parse", "parse --items", "discover", "match", "group", "group --pairs", "names --pairs", "import opml", "backtest talks --items"} {
		args := append(strings.Fields(verb), gone, "-c", config)
		r := call(t, "", args...)
		if r.code != exitFailed || r.stderr != "watcher: "+gone+": no such file or directory\n" {
			t.Errorf("%s: exit %d, %q", verb, r.code, r.stderr)
		}
	}
	for _, verb := range []string{"match", "group", "import opml", "parse --items", "parse"} {
		in := `{"title":"Oman"}`
		switch verb {
		case "import opml":
			in = `<opml version="2.0"><body><outline xmlUrl="https://a.example/rss"/></body></opml>`
		case "parse", "parse --items":
			in = gazette
		}
		r := call(t, in, append(strings.Fields(verb), "-", "-", "-c", config)...)
		if r.code == exitOK || !strings.Contains(r.stderr, "watcher: standard input: it can be read once only\n") {
			t.Errorf("%s - -: exit %d, %q", verb, r.code, r.stderr)
		}
	}
}
