package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
)

// answers stands below HTTP: three feeds of a hundred bring an item, the
// others are unchanged.
type answers struct{ polls, changed atomic.Int64 }

func (g *answers) Get(_ context.Context, f feeds.Feed, _ feeds.State) (fetch.Result, error) {
	n := g.polls.Add(1)
	o := pace.Outcome{Class: pace.Unchanged, Status: 304, Host: feeds.PacingKey(f.URL)}
	h := fnv.New32a()
	h.Write([]byte(f.ID))
	if h.Sum32()%100 >= 3 {
		return fetch.Result{Outcome: o}, nil
	}
	g.changed.Add(1)
	o.Class, o.Status = pace.OK, 200
	word := "weather"
	if n%20 == 0 {
		word = "Oman talks"
	}
	body := fmt.Sprintf(`<rss version="2.0"><channel><title>%s</title><item><guid isPermaLink="false">%d</guid><title>%s: item %d of %s, with a title of some length</title><link>https://%s.example/%d</link><description>A summary of two sentences stands here. It is as long as summaries are in feeds.</description></item></channel></rss>`,
		f.ID, n, word, n, f.ID, f.ID, n)
	return fetch.Result{Outcome: o, Body: []byte(body), ContentType: "application/rss+xml"}, nil
}

// grown makes a store of n feeds that were polled before, four a host, all due.
func grown(t *testing.T, address string, n int) {
	t.Helper()
	s, err := OpenAddress(t.Context(), address, Write)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	columns := []string{"id", "url", "stored", "paused", "removed", "shard", "seq", "next_poll", "phase", "stood_at", "tags", "config", "state", "polls"}
	err = s.(store.Movable).Fill(t.Context(), func(put store.Put) error {
		var rows [][]any
		for i := range n {
			id, url := fmt.Sprintf("feed%07d", i), fmt.Sprintf("https://host%06d.example/%d", i/4, i)
			rows = append(rows, []any{id, url, true, false, false, int64(store.ShardOf(url)), int64(1), int64(1 + i), "active", int64(0), "",
				`{"Name":"An outlet","Kind":"independent","Schedule":"@every 24h","AdaptiveOff":true,"PerHost":4,"Notify":true}`,
				`{"ConfigURL":"` + url + `","URL":"` + url + `","ETag":"\"0123456789abcdef\"","Baseline":true,"LastPoll":"2026-01-01T00:00:00Z","LastOK":"2026-01-01T00:00:00Z","Interval":1800000000000,"Items":30}`, []byte{}})
			if len(rows) == 500 || i == n-1 {
				if err := put("feeds", columns, rows); err != nil {
					return err
				}
				rows = nil
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSoakGrowth polls every feed of a large store once and says what a poll costs.
func TestSoakGrowth(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to poll 100,000 feeds on SQLite and 1,000,000 on PostgreSQL (WATCHER_GROWTH=sqlite:N or postgres:N for one other size)")
	}
	sizes := []string{"sqlite:100000", "postgres:1000000"}
	if v := os.Getenv("WATCHER_GROWTH"); v != "" {
		sizes = []string{v}
	}
	for _, size := range sizes {
		kind, digits, _ := strings.Cut(size, ":")
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(size, func(t *testing.T) { grow(t, kind, n) })
	}
}

func grow(t *testing.T, kind string, n int) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "w.db")
	if kind == "postgres" {
		address = pgtest.URL(t)
	}
	began := time.Now()
	grown(t, address, n)
	t.Logf("%d feeds made in %s", n, time.Since(began).Round(time.Second))
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf("store: %q\nserver: {listen: \"\"}\nfeeds: []\ntopics:\n  - {id: talks, match: oman AND talks}\nreceivers:\n  - {id: terminal, type: log}\n", address)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g := &answers{}
	began = time.Now()
	a, err := New(t.Context(), Options{Config: file, Version: "test", Fetch: g})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	wal, cpu, server, written := walBytes(a.store), ownCPU(), serverCPU(t, kind), writtenBytes()
	began = time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	if kind == "postgres" {
		done := make(chan error, 1)
		go func() { done <- a.engine.Run(ctx) }()
		for dueNow(t, a.store) {
			time.Sleep(200 * time.Millisecond)
		}
		cancel()
		err = <-done
	} else {
		err = a.rounds.Once(ctx)
	}
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	took, polls := time.Since(began), float64(g.polls.Load())
	st, err := a.store.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, %d feeds: %.0f polls in %s = %.0f/s; CPU us a poll: daemon %.0f, server %.0f; bytes a poll: WAL %.0f, written by the daemon %.0f; RSS %d MiB; store %d MiB; %d items, %d stories",
		kind, n, polls, took.Round(time.Millisecond), polls/took.Seconds(), micros(ownCPU()-cpu)/polls, micros(serverCPU(t, kind)-server)/polls,
		float64(walBytes(a.store)-wal)/polls, float64(writtenBytes()-written)/polls, rss(), st.Bytes>>20, st.Rows["items"], st.Rows["stories"])
	if int(polls) < n || st.Rows["items"] != g.changed.Load() {
		t.Errorf("%.0f polls, %d items of %d", polls, st.Rows["items"], g.changed.Load())
	}
}

func dueNow(t *testing.T, s store.Store) bool {
	at := time.Time{}
	err := s.View(t.Context(), func(r store.Reader) (err error) { at, err = r.NextDue(t.Context(), -1); return err })
	if err != nil {
		t.Fatal(err)
	}
	return !at.IsZero() && at.Before(time.Now())
}

func micros(d time.Duration) float64 { return float64(d.Microseconds()) }

func ownCPU() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// serverCPU sums the CPU time of the test's PostgreSQL.
func serverCPU(t *testing.T, kind string) (sum time.Duration) {
	if kind != "postgres" {
		return 0
	}
	pid := strconv.Itoa(pgtest.Get(t).PID())
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range all {
		text, _ := os.ReadFile(f)
		_, rest, ok := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 15 {
			continue
		}
		columns := []int{11, 12}
		if filepath.Base(filepath.Dir(f)) == pid {
			columns = []int{11, 12, 13, 14}
		} else if fields[1] != pid {
			continue
		}
		for _, c := range columns {
			ticks, _ := strconv.Atoi(fields[c])
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}

func walBytes(s store.Store) (n int64) {
	if p, ok := s.(*postgres.Store); ok {
		p.Pool().QueryRow(context.Background(), `SELECT (pg_current_wal_lsn() - '0/0')::bigint`).Scan(&n)
	}
	return n
}

func procValue(file, key string) (n int64) {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			fmt.Sscan(rest, &n)
		}
	}
	return n
}

func writtenBytes() int64 { return procValue("/proc/self/io", "wchar:") }
func rss() int64          { return procValue("/proc/self/status", "VmRSS:") >> 10 }
