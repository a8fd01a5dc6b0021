// Package local works due feeds in one process: nothing to elect, nothing to
// lock. Feeds wait in a queue a host; a host's queue moves when the pacer lets
// it, so that a slow or resting host holds up nobody else.
package local

import (
	"container/heap"
	"context"
	"errors"
	"log/slog"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/engine"
	"watcher/internal/store"
)

// Gate lets requests of a host through: pace.Pacer.
type Gate interface {
	Try(key string, f feeds.Feed) (release func(), wait time.Duration, err error)
}

// Options of an Engine. Zero values take the defaults named.
type Options struct {
	Source engine.Source
	Poller engine.Poller
	Gate   Gate
	Now    func() time.Time
	Log    *slog.Logger
	// InFlight bounds polls at once (64); NewInFlight those of feeds never polled (16).
	InFlight, NewInFlight int
	// Batch is how many due feeds are held in memory at once (500): more where
	// hosts make theirs wait.
	Batch int
	// Grace is how long Run waits for polls in flight once its context ended (10 s).
	Grace time.Duration
	// Idle is called whenever nothing is left to do, with what was done since
	// the last time.
	Idle func(engine.Round)
	// Beat is called each time the loop turns, for the watchdog.
	Beat func()
}

// recess is the longest time between two looks at the store.
const recess = 30 * time.Second

// Engine implements engine.Engine.
type Engine struct {
	o    Options
	wake chan struct{}
}

