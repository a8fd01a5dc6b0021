package main

import (
	"context"
	"fmt"
	"time"

	"watcher/internal/app"
	"watcher/internal/backtest"
	"watcher/internal/config"
	"watcher/internal/store"
)

// Bounds of a forecast: how far it looks back and how much it reads.
const (
	forecastDays   = 14
	forecastItems  = 50000
	forecastTopics = 200
)

// forecast runs the rules over the newest stored items. It says on stderr how
// many messages a day each topic would mean, and gives as warnings topics above
// their max_per_day and clauses that hold nearly everywhere. Where there is no
// history it says nothing: a store is read, never made.
func (e *env) forecast(ctx context.Context, c *app.Compiled) ([]config.Problem, error) {
	if !app.StoreExists(c.Config) || len(c.Config.Topics) > forecastTopics {
		return nil, nil
	}
	s, err := app.OpenStore(ctx, c.Config, app.Read)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	now := time.Now()
	items, err := history(ctx, s, now.AddDate(0, 0, -forecastDays), now)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	breadth := c.Set.Breadth()
	var told []store.Item // a feed's first poll is never told
	for _, it := range items {
		breadth.Add(it.Item, it.FirstSeen)
		if !it.Baseline {
			told = append(told, it)
		}
	}
	var ps []config.Problem
	for _, w := range breadth.Warnings() {
		ps = append(ps, app.RuleProblem(c.Config, &w.Error, true))
	}
	from := items[0].FirstSeen
	for i, t := range c.Config.Topics {
		set, ok := c.Only(t.ID)
		if !ok {
			continue
		}
		tested := told
		if len(told) == 0 {
			tested = items
		}
		r, err := backtest.Run(ctx, backtest.Test{Topic: t.ID, Set: set, Zone: c.Zone}, scanOf(tested), from, now, now)
		if err != nil {
			return ps, err
		}
		if len(told) == 0 {
			fmt.Fprintf(e.stderr, "forecast: %s: none yet: what is stored came with the feeds' first polls, of which nothing is told (%d hits in %d items)\n", t.ID, r.Hits, r.Items)
			continue
		}
		fmt.Fprintf(e.stderr, "forecast: %s: about %.1f messages a day (%d hits in %d items)\n", t.ID, r.PerDayMean(), r.Hits, r.Items)
		if t.MaxPerDay > 0 && r.PerDayMean() > float64(t.MaxPerDay) {
			ps = append(ps, config.Problem{File: c.Config.File, Pos: t.Pos, Path: fmt.Sprintf("topics[%d]", i), Warning: true,
				Msg: fmt.Sprintf("history forecasts about %.0f messages a day, above max_per_day: %d", r.PerDayMean(), t.MaxPerDay)})
		}
	}
	return ps, nil
}

// history reads the stored items of a time, the newest where there are too many.
func history(ctx context.Context, s store.Store, from, to time.Time) (items []store.Item, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		return r.Scan(ctx, from, to, func(it store.Item) error {
			if items = append(items, it); len(items) >= 2*forecastItems {
				items = append(items[:0], items[forecastItems:]...)
			}
			return ctx.Err()
		})
	})
	return items[max(0, len(items)-forecastItems):], err
}
