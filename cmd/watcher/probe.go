package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/opml"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
	"watcher/internal/app"
	"watcher/internal/config"
)

const probes = 16 // at once; each host still only its one

// prober asks for feeds once, as politely as the daemon would.
type prober struct {
	e      *env
	config *config.Config
	client *fetch.Client
	pacer  *pace.Pacer
}

func newProber(e *env, c *config.Config) *prober {
	p := &prober{e: e, config: c, pacer: pace.NewPacer(time.Now)}
	p.client = fetch.New(fetch.Options{Version: version, Contact: c.Polling.Contact, Gate: p.pacer.Follow})
	return p
}

func (p *prober) close() { p.client.CloseIdle() }

// probe asks for the new feeds among lines and writes into them what it finds.
// known tells which feeds there are.
func (p *prober) probe(ctx context.Context, lines []opml.Line, known func(string) bool) error {
	todo := make(chan int)
	go func() {
		defer close(todo)
		for i, l := range lines {
			if l.Status != opml.Added {
				continue
			}
			select {
			case todo <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	bar := p.e.bar(len(lines), "asking")
	var wg sync.WaitGroup
	for range probes {
		wg.Go(func() {
			for i := range todo {
				p.one(ctx, &lines[i])
				_ = bar.Add(1)
			}
		})
	}
	wg.Wait()
	_ = bar.Finish()
	// Two addresses may turn out to be one feed, or one that is known.
	seen := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		if l.Status != opml.Added && l.Status != opml.Redirected {
			continue
		}
		key := opml.Key(l.URL)
		if l.Status == opml.Redirected && known(key) || seen[key] {
			l.Status, l.Why = opml.Same, "it has moved to "+l.URL+", which is known already"
		}
		seen[key] = true
	}
	return ctx.Err()
}

func (p *prober) one(ctx context.Context, l *opml.Line) {
	f := app.Polled(feeds.Feed{ID: "probe", URL: l.URL}, p.config)
	release, err := p.pacer.Wait(ctx, feeds.PacingKey(l.URL), f)
	var later *pace.Later
	if errors.As(err, &later) {
		l.Status, l.Why = opml.Dead, later.Error()
		return
	}
	if err != nil {
		return // stopped
	}
	r, err := p.client.Get(ctx, f, feeds.State{})
	release()
	if err != nil {
		return
	}
	o := r.Outcome
	if o.Class == pace.OK {
		if doc, err := parse.Parse(r.Body, parse.Options{URL: o.FinalURL, ContentType: r.ContentType}); err != nil {
			var no *parse.NotFeedError
			var alternates []string
			if errors.As(err, &no) {
				alternates = no.Alternates
			}
			o = o.Unread(r.Body, err.Error(), alternates...)
		} else if l.Title == "" {
			l.Title = doc.Title
		}
	}
	_, host, _ := pace.After(f, feeds.State{}, p.pacer.Host(o.Host), o, never{}, time.Now(), func() float64 { return 0 })
	p.pacer.Save(host) // its Retry-After holds for the feeds that follow
	switch {
	case o.Class.Failed() || o.Class == pace.Held:
		l.Status, l.Why = opml.Dead, o.Message
	case o.Permanent && opml.Key(o.PermanentURL) != opml.Key(l.URL):
		l.Status, l.Why = opml.Redirected, "from "+l.URL
		l.URL = o.PermanentURL
	}
}

// never is a schedule without a slot.
type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }
