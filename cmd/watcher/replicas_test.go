package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
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
	killed   int           // replicas killed: each may leave what it had in flight
	late     time.Duration // the longest that a poll may be late
	befall   func(r *replicas)
}

// replicas are the processes of a trial.
type replicas struct {
	t     *testing.T
	room  *newsroom
	store string
	trial trial
	all   []*process
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
	s, err := app.OpenAddress(r.t.Context(), r.store, app.Read)
	if err == nil {
		defer s.Close()
		err = s.View(r.t.Context(), fn)
	}
	if err != nil {
		r.t.Logf("read the store: %v", err)
	}
}

// polls counts the requests of feeds, and those of them that were not kept.
func (r *replicas) polls(room *newsroom) (asked, lost int) {
	r.read(func(tx store.Reader) error {
		rows, err := tx.Feeds(r.t.Context(), store.FeedFilter{})
		for _, row := range rows {
			n := room.pollsOf("/" + row.Feed.ID)
			asked += n
			lost += n - int(row.State.Seq)
		}
		return err
	})
	return asked, lost
}

func (r *replicas) start() *process {
	p := start(r.t, "run", "-c", r.room.config(r.store, "@every "+r.trial.schedule.String(), r.trial.gap.String()))
	r.all = append(r.all, p)
	return p
}

// outcome is a row of the report.
type outcome struct {
	name                      string
	polls, twice              int
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
	r.store, r.cut = proxied(t, pgtest.URL(t))
	for range tr.replicas {
		r.start()
	}
	for _, p := range room.paths {
		wait(t, "the baseline of "+p, 2*time.Minute, func() bool { return room.pollsOf(p) > 0 })
	}
	room.settle()
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

// judge counts, and says what went past the promise.
func (tr trial) judge(t *testing.T, room *newsroom, r *replicas) outcome {
	o := outcome{name: tr.name, most: room.most, stall: r.stall}
	// What was asked and not kept was asked again: a poll too many.
	o.polls, o.twice = r.polls(room)
	for _, at := range room.asked {
		for i := 1; i < len(at); i++ {
			gap := at[i].Sub(at[i-1])
			o.late = max(o.late, gap-tr.schedule)
		}
	}
	for _, at := range room.starts {
		for i := 1; i < len(at); i++ {
			if at[i].Sub(at[i-1]) < tr.gap/2 { // requests travel: a server sees a gap shorter than it was kept
				o.tooSoon++
			}
		}
	}
	ids, told := map[string]string{}, map[string]bool{}
	for _, p := range room.accepted() {
		told[p.body.Story.ID] = true
		key := fmt.Sprintf("%s/%d", p.body.Story.ID, p.body.Sequence)
		switch id, ok := ids[key]; {
		case !ok:
			ids[key] = p.id
		case id == p.id:
			o.repeats++
		default:
			o.ids++
		}
	}
	_, stories := r.kept()
	o.items = len(stories)
	for _, id := range stories {
		if !told[id] {
			o.lost++
		}
	}
	if o.lost > 0 || o.ids > 0 {
		t.Errorf("%s: %d alerts lost, %d told under two ids", tr.name, o.lost, o.ids)
	}
	if o.repeats > 4*tr.killed {
		t.Errorf("%s: %d repeats, want at most 4 in flight for each of %d kills", tr.name, o.repeats, tr.killed)
	}
	if o.twice > len(room.paths)*tr.killed/2 {
		t.Errorf("%s: %d polls were done and not kept, after %d kills", tr.name, o.twice, tr.killed)
	}
	if o.most > 1+min(tr.killed, 1) { // the host does not know that who asked is dead
		t.Errorf("%s: %d requests at once at one host", tr.name, o.most)
	}
	if o.tooSoon > tr.killed && o.stall < tr.gap/4 {
		t.Errorf("%s: %d requests sooner than the host's gap", tr.name, o.tooSoon)
	}
	if limit := tr.late + 5*o.stall; o.late > limit {
		t.Errorf("%s: a poll came %s late, want at most %s", tr.name, o.late, limit)
	}
	return o
}

func report(t *testing.T, rows []outcome) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "trial\tpolls\tnot kept\tlatest\tmachine stalled\tat once at a host\ttoo soon\tstories\tlost\trepeats\ttwo ids\t")
	for _, o := range rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.1f s\t%.1f s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", o.name, o.polls, o.twice, o.late.Seconds(), o.stall.Seconds(), o.most, o.tooSoon, o.items, o.lost, o.repeats, o.ids)
	}
	w.Flush()
	t.Logf("replicas on PostgreSQL\n%s", &b)
}

