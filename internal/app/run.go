package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/notify"
)

// part is something that runs until its context ends.
type part struct {
	name string
	run  func(context.Context) error
	stop context.CancelFunc
	done chan struct{}
	err  error
}

// Run works until ctx ends, then stops in order: readiness off, the engine
// hands out no more and polls in flight end, the sender ends or gives back
// what it holds, the pages shut down. It returns nil after a clean stop.
func (a *App) Run(ctx context.Context) error {
	listener, err := a.listen()
	if err != nil {
		return err
	}
	if err := a.writeRun(listener); err != nil {
		return err
	}
	defer a.removeRun()
	fail := make(chan error, 8)
	// Stopped in this order, each before the next.
	parts := []*part{
		{name: "engine", run: a.engine.Run},
		{name: "upkeep", run: a.upkeep},
		{name: "replicas", run: a.replicas},
		{name: "watchdog", run: a.watchdog},
		{name: "sender", run: a.sender.Run},
		{name: "server", run: func(ctx context.Context) error { return a.serve(ctx, listener) }},
	}
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		var pctx context.Context
		pctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
		p.done = make(chan struct{})
		go func() {
			defer close(p.done)
			if p.err = p.run(pctx); p.err != nil {
				fail <- fmt.Errorf("%s: %w", p.name, p.err)
			}
		}()
	}
	a.ready.Store(true)
	a.notifyReady()
	select {
	case <-ctx.Done():
	case err = <-fail:
	}
	a.ready.Store(false)
	a.notifyStopping()
	for _, p := range parts {
		p.stop()
		<-p.done
	}
	return err
}

// listen opens the page's address; nil when there is none.
func (a *App) listen() (net.Listener, error) {
	cfg := a.now.Load().Config
	if cfg.Server.Listen == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", cfg.Server.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address in server.listen, port 0 for any, or \"\" for none", cfg.Server.Listen, err)
	}
	return l, nil
}

func (a *App) writeRun(l net.Listener) error {
	a.run = RunFile{PID: os.Getpid(), Token: newToken(), Version: a.Version}
	if l != nil {
		a.run.Address = l.Addr().String()
		a.Log.Info("page", "url", "http://"+a.run.Address+"/")
	}
	if err := writeRunFile(RunPath(a.now.Load().Config), a.run); err != nil {
		return err
	}
	if a.Listening != nil {
		a.Listening(a.run.Address)
	}
	return nil
}

func (a *App) removeRun() { os.Remove(RunPath(a.now.Load().Config)) }

// serve answers until ctx ends.
func (a *App) serve(ctx context.Context, l net.Listener) error {
	if l == nil {
		<-ctx.Done()
		return nil
	}
	srv := &http.Server{Handler: a.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		srv.Close()
	}
	<-done
	return nil
}

// upkeep does what is due by the clock and not by a feed: the configuration's
// watch, digests, retention.
func (a *App) upkeep(ctx context.Context) error {
	jobs := []struct {
		name  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"config", 5 * time.Second, a.watchConfig},
		{"others", lookForOthers, a.othersWrote},
		{"clock", 20 * time.Second, a.caughtBack},
		{"digests", 30 * time.Second, a.digests},
		{"topics", time.Hour, a.silentTopics},
		{"stories", time.Hour, a.review},
		{"quiet", time.Hour, a.quietStories},
		{"retention", time.Hour, a.prune},
		{"heartbeat", time.Minute, a.heartbeat},
		{"alive", 5 * time.Minute, a.alive},
		{"hubs", time.Minute, a.subscribe},
	}
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() {
			tick := time.NewTicker(j.every)
			defer tick.Stop()
			for {
				if err := j.do(ctx); err != nil && ctx.Err() == nil {
					a.Log.Warn("upkeep", "count", j.name, "err", err)
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	wg.Wait()
	return nil
}

// Once polls what is due, matches, groups and sends without waiting, and stops.
func (a *App) Once(ctx context.Context) (Summary, error) {
	a.single = true
	if err := a.rounds.Once(ctx); err != nil {
		return Summary{}, err
	}
	s := Summary{Tally: a.ingest.Take()}
	if s.Baselines > 0 {
		s.Baseline = Baseline(s.Tally)
	}
	if a.DryRun {
		would, err := a.would(ctx)
		s.Would = would
		return s, err
	}
	a.desk.Back()
	_, err := a.sender.Work(ctx, a.Now())
	s.Unsent = int(a.unsent.Load())
	return s, err
}

// Summary is what one round did.
type Summary struct {
	ingest.Tally
	Unsent   int      `json:"unsent"` // messages that were tried and did not arrive
	Baseline string   `json:"baseline,omitempty"`
	Would    []string `json:"would_tell,omitempty"` // of a dry run: a line an alert
}

// would lists the alerts that wait, as lines.
func (a *App) would(ctx context.Context) (lines []string, err error) {
	err = a.store.View(ctx, func(r store.Reader) error {
		ds, err := r.Deliveries(ctx, store.DeliveryFilter{States: []notify.DeliveryState{notify.Pending}, Oldest: true, Limit: 1000})
		for _, d := range ds {
			title := d.Subject
			if d.Event != nil {
				title = d.Event.Title
			} else if s, err := r.Story(ctx, d.Subject); err == nil {
				title = s.Title
			}
			lines = append(lines, strings.Join(strings.Fields(fmt.Sprintf("%s to %s: %s %s", d.Type, d.Receiver, d.Topic, title)), " "))
		}
		return err
	})
	return lines, err
}
