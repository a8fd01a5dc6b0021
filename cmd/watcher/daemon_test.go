package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// waitLong is for what takes long on a busy machine.
const waitLong = 60 * time.Second

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTw=="

// desk is a newsroom on loopback: feeds that can be published to, and a
// webhook that checks signatures and remembers what it was told.
type desk struct {
	t   *testing.T
	srv *httptest.Server
	// store is the address of one; empty: a file beside the configuration.
	store string

	mu     sync.Mutex
	items  map[string][]string // by feed path, newest first
	polls  map[string]int
	told   []post
	answer int // status of the webhook; 0: 204
	delay  time.Duration
}

type post struct {
	id      string
	attempt string
	at      time.Time
	status  int
	body    struct {
		Type     string `json:"type"`
		Schema   string `json:"schema"`
		ID       string `json:"id"`
		Sequence int    `json:"sequence"`
		Story    struct {
			ID    string `json:"id"`
			Title string `json:"title"`
		} `json:"story"`
		Articles []struct {
			Title string          `json:"title"`
			URL   string          `json:"url"`
			Match json.RawMessage `json:"match"`
		} `json:"articles"`
	}
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, items: map[string][]string{}, polls: map[string]int{}}
	d.srv = httptest.NewServer(d)
	t.Cleanup(d.srv.Close)
	return d
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/hook" {
		d.hook(w, r)
		return
	}
	d.mu.Lock()
	items := strings.Join(d.items[r.URL.Path], "\n")
	d.polls[r.URL.Path]++
	d.mu.Unlock()
	tag := fmt.Sprintf(`"%x"`, len(items))
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet %s</title><link>http://outlet.example/</link>%s</channel></rss>`, r.URL.Path, items)
}

func (d *desk) hook(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	wh, err := standardwebhooks.NewWebhook(testSecret)
	if err == nil {
		err = wh.Verify(body, r.Header)
	}
	if err != nil {
		d.t.Errorf("signature: %v", err)
	}
	p := post{id: r.Header.Get("webhook-id"), attempt: r.Header.Get("x-watcher-attempt"), at: time.Now()}
	if err := json.Unmarshal(body, &p.body); err != nil {
		d.t.Errorf("body: %v: %s", err, body)
	}
	if p.body.ID != p.id || p.body.Schema != "watcher.webhook.v1" {
		d.t.Errorf("id %q in the header, %q in the body, schema %q", p.id, p.body.ID, p.body.Schema)
	}
	d.mu.Lock()
	p.status = d.answer
	if p.status == 0 {
		p.status = http.StatusNoContent
	}
	d.told = append(d.told, p)
	delay := d.delay
	d.mu.Unlock()
	time.Sleep(delay)
	w.WriteHeader(p.status)
}

func (d *desk) publish(feed, guid, title, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	item := fmt.Sprintf("<item><guid isPermaLink=\"false\">%s</guid><title>%s</title><link>http://outlet.example%s/%s</link><description>%s</description><pubDate>%s</pubDate></item>",
		guid, title, feed, guid, text, time.Now().UTC().Format(time.RFC1123Z))
	d.items[feed] = append([]string{item}, d.items[feed]...)
}

func (d *desk) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// accepted are the posts that were answered with success.
func (d *desk) accepted() []post {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []post
	for _, p := range d.told {
		if p.status < 300 {
			out = append(out, p)
		}
	}
	return out
}

func (d *desk) pollsOf(feed string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.polls[feed]
}

// wait polls a condition until it holds.
func wait(t *testing.T, what string, limit time.Duration, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// polledAgain waits until each feed was polled twice more: whatever was there
// has been seen and committed.
func (d *desk) polledAgain(feeds ...string) {
	d.t.Helper()
	for _, f := range feeds {
		n := d.pollsOf(f)
		wait(d.t, "polls of "+f, 60*time.Second, func() bool { return d.pollsOf(f) >= n+2 })
	}
}

// process is a running watcher.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	log *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startWith(t, nil, args...)
}

// startWith is start with more in the environment.
func startWith(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return startProgram(t, os.Args[0], env, args...)
}

