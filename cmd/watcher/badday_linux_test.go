package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"watcher/internal/web/api"
)

// badDay is one thing that goes wrong under a running daemon.
type badDay struct {
	name string
	// breaks does it; it may wait for what a person would see.
	breaks func(t *testing.T, b *bad)
	// sees must stand in the log while it is broken.
	sees string
	// mends puts it right.
	mends func(t *testing.T, b *bad)
}

// bad is a newsroom with a daemon in trouble.
type bad struct {
	*desk
	*process
	file string
	text []byte // of the configuration as it was
}

func (b *bad) write(text []byte) {
	if err := os.WriteFile(b.file, text, 0o600); err != nil {
		b.desk.t.Fatal(err)
	}
}

func (b *bad) status() (s api.Status) {
	r := call(b.desk.t, "", "status", "-c", b.file, "--json")
	_ = json.Unmarshal([]byte(r.stdout), &s) // empty while it does not answer
	return s
}

func (b *bad) limit(t *testing.T, bytes uint64) {
	l := unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(b.cmd.Process.Pid, unix.RLIMIT_FSIZE, &l, nil); err != nil {
		t.Skip("no limit on file sizes here: ", err)
	}
}

func (b *bad) restart() {
	b.process.kill()
	b.process = start(b.desk.t, "run", "-c", b.file)
}

var badDays = []badDay{
	{"disk full", func(t *testing.T, b *bad) { b.limit(t, 4096) }, "the disk is full", func(t *testing.T, b *bad) { b.limit(t, unix.RLIM_INFINITY) }},
	{"disk full and killed", func(t *testing.T, b *bad) { b.limit(t, 4096) }, "the disk is full", func(_ *testing.T, b *bad) { b.restart() }},
	{"every receiver down", func(_ *testing.T, b *bad) { b.set(func() { b.answer = 503 }) }, "", func(_ *testing.T, b *bad) { b.set(func() { b.answer = 0 }) }},
	{"every receiver down and killed", func(_ *testing.T, b *bad) { b.set(func() { b.answer = 503 }) }, "", func(_ *testing.T, b *bad) { b.set(func() { b.answer = 0 }); b.restart() }},
	{"killed", func(_ *testing.T, b *bad) { b.process.kill() }, "", func(_ *testing.T, b *bad) { b.process = start(b.desk.t, "run", "-c", b.file) }},
	{"configuration deleted", func(t *testing.T, b *bad) {
		if err := os.Remove(b.file); err != nil {
			t.Fatal(err)
		}
	}, "configuration refused, the running one stays in force", func(_ *testing.T, b *bad) { b.write(b.text) }},
	{"configuration broken", func(t *testing.T, b *bad) {
		b.write(bytes.Replace(b.text, []byte("match:"), []byte("mach:"), 1))
		if r := call(t, "", "check", "-c", b.file); r.code != exitUsage || !strings.Contains(r.stdout, `did you mean \"match\"?`) && !strings.Contains(r.stdout, `did you mean "match"?`) {
			t.Errorf("check: %+v", r)
		}
	}, "configuration refused, the running one stays in force", func(_ *testing.T, b *bad) { b.write(b.text) }},
}

// TestBadDays: on each the daemon says what is wrong, and when it is over what
// was published meanwhile has been told, once.
func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, day := range badDays {
		t.Run(day.name, func(t *testing.T) {
			d := newDesk(t)
			d.publish("/one", "old", "Nothing of note", "An empty day.")
			file := d.config("@every 1s", "/one")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			b := &bad{desk: d, process: start(t, "run", "-c", file), file: file, text: text}
			wait(t, "the first poll", waitLong, func() bool { return d.pollsOf("/one") >= 2 })
			first := b.process

			day.breaks(t, b)
			d.publish("/one", "n1", "Oman mediates while the day is bad", "Envoys sat in separate rooms on Friday while notes went back and forth.")
			if day.sees != "" {
				wait(t, day.sees, waitLong, func() bool { return strings.Contains(first.log.String(), day.sees) })
			}
			day.mends(t, b)
			wait(t, "the alert", 2*waitLong, func() bool { return len(d.accepted()) > 0 })
			n := d.pollsOf("/one")
			wait(t, "two more polls", waitLong, func() bool { return d.pollsOf("/one") >= n+2 })
			for _, p := range d.accepted() {
				if p.body.Story.Title != "Oman mediates while the day is bad" || p.id != d.accepted()[0].id {
					t.Errorf("told twice or wrongly: %+v", p)
				}
			}
			wait(t, "a state that is well", waitLong, func() bool { return b.status().State == "ok" })
			if code, _ := b.process.stop(); code != exitOK {
				t.Errorf("exit %d", code)
			}
		})
	}
}

// TestRefusedStarts: what cannot work says so, names what is in the way, and
// changes nothing.
func TestRefusedStarts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := d.config("@every 1m", "/one")
	dir := filepath.Dir(file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, config string, want ...string) {
		t.Helper()
		p := start(t, "run", "-c", config)
		done := make(chan error, 1)
		go func() { done <- p.cmd.Wait() }()
		select {
		case <-done:
		case <-time.After(waitLong):
			t.Fatalf("%s: it runs", name)
		}
		if code := p.cmd.ProcessState.ExitCode(); code != exitFailed {
			t.Errorf("%s: exit %d", name, code)
		}
		for _, w := range want {
			if !strings.Contains(p.log.String(), w) {
				t.Errorf("%s: no %q in\n%s", name, w, p.log)
			}
		}
	}
	other := func(store string) string {
		name := filepath.Join(dir, "other.yaml")
		if err := os.WriteFile(name, bytes.Replace(text, []byte("sqlite:./watcher.db"), []byte("sqlite:"+store), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}

	p := start(t, "run", "-c", file)
	wait(t, "the daemon", waitLong, func() bool { return call(t, "", "health", "-c", file).code == exitOK })
	refused("a second daemon", file, "watcher.db", "process "+strconv.Itoa(p.cmd.Process.Pid)+" runs on it")
	if r := call(t, "", "health", "-c", file); r.code != exitOK {
		t.Errorf("the first one does not mind: %+v", r)
	}
	p.stop()

	db, err := sql.Open("sqlite", filepath.Join(dir, "watcher.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	refused("a database from a newer version", file, "watcher.db", "999", "newer watcher")

	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("a folder that is a file", other(filepath.Join(blocked, "w.db")), blocked)

	ro := filepath.Join(dir, "ro")
	if err := os.Mkdir(ro, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", ro, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		t.Log("a read-only disk is left out: mounting needs root: ", err)
		return
	}
	defer syscall.Unmount(ro, 0)
	refused("a read-only disk", other(filepath.Join(ro, "w.db")), ro)
	if r := call(t, "", "doctor", "-c", filepath.Join(dir, "other.yaml")); r.code != exitFailed || !strings.Contains(r.stdout, "fail store") {
		t.Errorf("doctor: %+v", r)
	}
}
