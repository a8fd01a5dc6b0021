package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/backtest"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/notify"
)

func backtestCommand(e *env) *cobra.Command {
	var since, against string
	var items bool
	cmd := &cobra.Command{
		Use:   "backtest TOPIC [FILE...]",
		Short: "a rule over history, and against another version of itself; never sends",
		Long: `Runs a topic's rule over the stored items and tells hits, stories, messages a
day and the busiest hour; with --against, what is gained and lost against the
rule of the same topic in another configuration. With --items the items come
from JSON Lines in FILE or on stdin, and no store is opened.

Exit: 0 something was hit, 3 nothing.`,
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
			t := backtest.Test{Topic: args[0], Zone: c.Zone}
			var ok bool
			if t.Set, ok = c.Only(args[0]); !ok {
				return noTopic(args[0], c.TopicIDs())
			}
			if against != "" {
				if _, err := os.Stat(against); errors.Is(err, fs.ErrNotExist) {
					return usagef("--against %s: no such file; name another configuration, with the topic's other rule", against)
				}
				old, _, err := app.Load(against, e.lookup, notify.Env{Stdout: e.stderr}, nil)
				if err != nil {
					return e.configFailed(err)
				}
				if t.Against, ok = old.Only(args[0]); !ok {
					return usagef("%s has no topic %q", against, args[0])
				}
			}
			res, err := e.runBacktest(cmd.Context(), c.Config, t, d.D(), items, args[1:])
			if err != nil {
				return err
			}
			return e.showBacktest(res, against)
		},
	}
	cmd.Flags().StringVar(&since, "since", "14d", "how far back, as a `DURATION`")
	cmd.Flags().StringVar(&against, "against", "", "compare with the topic's rule in another configuration `FILE`")
	cmd.Flags().BoolVar(&items, "items", false, "read items (JSON Lines) in place of the store")
	return cmd
}

func (e *env) runBacktest(ctx context.Context, c *config.Config, t backtest.Test, since time.Duration, items bool, files []string) (backtest.Result, error) {
	now := time.Now()
	bar := e.bar(-1, "items")
	t.Progress = func(n int) { _ = bar.Set(n) }
	defer bar.Finish()
	start := time.Now()
	var res backtest.Result
	var err error
	if items {
		var all []store.Item
		if all, err = e.itemsOf(files); err == nil {
			from, to := span(all)
			res, err = backtest.Run(ctx, t, scanOf(all), from, to, now)
		}
	} else {
		var s store.Store
		if s, err = app.OpenStore(ctx, c, app.Read); err != nil {
			return res, err
		}
		defer s.Close()
		err = s.View(ctx, func(r store.Reader) (err error) {
			res, err = backtest.Run(ctx, t, r.Scan, now.Add(-since), now, now)
			return err
		})
	}
	res.Elapsed = time.Since(start)
	return res, err
}

// itemsOf reads items from files as if they were stored.
func (e *env) itemsOf(files []string) (all []store.Item, err error) {
	if len(files) == 0 {
		files = []string{"-"}
	}
	err = eachItem(e, files, func(it feeds.Item, seen time.Time) error {
		all = append(all, store.Item{Item: it, ID: int64(len(all) + 1), FirstSeen: seen, Publisher: feeds.Host(it.Link)})
		return nil
	})
	return all, err
}

// span is the window that holds items; zero where none has a time.
func span(items []store.Item) (from, to time.Time) {
	for _, it := range items {
		if it.FirstSeen.IsZero() {
			continue
		}
		if from.IsZero() || it.FirstSeen.Before(from) {
			from = it.FirstSeen
		}
		if end := it.FirstSeen.Add(time.Nanosecond); end.After(to) {
			to = end
		}
	}
	return from, to
}

func scanOf(items []store.Item) backtest.Scan {
	return func(_ context.Context, _, _ time.Time, fn func(store.Item) error) error {
		for _, it := range items {
			if err := fn(it); err != nil {
				return err
			}
		}
		return nil
	}
}

func (e *env) showBacktest(r backtest.Result, against string) error {
	if e.json {
		if err := e.writeJSON(r); err != nil {
			return err
		}
	} else {
		when := "undated"
		if !r.From.IsZero() {
			when = r.From.Format(time.DateOnly) + " to " + r.To.Format(time.DateOnly)
		}
		fmt.Fprintf(e.stdout, "%s, %s: %d items, %d hits, %d stories, %.1f messages a day\n", r.Topic, when, r.Items, r.Hits, r.Stories, r.PerDayMean())
		if r.Busiest.Hits > 0 {
			fmt.Fprintf(e.stdout, "busiest hour: %s with %d hits\n", e.when(r.Busiest.Hour), r.Busiest.Hits)
		}
		for _, d := range r.PerDay {
			fmt.Fprintf(e.stdout, "  %s  %4d hits  %3d messages  %s\n", d.Day, d.Hits, d.Messages, strings.Repeat("▪", min(d.Hits, 50)))
		}
		if against != "" {
			fmt.Fprintf(e.stdout, "against %s: %d hits before, %d gained, %d lost\n", against, r.Before, r.GainedN, r.LostN)
			e.samples("gained", r.Gained)
			e.samples("lost", r.Lost)
		} else {
			e.samples("newest", r.Sample)
		}
		fmt.Fprintf(e.stderr, "%d items in %s\n", r.Items, r.Elapsed.Round(time.Millisecond))
	}
	if r.Hits == 0 && r.LostN == 0 {
		return exit(exitNothing, nil)
	}
	return nil
}

func (e *env) samples(what string, items []backtest.Item) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintln(e.stdout, what+":")
	for _, it := range items {
		when := "undated"
		if !it.At.IsZero() {
			when = e.when(it.At)
		}
		fmt.Fprintf(e.stdout, "  %s  %s: %s  [%s]\n", when, it.Outlet, it.Title, strings.Join(it.Why, ", "))
	}
}
