// Command alerts measures the way from a feed to a receiver. It serves feeds
// on loopback, has the built daemon watch them, takes its webhook, and prints
//
//   - how long after an item was first served its alert arrived, while items
//     come at a steady rate: p50, p99 and the longest;
//   - how the daemon takes a burst of matching items on all feeds at once: the
//     time until the last alert, peak memory, stories and deliveries.
//
// It fails when an item was not told, or was told twice.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"watcher/bench/process"
)

func main() {
	log.SetFlags(0)
	var (
		watcher = flag.String("watcher", "../../bin/watcher", "the built daemon")
		n       = flag.Int("feeds", 100, "feeds")
		rate    = flag.Int("rate", 50, "new items a second")
		lasts   = flag.Duration("for", 30*time.Second, "how long items come at that rate")
		burst   = flag.Int("burst", 10000, "items that then come at once")
		port    = flag.Int("port", 8901, "of the feeds")
	)
	flag.Parse()
	if err := run(*watcher, *n, *rate, *lasts, *burst, *port); err != nil {
		log.Fatal(err)
	}
}

func run(watcher string, n, rate int, lasts time.Duration, burst, port int) error {
	dir, err := os.MkdirTemp("", "bench-alerts")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := serve(n, port)
	if err != nil {
		return err
	}
	defer s.close()
	config := filepath.Join(dir, "watcher.yaml")
	if err := os.WriteFile(config, []byte(s.config(filepath.Join(dir, "w.db"))), 0o600); err != nil {
		return err
	}
	logs, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer logs.Close()
	daemon := exec.Command(watcher, "run", "-c", config)
	daemon.Stdout, daemon.Stderr = logs, logs
	if err := daemon.Start(); err != nil {
		return err
	}
	defer func() {
		daemon.Process.Signal(syscall.SIGTERM)
		daemon.Wait()
	}()
	if err := s.until(time.Minute, func() bool { return s.asked() >= 2*n }); err != nil { // the baselines are kept
		return fmt.Errorf("no feed is asked: %w", err)
	}

	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	steady := 0
	for end := time.Now().Add(lasts); time.Now().Before(end); steady++ {
		<-tick.C
		s.publish(steady % n)
	}
	if err := s.until(time.Minute, func() bool { return s.told() >= steady }); err != nil {
		return fmt.Errorf("%d of %d items were told: %w", s.told(), steady, err)
	}
	took := s.latencies()
	at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))].Round(time.Millisecond / 10) }
	fmt.Printf("%d items at %d a second: p50 %v, p99 %v, longest %v from served to told\n", steady, rate, at(0.5), at(0.99), at(1))

	process.ForgetPeak(daemon.Process.Pid)
	began := time.Now()
	before, err := process.CPU(daemon.Process.Pid)
	if err != nil {
		return err
	}
	s.hold()
	for i := range burst {
		s.publish(i % n)
	}
	s.release()
	if err := s.until(10*time.Minute, func() bool { return s.told() >= steady+burst }); err != nil {
		return fmt.Errorf("%d of %d items of the burst were told: %w", s.told()-steady, burst, err)
	}
	wall := time.Since(began)
	peak := process.MemoryOf(daemon.Process.Pid).Peak
	after, err := process.CPU(daemon.Process.Pid)
	if err != nil {
		return err
	}
	used := after - before
	rows, err := rows(watcher, config)
	if err != nil {
		return err
	}
	fmt.Printf("%d at once: all told after %v, %v of CPU, peak memory %d MB; %d items, %d stories, %d deliveries\n", burst, wall.Round(100*time.Millisecond),
		used.Round(10*time.Millisecond), peak/1e6, rows["items"], rows["stories"], rows["deliveries"])
	start := time.Now()
	digest := exec.Command(watcher, "digest", "preview", "-c", config, "--from", began.Add(-lasts-time.Minute).UTC().Format(time.RFC3339), "--format", "json")
	out, err := digest.Output()
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	fmt.Printf("its digest: %v, peak memory %d MB, %d bytes\n", time.Since(start).Round(10*time.Millisecond), digest.ProcessState.SysUsage().(*syscall.Rusage).Maxrss/1000, len(out))
	if twice := s.twice(); twice > 0 {
		return fmt.Errorf("%d items were told twice", twice)
	}
	if want := int64(n + steady + burst); rows["items"] != want {
		return fmt.Errorf("%d items are stored of %d", rows["items"], want)
	}
	return nil
}

// rows counts what the store holds.
func rows(watcher, config string) (map[string]int64, error) {
	out, err := exec.Command(watcher, "db", "stats", "--json", "-c", config).Output()
	if err != nil {
		return nil, fmt.Errorf("db stats: %w", err)
	}
	var s struct {
		Rows map[string]int64 `json:"rows"`
	}
	return s.Rows, json.Unmarshal(out, &s)
}

func (s *server) latencies() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []time.Duration
	for id, at := range s.arrived {
		out = append(out, at.Sub(s.served[id]))
	}
	slices.Sort(out)
	return out
}

func (s *server) config(store string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nstore: sqlite:%s\nserver: {listen: \"\"}\n", store)
	// One host with a gap: polls come one after the other, evenly.
	gap := 2 * time.Second / time.Duration(len(s.feeds))
	fmt.Fprintf(&b, "polling: {schedule: \"@every 2s\", adaptive: off, host_gap: %v, per_host: 4, allow_private: true}\n", gap)
	fmt.Fprintf(&b, "receivers: [{id: hook, type: webhook, url: %q}]\nroutes: [{min_priority: low, to: [hook]}]\n", s.hook)
	fmt.Fprintf(&b, "topics:\n  - {id: tide, match: tide, alert: {on: item}}\nfeeds:\n")
	for i := range s.feeds {
		fmt.Fprintf(&b, "  - {id: f%d, url: %q}\n", i, s.url(i))
	}
	return b.String()
}
