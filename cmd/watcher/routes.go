package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/notify"
	"watcher/notify/route"
)

func routesCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "routes", Short: "who is told of what"}
	cmd.AddCommand(routesExplainCommand(e))
	return cmd
}

func routesExplainCommand(e *env) *cobra.Command {
	var topic, priority, at string
	cmd := &cobra.Command{
		Use:   "explain [TOPIC]",
		Short: "which receivers would be told of a new story of a topic, and when",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				topic = args[0]
			}
			c, err := e.compiled(true)
			if err != nil {
				return err
			}
			when, err := instant(at, c.Zone)
			if err != nil {
				return err
			}
			topics, err := topicsNamed(c, topic)
			if err != nil {
				return err
			}
			silences, err := e.storedSilences(cmd.Context(), c.Config, when)
			if err != nil {
				return err
			}
			told := false
			var cells [][]string
			for _, t := range topics {
				p := t.Priority
				if priority != "" {
					p = priority
				}
				if !strings.Contains(" low normal high critical ", " "+p+" ") {
					return usagef("--priority %s: write low, normal, high or critical", p)
				}
				lines := c.Routes.Explain(t.ID, notify.Priority(p), silences, when)
				for _, l := range lines {
					told = told || l.Told
				}
				more, err := e.showRoutes(t.ID, p, lines, c.Zone)
				if err != nil {
					return err
				}
				cells = append(cells, more...)
			}
			if !e.json {
				table(e.stdout, []string{"TOPIC", "PRIORITY", "RECEIVER", "TOLD", "BY", "WHY"}, cells)
			}
			if !told {
				return exit(exitNothing, errors.New("nobody would be told"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&topic, "topic", "", "the `TOPIC`; all when none is named")
	cmd.Flags().StringVar(&priority, "priority", "", "as if the story had this `PRIORITY` (low, normal, high, critical)")
	cmd.Flags().StringVar(&at, "at", "", "as if it came at this `TIME`: RFC 3339, or 2026-11-22 23:00 in the configured zone; now")
	return cmd
}

func topicsNamed(c *app.Compiled, id string) ([]config.Topic, error) {
	var known []string
	for _, t := range c.Config.Topics {
		if t.ID == id {
			return []config.Topic{t}, nil
		}
		known = append(known, t.ID)
	}
	if id != "" {
		return nil, usagef("no topic %q; there are %s", id, strings.Join(known, ", "))
	}
	return c.Config.Topics, nil
}

// instant reads a time as a person writes it.
func instant(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.ParseInLocation("15:04", s, zone); err == nil {
		y, m, d := time.Now().In(zone).Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, zone), nil
	}
	return time.Time{}, usagef("%q is no time: write 2026-11-22T23:00:00+01:00, 2026-11-22 23:00 or 23:00", s)
}

// storedSilences reads the silences of the store that are in force.
func (e *env) storedSilences(ctx ctx, c *config.Config, now time.Time) (out []route.Silence, err error) {
	if !app.StoreExists(c) {
		return nil, nil
	}
	err = e.view(ctx, func(_ *config.Config, r store.Reader) error {
		ss, err := r.Silences(ctx, now, false)
		for _, s := range ss {
			out = append(out, route.Silence{ID: fmt.Sprint(s.ID), Receivers: s.Receivers, Topics: s.Topics, Feeds: s.Feeds, Publishers: s.Pubs,
				Story: s.Story, Text: s.Text, From: s.From, Until: s.Until, Author: s.Author, Reason: s.Reason})
		}
		return err
	})
	return out, err
}

// explained is a line of `routes explain --json`.
type explained struct {
	Topic    string  `json:"topic"`
	Priority string  `json:"priority"`
	Receiver string  `json:"receiver"`
	Told     bool    `json:"told"`
	At       *string `json:"at"`
	Route    string  `json:"route"`
	Why      string  `json:"why"`
}

// showRoutes writes what is said of one topic as JSON, or gives the rows of the table.
func (e *env) showRoutes(topic, priority string, lines []route.Line, zone *time.Location) (cells [][]string, err error) {
	for _, l := range lines {
		x := explained{topic, priority, l.Receiver, l.Told, nil, l.Route, l.Why}
		when := "never"
		if l.Told {
			text := l.At.In(zone).Format(time.RFC3339)
			x.At, when = &text, l.At.In(zone).Format("Mon 2006-01-02 15:04:05 MST")
		}
		if e.json {
			if err := e.writeJSON(x); err != nil {
				return nil, err
			}
			continue
		}
		cells = append(cells, []string{topic, priority, l.Receiver, when, l.Route, l.Why})
	}
	return cells, nil
}
