package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOncePartly: a round that could not keep what a feed brought, or whose
// message did not arrive, is done in part and says which part; the next one
// makes up for it.
func TestOncePartly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.publish("/one", "old", "Nothing of note", "An empty day.")
	file := d.config("@every 1s", "/one")
	if r := call(t, "", "once", "-c", file); r.code != exitOK {
		t.Fatalf("the first: %+v", r)
	}
	db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(file), "watcher.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(q string) {
		t.Helper()
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	round := func(code int, says string) {
		t.Helper()
		do(`UPDATE feeds SET next_poll = 1`)
		if r := call(t, "", "once", "-c", file); r.code != code || !strings.Contains(r.stderr, says) {
			t.Errorf("got %+v, want exit %d and %q", r, code, says)
		}
	}
	do(`CREATE TRIGGER shut BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'shut'); END`)
	d.publish("/one", "n1", "Oman mediates on a bad day", "Envoys sat in separate rooms on Friday.")
	round(exitPartly, "what 1 of 1 feeds brought could not be kept")
	do(`DROP TRIGGER shut`)
	d.set(func() { d.answer = 503 })
	round(exitPartly, "messages that did not arrive: 1")
	if n := len(d.accepted()); n != 0 {
		t.Fatalf("told %d", n)
	}
	d.set(func() { d.answer = 0 })
	do(`UPDATE deliveries SET next_at = 1, due_at = 1 WHERE state = 'pending'`)
	round(exitOK, "")
	if n := len(d.accepted()); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
}

// TestTimesForPeople are in the configured zone, with the offset; JSON is RFC
// 3339.
func TestTimesForPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.publish("/one", "old", "Nothing of note", "An empty day.")
	file := d.config("@every 1s", "/one")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = append(bytes.Replace(text, []byte("id: talks,"), []byte("id: talks, alert: {on: story},"), 1), "timezone: Asia/Kathmandu\n"...) // +05:45, as no machine of ours is
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d.publish("/one", "n1", "Oman mediates at noon", "Envoys sat in separate rooms on Friday.")
	if r := call(t, "", "once", "-c", file, "--notify-last", "2h"); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	zone, _ := time.LoadLocation("Asia/Kathmandu")
	day := time.Now().In(zone).Format("2006-01-02")
	id := strings.Fields(strings.Split(call(t, "", "stories", "list", "-c", file).stdout, "\n")[1])[0]
	for _, args := range [][]string{{"stories", "show", id}, {"search", "oman"}, {"deliveries", "list"}, {"backtest", "talks"}, {"db", "stats"}} {
		r := call(t, "", append(args, "-c", file)...)
		if r.code != exitOK || !strings.Contains(r.stdout, "+05:45") || !strings.Contains(r.stdout, day) {
			t.Errorf("%v: %+v, want %s … +05:45", args, r, day)
		}
		if r := call(t, "", append(args, "-c", file, "--json")...); strings.Contains(r.stdout, fmt.Sprintf("%s ", day)) {
			t.Errorf("%v --json: a time that is no RFC 3339: %s", args, r.stdout)
		}
	}
}
