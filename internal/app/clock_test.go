package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// buffer is what a daemon writes, for a test to read meanwhile.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestClockJumps: the clock goes a day ahead and then back; each item is told
// once, and none is lost or waits for a day that was no day.
func TestClockJumps(t *testing.T) {
	var offset atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	var mu sync.Mutex
	items, polls := "<item><guid>0</guid><title>An empty day</title></item>", 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		polls++
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Harbour</title>%s</channel></rss>`, items)
	}))
	defer srv.Close()
	count := func() int { mu.Lock(); defer mu.Unlock(); return polls }
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"@every 1s\", adaptive: off, host_gap: 0s, allow_private: true}\nfeeds: [{id: harbour, url: \"" + srv.URL +
		"\"}]\ntopics: [{id: t, match: ferry OR bridge OR tunnel}]\nreceivers: [{id: terminal, type: log}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := &buffer{}
	log := &buffer{}
	// The way back is a run of its own: within one, the monotonic clock keeps
	// what waits from minding the wall's.
	run := func() (a *App, stop func()) {
		var err error
		a, err = New(t.Context(), Options{Config: file, Version: "test", Stdout: out, Log: slog.New(slog.NewTextHandler(log, nil)), Now: now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		n := count()
		until(t, "polls after "+log.String(), func() bool { return count() >= n+1 })
		return a, func() {
			cancel()
			if err := errors.Join(<-done, a.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	publish := func(word string) {
		mu.Lock()
		defer mu.Unlock()
		items = fmt.Sprintf("<item><guid>%s</guid><title>New %[1]s opens with %s</title></item>", word, strings.Repeat(word+" band ", 3)) + items
	}
	told := func(word string) func() bool {
		return func() bool { return strings.Contains(out.String(), "New "+word) }
	}
	a, stop := run()
	offset.Store(int64(24 * time.Hour))
	publish("ferry")
	if err := a.ClockSet(t.Context()); err != nil {
		t.Error(err)
	}
	until(t, "the alert of a day ahead", told("ferry"))
	stop()
	offset.Store(0)
	publish("bridge")
	_, stop = run()
	until(t, "the alert of the right day", told("bridge"))
	stop()
	if !strings.Contains(log.String(), "the clock was set back") {
		t.Errorf("the log says nothing of the clock:\n%s", log)
	}
	for _, w := range []string{"New ferry", "New bridge"} {
		if n := strings.Count(out.String(), "story.new t "+w); n != 1 {
			t.Errorf("%s was told %d times:\n%s", w, n, out)
		}
	}
}
