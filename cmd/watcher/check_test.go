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
