package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var updateCheck = flag.Bool("update-check", false, "write testdata/check/*.want")

// TestCheckSays: for configurations broken in every way that people manage,
// what check prints, whole, and its exit code.
func TestCheckSays(t *testing.T) {
	files, _ := filepath.Glob("testdata/check/*.yaml")
	if len(files) < 10 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		r := call(t, "", "check", "-c", file)
		got := []byte(strings.ReplaceAll(r.stdout, filepath.ToSlash(filepath.Dir(file))+"/", ""))
		wantFile := strings.TrimSuffix(file, ".yaml") + ".want"
		if *updateCheck {
			if err := os.WriteFile(wantFile, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(wantFile)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\n%s\nwant:\n%s", file, err, got, want)
		}
		code := exitUsage
		if filepath.Base(file) == "warnings.yaml" {
			code = exitOK
			if r := call(t, "", "check", "-c", file, "--strict"); r.code != exitPartly {
				t.Errorf("%s --strict: exit %d", file, r.code)
			}
		}
		if r.code != code || r.stderr != "" {
			t.Errorf("%s: exit %d, want %d; stderr %q", file, r.code, code, r.stderr)
		}
		// A daemon refuses the same files, by the same words.
		if code == exitUsage {
			if r := call(t, "", "run", "-c", file); r.code != exitUsage || !strings.Contains(r.stderr, file) {
				t.Errorf("%s: run: %+v", file, r)
			}
		}
	}
}

// A schedule finer than adaptive.min is no mistake, but it has no effect: a note
// says so, once for each place, and changes neither stdout nor the exit code.
func TestCheckNotesFinerSchedules(t *testing.T) {
	dir := t.TempDir()
	check := func(polling, feed string) result {
		t.Helper()
		file := filepath.Join(dir, "config.yaml")
		text := "version: 1\npolling: {" + polling + "}\nfeeds:\n  - {url: \"http://a.example/feed\"" + feed + "}\n  - {url: \"http://b.example/feed\"}\n" +
			"topics: [{id: t, match: ferry}]\nreceivers: [{id: terminal, type: log}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := call(t, "", "check", "--strict", "-c", file)
		if r.code != exitOK || r.stdout != "" {
			t.Errorf("%s %s: %+v", polling, feed, r)
		}
		return r
	}
	for _, c := range []struct{ polling, feed, want string }{
		{`schedule: "*/2 * * * *"`, "", "config.yaml:2:21: polling.schedule: slots 2m apart are finer than adaptive.min, which is 5m"},
		{`schedule: "* 8-18 * * *", adaptive: {min: 1h, max: 2h}`, "", "slots 1m apart are finer than adaptive.min, which is 1h"},
		{`schedule: "*/10 * * * *"`, `, schedule: "@every 90s"`, "config.yaml:4:46: feeds[0].schedule: slots 1m30s apart"},
		{`schedule: "*/2 * * * *", adaptive: off`, "", ""},
		{`schedule: "*/2 * * * *", adaptive: {min: 2m, max: 1h}`, "", ""},
		{`schedule: "*/5 * * * *"`, "", ""},
		{`schedule: "*/5 * * * *"`, `, schedule: "@every 90s", adaptive: off`, ""},
	} {
		r := check(c.polling, c.feed)
		if n := strings.Count(r.stderr, "note: "); n != min(len(c.want), 1) || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s %s: %q, want one note with %q", c.polling, c.feed, r.stderr, c.want)
		}
	}
}
