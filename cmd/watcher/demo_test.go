package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	alertLine = regexp.MustCompile(`^\d\d:\d\d story\.(new|updated) [a-z-]+ .+ \(\d+ publishers?\)$`)
	pageLine  = regexp.MustCompile(`^page: (http://127\.0\.0\.1:\d+)/$`)
)

// TestDemo plays the sample day as a person does: the page first, alerts while
// the day goes on, the digest in the evening, and a page that stays.
func TestDemo(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "demo")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "WATCHER_TEST_MAIN=1", "TMPDIR="+cmd.Dir)
	errs := &safeBuffer{}
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	next := func(what string) string {
		t.Helper()
		select {
		case l, ok := <-lines:
			if ok {
				return l
			}
		case <-time.After(3 * time.Minute):
		}
		t.Fatalf("no %s; stderr:\n%s", what, errs)
		return ""
	}
	m := pageLine.FindStringSubmatch(next("page"))
	if m == nil {
		t.Fatal("the first line is not the page's address")
	}
	base := m[1]
	kinds := map[string]int{}
	for {
		l := next("alert or digest")
		if strings.Contains(l, " digest.ready ") {
			break
		}
		a := alertLine.FindStringSubmatch(l)
		if a == nil {
			t.Errorf("this is no alert: %s", l)
			continue
		}
		kinds[a[1]]++
	}
	if kinds["new"] < 2 || kinds["updated"] < 2 {
		t.Errorf("new and updated stories told: %v", kinds)
	}
	wait(t, "the end of the day", 30*time.Second, func() bool { return strings.Contains(errs.String(), "The day is over") })
	for path, want := range map[string]string{"/": "Iran", "/digests/day/2026-02-06": "Muscat", "/readyz": "ok"} {
		resp, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s without %q: %.300s", path, resp.Status, want, body)
		}
	}
	cmd.Process.Signal(os.Interrupt)
	for range lines { // to its end
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v\n%s", err, errs)
	}
	left, _ := os.ReadDir(cmd.Dir)
	for _, f := range left {
		t.Errorf("left behind: %s", f.Name())
	}
}
