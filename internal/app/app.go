// Package app wires the daemon: New, Run, Reload, and the order in which things
// stop. It holds no rule of its own; what a part does is in the part.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/internal/config"
	"watcher/internal/engine"
	"watcher/internal/engine/local"
	"watcher/internal/ingest"
	"watcher/internal/message"
	"watcher/internal/metrics"
	"watcher/internal/store"
	"watcher/notify"
	"watcher/notify/route"
)

// Options are what a daemon gets from its surroundings.
type Options struct {
	Config       string // file
	Version      string
	Getenv       func(string) (string, bool)
	Stdout       io.Writer
	Log          *slog.Logger
	Now          func() time.Time
	NotifyLast   time.Duration        // baselines tell items published so recently
	DryRun       bool                 // works on a copy of the store that is thrown away; sends nothing
	AllowCommand bool                 // receivers of kind command may run programs
	Listening    func(address string) // told where the page is, before anything is polled

	Fetch ingest.Fetcher // tests; nil: HTTP
	Env   *notify.Env    // tests: replaces what receivers get
}

// App is a daemon that has opened its store.
type App struct {
	Options
	Metrics *metrics.Metrics

	mu      sync.Mutex // Reload
	now     atomic.Pointer[Compiled]
	store   store.Store
	fetch   *fetch.Client
	hubs    *hubs
	pacer   *pace.Pacer
	wal     walMark // as othersWrote saw it last
	met     bool    // the pacer knows what was asked of hosts before
	offline *pace.Offline
	ingest  *ingest.Ingest
	engine  engine.Engine // the daemon's
	rounds  *local.Engine // `once`: one process, whatever the store
	sender  *notify.Sender
	plan    *planner
	desk    *route.Desk
	run     RunFile
	scratch string // folder of a dry run's store
	fetcher ingest.Fetcher
	pages   atomic.Pointer[http.Handler]

	started time.Time
	beat    atomic.Int64 // unix ms of the engine's last turn
	wall    atomic.Int64 // unix ms of the clock when it was last looked at
	ready   atomic.Bool
	rested  sync.Once              // the first round is over
	reloadE atomic.Pointer[string] // why the newest configuration is not in force
	unsent  atomic.Int64           // tries that failed, for `once`
	single  bool                   // one round: its sum is its caller's
	tried   string                 // newest file content that was refused; upkeep only
	owed    *store.Event           // a refusal that could not be kept; under mu
}

// ConfigError says that a configuration cannot be used; its problems have all
// the places.
type ConfigError struct{ Problems []config.Problem }

func (e *ConfigError) Error() string { return config.Problems(e.Problems).Error() }

// Load reads and compiles a configuration. The error, if any, is a *ConfigError.
func Load(file string, getenv func(string) (string, bool), env notify.Env, stored []feeds.Feed) (*Compiled, []config.Problem, error) {
	c, ps := config.Load(file, getenv)
	if c == nil {
		return nil, ps, &ConfigError{ps}
	}
	out, ps := Compile(c, ps, env, stored)
	if config.Failed(ps) {
		return out, ps, &ConfigError{Errors(ps)}
	}
	return out, ps, nil
}

// Errors are the problems that are no mere warnings.
func Errors(ps []config.Problem) []config.Problem {
	var out []config.Problem
	for _, p := range ps {
		if !p.Warning {
			out = append(out, p)
		}
	}
	return out
}

