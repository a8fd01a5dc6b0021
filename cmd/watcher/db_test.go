package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watcher/internal/app"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

// storeFile makes a configuration whose store holds a row of everything.
func storeFile(t *testing.T) (config, path string) {
	t.Helper()
	dir := t.TempDir()
	config, path = filepath.Join(dir, "config.yaml"), filepath.Join(dir, "data", "watcher.db")
	text := "store: sqlite:./data/watcher.db\nfeeds:\n  - {url: \"https://a.example/rss\"}\ntopics:\n  - {id: oman, match: oman}\nreceivers:\n  - {id: terminal, type: log}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config, path
}

func populate(t *testing.T, path string) {
	t.Helper()
	s, err := app.OpenAddress(t.Context(), "sqlite:"+path, app.Write)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Populate(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// want runs a verb and looks at its exit code and what it says on either stream.
func want(t *testing.T, code int, words []string, args ...string) string {
	t.Helper()
	r := call(t, "", args...)
	if r.code != code {
		t.Errorf("%v: exit %d, want %d\n%s%s", args, r.code, code, r.stdout, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stdout+r.stderr, w) {
			t.Errorf("%v does not say %q:\n%s%s", args, w, r.stdout, r.stderr)
		}
	}
	return r.stdout
}

func TestStoreVerbs(t *testing.T) {
	file, path := storeFile(t)
	dir := filepath.Dir(path)
	c := func(args ...string) []string { return append(args, "-c", file) }
	want(t, exitNothing, []string{"no database yet"}, c("db", "stats")...)
	want(t, exitNothing, []string{"there is no store at", "`watcher run` makes it"}, c("db", "prune")...)
	if _, err := os.Stat(dir); err == nil {
		t.Error("a verb that reads made the store's folder")
	}
	populate(t, path)

	want(t, exitOK, []string{", schema ", "TABLE", "items", "120"}, c("db", "stats")...)
	var st statsForm
	if err := json.Unmarshal([]byte(want(t, exitOK, nil, c("db", "stats", "--json")...)), &st); err != nil || st.Rows["items"] != 120 || st.Kind != "sqlite" || st.Bytes == 0 {
		t.Errorf("stats %+v, %v", st, err)
	}
	want(t, exitOK, []string{"ok"}, c("db", "check")...)

	backup := strings.TrimSpace(want(t, exitOK, nil, c("backup")...))
	if filepath.Dir(backup) != filepath.Join(dir, "backups") {
		t.Errorf("backup in %s", backup)
	}
	want(t, exitOK, []string{"ok: every page was read", "120"}, "restore", "--check", backup)
	named := filepath.Join(dir, "named.db")
	want(t, exitOK, []string{named}, c("backup", named)...)
	want(t, exitFailed, []string{"there already"}, c("backup", named)...)

	text, err := os.ReadFile(named)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken.db")
	os.WriteFile(broken, text[:len(text)/2], 0o600)
	want(t, exitFailed, []string{"damaged"}, "restore", "--check", broken)
	want(t, exitFailed, []string{"damaged"}, c("restore", broken)...)
	want(t, exitFailed, []string{"file does not exist"}, "restore", "--check", filepath.Join(dir, "none.db"))

	want(t, exitOK, []string{"rows removed"}, c("db", "prune")...)
	if err := json.Unmarshal([]byte(want(t, exitOK, nil, c("db", "stats", "--json")...)), &st); err != nil {
		t.Error(err)
	}
	want(t, exitOK, []string{"what was there before is " + path + ".before-"}, c("restore", backup)...)
	if err := json.Unmarshal([]byte(want(t, exitOK, nil, c("db", "stats", "--json")...)), &st); err != nil || st.Rows["items"] != 120 {
		t.Errorf("restored: %+v, %v", st.Rows, err)
	}

	held, err := app.OpenAddress(t.Context(), "sqlite:"+path, app.Own)
	if err != nil {
		t.Fatal(err)
	}
	want(t, exitFailed, []string{"in use", "process"}, c("restore", backup)...)
	want(t, exitOK, nil, c("backup", filepath.Join(dir, "beside.db"))...) // beside the daemon
	held.Close()

	moved := filepath.Join(dir, "moved.db")
	want(t, exitOK, []string{"120 of them items"}, c("db", "copy", "sqlite:"+moved)...)
	want(t, exitFailed, []string{"name an empty database"}, c("db", "copy", "sqlite:"+moved)...)
	want(t, exitUsage, []string{"stats, check, prune, copy"}, "db")
}

func TestStoreVerbsOnPostgreSQL(t *testing.T) {
	url := pgtest.URL(t)
	file, path := storeFile(t)
	populate(t, path)
	want(t, exitOK, []string{"120 of them items"}, "db", "copy", url, "-c", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(file, []byte(strings.Replace(string(text), "sqlite:./data/watcher.db", "\""+url+"\"", 1)), 0o600)
	want(t, exitOK, []string{"postgres", "120"}, "db", "stats", "-c", file)
	want(t, exitOK, []string{"ok"}, "db", "check", "-c", file)
	backup := strings.TrimSpace(want(t, exitOK, nil, "backup", "-c", file))
	want(t, exitOK, []string{"120"}, "restore", "--check", backup)
	want(t, exitFailed, []string{"db copy"}, "restore", backup, "-c", file)
	want(t, exitOK, []string{"rows removed"}, "db", "prune", "-c", file)
}
