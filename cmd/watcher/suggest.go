package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/match"
)

func suggestCommand(e *env) *cobra.Command {
	var since string
	var items bool
	var most int
	cmd := &cobra.Command{
		Use:   "suggest @ENTITY [FILE...]",
		Short: "words of the history that an entity may be missing",
		Long: `List the words of the stored items that an entity of the configuration does not
meet, though they are spelt nearly like one of its aliases or its name: with
counts and a line of context. Nothing is changed: put what belongs to the entity
under alias:. With --items the items come from JSON Lines in FILE or on stdin.

Exit: 3 when there is nothing to suggest.`,
		Example: `  watcher suggest @araghchi --since 90d
  watcher parse --items *.xml | watcher suggest @araghchi --items`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := config.ParseDuration(since)
			if err != nil {
				return usagef("--since: %v", err)
			}
			c, err := e.rules()
			if err != nil {
				return err
			}
			g, err := c.Set.Suggest(strings.TrimPrefix(args[0], "@"))
			if err != nil {
				return exit(exitUsage, err)
			}
			if err := e.gather(cmd.Context(), c, g, d.D(), items, args[1:]); err != nil {
				return err
			}
			return e.showSuggestions(g.Words(), most)
		},
	}
	cmd.Flags().StringVar(&since, "since", "180d", "how far back, as a `DURATION`")
	cmd.Flags().BoolVar(&items, "items", false, "read items (JSON Lines) in place of the store")
	limitFlag(cmd, &most, 50, "at most so many words")
	return cmd
}

// gather reads the items of files, or of the store.
func (e *env) gather(ctx context.Context, c *app.Compiled, g *match.Suggester, since time.Duration, items bool, files []string) error {
	bar := e.bar(-1, "items")
	defer bar.Finish()
	if items {
		if len(files) == 0 {
			files = []string{"-"}
		}
		return eachItem(e, files, func(it feeds.Item, seen time.Time) error {
			g.Add(it, seen)
			_ = bar.Add(1)
			return nil
		})
	}
	s, err := app.OpenStore(ctx, c.Config, app.Read)
	if err != nil {
		return err
	}
	defer s.Close()
	now := time.Now()
	return s.View(ctx, func(r store.Reader) error {
		return r.Scan(ctx, now.Add(-since), now.Add(time.Minute), func(it store.Item) error {
			g.Add(it.Item, it.FirstSeen)
			_ = bar.Add(1)
			return ctx.Err()
		})
	})
}

func (e *env) showSuggestions(words []match.Suggestion, most int) error {
	if len(words) == 0 {
		return exit(exitNothing, errors.New("no word of these items is spelt nearly like the entity and missed by it"))
	}
	var rows [][]string
	if most > 0 {
		words = words[:min(len(words), most)]
	}
	for _, w := range words {
		if e.json {
			if err := e.writeJSON(w); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{w.Word, fmt.Sprint(w.Count), w.Near, w.How, feeds.OneLine(w.Sample)})
	}
	if !e.json {
		table(e.stdout, []string{"WORD", "COUNT", "NEAR", "BY", "SAMPLE"}, rows)
	}
	return nil
}
