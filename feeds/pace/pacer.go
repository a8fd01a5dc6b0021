package pace

import (
	"context"
	"fmt"
	"sync"
	"time"

	"watcher/feeds"
)

// Later says that a host wants to be left alone until a time. Nothing was
// sent.
type Later struct {
	Key   string
	Until time.Time
}

func (l *Later) Error() string {
	return fmt.Sprintf("%s asked to be left alone until %s", l.Key, stamp(l.Until))
}

// Outcome is what a poll came to that was never sent.
func (l *Later) Outcome(now time.Time) Outcome {
	return Outcome{Class: Held, Host: l.Key, RetryAfter: l.Until.Sub(now), Message: l.Error()}
}

// Pacer is the gate before every request of one process: a host's own wishes,
// the gap between two requests of it, and how many run at once. Waiting is by
// pacing key (feeds.PacingKey), so that feeds of one machine park queue up
// together. A Pacer may be used from many goroutines.
type Pacer struct {
	now   func() time.Time
	mu    sync.Mutex
	hosts map[string]*gate
	asked time.Time // any host may have been asked until then, by whom we know nothing of
}

type gate struct {
	state  feeds.HostState
	next   time.Time // earliest next start, by what the newest request was let in with
	active int
	freed  chan struct{} // closed when a request ends
}

// NewPacer makes a Pacer that reads the time from now, in the zone of people.
func NewPacer(now func() time.Time) *Pacer {
	return &Pacer{now: now, hosts: map[string]*gate{}}
}

// Load gives the Pacer what was saved of hosts, so that their wishes hold over
// a restart. What is known already stays where it asks for more rest.
func (p *Pacer) Load(hosts ...feeds.HostState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range hosts {
		g := p.gate(h.Key)
		if h.NotBefore = maxTime(h.NotBefore, g.state.NotBefore); !h.NotBefore.After(p.now()) {
			h.NotBefore = time.Time{}
		}
		h.LastStart = maxTime(h.LastStart, g.state.LastStart)
		g.state = h
	}
}

// Asked says that any host may have been asked until a time: another process
// was at work, and what it did last is not known. Each host then waits out its
// gap from there. It is to be called before anything else.
func (p *Pacer) Asked(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = until
}

// AskedUntil is what Asked was told last, zero if nothing.
func (p *Pacer) AskedUntil() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Recent gives the hosts whose gap is not over yet: what a process that ends
// leaves to the next one.
func (p *Pacer) Recent() []feeds.HostState {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []feeds.HostState
	for _, g := range p.hosts {
		if g.next.After(p.now()) {
			out = append(out, g.state)
		}
	}
	return out
}

// Save takes a host's state after a poll (After).
func (p *Pacer) Save(h feeds.HostState) { p.Load(h) }

// Host gives the present state of a host, as After wants it and the store
// saves it.
func (p *Pacer) Host(key string) feeds.HostState {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.hosts[key]; g != nil {
		return g.state
	}
	return feeds.HostState{Key: key}
}

// Try starts a request of f to the host of key if it may start now. If not it
// says how long to wait before trying again; 0 with no release means until
// another request of the host ends. A *Later is returned when the host asked
// for rest. release ends the request.
func (p *Pacer) Try(key string, f feeds.Feed) (release func(), wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	release, wait, _, err = p.try(key, f)
	return release, wait, err
}

// Wait starts a request as Try does, after waiting its turn. It does not sit
// out a host's Retry-After: that is a *Later at once.
func (p *Pacer) Wait(ctx context.Context, key string, f feeds.Feed) (release func(), err error) {
	for {
		p.mu.Lock()
		release, wait, freed, err := p.try(key, f)
		p.mu.Unlock()
		if release != nil || err != nil {
			return release, err
		}
		if wait <= 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-freed:
			}
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, ctx.Err()
		case <-t.C:
		}
	}
}

// Follow is Wait for a request of f that is redirected from home, where it was
// let in, to the host of key. While it waits, and until release, it gives its
// place at home to others: two hosts that redirect to one another would
// otherwise wait for each other for ever. It is what fetch.Options.Gate wants.
func (p *Pacer) Follow(ctx context.Context, home, key string, f feeds.Feed) (release func(), err error) {
	p.leave(home)
	leave, err := p.Wait(ctx, key, f)
	if err != nil {
		p.comeBack(home)
		return nil, err
	}
	return func() { leave(); p.comeBack(home) }, nil
}

func (p *Pacer) leave(key string) {
	p.mu.Lock()
	g := p.gate(key)
	p.mu.Unlock()
	p.end(g)
}

// comeBack takes the place at home again, without waiting: nothing more is
// sent there, the caller is about to release it.
func (p *Pacer) comeBack(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate(key).active++
}

func (p *Pacer) try(key string, f feeds.Feed) (func(), time.Duration, <-chan struct{}, error) {
	g, here := p.gate(key), p.now()
	now := here.UTC()
	if g.state.NotBefore.After(now) {
		return nil, 0, nil, &Later{Key: key, Until: g.state.NotBefore.In(here.Location())}
	}
	if g.active >= max(f.PerHost, 1) {
		return nil, 0, g.freed, nil
	}
	gap := max(f.HostGap, g.state.Gap)
	if wait := maxTime(g.next, g.state.LastStart.Add(gap)).Sub(now); wait > 0 {
		return nil, wait, nil, nil
	}
	g.active++
	g.state.LastStart, g.next = now, now.Add(gap)
	var once sync.Once
	return func() { once.Do(func() { p.end(g) }) }, 0, nil, nil
}

func (p *Pacer) end(g *gate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g.active--
	close(g.freed)
	g.freed = make(chan struct{})
}

// gate gives the entry of a key; p.mu is held.
func (p *Pacer) gate(key string) *gate {
	g := p.hosts[key]
	if g == nil {
		g = &gate{state: feeds.HostState{Key: key, LastStart: p.asked}, freed: make(chan struct{})}
		p.hosts[key] = g
	}
	return g
}
