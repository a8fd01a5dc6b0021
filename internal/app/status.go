package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/internal/config"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/web/api"
	"watcher/notify"
)

// Status reads the present state. What cannot be read is a reason of its own.
func (a *App) Status(ctx context.Context) api.Status {
	c := a.now.Load()
	s := api.Status{State: "ok", Reasons: []string{}, Version: a.Version, Started: a.started.UTC(), Uptime: a.Now().Sub(a.started).Round(time.Second).String(),
		Config: a.Config, Rules: c.Config.Hash, Store: config.Redact(c.Config.Store), Feeds: map[string]int{}, Queued: map[string]int{}, LastBeat: time.UnixMilli(a.beat.Load()).UTC()}
	queued, total := 0, 0
	err := a.store.View(ctx, func(r store.Reader) error {
		counts, err := r.FeedCounts(ctx)
		if err != nil {
			return err
		}
		for phase, n := range counts {
			s.Feeds[string(phase)] = n
			total += n
		}
		ds, err := r.CountDeliveries(ctx, store.DeliveryFilter{})
		if err != nil {
			return err
		}
		for receiver, by := range ds {
			if n := by[notify.Pending] + by[notify.Sending]; n > 0 {
				s.Queued[receiver] = n
				queued += n
			}
			s.Dead += by[notify.Dead]
		}
		if s.NextPoll, err = r.NextDue(ctx, -1); err != nil {
			return err
		}
		if s.NextDelivery, err = r.NextDelivery(ctx); err != nil {
			return err
		}
		for _, def := range c.Digests {
			_, _, next, err := digest.Due(ctx, r, def, a.Now())
			if err != nil {
				return err
			}
			nd := api.NextDigest{ID: def.ID, Next: next}
			if last, err := r.Digests(ctx, def.ID, "", 1); err == nil && len(last) > 0 {
				nd.Last = last[0].Date
			}
			s.Digests = append(s.Digests, nd)
		}
		rs, err := r.Receivers(ctx)
		for _, x := range rs {
			if x.Disabled != "" {
				s.Reasons = append(s.Reasons, "receiver "+x.ID+" is disabled: "+x.Disabled)
			}
		}
		return err
	})
	if a.ready.Load() && err == nil {
		if werr := a.readyNow(ctx); werr != nil {
			s.Reasons = append(s.Reasons, "nothing can be kept: "+werr.Error())
		}
	}
	failing := s.Feeds[string(feeds.BackOff)] + s.Feeds[string(feeds.Gone)]
	if err != nil {
		s.Reasons = append(s.Reasons, "the store cannot be read: "+err.Error())
	}
	if f, ok := a.store.(*sqlite.Store); ok && f.Damage() != nil {
		s.Reasons = append(s.Reasons, f.Damage().Error())
	}
	if e := a.reloadE.Load(); e != nil {
		s.Reasons = append(s.Reasons, "the newest configuration is not in force: "+*e)
	}
	if a.offline.Down() {
		s.Reasons = append(s.Reasons, "the network is down")
	}
	if failing > 0 {
		s.Reasons = append(s.Reasons, fmt.Sprintf("%d of %d %s cannot be read (`watcher feeds list`)", failing, total, plural(total, "feed")))
	}
	if len(s.Reasons) > 0 {
		s.State = "degraded"
	}
	s.Line = fmt.Sprintf("%d %s, %d failing, %d queued", total, plural(total, "feed"), failing, queued)
	return s
}

const beatWithin = 70 * time.Second // two ticks of the engine's loop

// live tells why the process should be restarted: a loop that no longer turns.
func (a *App) live(ctx context.Context) error {
	if beat := time.UnixMilli(a.beat.Load()); a.Now().Sub(beat) > beatWithin {
		return fmt.Errorf("the engine's loop has not turned since %s", beat.UTC().Format(time.RFC3339))
	}
	return nil
}

// readyNow tells why no work can be taken: stopping, or a store that takes no
// row. A feed or receiver in trouble is no reason.
func (a *App) readyNow(ctx context.Context) error {
	if !a.ready.Load() {
		return errors.New("starting or stopping")
	}
	return a.store.Update(ctx, func(tx store.Tx) error {
		return tx.Set(ctx, "ready", []byte(a.Now().UTC().Format(time.RFC3339)))
	})
}

// gauges sets the metrics that mirror the store.
func (a *App) gauges(ctx context.Context) error {
	now := a.Now()
	stats, err := a.store.Stats(ctx)
	if err == nil {
		a.Metrics.DBBytes.Set(float64(stats.Bytes))
	}
	return a.store.View(ctx, func(r store.Reader) error {
		counts, err := r.FeedCounts(ctx)
		if err != nil {
			return err
		}
		for _, p := range []feeds.Phase{feeds.Active, feeds.BackOff, feeds.Gone, feeds.Paused} {
			a.Metrics.Feeds.WithLabelValues(string(p)).Set(float64(counts[p]))
		}
		ds, err := r.CountDeliveries(ctx, store.DeliveryFilter{})
		if err != nil {
			return err
		}
		for receiver, by := range ds {
			a.Metrics.Pending.WithLabelValues(receiver).Set(float64(by[notify.Pending] + by[notify.Sending]))
			a.Metrics.DeadLetters.WithLabelValues(receiver).Set(float64(by[notify.Dead]))
			oldest, err := r.Deliveries(ctx, store.DeliveryFilter{Receiver: receiver, States: []notify.DeliveryState{notify.Pending}, Oldest: true, Limit: 1})
			if err != nil {
				return err
			}
			age := 0.0
			if len(oldest) > 0 && oldest[0].NextAt.Before(now) {
				age = now.Sub(oldest[0].Created).Seconds()
			}
			a.Metrics.OldestQueued.WithLabelValues(receiver).Set(age)
		}
		for _, t := range a.now.Load().Topics {
			ss, err := r.Stories(ctx, store.StoryFilter{Topic: t.ID, From: now.Add(-24 * time.Hour), Limit: 1000})
			if err != nil {
				return err
			}
			a.Metrics.StoriesOpen.WithLabelValues(t.ID).Set(float64(len(ss)))
		}
		return nil
	})
}
