package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"watcher/internal/app"
)

// builtProgram builds the program as a release does.
func builtProgram(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "watcher")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	return out
}

// quietFeeds is a configuration of n feeds of one item each, due once a year
// after their first poll; polled waits until each was polled.
func quietFeeds(b *testing.B, n int) (file string, polled func()) {
	b.Helper()
	got := make(chan struct{}, 10*n)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>%s</title><item><guid>1</guid><title>A quiet day</title></item></channel></rss>`, r.URL.Path)
		got <- struct{}{}
	}))
	b.Cleanup(srv.Close)
	var text strings.Builder
	text.WriteString("store: sqlite:./w.db\nserver: {listen: \"127.0.0.1:0\"}\npolling: {schedule: \"0 0 1 1 *\", host_gap: 0s, per_host: 16, allow_private: true}\n" +
		"topics: [{id: talks, match: oman AND (mediat* OR talks)}]\nreceivers: [{id: terminal, type: log}]\nfeeds:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {id: f%d, url: \"%s/%d\"}\n", i, srv.URL, i)
	}
	file = filepath.Join(b.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return file, func() {
		for range n {
			<-got
		}
	}
}

// ready starts the daemon and waits until /readyz says ok.
func ready(b *testing.B, program, file string) *exec.Cmd {
	b.Helper()
	cmd := exec.Command(program, "run", "-c", file)
	run := filepath.Join(filepath.Dir(file), "w.db.run")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for deadline := time.Now().Add(waitLong); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		r, err := app.ReadRunFile(run)
		if err != nil || r.PID != cmd.Process.Pid {
			continue
		}
		resp, err := http.Get("http://" + r.Address + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return cmd
		}
	}
	b.Fatal("not ready")
	return nil
}

func end(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStart is the time from the start of the process until /readyz says
// ok, with 500 feeds: on an empty folder, and on the store of the run before.
func BenchmarkStart(b *testing.B) {
	program := builtProgram(b)
	for _, cold := range []bool{true, false} {
		b.Run(map[bool]string{true: "cold", false: "again"}[cold], func(b *testing.B) {
			file, polled := quietFeeds(b, 500)
			if !cold {
				p := ready(b, program, file)
				polled()
				end(b, p)
			}
			var took time.Duration
			for b.Loop() {
				if cold {
					for _, f := range []string{"w.db", "w.db-wal", "w.db-shm", "w.db.run"} {
						_ = os.Remove(filepath.Join(filepath.Dir(file), f)) // what is not there is cold already
					}
				}
				begin := time.Now()
				p := ready(b, program, file)
				took += time.Since(begin)
				end(b, p)
			}
			b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/ready")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpu is the processor time that a process has used.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

// BenchmarkIdle is the part of a core that a daemon with 500 feeds takes while
// none is due, over a minute.
func BenchmarkIdle(b *testing.B) {
	file, polled := quietFeeds(b, 500)
	p := ready(b, builtProgram(b), file)
	polled()
	const settle, over = 10 * time.Second, time.Minute
	time.Sleep(settle)
	before := cpu(b, p.Process.Pid)
	time.Sleep(over)
	used := cpu(b, p.Process.Pid) - before
	end(b, p)
	b.ReportMetric(100*used.Seconds()/over.Seconds(), "%core")
	b.ReportMetric(0, "ns/op")
}
