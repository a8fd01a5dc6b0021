package fetch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/feedtest"
)

// tenMinutes is a cron schedule of */10.
type tenMinutes struct{}

func (tenMinutes) Next(after time.Time) time.Time {
	return after.Truncate(10 * time.Minute).Add(10 * time.Minute)
}

// reader polls feeds as the daemon does: all that is due, by its gates, each
// outcome through pace.After.
type reader struct {
	feeds  []feeds.Feed
	client *fetch.Client
	pacer  *pace.Pacer

	mu     sync.Mutex
	states map[string]feeds.State
	known  map[string]bool
	found  map[string]int // new items, by feed
	events map[string]int
	rnd    *rand.Rand
}

var guids = regexp.MustCompile(`<(?:guid[^>]*|id)>([^<]*)<`)

func (r *reader) connect(web *feedtest.Web) {
	r.pacer = pace.NewPacer(time.Now)
	r.client = fetch.New(fetch.Options{Version: "1", Contact: "ops@example.org", Dial: web.Dial, Gate: r.pacer.Follow})
}

// restart loses everything but what is saved.
func (r *reader) restart(t *testing.T, web *feedtest.Web) {
	t.Helper()
	r.client.CloseIdle()
	old := r.pacer
	r.connect(web)
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, st := range r.states {
		saved, err := json.Marshal(st)
		var again feeds.State
		if err == nil {
			err = json.Unmarshal(saved, &again)
		}
		if err != nil {
			t.Fatal(err)
		}
		r.states[id] = again
	}
	for _, f := range r.feeds {
		r.pacer.Load(old.Host(feeds.PacingKey(f.URL)))
	}
}

// run polls until end.
func (r *reader) run(ctx context.Context, t *testing.T, end time.Time) {
	t.Helper()
	var wg sync.WaitGroup
	busy := make(map[string]bool)
	slots := make(chan struct{}, 16)
	for time.Now().Before(end) {
		r.mu.Lock()
		for _, f := range r.feeds {
			if !busy[f.ID] && pace.Due(f, r.states[f.ID], time.Now()) {
				busy[f.ID] = true
				wg.Go(func() {
					r.poll(ctx, t, f, slots)
					r.mu.Lock()
					busy[f.ID] = false
					r.mu.Unlock()
				})
			}
		}
		r.mu.Unlock()
		time.Sleep(2300 * time.Millisecond)
	}
	wg.Wait()
}

