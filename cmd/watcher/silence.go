package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/match/query"
	"watcher/notify/route"
)

func silenceCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "silence", Short: "keep alerts from being told for a time"}
	cmd.AddCommand(silenceAddCommand(e), silenceListCommand(e), silenceEndCommand(e))
	return cmd
}

func silenceAddCommand(e *env) *cobra.Command {
	var b api.NewSilence
	var until string
	cmd := &cobra.Command{
		Use:   "add (--topic T | --feed F | --publisher P | --story S | --text WORDS | --receiver R)... (--for D | --until TIME) --reason WHY",
		Short: "hold what it meets; at its end one line says what was held",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			s, err := silenceOf(&b, until, c)
			if err != nil {
				return err
			}
			if err := knownFeeds(cmd.Context(), c, &b); err != nil {
				return err
			}
			var done api.Done
			if err := e.act(cmd.Context(), "POST", "/api/v1/silences", b, &done, func(a *app.Actions) error {
				id, err := a.AddSilence(cmd.Context(), s)
				done.ID = strconv.FormatInt(id, 10)
				return err
			}); err != nil {
				return err
			}
			if e.json {
				return e.writeJSON(map[string]string{"id": done.ID, "until": s.Until.UTC().Format(time.RFC3339)})
			}
			_, err = fmt.Fprintf(e.stdout, "silence %s until %s\n", done.ID, e.when(s.Until))
			return err
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&b.Topics, "topic", nil, "alerts of this `TOPIC`; may be repeated")
	f.StringSliceVar(&b.Feeds, "feed", nil, "stories that only this `FEED` carries; may be repeated")
	f.StringSliceVar(&b.Pubs, "publisher", nil, "stories that only this `PUBLISHER` carries; may be repeated")
	f.StringSliceVar(&b.Receivers, "receiver", nil, "only for this `RECEIVER`; may be repeated")
	f.StringVar(&b.Story, "story", "", "this `STORY`")
	f.StringVar(&b.Text, "text", "", "stories with these `WORDS` in the title")
	f.StringVar(&b.For, "for", "", "how long: 90m, 4h, 3d (30d at most)")
	f.StringVar(&until, "until", "", "its end: RFC 3339, or 2026-11-22 18:00 in the configured zone")
	f.StringVar(&b.Reason, "reason", "", "why; it is told at the end")
	f.StringVar(&b.Author, "author", "", "who (you)")
	return cmd
}

// silenceOf checks what was asked for. It leaves b as the API wants it.
func silenceOf(b *api.NewSilence, until string, c *config.Config) (store.Silence, error) {
	now := time.Now()
	zone := c.Zone()
	switch {
	case len(b.Topics)+len(b.Feeds)+len(b.Pubs)+len(b.Receivers) == 0 && b.Story == "" && b.Text == "":
		return store.Silence{}, usagef("say what to silence: --topic, --feed, --publisher, --story, --text or --receiver")
	case b.For == "" && until == "":
		return store.Silence{}, usagef("a silence needs an end: --for 4h or --until TIME")
	case b.For != "" && until != "":
		return store.Silence{}, usagef("--for and --until are both given: keep one")
	case strings.TrimSpace(b.Reason) == "":
		return store.Silence{}, usagef("a silence needs a reason: --reason \"summit live blog\"")
	}
	if b.For != "" {
		d, err := config.ParseDuration(b.For)
		if err != nil {
			return store.Silence{}, usagef("--for: %v", err)
		}
		b.For, b.Until = "", now.Add(d.D())
	} else {
		at, err := instant(until, zone)
		if err != nil {
			return store.Silence{}, err
		}
		b.Until = at
	}
	switch d := b.Until.Sub(now); {
	case d <= 0:
		return store.Silence{}, usagef("the end of the silence, %s, is over", b.Until.In(zone).Format(time.RFC3339))
	case d > route.MaxSilence+time.Minute:
		return store.Silence{}, usagef("a silence lasts 30 days at most; for longer ones use silences: in the configuration")
	}
	if err := knownIDs(c, b); err != nil {
		return store.Silence{}, err
	}
	if b.Author == "" {
		if u, err := user.Current(); err == nil {
			b.Author = u.Username
		}
	}
	b.Until = b.Until.UTC()
	return b.Silence(now.UTC())
}

// knownIDs refuses topics and receivers that are not configured: such a
// silence would meet nothing.
func knownIDs(c *config.Config, b *api.NewSilence) error {
	var topics, receivers []string
	for _, t := range c.Topics {
		topics = append(topics, t.ID)
	}
	for _, r := range c.Receivers {
		receivers = append(receivers, r.ID)
	}
	for _, x := range []struct {
		what         string
		named, known []string
	}{{"topic", b.Topics, topics}, {"receiver", b.Receivers, receivers}} {
		for _, id := range x.named {
			if !slices.Contains(x.known, id) {
				return unknownID(x.what, id, x.known)
			}
		}
	}
	return nil
}

