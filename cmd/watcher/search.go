package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

func searchCommand(e *env) *cobra.Command {
	var since, feed string
	var limit int
	cmd := &cobra.Command{
		Use:   "search WORDS...",
		Short: `full text over the history: words, "words together", word*, -word`,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := store.SearchQuery{Text: strings.Join(args, " "), Feed: feed}
			if since != "" {
				d, err := config.ParseDuration(since)
				if err != nil {
					return usagef("--since: %v", err)
				}
				q.From = time.Now().Add(-d.D())
			}
			return e.view(cmd.Context(), func(c *config.Config, r store.Reader) error {
				return e.search(cmd.Context(), r, q, limit)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "how far back, as a `DURATION`")
	cmd.Flags().StringVar(&feed, "feed", "", "only of the feed `ID`")
	limitFlag(cmd, &limit, 50, "at most so many")
	return cmd
}

// searchPage is how many items are held at a time.
const searchPage = 200

// search shows what is found, newest first: limit items, all for 0.
func (e *env) search(ctx context.Context, r store.Reader, q store.SearchQuery, limit int) error {
	for shown := 0; ; {
		q.Limit = searchPage
		if limit > 0 {
			q.Limit = min(searchPage, limit-shown)
		}
		res, err := r.Search(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range res.Items {
			if e.json {
				if err := e.writeJSON(api.ItemOf(it, nil)); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(e.stdout, "%s  %s  %s: %s\n    %s\n", store.ItemID(it.ID), e.when(ingest.LiveTime(it)), it.Source, it.Title, it.Link)
		}
		shown += len(res.Items)
		switch {
		case shown == 0:
			return exit(exitNothing, fmt.Errorf("nothing found for %q", q.Text))
		case !res.More:
			return nil
		case shown == limit:
			if !e.json {
				fmt.Fprintf(e.stderr, "more than %d: --limit shows more, --since narrows\n", limit)
			}
			return nil
		}
		q.Before = res.Items[len(res.Items)-1].ID
	}
}
