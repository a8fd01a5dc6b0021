package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// site serves a page that names a feed.
func site(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<html><head><link rel="alternate" type="application/rss+xml" title="Harbour News" href="/rss.xml"></head><body>Hello</body></html>`)
		case "/rss.xml":
			w.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour News</title><item><guid>1</guid><title>Ferries run again</title></item></channel></rss>`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestInit: what init writes is a configuration that loads and runs.
func TestInit(t *testing.T) {
	url := site(t)
	file := filepath.Join(t.TempDir(), "conf", "config.yaml")
	r := call(t, "", "init", "-c", file, "--feed", url+"/", "--match", "ferries OR ferry", "--timezone", "Asia/Muscat", "--listen", "127.0.0.1:0")
	if r.code != exitOK || strings.TrimSpace(r.stdout) != file {
		t.Fatalf("got %+v", r)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{url + "/rss.xml", "Harbour News", "Asia/Muscat", "allow_private: true", "ferries OR ferry", "# digests:"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if r := call(t, "", "check", "-c", file, "--strict"); r.code != exitOK {
		t.Errorf("check: %+v", r)
	}
	if r := call(t, "", "once", "-c", file); r.code != exitOK || !strings.Contains(r.stdout, "baseline: 1 feed, 1 items kept") {
		t.Errorf("once: %+v", r)
	}
	if r := call(t, "", "init", "-c", file); r.code != exitUsage || !strings.Contains(r.stderr, "is there already") {
		t.Errorf("a second init: %+v", r)
	}
	if again, _ := os.ReadFile(file); !bytes.Equal(again, text) {
		t.Error("the file was touched")
	}
}

func TestInitPartly(t *testing.T) {
	url := site(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	r := call(t, "", "init", "-c", file, "--feed", url+"/rss.xml", "--feed", url+"/nothing")
	if r.code != exitPartly || !strings.Contains(r.stderr, "1 of 2 addresses gave no feed") {
		t.Errorf("got %+v", r)
	}
	bare := filepath.Join(dir, "bare.yaml")
	if r := call(t, "", "init", "-c", bare, "--json"); r.code != exitOK || !json.Valid([]byte(r.stdout)) {
		t.Errorf("init with nothing: %+v", r)
	}
	if r := call(t, "", "check", "-c", bare); r.code != exitOK {
		t.Errorf("check of it: %+v", r)
	}
	none := filepath.Join(dir, "none.yaml")
	if r := call(t, "", "init", "-c", none, "--timezone", "Mars/Olympus"); r.code != exitUsage || !strings.Contains(r.stderr, "no time zone") {
		t.Errorf("a zone that is none: %+v", r)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a configuration that does not load was written")
	}
}

func TestDoctor(t *testing.T) {
	url := site(t)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if r := call(t, "", "init", "-c", file, "--feed", url+"/", "--match", "ferry", "--listen", "127.0.0.1:0"); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	r := call(t, "", "doctor", "-c", file)
	if r.code != exitOK || !strings.Contains(r.stdout, "no daemon runs") || !strings.Contains(r.stdout, "ok   store") {
		t.Errorf("before the first start: %+v", r)
	}
	p := start(t, "run", "-c", file)
	wait(t, "the daemon", waitLong, func() bool { return call(t, "", "health", "-c", file).code == exitOK })
	r = call(t, "", "doctor", "-c", file, "--json")
	var got struct {
		State  string
		Checks []struct{ Check, State, Text, Next string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != exitOK || got.State != "ok" {
		t.Errorf("while it runs: %v %+v", err, r)
	}
	if !strings.Contains(r.stdout, "is ready; page: http://127.0.0.1:") {
		t.Errorf("no page: %s", r.stdout)
	}
	p.stop()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	text, _ := os.ReadFile(file)
	text = bytes.Replace(text, []byte("127.0.0.1:0"), []byte(l.Addr().String()), 1)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := call(t, "", "doctor", "-c", file); r.code != exitFailed || !strings.Contains(r.stdout, "is taken") {
		t.Errorf("the address is taken: %+v", r)
	}
	if r := call(t, "", "doctor", "-c", file+".no"); r.code != exitUsage || !strings.Contains(r.stdout, "fail config") {
		t.Errorf("no configuration: %+v", r)
	}
}

func TestMan(t *testing.T) {
	r := call(t, "", "man")
	for _, want := range []string{".TH \"WATCHER\" 1", ".SH NAME\nwatcher", ".B demo\n", "EXIT STATUS"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	dir := t.TempDir()
	if r := call(t, "", "man", "--dir", dir); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "*.1"))
	if len(pages) < 30 {
		t.Errorf("only %d pages", len(pages))
	}
	if r := call(t, "", "man", "nosuch"); r.code != exitUsage {
		t.Errorf("got %+v", r)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("not formatted: install groff")
		return
	}
	for _, page := range pages {
		if out, err := exec.Command(groff, "-man", "-K", "utf8", "-T", "utf8", "-ww", "-z", page).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", filepath.Base(page), err, out)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"chek"}, `did you mean "check"?`},
		{[]string{"feeds", "lst"}, `did you mean "list"?`},
		{[]string{"digest", "preveiw"}, `did you mean "preview"?`},
		{[]string{"run", "--confg", "x"}, `unknown flag: --confg, did you mean "--config"?`},
		{[]string{"feeds", "list", "--zzzzzz"}, "unknown flag: --zzzzzz; `watcher feeds list --help` lists those there are"},
		{[]string{"search"}, `"watcher search" is given no argument; write: watcher search WORDS...`},
		{[]string{"stories", "show", "a", "b"}, `"watcher stories show" is given 2 arguments; write: `},
		{[]string{"deliveries", "zzzzzz"}, "unknown command \"zzzzzz\" for \"watcher deliveries\"; `watcher deliveries --help` says what there is"},
	} {
		if r := call(t, "", c.args...); r.code != exitUsage || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%v: %+v, want %s", c.args, r, c.want)
		}
	}
	if r := call(t, "", "feeds"); r.code != exitOK || !strings.Contains(r.stdout, "Available Commands") {
		t.Errorf("feeds alone: %+v", r)
	}
}
