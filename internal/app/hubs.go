package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/feeds/websub"
	"watcher/internal/store"
)

// hubs has feeds pushed by their hubs, where polling.websub is on: it asks for
// subscriptions, and keeps what hubs answer and bring. It implements
// websub.Feeds.
type hubs struct {
	app *App

	mu      sync.Mutex
	ids     map[string]string // token -> feed
	scanned time.Time
}

const rescan = 10 * time.Second // unknown tokens make us look no oftener

// hooks answers hubs; nil where nobody can reach us.
func (a *App) hooks(publicURL string) http.Handler {
	if publicURL == "" {
		return nil
	}
	return &websub.Callback{Feeds: a.hubs, Log: a.Log, Now: a.Now}
}

// subscribe asks hubs for what is due: new subscriptions and renewals.
func (a *App) subscribe(ctx context.Context) error {
	c := a.now.Load().Config
	if !c.Polling.WebSub || c.Server.PublicURL == "" || a.fetch == nil || a.DryRun {
		return nil
	}
	rows, err := a.hubs.rows(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !websub.Due(row.Feed, row.State, a.Now()) {
			continue
		}
		st := websub.Prepare(row.State, a.Now())
		if err := a.hubs.Save(ctx, st); errors.Is(err, store.ErrConflict) {
			continue // it is being polled: next time
		} else if err != nil {
			return err
		}
		release, err := a.pacer.Wait(ctx, feeds.PacingKey(st.Hub), row.Feed)
		if err == nil {
			err = websub.Subscribe(ctx, a.fetch, row.Feed, st, c.Server.PublicURL)
			release()
		}
		if err != nil {
			a.Log.Warn("no subscription", "feed", row.Feed.ID, "err", err)
		}
	}
	return ctx.Err()
}

// rows reads the feeds that may be pushed, and notes their tokens.
func (h *hubs) rows(ctx context.Context) ([]store.FeedRow, error) {
	var rows, out []store.FeedRow
	err := h.app.store.View(ctx, func(r store.Reader) error {
		return store.EachFeed(ctx, r, store.FeedFilter{Removed: true}, func(row store.FeedRow) {
			if row.State.Hub != "" {
				rows = append(rows, row)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ids, h.scanned = map[string]string{}, h.app.Now()
	for _, row := range rows {
		if row.Feed.Stored {
			row.Feed = h.app.polled(row.Feed)
		}
		if row.State.HubToken != "" {
			h.ids[row.State.HubToken] = row.Feed.ID
		}
		out = append(out, row)
	}
	return out, nil
}

// ByToken implements websub.Feeds.
func (h *hubs) ByToken(ctx context.Context, token string) (feeds.Feed, feeds.State, error) {
	row, err := h.byToken(ctx, token)
	return row.Feed, row.State, err
}

func (h *hubs) byToken(ctx context.Context, token string) (row store.FeedRow, err error) {
	h.mu.Lock()
	id, stale := h.ids[token], h.app.Now().Sub(h.scanned) > rescan
	h.mu.Unlock()
	if id == "" && stale {
		if _, err := h.rows(ctx); err != nil {
			return row, err
		}
		h.mu.Lock()
		id = h.ids[token]
		h.mu.Unlock()
	}
	if id == "" {
		return row, websub.ErrUnknown
	}
	return h.row(ctx, id, token)
}

// row reads a feed that has a token.
func (h *hubs) row(ctx context.Context, id, token string) (row store.FeedRow, err error) {
	err = h.app.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.Feed(ctx, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && row.State.HubToken != token {
		return row, websub.ErrUnknown
	}
	if row.Feed.Stored {
		row.Feed = h.app.polled(row.Feed)
	}
	return row, err
}

// Save implements websub.Feeds.
func (h *hubs) Save(ctx context.Context, st feeds.State) error {
	err := h.app.store.Update(ctx, func(tx store.Tx) error { return tx.SaveState(ctx, st, store.Poll{}) })
	if err == nil && st.HubToken != "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.ids == nil {
			h.ids = map[string]string{}
		}
		h.ids[st.HubToken] = st.Feed
	}
	return err
}

// Push implements websub.Feeds. A push that meets a poll is worked after it.
func (h *hubs) Push(ctx context.Context, f feeds.Feed, body []byte, contentType string) (err error) {
	for range 5 {
		var row store.FeedRow
		err = h.app.store.View(ctx, func(r store.Reader) (err error) {
			row, err = r.Feed(ctx, f.ID)
			return err
		})
		if err != nil {
			return err
		}
		if row.Feed.Removed || row.Feed.Paused {
			return nil // until the lease ends, its hub goes on
		}
		row.Feed = f
		if err = h.app.ingest.Push(ctx, row, body, contentType); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return err
}