func (r *reader) poll(ctx context.Context, t *testing.T, f feeds.Feed, slots chan struct{}) {
	r.mu.Lock()
	st := pace.Adopt(f, r.states[f.ID])
	r.mu.Unlock()
	var o pace.Outcome
	release, err := r.pacer.Wait(ctx, feeds.PacingKey(st.URL), f)
	var later *pace.Later
	switch {
	case errors.As(err, &later):
		o = later.Outcome(time.Now())
	case err != nil:
		t.Error(err)
		return
	default:
		slots <- struct{}{}
		res, err := r.client.Get(ctx, f, st)
		<-slots
		release()
		if err != nil {
			t.Error(err)
			return
		}
		o = r.read(f, res)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next, host, events := pace.After(f, st, r.pacer.Host(o.Host), o, tenMinutes{}, time.Now(), r.rnd.Float64)
	r.states[f.ID] = next
	r.pacer.Save(host)
	for _, e := range events {
		r.events[e.Type]++
	}
}

func (r *reader) read(f feeds.Feed, res fetch.Result) pace.Outcome {
	if res.Class != pace.OK {
		return res.Outcome
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d := pace.Doc{}
	for _, m := range guids.FindAllSubmatch(res.Body, -1) {
		d.Items++
		if key := f.ID + string(m[1]); !r.known[key] {
			r.known[key] = true
			d.New++
		}
	}
	r.found[f.ID] += d.New
	if d.Items == 0 {
		return res.Unread(res.Body, "no items")
	}
	return res.Read(d)
}

// A day on a fake clock before servers that score their readers, with a
// restart in its middle, servers that want rest, break down, redirect and set
// cookies: not one fault.
func TestDayBeforeTheJudge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := feedtest.NewWeb(t)
		judge := feedtest.NewJudge(2 * time.Second)
		r := &reader{states: map[string]feeds.State{}, known: map[string]bool{}, found: map[string]int{}, events: map[string]int{}, rnd: rand.New(rand.NewPCG(1, 2))}
		policies := []feedtest.Policy{
			{ETag: true}, {WeakETag: true, Gzip: true}, {LastModified: true}, {ETag: true, LastModified: true, MaxAge: 30 * time.Minute, Cookie: true},
			{ETag: true, MaxAge: 10 * time.Minute, Atom: true}, {LastModified: true, Expires: time.Hour}, {}, {MaxAge: 15 * time.Minute, Gzip: true, Cookie: true},
		}
		served := map[string]*feedtest.Feed{}
		for h := range 6 {
			name := fmt.Sprintf("paper%d.example", h)
			mux := http.NewServeMux()
			for i, p := range policies {
				path := fmt.Sprintf("/%d/feed.xml", i)
				id := name + path
				served[id] = feedtest.NewFeed("Paper "+id, p, feedtest.Item("The first of "+id, time.Now()))
				mux.Handle(path, served[id])
				r.feeds = append(r.feeds, feeds.Feed{ID: id, URL: "http://" + id, AdaptiveMin: 5 * time.Minute, AdaptiveMax: time.Hour, HostGap: 2 * time.Second, AdaptiveOff: h%2 == 0})
			}
			// Feeds behind redirects: to another path, and to another host for good.
			mux.Handle("/old/feed.xml", http.RedirectHandler("/new/feed.xml", http.StatusFound))
			mux.Handle("/moved/feed.xml", http.RedirectHandler(fmt.Sprintf("http://paper%d.example/taken/feed.xml", (h+1)%6), http.StatusMovedPermanently))
			for _, kind := range []string{"new", "taken"} {
				id := name + "/" + kind + "/feed.xml"
				served[id] = feedtest.NewFeed("Paper "+id, feedtest.Policy{ETag: true, LastModified: true}, feedtest.Item("The first of "+id, time.Now()))
				mux.Handle("/"+kind+"/feed.xml", served[id])
			}
			for _, kind := range []string{"old", "moved"} {
				id := name + "/" + kind + "/feed.xml"
				r.feeds = append(r.feeds, feeds.Feed{ID: id, URL: "http://" + id, AdaptiveMin: 5 * time.Minute, AdaptiveMax: time.Hour, HostGap: 2 * time.Second})
			}
			web.Handle(name, judge.Watch(name, mux))
		}
		r.connect(web)
		begin := time.Now()
		ctx := t.Context()

		// The newsroom: items at times of their own, servers in trouble now and then.
		stop := make(chan struct{})
		var room sync.WaitGroup
		room.Go(func() {
			rnd := rand.New(rand.NewPCG(3, 4))
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(97 * time.Second):
				}
				f := r.feeds[rnd.IntN(len(r.feeds))]
				if served[f.ID] == nil {
					continue // a redirect
				}
				served[f.ID].Add(feedtest.Item(fmt.Sprintf("Report %d", n), time.Now()))
				switch n % 50 {
				case 10:
					served[f.ID].Fail(429, "Retry-After", "1800")
				case 20:
					served[f.ID].Fail(503, "Retry-After", time.Now().Add(20*time.Minute).UTC().Format(http.TimeFormat))
				case 30:
					served[f.ID].Fail(500)
				case 40:
					served[f.ID].Fail(403)
				case 5, 15, 25, 35, 45:
					for _, s := range served {
						s.Answer(nil)
					}
				}
			}
		})
		r.run(ctx, t, begin.Add(11*time.Hour+3*time.Minute+17*time.Second))
		r.restart(t, web)
		r.run(ctx, t, begin.Add(24*time.Hour))
		close(stop)
		room.Wait()
		r.client.CloseIdle()

		t.Logf("the judge's score of a day:\n%sevents %v", judge.Score(), r.events)
		if faults := judge.Faults(); len(faults) > 0 {
			t.Errorf("faults: %v", faults)
		}
		if n := strings.Count(judge.Score(), "\n"); n == 0 || len(r.events) == 0 {
			t.Error("nothing happened")
		}
		for _, f := range r.feeds {
			if n := judge.Requests(f.ID); n < 20 || n > 160 {
				t.Errorf("%s was polled %d times in a day", f.ID, n)
			}
		}
		web.Close()
	})
}
