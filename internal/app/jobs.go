package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/notify"
)

// silentAfter is how long a topic may meet nothing before topic.silent says so.
const silentAfter = 7 * 24 * time.Hour

// silentTopics tells, once a week, of topics that nothing meets any more.
func (a *App) silentTopics(ctx context.Context) error {
	now := a.Now()
	for _, t := range a.now.Load().Topics {
		err := a.store.Update(ctx, func(tx store.Tx) error {
			last, err := tx.LastMatch(ctx, t.ID)
			if err != nil {
				return err
			}
			last = last.Truncate(time.Second) // as it is noted
			key := "topic.silent/" + t.ID
			noted, err := tx.Get(ctx, key)
			if err != nil {
				return err
			}
			since, _ := time.Parse(time.RFC3339, string(noted))
			if since.IsZero() || last.After(since) {
				// The clock starts when the topic is first seen, or at its newest match.
				if last.IsZero() {
					last = now
				}
				if since.Equal(last.Truncate(time.Second)) {
					return nil
				}
				return tx.Set(ctx, key, []byte(last.UTC().Truncate(time.Second).Format(time.RFC3339)))
			}
			if now.Sub(since) < silentAfter {
				return nil
			}
			ev := store.Event{At: now, Type: notify.TopicSilent, Subject: t.ID, Title: t.Name + " has met nothing for a week",
				Text: fmt.Sprintf("no item met topic %s since %s; `watcher backtest %s` shows what its rule would have met", t.ID, since.Format("2006-01-02"), t.ID)}
			if err := a.tellEvent(ctx, tx, ev); err != nil {
				return err
			}
			return tx.Set(ctx, key, []byte(now.UTC().Truncate(time.Second).Format(time.RFC3339)))
		})
		if err != nil {
			return fmt.Errorf("topic %s: %w", t.ID, err)
		}
	}
	return nil
}

// tellEvent records an event and enqueues what the routes want of it.
func (a *App) tellEvent(ctx context.Context, tx store.Tx, ev store.Event) error {
	id, err := tx.AddEvent(ctx, ev)
	if err != nil {
		return err
	}
	ev.ID = id
	ds, err := a.plan.Event(ctx, tx, ev)
	if err != nil || len(ds) == 0 {
		return err
	}
	if err := tx.Enqueue(ctx, ds); err != nil {
		return err
	}
	a.wakeSender()
	return nil
}

// prunePause is the rest between two chunks, in which others write.
const prunePause = 50 * time.Millisecond

// Keep is how long a configuration keeps what.
func Keep(c *config.Config) store.Keep {
	r := c.Retention
	return store.Keep{Items: r.Items.D(), Deliveries: r.Deliveries.D(), Dead: max(config.Days(180).D(), r.Deliveries.D()), Digests: r.Digests.D()}
}

// prune removes what is older than its keep, a little at a time, so that no
// writer waits long.
func (a *App) prune(ctx context.Context) error {
	n, err := store.PruneAll(ctx, a.store, Keep(a.now.Load().Config), a.Now(), prunePause)
	if n > 0 {
		a.Log.Info("retention", "count", n)
	}
	return err
}

// heartbeat calls ops.heartbeat_url, so that somebody else notices when we are
// gone. It is silent while the daemon is not well.
func (a *App) heartbeat(ctx context.Context) error {
	url := a.now.Load().Config.Ops.HeartbeatURL
	if url == "" || a.live(ctx) != nil || !a.ready.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ops.heartbeat_url %s is no address", config.Redact(url))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("heartbeat to %s failed", config.Redact(url)) // the error itself holds the address
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	if resp.StatusCode >= 300 {
		return fmt.Errorf("heartbeat to %s: %s", config.Redact(url), resp.Status)
	}
	return nil
}

// review merges and splits stories by what has come since; ingest keeps it.
func (a *App) review(ctx context.Context) error { return a.ingest.Review(ctx) }
