package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"watcher/feeds"
	"watcher/internal/web/api"
)

// badDay is one thing that goes wrong under a running daemon.
type badDay struct {
	name  string
	feeds int // one where it is not said
	// before makes what the day needs; the daemon does not run yet.
	before func(t *testing.T, b *bad)
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
	file  string
	text  []byte // of the configuration as it was
	names *nameServer
	held  func() // lets go of what the day holds

	mount   string // the store's own disk
	remount func() error
}

func (b *bad) run() {
	b.process = startWith(b.desk.t, []string{testNames + "=" + b.names.addr}, "run", "-c", b.file)
}

// store opens the daemon's database beside it.
func (b *bad) store(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(filepath.Dir(b.file), "watcher.db")+"?_pragma=busy_timeout(20000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lock holds the database as a program does that writes and does not end.
func (b *bad) lock(t *testing.T) {
	conn, err := b.store(t).Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	b.held = func() {
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		conn.Close()
	}
}

// namesGone takes the name server away until the daemon has seen it: its
// fault, not the feeds', so that none of them is put off.
func (b *bad) namesGone(t *testing.T) {
	b.names.gone()
	wait(t, "the network to count as down", waitLong, func() bool {
		return strings.Contains(strings.Join(b.status().Reasons, "; "), "the network is down")
	})
	before := strings.Count(b.log.String(), "poll failed")
	wait(t, "more polls that fail", waitLong, func() bool { return strings.Count(b.log.String(), "poll failed") > before+8 })
	if s := b.status(); s.Feeds[string(feeds.BackOff)] != 0 || s.Feeds[string(feeds.Active)] == 0 {
		t.Errorf("feeds: %v, want none put off", s.Feeds)
	}
}

// namesBack gives the names back; the outage was one event.
func (b *bad) namesBack(t *testing.T) {
	b.names.back()
	wait(t, "the network to be back", waitLong, func() bool { return strings.Contains(b.log.String(), "network is back") })
	var events, failing int
	if err := b.store(t).QueryRow(`SELECT count(*) FILTER (WHERE type = 'network.down'), count(*) FILTER (WHERE type LIKE 'feed.%') FROM events`).Scan(&events, &failing); err != nil {
		t.Fatal(err)
	}
	if events != 1 || failing != 0 {
		t.Errorf("%d events network.down and %d of feeds, want 1 and 0", events, failing)
	}
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

// disk gives the store a disk of its own: a file with a file system in it.
func (b *bad) disk(t *testing.T) {
	image := filepath.Join(t.TempDir(), "disk")
	b.mount = filepath.Join(t.TempDir(), "mnt")
	if err := os.Mkdir(b.mount, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 24<<20); err != nil {
		t.Fatal(err)
	}
	b.remount = func() error {
		if out, err := exec.Command("mount", "-o", "loop,errors=remount-ro", image, b.mount).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	_, err := exec.Command("mkfs.ext4", "-q", "-F", image).CombinedOutput()
	if err == nil {
		err = b.remount()
	}
	if err != nil {
		t.Skip("left out: a disk of its own needs root, mkfs.ext4 and a loop device: ", err)
	}
	t.Cleanup(func() { unix.Unmount(b.mount, unix.MNT_DETACH) })
	b.text = bytes.Replace(b.text, []byte("sqlite:./watcher.db"), []byte("sqlite:"+b.mount+"/watcher.db"), 1)
	b.write(b.text)
}

// damage tells the kernel that the disk is damaged: from now on it is
// read-only, whatever is open.
func (b *bad) damage(t *testing.T) {
	// What was kept so far goes to the disk: a damaged one takes along what
	// still waits in memory.
	root, err := os.Open(b.mount)
	if err == nil {
		err = errors.Join(unix.Syncfs(int(root.Fd())), root.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("findmnt", "-no", "SOURCE", b.mount).Output()
	if err == nil {
		err = os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(out))), "trigger_fs_error"), []byte("1"), 0)
	}
	if err != nil {
		t.Skip("left out: this needs findmnt and a writable trigger_fs_error of ext4 under /sys: ", err)
	}
}

// repair mounts the disk anew, which needs the daemon stopped.
func (b *bad) repair(t *testing.T) {
	why := strings.Join(b.status().Reasons, "; ")
	if !strings.Contains(why, "nothing can be kept") || !strings.Contains(why, "read-only file system") {
		t.Errorf("status: %s", why)
	}
	if code, _ := b.process.stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	err := unix.Unmount(b.mount, 0)
	if err == nil {
		err = b.remount()
	}
	if err != nil {
		t.Fatal(err)
	}
	b.run()
}

func (b *bad) restart() {
	b.process.kill()
	b.run()
}

// killed ends the daemon at once; what asks for it then says so.
func (b *bad) killed(t *testing.T) {
	b.process.kill()
	pid := strconv.Itoa(b.cmd.Process.Pid)
	for _, verb := range []string{"status", "health", "reload"} {
		r := call(t, "", verb, "-c", b.file)
		if want := "the daemon is not running: process " + pid + " was killed or crashed after 20"; r.code != exitFailed || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, "`watcher run`") {
			t.Errorf("%s: %+v\nwant %s", verb, r, want)
		}
	}
}

