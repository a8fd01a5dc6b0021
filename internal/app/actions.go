package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

// Actions is what a person can do to what is stored, from a page, the API or a
// verb. What needs nothing but the store is api.StoreActions'; here is what
// needs the network or the grouping, and the daemon is woken after the rest.
type Actions struct {
	api.StoreActions
	ingest *ingest.Ingest
	config func() *config.Config
	fetch  ingest.Fetcher
	app    *App // nil: a verb that opened the store itself
}

// NewActions makes Actions for a verb that opened the store itself.
func NewActions(s store.Store, c *config.Config, version string) *Actions {
	return &Actions{StoreActions: storeActions(s, c, time.Now),
		ingest: ingest.New(ingest.Options{Store: s, Planner: noPlan{}, Shared: true}, ingest.NewRules(nil, nil)),
		config: func() *config.Config { return c }, fetch: fetch.New(fetch.Options{Version: version, Contact: c.Polling.Contact})}
}

func storeActions(s store.Store, c *config.Config, now func() time.Time) api.StoreActions {
	a := api.StoreActions{Store: s, Now: now, NewID: func(prefix string) string { return prefix + ulid.Make().String() }}
	for _, r := range c.Receivers {
		a.Receivers = append(a.Receivers, r.ID)
	}
	return a
}

func (a *App) actions(c *Compiled, fetcher ingest.Fetcher) *Actions {
	return &Actions{StoreActions: storeActions(a.store, c.Config, a.Now), ingest: a.ingest,
		config: func() *config.Config { return a.now.Load().Config }, fetch: fetcher, app: a}
}

// noPlan tells nobody: a verb's corrections are seen on the pages.
type noPlan struct{}

func (noPlan) Story(_ context.Context, _ store.Tx, c ingest.Change) ([]notify.Delivery, store.Story, error) {
	return nil, c.Story, nil
}

func (noPlan) Event(context.Context, store.Tx, store.Event) ([]notify.Delivery, error) {
	return nil, nil
}

// woken wakes the daemon's parts after a change that they should see at once.
func (a *Actions) woken(err error) error {
	if err == nil && a.app != nil {
		a.app.engine.Wake()
		a.app.wakeSender()
	}
	return err
}

// Reload has the daemon read its configuration again.
func (a *Actions) Reload(ctx context.Context) error {
	if a.app == nil {
		return api.ErrOffline
	}
	if err := a.app.Reload(ctx); err != nil {
		return fmt.Errorf("%w: %s", api.ErrBad, err)
	}
	return nil
}

// AddFeed keeps a feed in the store after one fetch that proves it to be one.
// Of a site's address it takes the first feed that the page names and that is
// not watched yet.
// The document is its baseline: nothing of it is told, and it is not fetched
// again before its next slot.
func (a *Actions) AddFeed(ctx context.Context, n api.NewFeed) (feeds.Feed, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", api.ErrBad, fmt.Sprintf(format, args...))
	}
	u, err := url.Parse(n.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return feeds.Feed{}, bad("%q is no address: write https://host/path", n.URL)
	}
	f := feeds.Feed{ID: n.ID, URL: n.URL, Name: n.Name, Publisher: n.Publisher, Kind: feeds.Kind(n.Kind), Tags: n.Tags, Stored: true, Notify: true}
	if f.ID, err = a.freeID(ctx, f.ID, n.URL); err != nil {
		return f, err
	}
	full := Polled(f, a.config())
	res, err := a.fetch.Get(ctx, full, feeds.State{})
	if err != nil {
		return f, err
	}
	if res.Class != pace.OK {
		return f, bad("%s: %s", config.Redact(n.URL), res.Message)
	}
	doc, err := parse.Parse(res.Body, parse.Options{URL: res.FinalURL, ContentType: res.ContentType, Feed: full})
	var no *parse.NotFeedError
	switch {
	case errors.As(err, &no) && len(no.Alternates) > 0 && !n.Found:
		to, known, err := a.firstNew(ctx, res.FinalURL, no.Alternates)
		if err != nil {
			return f, err
		}
		if to == "" {
			return f, bad("%s is a page whose feeds are watched already: %s", config.Redact(n.URL), strings.Join(known, ", "))
		}
		n.URL, n.Found = to, true
		return a.AddFeed(ctx, n)
	case errors.As(err, &no):
		return f, bad("%s: %s", config.Redact(n.URL), res.Unread(res.Body, no.Error(), no.Alternates...).Message)
	case err != nil:
		return f, bad("%s: %s", config.Redact(n.URL), err)
	}
	if res.Truncated && len(doc.Items) == 0 {
		return f, bad("%s: %s", config.Redact(n.URL), res.Unread(res.Body, "").Message)
	}
	if res.Permanent {
		if id, err := a.feedAt(ctx, res.FinalURL); err != nil || id != "" {
			return f, cmp.Or(err, bad("%s redirects to %s, which is feed %s already", config.Redact(n.URL), config.Redact(res.FinalURL), id))
		}
	}
	if f.Name == "" {
		f.Name = doc.Title
	}
	full.ID, full.Name = f.ID, f.Name
	if err := a.shelve(ctx, f); err != nil {
		if errors.Is(err, store.ErrConflict) {
			return f, bad("%s", err)
		}
		return f, err
	}
	if a.app != nil {
		// The answer is worked as its first poll: one GET is enough.
		if err := a.app.ingest.Adopt(ctx, full, res); err != nil {
			return f, err
		}
	}
	return f, a.woken(nil)
}