// New makes an Engine.
func New(o Options) *Engine {
	if o.InFlight == 0 {
		o.InFlight = 64
	}
	if o.Batch == 0 {
		o.Batch = 500
	}
	if o.NewInFlight == 0 {
		o.NewInFlight = 16
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{o: o, wake: make(chan struct{}, 1)}
}

// Wake implements engine.Engine.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Run implements engine.Engine.
func (e *Engine) Run(ctx context.Context) error { return e.run(ctx, false) }

// Once works what is due now, and what falls due by it, until nothing is left.
func (e *Engine) Once(ctx context.Context) error { return e.run(ctx, true) }

func (e *Engine) run(ctx context.Context, once bool) error {
	// Polls outlive ctx by the grace period, so that what was fetched is kept.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	l := &loop{Engine: e, ctx: work, once: once, hosts: map[string]*host{}, known: map[string]bool{}, paused: map[string]time.Time{}, done: make(chan finished, e.o.InFlight)}
	err := l.work(ctx)
	deadline := time.NewTimer(e.o.Grace)
	defer deadline.Stop()
	for l.active > 0 {
		select {
		case f := <-l.done:
			l.finish(f)
		case <-deadline.C:
			cancel()
			deadline.Stop()
			for l.active > 0 {
				l.finish(<-l.done)
			}
		}
	}
	return err
}

// loop is the state of one Run, owned by its goroutine.
type loop struct {
	*Engine
	ctx    context.Context
	once   bool
	hosts  map[string]*host
	ready  readyHeap
	known  map[string]bool      // feeds queued or in flight
	paused map[string]time.Time // feeds whose poll could not be kept: not before
	done   chan finished
	active int
	fresh  int // in flight, never polled before
	polled int
	since  time.Time
	full   bool // the last look at the store was cut short

	last  store.Turn // of the feeds that were read: looks go on behind it
	whole time.Time  // when to look from the first again

	complained time.Time // when a poll that could not be kept was last logged
}

// host is the queue of one pacing key.
type host struct {
	key    string
	rows   []*store.FeedRow
	active int
	at     time.Time // in the heap: when to try next
	queued bool
}

// drop takes the first row out of the queue.
func (h *host) drop() {
	h.rows[0] = nil
	h.rows = h.rows[1:]
}

type finished struct {
	feed  string
	host  *host
	fresh bool
	err   error
}

func (l *loop) work(ctx context.Context) error {
	next := l.o.Now() // when to look at the store
	for {
		if l.o.Beat != nil {
			l.o.Beat()
		}
		if now := l.o.Now(); !next.After(now) {
			var err error
			if next, err = l.look(ctx, now); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
		retry := l.start()
		if l.active == 0 && len(l.ready) == 0 {
			l.idle()
			if l.once && !l.full {
				return nil
			}
		}
		at := next
		if !retry.IsZero() && retry.Before(at) {
			at = retry
		}
		timer := time.NewTimer(max(at.Sub(l.o.Now()), 0))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case f := <-l.done:
			l.finish(f)
			if l.active == 0 && len(l.ready) == 0 {
				next, l.whole = l.o.Now(), time.Time{}
			} else if l.full && l.queueLen() < l.o.Batch/2 {
				next = l.o.Now()
			}
		case <-l.wake:
			next, l.whole = l.o.Now(), time.Time{}
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (l *loop) queueLen() int { return len(l.known) - l.active }

// look queues what is due and returns when to look again.
func (l *loop) look(ctx context.Context, now time.Time) (time.Time, error) {
	limit := max(l.o.Batch-l.queueLen(), l.o.Batch/2)
	if wait := l.whole.Sub(now); wait <= 0 || wait > recess { // or the clock was set back
		// What fell due behind our back stands before what was read: a feed that
		// another process added, or one whose poll could not be kept.
		l.last, l.whole, limit = store.Turn{}, now.Add(recess), l.o.Batch+len(l.known)
	}
	rows, err := l.o.Source.Due(ctx, now, l.last, -1, limit)
	if err != nil {
		return now, err
	}
	if l.full = len(rows) == limit; len(rows) > 0 {
		l.last = rows[len(rows)-1].Turn()
	}
	added := 0
	for i := range rows {
		row := &rows[i]
		if l.known[row.Feed.ID] {
			continue
		}
		if until := l.paused[row.Feed.ID]; until.After(now) {
			if until.Before(l.whole) {
				l.whole = until
			}
			continue
		}
		delete(l.paused, row.Feed.ID)
		added++
		l.known[row.Feed.ID] = true
		key := feeds.PacingKey(row.Feed.URL)
		if row.State.URL != "" && row.State.ConfigURL == row.Feed.URL {
			key = feeds.PacingKey(row.State.URL)
		}
		h := l.hosts[key]
		if h == nil {
			h = &host{key: key}
			l.hosts[key] = h
		}
		own := *row // else one row that waits would hold all that were read with it
		h.rows = append(h.rows, &own)
		l.push(h, now)
	}
	if added > 0 && l.since.IsZero() {
		l.since = now
	}
	next, err := l.o.Source.NextDue(ctx, -1)
	if err != nil {
		return now, err
	}
	// What is due already is queued or in flight; look again when the next
	// falls due or, at the latest, after a recess, as other processes may write.
	if next.IsZero() || next.Sub(now) > recess {
		next = now.Add(recess)
	}
	if !next.After(now) {
		next = now.Add(time.Second)
	}
	return next, nil
}

func (l *loop) push(h *host, at time.Time) {
	if h.queued || len(h.rows) == 0 {
		return
	}
	h.queued, h.at = true, at
	heap.Push(&l.ready, h)
}

// start begins every poll that may begin now and returns when the next may.
func (l *loop) start() time.Time {
	now := l.o.Now()
	var later []*host // only never-polled feeds, and too many of them at once
	defer func() {
		for _, h := range later {
			l.push(h, now)
		}
	}()
	for len(l.ready) > 0 && l.active < l.o.InFlight {
		h := l.ready[0]
		if h.at.After(now) {
			return h.at
		}
		heap.Pop(&l.ready)
		h.queued = false
		row := h.rows[0]
		fresh := row.State.LastPoll.IsZero()
		if fresh && l.fresh >= l.o.NewInFlight {
			later = append(later, h)
			continue
		}
		release, wait, err := l.o.Gate.Try(h.key, row.Feed)
		var rest *pace.Later
		switch {
		case errors.As(err, &rest):
			h.drop()
			l.o.Poller.Hold(l.ctx, *row, rest.Until)
			delete(l.known, row.Feed.ID)
			l.push(h, now)
		case release != nil:
			h.drop()
			l.poll(h, row, fresh, release)
			l.push(h, now)
		case wait > 0:
			l.push(h, now.Add(wait))
		case h.active == 0: // a redirect of another feed is at the host
			l.push(h, now.Add(50*time.Millisecond))
		default: // as many at once as the host takes: finish pushes it again
		}
		if len(h.rows) == 0 && h.active == 0 {
			delete(l.hosts, h.key)
		}
	}
	return time.Time{}
}

func (l *loop) poll(h *host, row *store.FeedRow, fresh bool, release func()) {
	l.active++
	h.active++
	l.polled++
	if fresh {
		l.fresh++
	}
	go func() {
		err := l.o.Poller.Poll(l.ctx, *row)
		release()
		l.done <- finished{row.Feed.ID, h, fresh, err}
	}()
}

func (l *loop) finish(f finished) {
	l.active--
	f.host.active--
	if f.fresh {
		l.fresh--
	}
	delete(l.known, f.feed)
	if f.err != nil {
		// Its state was not kept, so it still looks due: do not ask the server
		// again and again because our disk is full.
		now := l.o.Now()
		l.paused[f.feed] = now.Add(recess)
		if now.Sub(l.complained) >= recess { // one line speaks for all feeds
			l.complained = now
			l.o.Log.Error("polls are not kept and will be repeated", "feed", f.feed, "err", f.err)
		}
	}
	l.push(f.host, l.o.Now())
	if len(f.host.rows) == 0 && f.host.active == 0 {
		delete(l.hosts, f.host.key)
	}
}

func (l *loop) idle() {
	if l.polled == 0 {
		l.since = time.Time{}
		return
	}
	if l.o.Idle != nil {
		l.o.Idle(engine.Round{Feeds: l.polled, Elapsed: l.o.Now().Sub(l.since)})
	}
	l.polled, l.since = 0, time.Time{}
}

// readyHeap orders hosts by when they may be tried.
type readyHeap []*host

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *readyHeap) Push(x any)        { *h = append(*h, x.(*host)) }
func (h *readyHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
