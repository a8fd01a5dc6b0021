package app

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"watcher/internal/feedtest"
)

// asks notes when a host was asked, and answers after a while.
type asks struct {
	feed http.Handler
	mu   sync.Mutex
	at   []time.Time
}

func (a *asks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	a.mu.Unlock()
	time.Sleep(300 * time.Millisecond)
	a.feed.ServeHTTP(w, r)
}

func (a *asks) since(began time.Time) (out []time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.at {
		out = append(out, t.Sub(began))
	}
	return out
}

// kill ends the daemon as kill -9 does: what it had not written by now is lost.
func (w *week) kill() {
	w.t.Helper()
	db := filepath.Join(filepath.Dir(w.file), "w.db")
	if err := w.app.store.Backup(context.Background(), db+".killed"); err != nil {
		w.t.Fatal(err)
	}
	w.stop()
	os.Remove(db + "-wal")
	os.Remove(db + "-shm")
	if err := os.Rename(db+".killed", db); err != nil {
		w.t.Fatal(err)
	}
}

// Feeds of one host that never complained are due together, and the daemon is
// away for a tenth of a second between them: the gap holds all the same. After
// a stop in order it goes on where it was; after a kill, when nobody knows what
// was asked last, it begins anew, even where no answer had come yet; a process
// that comes and goes in between does not forget the kill.
func TestGapOverARestart(t *testing.T) {
	ms := func(n ...int) (out []time.Duration) {
		for _, n := range n {
			out = append(out, time.Duration(n)*time.Millisecond)
		}
		return out
	}
	for _, c := range []struct {
		name string
		at   time.Duration // of the end
		kill bool
		then bool // a second process starts and is stopped in order before the last
		want []time.Duration
	}{
		{"stopped after the first answer", 700 * time.Millisecond, false, false, ms(0, 2000, 4000)},
		{"killed after the first answer", 700 * time.Millisecond, true, false, ms(0, 2800, 4800)},
		{"killed before the first answer", 100 * time.Millisecond, true, false, ms(0, 2300, 4300, 6300)}, // the fetch in flight held the stop up
		{"killed before the first answer, then stopped", 100 * time.Millisecond, true, true, ms(0, 2300, 4300, 6300)},
		{"killed at rest", 5 * time.Second, true, false, ms(0, 2000, 4000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
				host := &asks{feed: feedtest.NewFeed("Park", feedtest.Policy{}, feedtest.Item("Nothing", time.Now()))}
				w.web.Handle("park.example", host)
				text := "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"*/10 * * * *\", adaptive: off, allow_private: true}\nfeeds:\n"
				for _, id := range []string{"a", "b", "c"} {
					text += "  - {id: " + id + ", url: \"http://park.example/" + id + "\"}\n"
				}
				w.write(text + "receivers:\n  - {id: terminal, type: log}\n")
				began := time.Now()
				w.start()
				time.Sleep(c.at)
				if c.kill {
					w.kill()
				} else {
					w.stop()
				}
				time.Sleep(time.Until(began.Add(c.at + 100*time.Millisecond)))
				w.start()
				if c.then {
					w.stop()
					w.start()
				}
				time.Sleep(time.Until(began.Add(9 * time.Second)))
				if got := host.since(began); !slices.Equal(got, c.want) {
					t.Errorf("the host was asked after %v, want %v", got, c.want)
				}
			})
		})
	}
}