// lookUp is what is said of each feed whose host cannot be looked up.
const lookUp = "could not be looked up; if others fail too, check the name server"

var badDays = []badDay{
	{name: "disk full", breaks: func(t *testing.T, b *bad) { b.limit(t, 4096) }, sees: "the disk is full",
		mends: func(t *testing.T, b *bad) { b.limit(t, unix.RLIM_INFINITY) }},
	{name: "disk full and killed", breaks: func(t *testing.T, b *bad) { b.limit(t, 4096) }, sees: "the disk is full",
		mends: func(_ *testing.T, b *bad) { b.restart() }},
	{name: "disk turned read-only", before: func(t *testing.T, b *bad) { b.disk(t) }, breaks: func(t *testing.T, b *bad) { b.damage(t) },
		sees: "the database cannot be written", mends: func(t *testing.T, b *bad) { b.repair(t) }},
	{name: "database locked by another process", breaks: func(t *testing.T, b *bad) { b.lock(t) }, sees: "the database is in use by another process",
		mends: func(_ *testing.T, b *bad) { b.held() }},
	{name: "names gone", feeds: 4, breaks: func(t *testing.T, b *bad) { b.namesGone(t) }, sees: lookUp, mends: func(t *testing.T, b *bad) { b.namesBack(t) }},
	{name: "names gone, one feed", breaks: func(t *testing.T, b *bad) { b.namesGone(t) }, sees: lookUp, mends: func(t *testing.T, b *bad) { b.namesBack(t) }},
	{name: "names gone and killed", feeds: 4, breaks: func(t *testing.T, b *bad) { b.namesGone(t); b.restart() }, sees: lookUp,
		mends: func(_ *testing.T, b *bad) { b.names.back() }},
	{name: "every receiver down", breaks: func(_ *testing.T, b *bad) { b.set(func() { b.answer = 503 }) }, sees: "delivery will be tried again",
		mends: func(_ *testing.T, b *bad) { b.set(func() { b.answer = 0 }) }},
	{name: "every receiver down and killed", breaks: func(_ *testing.T, b *bad) { b.set(func() { b.answer = 503 }) }, sees: "delivery will be tried again",
		mends: func(_ *testing.T, b *bad) { b.set(func() { b.answer = 0 }); b.restart() }},
	{name: "killed", breaks: func(t *testing.T, b *bad) { b.killed(t) }, mends: func(_ *testing.T, b *bad) { b.run() }},
	{name: "configuration deleted", breaks: func(t *testing.T, b *bad) {
		if err := os.Remove(b.file); err != nil {
			t.Fatal(err)
		}
	}, sees: "configuration refused, the running one stays in force", mends: func(_ *testing.T, b *bad) { b.write(b.text) }},
	{name: "configuration broken", breaks: func(t *testing.T, b *bad) {
		b.write(bytes.Replace(b.text, []byte("match:"), []byte("mach:"), 1))
		if r := call(t, "", "check", "-c", b.file); r.code != exitUsage || !strings.Contains(r.stdout, `did you mean "match"?`) {
			t.Errorf("check: %+v", r)
		}
		b.cmd.Process.Signal(syscall.SIGHUP)
	}, sees: "configuration refused, the running one stays in force", mends: func(_ *testing.T, b *bad) { b.write(b.text) }},
}

// TestBadDays: on each the daemon says what is wrong, and when it is over what
// was published meanwhile has been told, once.
func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, day := range badDays {
		t.Run(day.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.srv.Config.SetKeepAlivesEnabled(false) // each request looks its host up
			d.publish("/one", "old", "Nothing of note", "An empty day.")
			b := &bad{desk: d, names: newNameServer(t), file: d.config("@every 1s", []string{"/one", "/two", "/three", "/four"}[:max(1, day.feeds)]...)}
			text, err := os.ReadFile(b.file)
			if err != nil {
				t.Fatal(err)
			}
			// Each feed on a host of its own: one.test, two.test …
			b.text = regexp.MustCompile(`127\.0\.0\.1(:\d+)/(one|two|three|four)`).ReplaceAll(text, []byte("$2.test$1/$2"))
			b.write(b.text)
			if day.before != nil {
				day.before(t, b)
			}
			b.run()
			wait(t, "the first poll", waitLong, func() bool { return d.pollsOf("/one") >= 2 })

			day.breaks(t, b)
			d.publish("/one", "n1", "Oman mediates while the day is bad", "Envoys sat in separate rooms on Friday while notes went back and forth.")
			broken := b.process
			if day.sees != "" {
				wait(t, day.sees, waitLong, func() bool { return strings.Contains(broken.log.String(), day.sees) })
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
	onIt := filepath.Join(dir, "other.yaml")
	if r := call(t, "", "doctor", "-c", onIt); r.code != exitFailed || !strings.Contains(r.stdout, "fail store") {
		t.Errorf("doctor: %+v", r)
	}
	if err := syscall.Mount("none", ro, "tmpfs", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	p = start(t, "run", "-c", onIt)
	wait(t, "the daemon on a disk that can be written again", waitLong, func() bool { return call(t, "", "health", "-c", onIt).code == exitOK })
	if code, _ := p.stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
}
