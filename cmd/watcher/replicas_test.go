package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/internal/app"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
)

// newsroom is a desk whose feeds live on many hosts (127.0.0.10 and on), as
// shards are made of hosts. It notes who was asked when.
type newsroom struct {
	*desk
	addresses []string // of feeds
	paths     []string

	mu     sync.Mutex
	inside map[string]int
	most   int                    // requests at once at one host
	asked  map[string][]time.Time // by feed
	starts map[string][]time.Time // by host
}

func newNewsroom(t *testing.T, hosts, each int) *newsroom {
	n := &newsroom{desk: newDesk(t), inside: map[string]int{}, asked: map[string][]time.Time{}, starts: map[string][]time.Time{}}
	for h := range hosts {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", 10+h))
		if err != nil {
			t.Skipf("the whole of 127.0.0.0/8 must be on loopback: %v", err)
		}
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.serve(fmt.Sprint(h), w, r) })}}
		srv.Start()
		t.Cleanup(srv.Close)
		for f := range each {
			path := fmt.Sprintf("/h%df%d", h, f)
			n.addresses, n.paths = append(n.addresses, srv.URL+path), append(n.paths, path)
			n.publish(path, "old", "Nothing of note", "An empty day.")
		}
	}
	return n
}

func (n *newsroom) serve(host string, w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	n.mu.Lock()
	n.inside[host]++
	n.most = max(n.most, n.inside[host])
	n.asked[r.URL.Path] = append(n.asked[r.URL.Path], now)
	n.starts[host] = append(n.starts[host], now)
	n.mu.Unlock()
	time.Sleep(20 * time.Millisecond) // so that two at once would be seen
	n.ServeHTTP(w, r)
	n.mu.Lock()
	n.inside[host]--
	n.mu.Unlock()
}

// settle waits until every feed was polled twice more.
func (n *newsroom) settle() {
	n.t.Helper()
	want := map[string]int{}
	for _, p := range n.paths {
		want[p] = n.pollsOf(p) + 2
	}
	for _, p := range n.paths {
		wait(n.t, "polls of "+p, 2*time.Minute, func() bool { return n.pollsOf(p) >= want[p] })
	}
}

// config writes a replica's own file: as many replicas as there are files.
func (n *newsroom) config(store, schedule, gap string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "store: %q\nserver: {listen: \"127.0.0.1:0\"}\npolling: {schedule: %q, adaptive: off, host_gap: %s, per_host: 1, allow_private: true, timeout: 5s}\nfeeds:\n", store, schedule, gap)
	for i, a := range n.addresses {
		fmt.Fprintf(&b, "  - {id: %s, url: %q}\n", n.paths[i][1:], a)
	}
	fmt.Fprintf(&b, "topics:\n  - {id: talks, match: oman AND talks}\nreceivers:\n  - {id: hook, type: webhook, url: %q, secrets: [%s]}\n", n.srv.URL+"/hook", testSecret)
	file := filepath.Join(n.t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		n.t.Fatal(err)
	}
	return file
}

// trial is one thing that befalls replicas while items flow.
type trial struct {
	name     string
	replicas int
	items    int
	flow     time.Duration // over which the items are published
	schedule time.Duration
	gap      time.Duration // of a host
	killed   int           // times that a replica lost what it had in flight
	late     time.Duration // the longest that a poll may be late, on a machine that keeps nobody waiting
	befall   func(r *replicas)
}

// replicas are the processes of a trial.
type replicas struct {
	t     *testing.T
	room  *newsroom
	store string
	trial trial
	all   []*process
	seen  store.Store   // as this program opened it before anything befell it
	cut   func(bool)    // the proxy before the database
	stall time.Duration // the longest that this machine kept the test itself waiting
}

// watch measures how late this process wakes up: no replica does better.
func (r *replicas) watch(done chan struct{}) {
	const step = 20 * time.Millisecond
	for last := time.Now(); ; last = time.Now() {
		select {
		case <-done:
			return
		case <-time.After(step):
			r.stall = max(r.stall, time.Since(last)-step)
		}
	}
}

