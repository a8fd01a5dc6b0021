package notify

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pace keeps a receiver within the rates that its service documents, over all
// replicas where Env.Turns does.
type Pace struct {
	env    Env
	limits []limit
	most   int // sends that must be remembered

	mu   sync.Mutex
	at   []time.Time // of the last sends, without Env.Turns
	rest time.Time   // until then the service takes nothing, by its own word
}

type limit struct {
	n   int
	per time.Duration
}

// NewPace makes a Pace without limits.
func NewPace(env Env) *Pace { return &Pace{env: env} }

// AtMost adds a limit of n sends in any stretch of per.
func (p *Pace) AtMost(n int, per time.Duration) *Pace {
	p.limits, p.most = append(p.limits, limit{n: n, per: per}), max(p.most, n)
	return p
}

// Rest notes that the service takes nothing more for d.
func (p *Pace) Rest(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.env.Time().Add(min(d, maxRetryAfter)); until.After(p.rest) {
		p.rest = until
	}
}

// maxPaceWait is how long a send waits for its turn; past it the whole
// receiver pauses.
const maxPaceWait = 3 * time.Second

// Wait waits for the turn of the next send.
func (p *Pace) Wait(ctx context.Context) error {
	wait := p.take(ctx)
	if wait > maxPaceWait {
		return Retry(wait, fmt.Errorf("the service takes no more for %s", wait.Round(time.Second)))
	}
	if wait <= 0 {
		return nil
	}
	if p.env.Sleep != nil {
		return p.env.Sleep(ctx, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Retry(0, ctx.Err())
	}
}

// take takes the next turn, unless it is too far off, and says how long until then.
func (p *Pace) take(ctx context.Context) (wait time.Duration) {
	p.mu.Lock()
	rest := p.rest
	p.mu.Unlock()
	turn := func(at []time.Time) []time.Time {
		now := p.env.Time()
		next := now
		if rest.After(now) {
			next = rest
		}
		for _, l := range p.limits {
			if len(at) >= l.n {
				if free := at[len(at)-l.n].Add(l.per); free.After(next) {
					next = free
				}
			}
		}
		if wait = next.Sub(now); wait > maxPaceWait {
			return at
		}
		at = append(at, next)
		return at[max(0, len(at)-p.most):]
	}
	if p.env.Turns != nil && p.env.Turns(ctx, p.env.Receiver, turn) == nil {
		return wait
	}
	// Alone here, or the store is away: then at least this process keeps the rate.
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = turn(p.at)
	return wait
}
