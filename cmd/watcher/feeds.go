package main

import (
	"context"
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
			rows, err := e.feedRows(cmd.Context(), store.FeedFilter{Removed: removed, Tag: tag})
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return exit(exitNothing, fmt.Errorf("no feeds: name them under feeds: in the configuration, or `watcher feeds add URL`"))
			}
			now := time.Now()
			var cells [][]string
			for _, r := range rows {
				form := formOf(r)
				if e.json {
					if err := e.writeJSON(form); err != nil {
						return err
					}
					continue
				}
				note := form.Error
				if note == "" {
					note = form.URL
				}
				cells = append(cells, []string{form.ID, form.State, ago(r.State.LastOK, now), ago(r.State.LastNew, now), strings.Join(form.Tags, ","), note})
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

// feedRows reads the feeds of the store, and those of the configuration that
// the daemon has not met yet.
func (e *env) feedRows(ctx context.Context, filter store.FeedFilter) (rows []store.FeedRow, err error) {
	c, err := e.loadConfig()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	if app.StoreExists(c) {
		s, err := app.OpenStore(ctx, c, app.Read)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		if err := s.View(ctx, func(r store.Reader) error {
			rows, err = r.Feeds(ctx, filter)
			return err
		}); err != nil {
			return nil, err
		}
		for _, r := range rows {
			known[r.Feed.ID] = true
		}
	}
	for _, f := range app.Feeds(c) {
		if !known[f.ID] && (filter.Tag == "" || hasTag(f, filter.Tag)) {
			rows = append(rows, store.FeedRow{Feed: f})
		}
	}
	return rows, nil
}

func hasTag(f feeds.Feed, tag string) bool {
	for _, t := range f.Tags {
		if t == tag {
			return true
		}
	}
	return false
}
