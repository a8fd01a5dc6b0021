package route

import (
	"context"
	"errors"
	"sync"
	"time"

	"watcher/notify"
)

// Source is what a Desk reads.
type Source interface {
	// Facts gives what a story is now; notify.ErrUnknown when it is gone.
	Facts(ctx context.Context, story string) (Facts, error)
	// Silences gives the silences of the store that are in force at an instant.
	Silences(ctx context.Context, now time.Time) ([]Silence, error)
	// Take has judge decide on a delivery by the stories that took a place in
	// its receiver's budget since an instant, itself left out, and notes that it
	// took one where judge lets it go. Of all processes one at a time does so
	// for a receiver.
	Take(ctx context.Context, d notify.Delivery, since, now time.Time, judge func(told []notify.Delivery) notify.Verdict) (notify.Verdict, error)
	// Held gives the deliveries that are held.
	Held(ctx context.Context) ([]notify.Delivery, error)
	// Network says how many feeds fail to be reached, and of how many.
	Network(ctx context.Context) (failing, total int, err error)
}

// Desk keeps between calls what the pure rules need: the configuration in
// force, the silences, and whether watcher is catching up. What a receiver was
// told this hour is counted where all replicas see it. It is safe for
// concurrent use.
type Desk struct {
	src   Source
	newID func() string

	mu   sync.Mutex
	c    *Config
	away time.Time
	back time.Time // when it ends at the latest

	silences   []Silence // of the store, as read at silencesAt
	silencesAt time.Time
}

// silenceAge is how old the silences of the store may be when a delivery is judged.
const silenceAge = time.Second

// NewDesk makes a Desk.
func NewDesk(c *Config, src Source, newID func() string) *Desk {
	return &Desk{src: src, newID: newID, c: c}
}

// SetConfig replaces the configuration, at a reload.
func (k *Desk) SetConfig(c *Config) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.c = c
}

// Config is the configuration in force.
func (k *Desk) Config() *Config {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.c
}

// AwayOver is how long a downtime must be for a catch-up message.
const AwayOver = time.Hour

// Away says, at start, that watcher was away since then. What waits is held
// until Back, if that is more than an hour.
func (k *Desk) Away(since, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !since.IsZero() && now.Sub(since) > AwayOver {
		k.away, k.back = since, now.Add(awayMost)
	}
}

// awayMost bounds the catching up: a daemon that is never idle, or has nothing
// to poll, must not hold what it has for ever.
const awayMost = 15 * time.Minute

// awayAt is since when watcher was away, while it catches up; k.mu is held.
func (k *Desk) awayAt(now time.Time) time.Time {
	if !k.away.IsZero() && now.After(k.back) {
		k.away = time.Time{}
	}
	return k.away
}

// Back says that the first round of polls after a downtime is over.
func (k *Desk) Back() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.away = time.Time{}
}

// Gate is for notify.Options.Gate.
func (k *Desk) Gate(ctx context.Context, d notify.Delivery, now time.Time) (notify.Verdict, error) {
	st := State{}
	var f Facts
	var err error
	if isStory(d.Type) {
		// A story that is gone holds nothing up: composing it says so.
		if f, err = k.src.Facts(ctx, d.Subject); err != nil && !errors.Is(err, notify.ErrUnknown) {
			return notify.Verdict{}, err
		}
		if st.Silences, err = k.inForce(ctx, now); err != nil {
			return notify.Verdict{}, err
		}
	} else if failing, total, err := k.src.Network(ctx); err != nil {
		return notify.Verdict{}, err
	} else {
		st.Network, _ = NetworkDown(failing, total)
	}
	k.mu.Lock()
	c := k.c
	st.Away = k.awayAt(now)
	k.mu.Unlock()
	v := c.Gate(d, f, st, now)
	if v != (notify.Verdict{}) || !c.budgeted(d) {
		return v, nil
	}
	return k.src.Take(ctx, d, c.hour(now), now, func(told []notify.Delivery) notify.Verdict {
		st.Told = told
		return c.Gate(d, f, st, now)
	})
}

// inForce gives the silences of the store; in a flood of deliveries they are
// read once a second.
func (k *Desk) inForce(ctx context.Context, now time.Time) ([]Silence, error) {
	k.mu.Lock()
	fresh := !k.silencesAt.IsZero() && now.Sub(k.silencesAt).Abs() < silenceAge
	silences := k.silences
	k.mu.Unlock()
	if fresh {
		return silences, nil
	}
	silences, err := k.src.Silences(ctx, now)
	if err == nil {
		k.mu.Lock()
		k.silences, k.silencesAt = silences, now
		k.mu.Unlock()
	}
	return silences, err
}

// Release gives what is to be told now that nothing holds it any more.
func (k *Desk) Release(ctx context.Context, now time.Time) (Released, error) {
	rows, err := k.src.Held(ctx)
	if err != nil || len(rows) == 0 {
		return Released{}, err
	}
	st := State{}
	if st.Silences, err = k.src.Silences(ctx, now); err != nil {
		return Released{}, err
	}
	var held []Held
	var gone []notify.Delivery
	for _, d := range rows {
		f, err := k.src.Facts(ctx, d.Subject)
		if errors.Is(err, notify.ErrUnknown) {
			d.State, d.Note = notify.Expired, "its story is no longer stored ("+d.Note+")"
			gone = append(gone, d)
			continue
		}
		if err != nil {
			return Released{}, err
		}
		held = append(held, Held{d, f})
	}
	k.mu.Lock()
	st.Away = k.awayAt(now)
	c := k.c
	k.mu.Unlock()
	out := c.Release(held, st, k.newID, now)
	out.Change = append(out.Change, gone...)
	return out, nil
}
