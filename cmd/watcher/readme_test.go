package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"watcher/feeds"
)

// TestReadme follows README.md from an empty directory: the two commands, the
// first configuration as it stands there, the verbs that it names; then with
// feeds that answer, until an alert is a line on the terminal. The program is
// built as README says. Where it would ask other people's servers, the test
// binary stands in for it, with a name server that does not answer.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := deployed(t, "README.md")
	for _, line := range []string{"go run ./cmd/watcher run -c config.example.yaml", "make test", "go run ./cmd/watcher demo", "go build -o watcher ./cmd/watcher"} {
		if !strings.Contains(readme, line) {
			t.Errorf("README.md no longer says %q: what this test follows", line)
		}
	}
	if mk := deployed(t, "Makefile"); !strings.Contains(mk, "\ntest:") || !strings.Contains(mk, "\nbuild:") {
		t.Error("the Makefile has no test or build") // make test cannot run itself
	}
	dir := t.TempDir()
	names := newNameServer(t)
	names.gone()
	env := []string{testNames + "=" + names.addr}
	here := func(p *exec.Cmd) string { // a verb's whole output
		p.Dir = dir
		out, _ := p.CombinedOutput()
		return string(out)
	}
	stand := func(args ...string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(append(os.Environ(), "WATCHER_TEST_MAIN=1"), env...)
		return cmd
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// The first command: the example, on a port that is free.
	write("config.example.yaml", strings.Replace(deployed(t, "config.example.yaml"), "127.0.0.1:8377", "127.0.0.1:0", 1))
	answers(t, stand("run", "-c", "config.example.yaml"), dir)
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil { // of the next configuration too
		t.Fatal(err)
	}

	// The first configuration, as typed.
	block := regexp.MustCompile("(?s)## A first config.*?```yaml\n(.*?)```").FindStringSubmatch(readme)
	if block == nil {
		t.Fatal("README.md has no first configuration")
	}
	write("config.yaml", block[1])
	check := stand("check")
	if out := here(check); check.ProcessState.ExitCode() != exitOK || !strings.Contains(out, "no problem found") {
		t.Errorf("check: %s", out)
	}
	dry := stand("once", "--dry-run")
	if out := here(dry); dry.ProcessState.ExitCode() != exitPartly || !strings.Contains(out, "nothing was kept") || !strings.Contains(out, "2 of 2 feeds could not be read; the log says why") {
		t.Errorf("once --dry-run without a network: %s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("a dry run made a store")
	}
	write("config.yaml", block[1]+"server: {listen: \"127.0.0.1:0\"}\n")
	log := answers(t, stand("run"), dir)
	if !strings.Contains(log, "could not be looked up") {
		t.Errorf("run without a network does not say so:\n%s", log)
	}

	// The same with feeds that answer, by the program itself.
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "watcher"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	for _, f := range []string{"/one", "/two"} {
		d.publish(f, "old", "Nothing of note", "An empty day.")
	}
	served := block[1]
	for i, m := range regexp.MustCompile(`url: "(https://[^"]+)"\}\n`).FindAllStringSubmatch(block[1], -1) {
		served = strings.Replace(served, m[1], d.srv.URL+[]string{"/one", "/two"}[i], 1)
	}
	write("config.yaml", served+"server: {listen: \"127.0.0.1:0\"}\npolling: {schedule: \"@every 1s\", adaptive: off, host_gap: 0s, allow_private: true}\n")
	p := exec.Command("./watcher", "run")
	stdout, stderr := &safeBuffer{}, &safeBuffer{}
	p.Dir, p.Stdout, p.Stderr = dir, stdout, stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Process.Kill()
	d.polledAgain("/one", "/two")
	d.publish("/two", "n1", "Iran: talks resume in Muscat", "Envoys sat in separate rooms on Friday.")
	wait(t, "the alert", waitLong, func() bool { return strings.Contains(stdout.String(), "Iran: talks resume in Muscat") })
	if !strings.Contains(stderr.String(), "baseline: 2 feeds, 2 items kept, nothing told") {
		t.Errorf("no line about the baseline:\n%s", stderr)
	}
	if n := strings.Count(stdout.String(), "\n"); n != 1 {
		t.Errorf("stdout is %q, want one line", stdout)
	}
	for verb, want := range map[string]string{"status": "ok", "feeds list": "active", "stories list": "talks resume", "search muscat": "talks resume", "topics": "talks"} {
		if out := here(exec.Command("./watcher", strings.Fields(verb)...)); !strings.Contains(out, want) {
			t.Errorf("watcher %s: no %q in\n%s", verb, want, out)
		}
	}
	p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, stderr)
	}
}

// answers runs a daemon until its page answers and its feeds were tried, ends
// it and gives its log.
func answers(t *testing.T, cmd *exec.Cmd, dir string) string {
	t.Helper()
	log := &safeBuffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	page := regexp.MustCompile(`msg=page url=(\S+)`)
	wait(t, "the page's address", waitLong, func() bool { return page.MatchString(log.String()) })
	url := page.FindStringSubmatch(log.String())[1]
	wait(t, "the page", waitLong, func() bool {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
	wait(t, "a round", waitLong, func() bool { return strings.Contains(log.String(), "msg=round") })
	if strings.Contains(log.String(), string(feeds.BackOff)) || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("a start without a network:\n%s", log)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, log)
	}
	return log.String()
}
