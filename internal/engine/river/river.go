// Package river lets any number of replicas share the feeds of one PostgreSQL.
// A River job is a shard of hosts, never a feed: whichever replica holds it
// works the shard's due feeds as local does, and puts the job back until the
// next falls due. No leader is needed for that. What a poll may write is fenced
// by the feed's sequence number in the store, whatever the jobs do.
package river

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/engine"
	"watcher/internal/engine/local"
	"watcher/internal/store"
	"watcher/internal/store/postgres"
)

// Gate lets requests of a host through, and takes what other replicas learnt
// of hosts: pace.Pacer.
type Gate interface {
	local.Gate
	Load(hosts ...feeds.HostState)
}

var _ Gate = (*pace.Pacer)(nil)

// Options of an Engine. Zero values take the defaults named.
type Options struct {
	Store  *postgres.Store
	Feed   func(feeds.Feed) feeds.Feed // engine.StoreSource.Feed
	Poller engine.Poller
	Gate   Gate
	Now    func() time.Time
	Log    *slog.Logger
	// InFlight bounds polls at once over all shards (256), Workers shards at once (16).
	InFlight, Workers int
	// Timeout is the longest that one fetch may take, as configured now (30 s).
	Timeout func() time.Duration
	// HostGap is the least time between two requests of a host, as configured now (0).
	HostGap func() time.Duration
	// Slice is how long one run of a shard begins new polls (10 s).
	Slice time.Duration
	// MinRest and MaxRest bound how long a shard rests between two runs (2 s, 4.5 s).
	// River's leader is needed for rests over 5 s.
	MinRest, MaxRest time.Duration
	// Grace is how long Run waits for polls in flight once its context ended (10 s).
	Grace time.Duration
	// Pulse is how often replicas look after one another (2 s).
	Pulse time.Duration
	Idle  func(engine.Round)
	Beat  func()
}

// Engine implements engine.Engine.
type Engine struct {
	o     Options
	id    string // of this replica
	slots chan struct{}

	mu     sync.Mutex
	active map[int]time.Time    // shards at work here (zero), or when they last ended
	paused map[string]time.Time // feeds whose poll could not be kept: not before

	polled  atomic.Int64
	elapsed atomic.Int64

	handing, hard context.Context // end: begin no more polls; end polls in flight
	stop, kill    context.CancelFunc
	lease         lease
}

var _ engine.Engine = (*Engine)(nil)

// New makes an Engine.
func New(o Options) *Engine {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&o.Slice, 10*time.Second)
	def(&o.MinRest, 2*time.Second)
	def(&o.MaxRest, 4500*time.Millisecond)
	def(&o.Grace, 10*time.Second)
	def(&o.Pulse, 2*time.Second)
	if o.Timeout == nil {
		o.Timeout = func() time.Duration { return 30 * time.Second }
	}
	if o.HostGap == nil {
		o.HostGap = func() time.Duration { return 0 }
	}
	if o.InFlight == 0 {
		o.InFlight = 256
	}
	if o.Workers == 0 {
		o.Workers = 16
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	host, _ := os.Hostname()
	e := &Engine{o: o, id: fmt.Sprintf("%.40s-%d-%s", host, os.Getpid(), ulid.Make()), slots: make(chan struct{}, o.InFlight), active: map[int]time.Time{}, paused: map[string]time.Time{}}
	e.handing, e.stop = context.WithCancel(context.Background())
	e.hard, e.kill = context.WithCancel(context.Background())
	return e
}

// jobTimeout is when River gives a run up: after its slice, the longest fetch
// and the commit.
func (e *Engine) jobTimeout() time.Duration { return e.o.Slice + e.o.Timeout() + 5*time.Second }

// shardArgs is a job: the due feeds of one shard.
type shardArgs struct {
	Shard int `json:"shard"`
}

// Kind implements river.JobArgs.
func (shardArgs) Kind() string { return kind }

const (
	kind  = "poll-shard"
	queue = "polls"
)

// Wake implements engine.Engine. A shard looks by itself every few seconds.
func (e *Engine) Wake() {}

