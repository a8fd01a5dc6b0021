package notify

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pace keeps a receiver within the rates that its service documents. The zero
// value has no limits.
type Pace struct {
	mu     sync.Mutex
	env    Env
	limits []limit
}

type limit struct {
	n   int
	per time.Duration
	at  []time.Time // of the last n sends
}

// NewPace makes a Pace without limits.
func NewPace(env Env) *Pace { return &Pace{env: env} }

// AtMost adds a limit of n sends in any stretch of per.
func (p *Pace) AtMost(n int, per time.Duration) *Pace {
	p.limits = append(p.limits, limit{n: n, per: per})
	return p
}

// maxPaceWait is how long a send waits for its turn; past it the whole
// receiver pauses.
const maxPaceWait = 3 * time.Second

// Wait waits for the turn of the next send.
func (p *Pace) Wait(ctx context.Context) error {
	p.mu.Lock()
	now := p.env.Time()
	at := now
	for _, l := range p.limits {
		if len(l.at) == l.n && l.at[0].Add(l.per).After(at) {
			at = l.at[0].Add(l.per)
		}
	}
	wait := at.Sub(now)
	if wait > maxPaceWait {
		p.mu.Unlock()
		return Retry(wait, fmt.Errorf("the service takes no more for %s", wait.Round(time.Second)))
	}
	for i := range p.limits {
		l := &p.limits[i]
		if l.at = append(l.at, at); len(l.at) > l.n {
			l.at = l.at[1:]
		}
	}
	p.mu.Unlock()
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