// firstNew gives the first of the feeds that a page names which is not watched
// yet, "" when there is none, and the ids of those before it.
func (a *Actions) firstNew(ctx context.Context, page string, named []string) (address string, known []string, err error) {
	for _, link := range named {
		to, err := url.Parse(link)
		if base, berr := url.Parse(page); err == nil && berr == nil {
			to = base.ResolveReference(to)
		}
		if err != nil {
			return "", nil, fmt.Errorf("%w: %s names a feed at %q, which is no address", api.ErrBad, config.Redact(page), link)
		}
		id, err := a.feedAt(ctx, to.String())
		if err != nil {
			return "", nil, err
		}
		if id == "" {
			return to.String(), known, nil
		}
		known = append(known, id)
	}
	return "", known, nil
}

// feedAt names the feed that has an address; "" when none has.
func (a *Actions) feedAt(ctx context.Context, address string) (id string, err error) {
	for _, f := range a.config().Feeds {
		if f.URL == address {
			return f.ID, nil
		}
	}
	err = a.Store.View(ctx, func(r store.Reader) error {
		rows, err := r.Feeds(ctx, store.FeedFilter{URL: address})
		if len(rows) > 0 {
			id = rows[0].Feed.ID
		}
		return err
	})
	return id, err
}

// freeID gives the id under which a new feed is kept: the wanted one, or one
// made of its address that no other feed has. A feed that has the address
// already is an error, and so is a wanted id that is taken.
func (a *Actions) freeID(ctx context.Context, wanted, address string) (string, error) {
	if id, err := a.feedAt(ctx, address); err != nil || id != "" {
		return "", cmp.Or(err, fmt.Errorf("%w: feed %s has this address already", api.ErrBad, id))
	}
	id := cmp.Or(wanted, config.Slug(address))
	err := a.Store.View(ctx, func(r store.Reader) error {
		for n, base := 2, id; ; n++ {
			other, err := a.holder(ctx, r, id)
			if err != nil || other == "" {
				return err
			}
			if wanted != "" {
				return fmt.Errorf("%w: feed %s is %s; give the new one another id", api.ErrBad, wanted, config.Redact(other))
			}
			id = fmt.Sprintf("%s-%d", base, n)
		}
	})
	return id, err
}

// holder gives the address of the feed that has an id; "" when none has.
func (a *Actions) holder(ctx context.Context, r store.Reader, id string) (string, error) {
	for _, f := range a.config().Feeds {
		if f.ID == id {
			return f.URL, nil
		}
	}
	row, err := r.Feed(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Feed.Removed {
		return "", nil
	}
	return row.Feed.URL, err
}

// shelve keeps a feed whose answer is about to be worked, so that the engine
// does not begin its first poll meanwhile; should we be stopped, it does later.
func (a *Actions) shelve(ctx context.Context, f feeds.Feed) error {
	return a.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.SaveFeed(ctx, f); err != nil || a.app == nil {
			return err
		}
		row, err := tx.Feed(ctx, f.ID)
		if err != nil {
			return err
		}
		row.State.NextPoll = a.app.Now().Add(time.Minute)
		return tx.SaveState(ctx, row.State, store.Poll{})
	})
}

// PollFeed makes a feed due at once.
func (a *Actions) PollFeed(ctx context.Context, id string) error {
	return a.woken(a.StoreActions.PollFeed(ctx, id))
}

// PauseFeed stops or resumes polling.
func (a *Actions) PauseFeed(ctx context.Context, id string, paused bool) error {
	return a.woken(a.StoreActions.PauseFeed(ctx, id, paused))
}

// EndSilence ends a silence before its time.
func (a *Actions) EndSilence(ctx context.Context, id int64) error {
	return a.woken(a.StoreActions.EndSilence(ctx, id))
}

// SplitStory moves articles into a story of their own; grouping remembers it.
func (a *Actions) SplitStory(ctx context.Context, id string, items []int64) (string, error) {
	to, err := a.ingest.Split(ctx, id, items)
	return to, api.Asked(err)
}

// MergeStories puts one story into another; grouping remembers it.
func (a *Actions) MergeStories(ctx context.Context, into, from string) error {
	return api.Asked(a.ingest.Merge(ctx, into, from))
}

// ResendDelivery sends a delivery again under its id.
func (a *Actions) ResendDelivery(ctx context.Context, id string) error {
	return a.woken(a.StoreActions.ResendDelivery(ctx, id))
}

// ReplayDelivery sends what was delivered once more, under a new id.
func (a *Actions) ReplayDelivery(ctx context.Context, id string) (string, error) {
	fresh, err := a.StoreActions.ReplayDelivery(ctx, id)
	return fresh, a.woken(err)
}

// EnableReceiver lets a disabled receiver be sent to again.
func (a *Actions) EnableReceiver(ctx context.Context, id string) error {
	return a.woken(a.StoreActions.EnableReceiver(ctx, id))
}

// PauseReceiver keeps messages for a receiver waiting, or lets them go.
func (a *Actions) PauseReceiver(ctx context.Context, id string, paused bool) error {
	return a.woken(a.StoreActions.PauseReceiver(ctx, id, paused))
}

// SendDigest sends an issue to its receivers again and says to how many.
func (a *Actions) SendDigest(ctx context.Context, id, date string) (int, error) {
	if a.app == nil {
		return a.StoreActions.SendDigest(ctx, id, date)
	}
	return a.app.sendDigest(ctx, id, date)
}
