package app

import (
	"context"
	"fmt"
	"time"

	"watcher/internal/store"
)

// askingKey stands in the store while a process may ask hosts for something.
// One that stopped in order has taken it away, after it left what it asked
// last; where it stands at a start, the process before was killed, or there are
// replicas beside this one.
const askingKey = "asking"

// askedKey holds the time until which, for all that is known, any host may have
// been asked, over stops in order: a kill is not forgotten by a process that
// came and went within a host's gap.
const askedKey = "asked"

// meetHosts lets what hosts asked of us, and when we asked them last, hold over
// a restart.
func (a *App) meetHosts(ctx context.Context) error {
	now := a.Now()
	err := a.store.View(ctx, func(r store.Reader) error {
		since, err := r.Get(ctx, askingKey)
		if err != nil {
			return err
		}
		if since != nil {
			a.pacer.Asked(now)
		} else if err := a.meetAsked(ctx, r, now); err != nil {
			return err
		}
		hosts, err := r.Hosts(ctx, nil)
		for _, h := range hosts {
			if h.LastStart.After(now) {
				h.LastStart = now // asked by a clock that was set back since
			}
			a.pacer.Load(h)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read hosts: %w", err)
	}
	a.met = true
	err = a.store.Update(ctx, func(tx store.Tx) error { return tx.Set(ctx, askingKey, []byte(now.UTC().Format(time.RFC3339))) })
	if err != nil { // a full disk keeps nobody from starting
		a.Log.Warn("if this process is killed the next one will not know it", "err", err)
	}
	return nil
}

// meetAsked takes over what the process before knew of a kill before it.
func (a *App) meetAsked(ctx context.Context, r store.Reader, now time.Time) error {
	noted, err := r.Get(ctx, askedKey)
	if err != nil || noted == nil {
		return err
	}
	if until, err := time.Parse(time.RFC3339Nano, string(noted)); err == nil && until.Before(now) {
		now = until
	}
	a.pacer.Asked(now)
	return nil
}

// leaveHosts keeps when the hosts were asked whose gap is not over, so that the
// next process waits for the rest of it and no longer.
func (a *App) leaveHosts() {
	if !a.met || a.DryRun {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	recent := a.pacer.Recent()
	err := a.store.Update(ctx, func(tx store.Tx) error {
		keys := make([]string, 0, len(recent))
		for _, h := range recent {
			keys = append(keys, h.Key)
		}
		kept, err := tx.Hosts(ctx, keys)
		if err != nil {
			return err
		}
		for _, h := range recent {
			k := kept[h.Key] // another replica may know better what the host wants
			k.Key, k.LastStart = h.Key, h.LastStart
			if err := tx.SaveHost(ctx, k); err != nil {
				return err
			}
		}
		if a.shared() {
			return nil
		}
		if until := a.pacer.AskedUntil(); !until.IsZero() {
			if err := tx.Set(ctx, askedKey, []byte(until.UTC().Format(time.RFC3339Nano))); err != nil {
				return err
			}
		}
		return tx.Set(ctx, askingKey, nil)
	})
	if err != nil {
		a.Log.Warn("when hosts were asked is not kept: the next start waits a little longer", "err", err)
	}
}