// kept counts the items in the store and lists its stories. Now and then two
// of the made-up items are taken for one story; that is grouping's affair.
func (r *replicas) kept() (items int, stories []string) {
	r.read(func(tx store.Reader) error {
		n, err := tx.CountItems(r.t.Context(), time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		all, err := tx.Stories(r.t.Context(), store.StoryFilter{})
		for _, s := range all {
			stories = append(stories, s.ID)
		}
		items = n
		return err
	})
	return items, stories
}

// read looks at the store, unless it is away just now.
func (r *replicas) read(fn func(store.Reader) error) {
	if err := r.seen.View(r.t.Context(), fn); err != nil {
		r.t.Logf("read the store: %v", err)
	}
}

// polls counts the requests of feeds, and those of them that were not kept:
// of all feeds, and the most of one.
func (r *replicas) polls(room *newsroom) (asked, lost, most int) {
	r.read(func(tx store.Reader) error {
		rows, err := tx.Feeds(r.t.Context(), store.FeedFilter{})
		for _, row := range rows {
			n := room.pollsOf("/" + row.Feed.ID)
			asked += n
			lost += n - int(row.State.Seq)
			most = max(most, n-int(row.State.Seq))
		}
		return err
	})
	return asked, lost, most
}

// start adds a replica; startAs one of another build.
func (r *replicas) start() *process { return r.startAs(os.Args[0]) }

func (r *replicas) startAs(program string) *process {
	p := startProgram(r.t, program, nil, "run", "-c", r.room.config(r.store, "@every "+r.trial.schedule.String(), r.trial.gap.String()))
	r.all = append(r.all, p)
	return p
}

// outcome is a row of the report.
type outcome struct {
	name                      string
	polls, twice, again       int // again: the most polls of one feed that were not kept
	late                      time.Duration
	most                      int
	stall                     time.Duration
	tooSoon                   int // requests of a host sooner than its gap
	items, lost, repeats, ids int // ids: stories told under two ids
}

func (tr trial) run(t *testing.T) outcome {
	room := newNewsroom(t, 10, 3)
	room.set(func() { room.delay = 5 * time.Millisecond })
	r := &replicas{t: t, room: room, trial: tr}
	address := pgtest.URL(t)
	r.store, r.cut = proxied(t, address)
	for range tr.replicas {
		r.start()
	}
	for _, p := range room.paths {
		wait(t, "the baseline of "+p, 2*time.Minute, func() bool { return room.pollsOf(p) > 0 })
	}
	room.settle()
	var err error
	if r.seen, err = app.OpenAddress(t.Context(), address, app.Read); err != nil {
		t.Fatal(err)
	}
	defer r.seen.Close()
	began := time.Now()
	watched, gone := make(chan struct{}), make(chan struct{})
	go func() { defer close(gone); r.watch(watched) }()
	room.mu.Lock()
	room.asked, room.starts, room.most = map[string][]time.Time{}, map[string][]time.Time{}, 0
	room.mu.Unlock()

	published := make(chan struct{})
	go func() {
		defer close(published)
		rnd := rand.New(rand.NewPCG(uint64(began.UnixNano()), 1))
		for i := range tr.items {
			title, text := made(rnd, i)
			room.publish(room.paths[rnd.IntN(len(room.paths))], fmt.Sprint("n", i), title, text)
			time.Sleep(tr.flow / time.Duration(tr.items))
		}
	}()
	if tr.befall != nil {
		tr.befall(r)
	}
	<-published
	wait(t, fmt.Sprintf("%d items kept and their stories told", tr.items), 3*time.Minute, func() bool {
		items, stories := r.kept()
		told := map[string]bool{}
		for _, p := range room.accepted() {
			told[p.body.Story.ID] = true
		}
		for _, id := range stories {
			if !told[id] {
				return false
			}
		}
		return items == tr.items+len(room.paths)
	})
	room.settle()
	for _, p := range r.all {
		if p.cmd.ProcessState == nil {
			if code, took := p.stop(); code != 0 || took > 15*time.Second {
				t.Errorf("SIGTERM: exit %d after %s", code, took)
			}
		}
	}
	close(watched)
	<-gone
	return tr.judge(t, room, r)
}