// New reads the configuration, opens the store as its owner and makes every
// part ready. Close must be called.
func New(ctx context.Context, o Options) (*App, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Getenv == nil {
		o.Getenv = Getenv
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{Options: o, started: o.Now()}
	c, ps, err := Load(o.Config, o.Getenv, a.env(), nil)
	if err != nil {
		return nil, err
	}
	if err := c.NotReady(); err != nil {
		var p config.Problem
		errors.As(err, &p)
		return nil, &ConfigError{[]config.Problem{p}}
	}
	for _, p := range ps {
		o.Log.Warn("configuration", "err", p.Error())
	}
	if o.DryRun {
		a.store, a.scratch, err = scratchStore(ctx, c.Config)
	} else {
		a.store, err = OpenStore(ctx, c.Config, Own)
	}
	if err != nil {
		return nil, err
	}
	if err := a.assemble(ctx, c); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) env() notify.Env {
	if a.Env != nil {
		return *a.Env
	}
	return notify.Env{Version: a.Version, Stdout: a.Stdout, Now: a.Now, AllowCommand: a.AllowCommand, Turns: a.turns,
		LeaveURL: func(ctx context.Context, receiver, address string) (string, error) {
			return a.optOuts().link(ctx, receiver, address)
		},
		Left: func(ctx context.Context, receiver string) ([]string, error) { return a.optOuts().left(ctx, receiver) }}
}

func (a *App) optOuts() optOuts {
	return optOuts{s: a.store, public: func() string { return a.now.Load().Config.Server.PublicURL }, now: a.Now}
}

// assemble makes the parts, from the store up.
func (a *App) assemble(ctx context.Context, c *Compiled) error {
	cfg := c.Config
	a.Metrics = metrics.New(a.Version, cfg.Ops.Metrics.PerFeed)
	a.pacer = pace.NewPacer(func() time.Time { return a.Now().In(a.zone()) })
	a.offline = &pace.Offline{}
	a.fetcher = a.Fetch
	if a.fetcher == nil {
		a.fetch = fetch.New(fetch.Options{Version: a.Version, Contact: cfg.Polling.Contact, Now: a.Now, Gate: a.pacer.Follow})
		a.fetcher = a.fetch
	}
	a.hubs = &hubs{app: a}
	a.plan = &planner{now: a.Now}
	a.ingest = ingest.New(ingest.Options{Store: timed{a.store, a.Metrics.WriteWait}, Fetch: a.fetcher, Pacer: a.pacer, Offline: a.offline, Planner: a.plan,
		Slots: a.slots, Now: a.Now, Zone: a.zone, Log: a.Log, Metrics: a.Metrics, NotifyLast: a.NotifyLast, Shared: a.shared(), Wake: a.wakeSender}, nil)
	a.engines()
	a.desk = route.NewDesk(c.Routes, desk{a.store, a.storyURL, a.offline.Down}, newID)
	composer := &message.Composer{Store: a.store, Topic: a.topic, Digest: a.digestNote, PublicURL: func() string { return a.now.Load().Config.Server.PublicURL }, Now: a.Now}
	a.sender = notify.New(notify.Options{Outbox: newOutbox(a.store), Shared: a.shared(), Compose: composer.Compose, Gate: a.desk.Gate, Tick: a.release, Event: a.receiverEvent, Observe: a.observe, Log: a.Log, Now: a.Now, Idle: a.senderIdle()})
	if err := a.adopt(ctx, c); err != nil {
		return err
	}
	since, err := a.sinceWhen(ctx)
	if err != nil {
		return err
	}
	a.desk.Away(since, a.Now())
	return a.meetHosts(ctx)
}

func (a *App) wakeSender() { a.sender.Wake() }

// ClockSet has every loop look at the clock again, for one that was set.
func (a *App) ClockSet(ctx context.Context) error {
	err := a.caughtBack(ctx)
	a.engine.Wake()
	a.sender.Wake()
	return errors.Join(err, a.digests(ctx))
}

// adopt puts a compiled configuration in force: whole, or on an error not at
// all. What can fail comes first.
func (a *App) adopt(ctx context.Context, c *Compiled) error {
	pages, err := a.makePages(c)
	if err != nil {
		return err
	}
	if err := a.store.Update(ctx, func(tx store.Tx) error { return tx.SyncFeeds(ctx, c.Feeds) }); err != nil {
		return fmt.Errorf("keep the feeds: %w", err)
	}
	hosts := map[string]bool{}
	for _, f := range c.Feeds {
		hosts[feeds.PacingKey(f.URL)] = true
	}
	c.Feeds, c.Config.Feeds = nil, nil // the store has them
	a.now.Store(c)
	a.plan.set(c)
	a.desk.SetConfig(c.Routes)
	a.ingest.SetRules(ingest.NewRules(c.Set, c.Topics))
	a.sender.SetReceivers(c.Receivers)
	a.Metrics.SetPerFeed(c.Config.Ops.Metrics.PerFeed)
	if a.fetch != nil {
		a.fetch.SetContact(c.Config.Polling.Contact)
	}
	a.offline.Expect(len(hosts))
	a.pages.Store(&pages)
	return nil
}

// slots gives the cron slots of a feed; a text that was checked at load.
func (a *App) slots(f feeds.Feed) pace.Slots {
	c := a.now.Load()
	s, err := c.slots.get(f.Schedule)
	if err != nil {
		s, _ = c.slots.get(c.Config.Polling.Schedule.Value)
	}
	return s
}

// zone is that of people; before a configuration is in force UTC.
func (a *App) zone() *time.Location {
	if c := a.now.Load(); c != nil {
		return c.Zone
	}
	return time.UTC
}

// polled gives a feed of the store what the configuration says for every feed.
func (a *App) polled(f feeds.Feed) feeds.Feed { return Polled(f, a.now.Load().Config) }

func (a *App) topic(id string) (notify.Topic, bool) {
	for _, t := range a.now.Load().Topics {
		if t.ID == id {
			return notify.Topic{ID: t.ID, Name: t.Name, Priority: t.Priority}, true
		}
	}
	return notify.Topic{}, false
}

func newID() string { return "msg_" + ulid.Make().String() }

// NewDeliveryID makes an id for a message that goes past the outbox.
func NewDeliveryID() string { return newID() }

// senderIdle is how often the sender looks for what it was not woken for. On
// SQLite everything the daemon writes wakes it, and othersWrote sees what a
// verb writes beside it.
func (a *App) senderIdle() time.Duration {
	if a.shared() {
		return time.Second
	}
	return 30 * time.Second
}

// receiverEvent tells of a receiver that does not take what it is sent.
func (a *App) receiverEvent(ctx context.Context, t notify.Type, e notify.Event, outage int64) {
	ev := store.Event{At: a.Now(), Type: t, Subject: e.Subject, Title: e.Title, Text: e.Text}
	err := a.store.Update(ctx, func(tx store.Tx) error { return a.tellEvent(ctx, tx, ev) })
	if err != nil {
		a.Log.Error("event not kept", "receiver", e.Subject, "err", err)
	}
	a.Log.Error(e.Title, "receiver", e.Subject, "err", e.Text)
}

func (a *App) observe(d notify.Delivery, outcome string, elapsed time.Duration) {
	if d.Type == notify.DigestReady && outcome == "delivered" {
		a.digestSent(d.Subject)
	}
	a.Metrics.Deliveries.WithLabelValues(d.Receiver, outcome).Inc()
	switch outcome {
	case "retry", "dead":
		a.unsent.Add(1)
	case "delivered":
		a.late(d, a.Now())
	case "held":
		a.Metrics.Suppressed.WithLabelValues(d.Receiver, route.Cause(d.Note)).Inc()
	case "superseded", "expired":
		reason := route.Cause(d.Note)
		if reason == "held" { // by nothing: it was too old, or something newer went
			reason = outcome
		}
		a.Metrics.Suppressed.WithLabelValues(d.Receiver, reason).Inc()
	}
}

func (a *App) storyURL(id string) string {
	if base := a.now.Load().Config.Server.PublicURL; base != "" {
		return strings.TrimRight(base, "/") + "/stories/" + id
	}
	return ""
}

// round says in one line what was done since nothing was due.
func (a *App) round(r engine.Round) {
	a.desk.Back() // the first round after a downtime is over
	if a.single {
		return
	}
	a.rested.Do(debug.FreeOSMemory) // of what the start read at once: the records of stories
	t := a.ingest.Take()
	a.Log.Info("round", "polled", t.Polled, "unchanged", t.Unchanged, "failed", t.Failed, "new", t.New, "revised", t.Revised,
		"matched", t.Matched, "told", t.Told, "elapsed", r.Elapsed.Round(time.Millisecond).String())
	if t.Baselines > 0 {
		a.Log.Info(Baseline(t))
	}
}

// Baseline is the line that says what first polls kept and did not tell.
func Baseline(t ingest.Tally) string {
	told := "nothing told"
	if t.Told > 0 {
		told = fmt.Sprintf("%d told", t.Told)
	}
	return fmt.Sprintf("baseline: %d %s, %d items kept, %s (%d would have been in the last 24 h)", t.Baselines, plural(t.Baselines, "feed"), t.Kept, told, t.Recent)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Count is a number of things in words: 1 feed, 2 feeds.
func Count(n int, word string) string { return fmt.Sprintf("%d %s", n, plural(n, word)) }

// Close ends what New began. The store closes last.
func (a *App) Close() error {
	if a.fetch != nil {
		a.fetch.CloseIdle()
	}
	a.leaveHosts()
	err := a.store.Close()
	if a.scratch != "" {
		os.RemoveAll(a.scratch)
	}
	return err
}
