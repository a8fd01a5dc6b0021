package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/store"
)

func feedsCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "feeds", Short: "the feeds and their health"}
	cmd.AddCommand(feedsListCommand(e), feedsAddCommand(e), feedsShowCommand(e))
	cmd.AddCommand(feedsDoCommands(e)...)
	return cmd
}

// feedRowForm is a feed in `feeds list --json`.
type feedRowForm struct {
	ID        string   `json:"id"`
	URL       string   `json:"url"`
	Name      string   `json:"name"`
	Publisher string   `json:"publisher"`
	Kind      string   `json:"kind"`
	Tags      []string `json:"tags"`
	From      string   `json:"from"` // config or store
	State     string   `json:"state"`
	NextPoll  string   `json:"next_poll"`
	LastPoll  string   `json:"last_poll"`
	LastOK    string   `json:"last_ok"`
	LastNew   string   `json:"last_new"`
	Status    int      `json:"status"`
	Fails     int      `json:"fails"`
	Error     string   `json:"error"`
}

func formOf(r store.FeedRow) feedRowForm {
	f, st := r.Feed, r.State
	form := feedRowForm{ID: f.ID, URL: f.URL, Name: f.Outlet(st.Title), Publisher: f.Publisher, Kind: string(f.Kind), Tags: f.Tags, From: "config", State: feedState(r),
		NextPoll: feeds.FormatTime(st.NextPoll), LastPoll: feeds.FormatTime(st.LastPoll), LastOK: feeds.FormatTime(st.LastOK), LastNew: feeds.FormatTime(st.LastNew),
		Status: st.LastStatus, Fails: st.Fails, Error: st.LastError}
	if f.Stored {
		form.From = "store"
	}
	if form.Tags == nil {
		form.Tags = []string{}
	}
	return form
}

func feedState(r store.FeedRow) string {
	switch {
	case r.Feed.Removed:
		return "removed"
	case r.Feed.Paused:
		return string(feeds.Paused)
	case r.State.Merged != "":
		return "merged"
	case r.State.Phase != "":
		return string(r.State.Phase)
	}
	return string(feeds.Active)
}

func feedsListCommand(e *env) *cobra.Command {
	var removed bool
	var tag string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "every feed with its health",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			var cells [][]string
			flush := e.lines()
			n, err := e.eachFeed(cmd.Context(), store.FeedFilter{Removed: removed, Tag: tag}, func(r store.FeedRow) error {
				form := formOf(r)
				if e.json {
					return e.writeJSON(form)
				}
				cells = append(cells, []string{form.ID, form.State, ago(r.State.LastOK, now), ago(r.State.LastNew, now), strings.Join(form.Tags, ","), cmp.Or(form.Error, form.URL)})
				return nil
			})
			if err := errors.Join(err, flush()); err != nil {
				return err
			}
			if n == 0 {
				return noFeeds(tag)
			}
			if !e.json {
				table(e.stdout, []string{"FEED", "STATE", "READ", "NEW", "TAGS", "ADDRESS OR ERROR"}, cells)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&removed, "removed", false, "those no longer configured as well")
	cmd.Flags().StringVar(&tag, "tag", "", "only feeds with this `TAG`")
	return cmd
}

// eachFeed calls fn with the feeds of the store, and those of the configuration
// that the daemon has not met yet, and gives their number. Few are held at a time.
func (e *env) eachFeed(ctx context.Context, filter store.FeedFilter, fn func(store.FeedRow) error) (n int, err error) {
	c, err := e.loadConfig()
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	if app.StoreExists(c) {
		s, err := app.OpenStore(ctx, c, app.Read)
		if err != nil {
			return 0, err
		}
		defer s.Close()
		var failed error
		err = s.View(ctx, func(r store.Reader) error {
			return store.EachFeed(ctx, r, filter, func(row store.FeedRow) {
				if n++; failed == nil {
					failed = fn(row)
				}
				known[row.Feed.ID] = true
			})
		})
		if err := errors.Join(err, failed); err != nil {
			return n, err
		}
	}
	for _, f := range app.Feeds(c) {
		if !known[f.ID] && (filter.Tag == "" || hasTag(f, filter.Tag)) {
			n++
			if err := fn(store.FeedRow{Feed: f}); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// noFeeds says that there is no feed, or none with the tag.
func noFeeds(tag string) error {
	if tag != "" {
		return exit(exitNothing, fmt.Errorf("no feed has the tag %q", tag))
	}
	return exit(exitNothing, errors.New("no feeds: name them under feeds: in the configuration, or `watcher feeds add URL`"))
}

func hasTag(f feeds.Feed, tag string) bool {
	for _, t := range f.Tags {
		if t == tag {
			return true
		}
	}
	return false
}
