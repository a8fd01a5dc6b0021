package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/store"
	"watcher/match"
)

func explainCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain TOPIC ITEM|URL|FILE...",
		Short: "why a topic hits an item, or what is missing",
		Long: `Show how a topic's rule fares with an item: the tree of the rule with what held
and what did not, the words in their sentence, how near the sides of a NEAR
come, what was ignored and each part of the score.

The item is one of the store, by its id (a_1f3k) or its address, or each of a
file of items, one JSON object a line ("-": standard input).

Exit: 3 when the item is not found.`,
		Example: `  watcher explain iran-us-talks a_1f3k
  watcher explain iran-us-talks https://example.org/news/1
  watcher explain iran-us-talks items.jsonl --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.rules()
			if err != nil {
				return err
			}
			if _, err := topicNumber(c.Set, args[0]); err != nil {
				return err
			}
			m := c.Set.NewMatcher()
			show := func(it feeds.Item, seen time.Time) error { return e.explain(m, args[0], it, seen) }
			if len(args) == 1 {
				args = append(args, "-")
			}
			for _, what := range args[1:] {
				if what == "-" || isFile(what) {
					err = eachItem(e, []string{what}, show)
				} else {
					err = e.explainStored(cmd.Context(), c, what, show)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func isFile(name string) bool {
	fi, err := os.Stat(name)
	return err == nil && !fi.IsDir()
}

func (e *env) explain(m *match.Matcher, topic string, it feeds.Item, seen time.Time) error {
	x, _ := m.Explain(topic, it, seen)
	if e.json {
		return e.writeJSON(x)
	}
	var b strings.Builder
	b.WriteString(it.Title + "\n")
	x.Render(&b, e.colour(e.stdout))
	_, err := fmt.Fprintln(e.stdout, b.String())
	return err
}

// explainStored explains an item of the store, which is only read.
func (e *env) explainStored(ctx context.Context, c *app.Compiled, what string, show func(feeds.Item, time.Time) error) error {
	missing := exit(exitNothing, fmt.Errorf("no item %q: name an item of the store (a_1f3k), its address, or a file of items", what))
	if !app.StoreExists(c.Config) {
		return missing
	}
	s, err := app.OpenStore(ctx, c.Config, app.Read)
	if err != nil {
		return err
	}
	defer s.Close()
	var found *store.Item
	err = s.View(ctx, func(r store.Reader) error {
		if id, err := store.ParseItemID(what); err == nil {
			it, err := r.Item(ctx, id)
			if err == nil {
				found = &it
			}
			return err
		}
		link := feeds.CanonicalLink(what)
		return r.Scan(ctx, time.Time{}, time.Now().AddDate(1, 0, 0), func(it store.Item) error {
			if it.Canonical == link || it.Link == what || it.GUID == what {
				found = &it
			}
			return nil
		})
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && found == nil {
		return missing
	}
	if err != nil {
		return err
	}
	return show(found.Item, found.FirstSeen)
}