// startProgram starts another build of watcher.
func startProgram(t *testing.T, program string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...), log: &safeBuffer{}}
	p.cmd.Env = append(append(os.Environ(), "WATCHER_TEST_MAIN=1"), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("log of %v:\n%s", args, p.log)
		}
	})
	return p
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// stop ends the process as a service manager would and gives its exit code.
func (p *process) stop() (code int, took time.Duration) {
	begin := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	var ee *exec.ExitError
	if err != nil && !errors.As(err, &ee) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(begin)
}

func (d *desk) config(schedule string, feeds ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "store: %q\nserver: {listen: \"127.0.0.1:0\"}\npolling: {schedule: %q, adaptive: off, host_gap: 0s, per_host: 4, allow_private: true}\nfeeds:\n", cmp.Or(d.store, "sqlite:./watcher.db"), schedule)
	for _, f := range feeds {
		fmt.Fprintf(&b, "  - {id: %s, url: %q}\n", strings.Trim(f, "/"), d.srv.URL+f)
	}
	fmt.Fprintf(&b, "topics:\n  - {id: talks, match: oman AND (mediat* OR talks)}\nreceivers:\n  - {id: hook, type: webhook, url: %q, secrets: [%s]}\n", d.srv.URL+"/hook", testSecret)
	file := filepath.Join(d.t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return file
}

// TestDaemon is the main job as a user meets it: told once, within seconds,
// and never again, whatever happens to the process or the receiver.
func TestDaemon(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	feeds := []string{"/one", "/two", "/three"}
	for i, f := range feeds {
		title := []string{"Pilots and Oman's airline resume pay talks", "Oman and Yemen open talks on fishing quotas", "Museum lends frankincense jars after talks with Oman"}[i]
		d.publish(f, "old"+f[1:], title, "It stood in the feed before anyone looked.")
	}
	file := d.config("@every 2s", feeds...)
	p := start(t, "run", "-c", file)
	d.polledAgain(feeds...)
	if got := d.accepted(); len(got) != 0 {
		t.Fatalf("the baseline was told: %+v", got)
	}
	if !strings.Contains(p.log.String(), "baseline: 3 feeds, 3 items kept, nothing told (3 would have been in the last 24 h)") {
		t.Errorf("no line about the baseline:\n%s", p.log)
	}

	published := time.Now()
	d.publish("/two", "n1", "Cricket: a long day in the sun", "Nothing to do with diplomacy.")
	d.publish("/two", "n2", "Oman mediates between nuclear envoys in a Muscat palace", "Delegations sat in separate rooms on Friday while notes went back and forth.")
	wait(t, "the alert", time.Minute, func() bool { return len(d.accepted()) > 0 })
	got := d.accepted()[0]
	if got.body.Type != "story.new" || got.body.Story.Title != "Oman mediates between nuclear envoys in a Muscat palace" || len(got.body.Articles) != 1 || got.body.Articles[0].Match == nil {
		t.Errorf("alert: %+v", got.body)
	}
	t.Logf("told %s after publication, at a schedule of 2 s", got.at.Sub(published).Round(10*time.Millisecond))
	d.polledAgain(feeds...)

	p.kill()
	p = start(t, "run", "-c", file)
	d.polledAgain(feeds...)
	if n := len(d.accepted()); n != 1 {
		t.Fatalf("told %d times, want once", n)
	}

	d.set(func() { d.answer = http.StatusServiceUnavailable })
	d.publish("/three", "n3", "Teachers' union in Oman breaks off wage talks", "Schools stay shut from Sunday, the union said after a vote of its members.")
	wait(t, "the refused try", time.Minute, func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.told) > 1 })
	d.set(func() { d.answer = 0 })
	wait(t, "the second try", time.Minute, func() bool { return len(d.accepted()) == 2 })
	d.mu.Lock()
	first, second := d.told[1], d.told[len(d.told)-1]
	d.mu.Unlock()
	if first.id != second.id || first.attempt != "1" || second.attempt != "2" {
		t.Errorf("tries: %s/%s then %s/%s, want one id", first.id, first.attempt, second.id, second.attempt)
	}
	if code, took := p.stop(); code != 0 || took > 10*time.Second {
		t.Errorf("SIGTERM: exit %d after %s", code, took)
	}
	if n := len(d.accepted()); n != 2 {
		t.Errorf("told %d times in all, want 2", n)
	}
}