// Run implements engine.Engine. It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	if err := Migrate(ctx, e.o.Store); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{e: e})
	client, err := river.NewClient(riverpgxv5.New(e.o.Store.Pool()), &river.Config{
		ID: e.id, Workers: workers, Queues: map[string]river.QueueConfig{queue: {MaxWorkers: e.o.Workers}},
		FetchPollInterval: max(e.o.MinRest/4, 100*time.Millisecond), FetchCooldown: 50 * time.Millisecond,
		JobTimeout: e.jobTimeout(), RescueStuckJobsAfter: e.jobTimeout() + 15*time.Second, RetryPolicy: soon{e.o.MinRest},
		CompletedJobRetentionPeriod: time.Hour, Logger: slog.New(quiet{e.o.Log.Handler()}),
	})
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	alive, err := e.announce(ctx)
	if err != nil {
		return err
	}
	if err := e.insert(ctx, client); err != nil {
		return errors.Join(err, alive.close())
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(fmt.Errorf("river: %w", err), alive.close())
	}
	e.watch(ctx, client, alive)
	return errors.Join(e.end(ctx, client), alive.close())
}

// insert makes the job of each shard, where it is missing.
func (e *Engine) insert(ctx context.Context, client *river.Client[pgx.Tx]) error {
	var ps []river.InsertManyParams
	for k := range store.Shards {
		ps = append(ps, river.InsertManyParams{Args: shardArgs{k}, InsertOpts: &river.InsertOpts{Queue: queue, MaxAttempts: 10_000, UniqueOpts: river.UniqueOpts{ByArgs: true,
			ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}})
	}
	// Not InsertManyFast: that one fails whole where another replica was first.
	if _, err := client.InsertMany(ctx, ps); err != nil {
		return fmt.Errorf("make the shards' jobs: %w", err)
	}
	return nil
}

// worker has River work the shards.
type worker struct {
	river.WorkerDefaults[shardArgs]
	e *Engine
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[shardArgs]) error {
	return w.e.work(ctx, job)
}

// Timeout implements river.Worker: what is configured may change while the
// client runs. No job is rescued sooner.
func (w *worker) Timeout(*river.Job[shardArgs]) time.Duration { return w.e.jobTimeout() }

// perRun is how many due feeds a run reads ahead of its polls. What it has not
// come to at the end of its slice was read for nothing.
const perRun = 256

// work is one run of a shard. It always comes back: an error is a rest.
func (e *Engine) work(ctx context.Context, job *river.Job[shardArgs]) error {
	shard := job.Args.Shard
	e.mark(shard, true)
	defer e.mark(shard, false)
	if e.handing.Err() != nil {
		return river.JobSnooze(0) // stopping: another takes it at once
	}
	slice, cancel := context.WithTimeout(ctx, e.o.Slice)
	defer cancel()
	defer context.AfterFunc(e.handing, cancel)()
	defer context.AfterFunc(e.lease.now(), cancel)()
	r := &run{e: e, shard: shard, slice: slice}
	err := local.New(local.Options{Source: r, Poller: r, Gate: e.o.Gate, Now: e.o.Now, Log: e.o.Log, InFlight: e.o.InFlight, Batch: perRun, Grace: e.o.Timeout() + 2*time.Second,
		Idle: func(d engine.Round) { e.polled.Add(int64(d.Feeds)); e.elapsed.Add(int64(d.Elapsed)) }}).Once(slice)
	if e.o.Beat != nil {
		e.o.Beat()
	}
	if e.handing.Err() != nil { // another takes it as soon as the hosts may be asked again
		return river.JobSnooze(r.gap)
	}
	if err != nil {
		e.o.Log.Warn("due feeds cannot be read", "count", shard, "err", err)
		return river.JobSnooze(e.o.MaxRest)
	}
	rest := r.rest(e.o.Now())
	return river.JobSnooze(max(min(rest, e.o.MaxRest), e.o.MinRest, r.gap))
}

func (e *Engine) mark(shard int, on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if on {
		e.active[shard] = time.Time{}
	} else {
		e.active[shard] = time.Now()
	}
}

// end stops in order: no new polls, those in flight finish, and what takes
// longer than the grace period is cut off.
func (e *Engine) end(ctx context.Context, client *river.Client[pgx.Tx]) error {
	e.stop()
	ctx = context.WithoutCancel(ctx)
	grace, cancel := context.WithTimeout(ctx, e.o.Grace)
	defer cancel()
	if client.Stop(grace) == nil {
		return nil
	}
	e.kill()
	last, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := client.StopAndCancel(last); err != nil {
		return fmt.Errorf("river: polls did not end: %w", err)
	}
	return nil
}

// run is a shard's due feeds as local sees them.
type run struct {
	e     *Engine
	shard int
	slice context.Context // new polls begin until it ends
	next  time.Time       // when the shard's next feed falls due
	gap   time.Duration   // longest gap of the hosts asked: their next request may be another replica's
}

// Due implements engine.Source. What other replicas learnt of the hosts comes
// along. Feeds that rest are passed over: those behind them are due as well.
func (r *run) Due(ctx context.Context, now time.Time, after store.Turn, _, limit int) (rows []store.FeedRow, err error) {
	var hosts map[string]feeds.HostState
	err = r.e.o.Store.View(ctx, func(tx store.Reader) error {
		for whole := false; !whole && len(rows) < limit; {
			ask := limit - len(rows)
			more, err := tx.DueFeeds(ctx, now, after, r.shard, ask)
			if err != nil {
				return err
			}
			if whole = len(more) < ask; len(more) > 0 {
				after = more[len(more)-1].Turn()
			}
			rows = append(rows, r.e.allowed(more, now)...)
		}
		if len(rows) == 0 {
			return nil
		}
		var keys []string
		for _, row := range rows {
			keys = append(keys, feeds.PacingKey(row.Feed.URL))
			if row.State.URL != "" && row.State.URL != row.Feed.URL {
				keys = append(keys, feeds.PacingKey(row.State.URL))
			}
		}
		hosts, err = tx.Hosts(ctx, keys)
		return err
	})
	engine.Fill(rows, r.e.o.Feed)
	for _, h := range hosts {
		r.e.o.Gate.Load(h)
	}
	for _, row := range rows {
		r.gap = max(r.gap, row.Feed.HostGap, hosts[feeds.PacingKey(row.Feed.URL)].Gap)
	}
	return rows, err
}

// recess is how long a feed rests whose poll could not be kept: it still looks
// due, but its server must not be asked again and again because our disk is full.
const recess = 30 * time.Second

func (e *Engine) pause(feed string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.paused[feed] = e.o.Now().Add(recess)
}

// allowed leaves out the feeds that rest.
func (e *Engine) allowed(rows []store.FeedRow, now time.Time) []store.FeedRow {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(rows, func(row store.FeedRow) bool {
		until, ok := e.paused[row.Feed.ID]
		if ok && !until.After(now) {
			delete(e.paused, row.Feed.ID)
		}
		return until.After(now)
	})
}

// NextDue implements engine.Source.
func (r *run) NextDue(ctx context.Context, _ int) (at time.Time, err error) {
	err = r.e.o.Store.View(ctx, func(tx store.Reader) error {
		at, err = tx.NextDue(ctx, r.shard)
		return err
	})
	r.next = at
	return at, err
}

// rest is how long until the next feed falls due, as far as is known.
func (r *run) rest(now time.Time) time.Duration {
	if r.next.IsZero() {
		return r.e.o.MaxRest
	}
	return r.next.Sub(now)
}

// Poll implements engine.Poller: polls of all shards share the replica's slots.
func (r *run) Poll(ctx context.Context, row store.FeedRow) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.e.hard, cancel)()
	select {
	case r.e.slots <- struct{}{}:
		defer func() { <-r.e.slots }()
		// A process that was frozen wakes up past its time, before its timers do.
		if end, ok := r.slice.Deadline(); r.slice.Err() != nil || ok && !time.Now().Before(end) {
			return nil // the feed stays due
		}
		err := r.e.o.Poller.Poll(ctx, row)
		if err != nil {
			r.e.o.Log.Warn("poll not kept", "feed", row.Feed.ID, "err", err)
			r.e.pause(row.Feed.ID)
		}
		return err
	case <-ctx.Done():
		return nil // the feed stays due
	}
}

// Hold implements engine.Poller.
func (r *run) Hold(ctx context.Context, row store.FeedRow, until time.Time) {
	r.e.o.Poller.Hold(ctx, row, until)
}

// soon retries a run that failed or was rescued.
type soon struct{ after time.Duration }

func (s soon) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(s.after) }

// quiet passes River's warnings on and keeps its chatter.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
