package enginetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// interval is the gap between two polls of a feed here.
const interval = 400 * time.Millisecond

// poller keeps a feed's state as ingest does, and notes what happened.
type poller struct {
	store store.Store
	work  func(ctx context.Context, row store.FeedRow) error

	mu     sync.Mutex
	polls  map[string][]time.Time
	inside map[string]int // by host
	most   map[string]int
	held   map[string]int
	lost   int // polls whose outcome somebody else had written first
}

func newPoller(s store.Store) *poller {
	return &poller{store: s, polls: map[string][]time.Time{}, inside: map[string]int{}, most: map[string]int{}, held: map[string]int{}}
}

func (p *poller) Poll(ctx context.Context, row store.FeedRow) error {
	now, host := time.Now(), feeds.PacingKey(row.Feed.URL)
	p.mu.Lock()
	p.polls[row.Feed.ID] = append(p.polls[row.Feed.ID], now)
	p.inside[host]++
	p.most[host] = max(p.most[host], p.inside[host])
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.inside[host]--
		p.mu.Unlock()
	}()
	if p.work != nil {
		if err := p.work(ctx, row); err != nil {
			return err
		}
	}
	return p.keep(ctx, row, now, now.Add(interval))
}

func (p *poller) keep(ctx context.Context, row store.FeedRow, start, next time.Time) error {
	st := row.State
	st.NextPoll, st.LastPoll = next, start
	err := p.store.Update(ctx, func(tx store.Tx) error { return tx.SaveState(ctx, st, store.Poll{At: start, Outcome: "ok"}) })
	if errors.Is(err, store.ErrConflict) {
		p.mu.Lock()
		p.lost++
		p.mu.Unlock()
		return nil
	}
	return err
}

func (p *poller) Hold(ctx context.Context, row store.FeedRow, until time.Time) {
	p.mu.Lock()
	p.held[row.Feed.ID]++
	p.mu.Unlock()
	p.keep(ctx, row, time.Now(), until)
}

func (p *poller) count(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.polls[id])
}

// total is how many polls began, and how many feeds had one.
func (p *poller) total() (polls, fed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range p.polls {
		polls += len(at)
	}
	return polls, len(p.polls)
}