// proxied puts a proxy before the server that can be cut.
func proxied(t *testing.T, address string) (string, func(bool)) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir := u.Query().Get("host")
	if dir == "" {
		return address, nil
	}
	front, err := os.MkdirTemp("", "pgx") // short: a socket's path is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(front) })
	p := &proxy{to: filepath.Join(dir, ".s.PGSQL.5432"), open: map[net.Conn]bool{}}
	l, err := net.Listen("unix", filepath.Join(front, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); p.cut(true) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.join(c)
		}
	}()
	u.RawQuery = url.Values{"host": {front}}.Encode()
	return u.String(), p.cut
}

type proxy struct {
	to   string
	mu   sync.Mutex
	down bool
	open map[net.Conn]bool
}

// cut ends every connection, and refuses others until it is called with false.
func (p *proxy) cut(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for c := range p.open {
		c.Close()
	}
	clear(p.open)
}

func (p *proxy) join(c net.Conn) {
	defer c.Close()
	p.mu.Lock()
	down := p.down
	p.mu.Unlock()
	if down {
		return
	}
	s, err := net.Dial("unix", p.to)
	if err != nil {
		return
	}
	defer s.Close()
	p.mu.Lock()
	p.open[c], p.open[s] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.open, c)
		delete(p.open, s)
		p.mu.Unlock()
	}()
	go func() { io.Copy(s, c); s.Close(); c.Close() }()
	io.Copy(c, s)
}

// TestReplicas kills one of two and stops the other while items flow.
func TestReplicas(t *testing.T) {
	report(t, []outcome{trial{name: "kill -9, then SIGTERM", replicas: 2, items: 40, flow: 8 * time.Second, schedule: 4 * time.Second, gap: 500 * time.Millisecond,
		killed: 1, late: 25 * time.Second, befall: func(r *replicas) {
			time.Sleep(2 * time.Second)
			r.all[0].kill()
			r.start()
			time.Sleep(3 * time.Second)
			r.all[1].stop()
		}}.run(t)})
}

// TestSoakReplicas is the long form: two and three replicas, and all that may
// befall them.
func TestSoakReplicas(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to kill, freeze and cut off replicas")
	}
	base := trial{items: 300, flow: time.Minute, schedule: 10 * time.Second, gap: time.Second, replicas: 2, late: 15 * time.Second}
	with := func(name string, change func(*trial)) trial { tr := base; tr.name = name; change(&tr); return tr }
	trials := []trial{
		with("nothing happens, 2 replicas", func(tr *trial) {}),
		with("nothing happens, 3 replicas", func(tr *trial) { tr.replicas = 3 }),
		with("kill -9, 10 times, 3 replicas", func(tr *trial) {
			tr.replicas, tr.killed, tr.late = 3, 10, 30*time.Second
			tr.befall = func(r *replicas) {
				for i := range 10 {
					time.Sleep(time.Duration(2000+rand.IntN(3000)) * time.Millisecond)
					r.all[i].kill()
					r.start()
				}
			}
		}),
		with("rolling restart by SIGTERM", func(tr *trial) {
			tr.befall = func(r *replicas) {
				for i := range 6 {
					time.Sleep(4 * time.Second)
					r.start()
					time.Sleep(3 * time.Second)
					r.all[i].stop()
				}
			}
		}),
		with("frozen past the rescue time", func(tr *trial) {
			tr.flow, tr.killed, tr.late = 2*time.Minute, 2, 95*time.Second
			tr.befall = func(r *replicas) {
				time.Sleep(5 * time.Second)
				r.all[0].cmd.Process.Signal(syscall.SIGSTOP)
				time.Sleep(100 * time.Second)
				r.all[0].cmd.Process.Signal(syscall.SIGCONT)
			}
		}),
		with("PostgreSQL killed and started, twice", func(tr *trial) {
			tr.killed, tr.late = 2, 60*time.Second
			tr.befall = func(r *replicas) {
				c := pgtest.Get(r.t)
				if !c.Own() {
					return
				}
				for range 2 {
					time.Sleep(8 * time.Second)
					c.Kill()
					time.Sleep(3 * time.Second)
					if err := c.Start(); err != nil {
						r.t.Error(err)
					}
				}
			}
		}),
		with("cut off from the database for 10 s", func(tr *trial) {
			tr.killed, tr.late = 2, 60*time.Second
			tr.befall = func(r *replicas) {
				time.Sleep(8 * time.Second)
				r.cut(true)
				time.Sleep(10 * time.Second)
				r.cut(false)
			}
		}),
	}
	var rows []outcome
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) { rows = append(rows, tr.run(t)) })
	}
	report(t, rows)
}