// knownFeeds refuses feeds and publishers that neither the configuration nor
// the store has.
func knownFeeds(ctx context.Context, c *config.Config, b *api.NewSilence) error {
	if len(b.Feeds)+len(b.Pubs) == 0 {
		return nil
	}
	var ids, pubs []string
	add := func(f feeds.Feed) { ids, pubs = append(ids, f.ID), append(pubs, f.Publisher) }
	for _, f := range app.Feeds(c) {
		add(f)
	}
	if hasAll(ids, b.Feeds) && hasAll(pubs, b.Pubs) {
		return nil
	}
	if app.StoreExists(c) {
		s, err := app.OpenStore(ctx, c, app.Read)
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.View(ctx, func(r store.Reader) error {
			for _, id := range b.Feeds {
				if row, err := r.Feed(ctx, id); err == nil && !row.Feed.Removed {
					add(row.Feed)
				}
			}
			if hasAll(ids, b.Feeds) && hasAll(pubs, b.Pubs) {
				return nil
			}
			// All of them, for what is near to one that is not there.
			return store.EachFeed(ctx, r, store.FeedFilter{}, func(row store.FeedRow) { add(row.Feed) })
		}); err != nil {
			return err
		}
	}
	for _, id := range b.Feeds {
		if !slices.Contains(ids, id) {
			return unknownID("feed", id, ids)
		}
	}
	for _, p := range b.Pubs {
		if !slices.Contains(pubs, p) {
			return unknownID("publisher", p, pubs)
		}
	}
	return nil
}

func hasAll(known, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(known, w) })
}

// unknownID proposes the nearest of what there is, or lists it where that is
// short.
func unknownID(what, id string, known []string) error {
	hint := query.DidYouMean(id, known)
	slices.Sort(known)
	if known = slices.Compact(known); hint == "" && len(known) > 0 && len(known) <= 12 {
		hint = "; there are " + strings.Join(known, ", ")
	}
	if hint == "" {
		hint = lists(what)
	}
	return usagef("no %s %q%s", what, id, hint)
}

func silenceListCommand(e *env) *cobra.Command {
	var ended bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "silences in force; those of the configuration too",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			var ss []store.Silence
			if app.StoreExists(c) {
				if err := e.view(cmd.Context(), func(_ *config.Config, r store.Reader) (err error) {
					ss, err = r.Silences(cmd.Context(), time.Now(), ended)
					return err
				}); err != nil {
					return err
				}
			}
			if len(ss)+len(c.Silences) == 0 {
				return exit(exitNothing, errors.New("no silences"))
			}
			return e.showSilences(ss, c.Silences)
		},
	}
	cmd.Flags().BoolVar(&ended, "ended", false, "those that have ended, too")
	return cmd
}

func (e *env) showSilences(ss []store.Silence, fixed []config.Silence) error {
	var cells [][]string
	for _, s := range ss {
		if e.json {
			if err := e.writeJSON(api.SilenceOf(s)); err != nil {
				return err
			}
			continue
		}
		until := e.when(s.Until)
		if !s.Ended.IsZero() {
			until = "ended " + e.when(s.Ended)
		}
		cells = append(cells, []string{fmt.Sprint(s.ID), matchers(s.Topics, s.Feeds, s.Pubs, s.Receivers, s.Story, s.Text), until, s.Author, s.Reason})
	}
	for _, s := range fixed {
		if e.json {
			if err := e.writeJSON(map[string]any{"id": s.ID, "topics": s.Topics, "feeds": s.Feeds, "publishers": s.Publishers, "text": s.Text,
				"from": s.From, "until": s.Until, "author": "config", "reason": s.Reason}); err != nil {
				return err
			}
			continue
		}
		until := s.Until
		if s.Weekly != nil {
			until = strings.TrimSpace(strings.Join(s.Weekly.Days, ",") + " " + s.Weekly.From + "-" + s.Weekly.To + " " + s.Weekly.Timezone)
		}
		cells = append(cells, []string{s.ID, matchers(s.Topics, s.Feeds, s.Publishers, nil, "", s.Text), until, "config", s.Reason})
	}
	if !e.json {
		table(e.stdout, []string{"ID", "MEETS", "UNTIL", "BY", "REASON"}, cells)
	}
	return nil
}

func matchers(topics, feeds, pubs, receivers []string, story, text string) string {
	var parts []string
	add := func(name string, values ...string) {
		if v := strings.Join(values, ","); v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	add("topic", topics...)
	add("feed", feeds...)
	add("publisher", pubs...)
	add("receiver", receivers...)
	add("story", story)
	add("text", text)
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, " ")
}

func silenceEndCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "end ID...",
		Short: "end a silence now; what it held is told",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, id := range args {
				if _, err := strconv.ParseInt(id, 10, 64); err != nil {
					return usagef("%q is no silence that can be ended: its id is a number of `watcher silence list`; those of the configuration end there", id)
				}
			}
			return e.each(args, "ended: ", func(id string) (string, error) {
				return "", e.act(cmd.Context(), "POST", "/api/v1/silences/"+id+"/end", nil, nil, func(a *app.Actions) error {
					n, err := strconv.ParseInt(id, 10, 64)
					if err != nil {
						return err
					}
					return a.EndSilence(cmd.Context(), n)
				})
			})
		},
	}
}
