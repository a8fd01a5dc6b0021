package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/feeds/pace"
)

// referee is the proxy that every request of the daemon goes through. It
// notes when each host and each feed was asked.
type referee struct {
	http.Handler
	mu     sync.Mutex
	active map[string]int
	most   int                    // requests of one host at once
	starts map[string][]time.Time // by host
	asked  map[string][]time.Time // by feed
	tired  string                 // a host that asks for rest once
	rest   time.Duration
	until  time.Time // when its rest ends
	broken int       // requests of it before that
}

func newReferee() *referee {
	return &referee{active: map[string]int{}, starts: map[string][]time.Time{}, asked: map[string][]time.Time{},
		Handler: &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: &http.Transport{MaxIdleConnsPerHost: 2, MaxIdleConns: 1000}}}
}

func (p *referee) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.begin(r.URL.Host, r.URL.String(), time.Now()) {
		w.Header().Set("Retry-After", fmt.Sprint(int(p.rest.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	} else {
		p.Handler.ServeHTTP(w, r)
	}
	p.mu.Lock()
	p.active[r.URL.Host]--
	p.mu.Unlock()
}

// begin notes a request, and says whether it is served.
func (p *referee) begin(host, feed string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active[host]++
	p.most = max(p.most, p.active[host])
	p.starts[host] = append(p.starts[host], now)
	p.asked[feed] = append(p.asked[feed], now)
	switch {
	case host != p.tired:
	case p.until.IsZero():
		p.until = now.Add(p.rest)
		return false
	case now.Before(p.until):
		p.broken++
	}
	return true
}

// early counts the polls of a feed before the slot that follows its last one.
func (p *referee) early(slot time.Duration) (n int) {
	for feed, times := range p.asked {
		last := int64(-1)
		for _, t := range times {
			at := t.Add(-pace.Spread(feed, slot)).UnixNano() / int64(slot)
			if at <= last {
				n++
			}
			last = at
		}
	}
	return n
}

// gaps gives the times between the starts of two requests of a host, shortest
// first, and the shortest of those with the restart in them.
func (p *referee) gaps(restart time.Time) (all []time.Duration, over time.Duration) {
	over = time.Hour
	for _, times := range p.starts {
		for i := 1; i < len(times); i++ {
			gap := times[i].Sub(times[i-1])
			if times[i-1].Before(restart) && !times[i].Before(restart) {
				over = min(over, gap)
			}
			all = append(all, gap)
		}
	}
	slices.Sort(all)
	return all, over
}

// feedServer starts the server of made-up feeds and gives its control address.
func feedServer(t *testing.T, feeds, hosts int) (control string, port int) {
	t.Helper()
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	if dir = filepath.Join(dir, "..", "bench", "feedserver"); !fileExists(filepath.Join(dir, "main.go")) {
		t.Skip("no feed server in " + dir + ": set WATCHER_DATA to the folder that stands beside bench/feedserver")
	}
	bin := filepath.Join(t.TempDir(), "feedserver")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("127.0.0.2 cannot be listened on: this needs all of 127.0.0.0/8 on the loopback interface, as on Linux")
	}
	port = l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	cmd := exec.Command(bin, "-feeds", fmt.Sprint(feeds), "-hosts", fmt.Sprint(hosts), "-port", fmt.Sprint(port))
	var out safeBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	wait(t, "the feed server", 3*time.Minute, func() bool { return strings.Contains(out.String(), "ready") })
	return fmt.Sprintf("http://127.0.0.2:%d", port), port
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func control(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type feedServerStats struct {
	Requests  int `json:"requests"`
	S200      int `json:"s200"`
	S304      int `json:"s304"`
	Repeats   int `json:"unconditional_repeats"`
	Most      int `json:"max_concurrent"`
	Feeds     int `json:"distinct_feeds"`
	MostOfOne int `json:"most_requests_one_feed"`
}

// The daemon with 5,000 feeds on 250 hosts and the limits that it has unless
// told otherwise: one request of a host at a time, two seconds between two, no
// poll before its slot, nothing fetched twice. A host that asks for rest gets
// it, and a restart in the middle sends nothing early.
func TestSoakFeedServer(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to poll 5,000 feeds for six minutes")
	}
	const feeds, hosts, slot = 5000, 250, time.Minute
	server, port := feedServer(t, feeds, hosts)
	judge := newReferee()
	proxy := httptest.NewServer(judge)
	t.Cleanup(proxy.Close)

	var b strings.Builder
	fmt.Fprintf(&b, "store: sqlite:./watcher.db\nserver: {listen: \"\"}\npolling: {schedule: \"* * * * *\", adaptive: off, allow_private: true, proxy: %q}\nfeeds:\n", proxy.URL)
	for i := range feeds {
		fmt.Fprintf(&b, "  - {id: f%d, url: \"http://127.0.%d.%d:%d/feed/%d\"}\n", i, i%hosts/250, 2+i%hosts%250, port, i)
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	stats := func() (s feedServerStats) {
		t.Helper()
		if err := json.Unmarshal([]byte(control(t, server+"/stats")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	begin := time.Now()
	p := start(t, "run", "-c", file)
	wait(t, "the first round", 5*time.Minute, func() bool { return stats().S200 >= feeds })
	t.Logf("first round in %s: %+v", time.Since(begin).Round(time.Second), stats())
	wait(t, "the second round", 5*time.Minute, func() bool { return stats().S304 >= feeds/2 })
	if code, took := p.stop(); code != 0 {
		t.Errorf("stopped with %d after %s", code, took)
	}
	restart := time.Now()
	p = start(t, "run", "-c", file)
	n := stats().S304
	wait(t, "the third round", 5*time.Minute, func() bool { return stats().S304 >= n+feeds })
	judge.mu.Lock()
	judge.tired, judge.rest = fmt.Sprintf("127.0.0.9:%d", port), 90*time.Second
	judge.mu.Unlock()
	control(t, server+"/tick?frac=0.1&k=3")
	// The feed that is told to wait does so for a quarter of an hour, and may be
	// one that has something new.
	wait(t, "what is new", 5*time.Minute, func() bool { return stats().S200 >= feeds+feeds/10-1 })
	judge.mu.Lock()
	until := judge.until
	judge.mu.Unlock()
	wait(t, "the end of a host's rest", 5*time.Minute, func() bool { return time.Now().After(until.Add(slot)) })
	if code, took := p.stop(); code != 0 {
		t.Errorf("stopped with %d after %s", code, took)
	}

	s := stats()
	judge.mu.Lock()
	defer judge.mu.Unlock()
	gaps, over := judge.gaps(restart)
	early := judge.early(slot)
	t.Logf("%d requests of %d feeds in %s: %d times 200, %d times 304 (%.1f %%), %d unconditional repeats; of one host at most %d at once, gaps from %s (one in a thousand under %s, %s over the restart); %d early polls; %d within a host's rest",
		s.Requests, s.Feeds, time.Since(begin).Round(time.Second), s.S200, s.S304, 100*float64(s.S304)/float64(s.Requests), s.Repeats, judge.most, gaps[0].Round(time.Millisecond),
		gaps[len(gaps)/1000].Round(time.Millisecond), over.Round(time.Millisecond), early, judge.broken)
	if late := feeds + feeds/10 - s.S200; late < 0 || late > 1 || s.S200+s.S304 != s.Requests || s.Feeds != feeds || s.Repeats != 0 {
		t.Errorf("the server says %+v: want each document once", s)
	}
	if judge.most != 1 || early != 0 || judge.broken != 0 {
		t.Errorf("at most %d at once, %d early, %d within a rest", judge.most, early, judge.broken)
	}
	// A request may be held up on its way; the pause before it is longer then,
	// and the one behind it shorter.
	if gaps[0] < time.Second || gaps[len(gaps)/1000] < 1800*time.Millisecond {
		t.Errorf("gaps of %s and %s, want two seconds", gaps[0], gaps[len(gaps)/1000])
	}
}
