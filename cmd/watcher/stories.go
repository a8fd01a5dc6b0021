package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

func storiesCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "stories", Short: "the stories that were found: list, look into, split, merge, mute"}
	cmd.AddCommand(storiesListCommand(e), storiesShowCommand(e), storiesSplitCommand(e), storiesMergeCommand(e), storiesMuteCommand(e))
	return cmd
}

func storiesListCommand(e *env) *cobra.Command {
	var topic, since string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "stories, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := config.ParseDuration(since)
			if err != nil {
				return usagef("--since: %v", err)
			}
			now := time.Now()
			return e.view(cmd.Context(), func(c *config.Config, r store.Reader) error {
				ss, err := r.Stories(cmd.Context(), store.StoryFilter{Topic: topic, From: now.Add(-d.D()), Limit: limit})
				if err != nil {
					return err
				}
				if len(ss) == 0 {
					if err := knownTopic(c, topic); err != nil {
						return err
					}
					return exit(exitNothing, fmt.Errorf("no story in the last %s; --since looks further back", since))
				}
				var rows [][]string
				for _, s := range ss {
					if e.json {
						if err := e.writeJSON(api.StoryOf(s, nil)); err != nil {
							return err
						}
						continue
					}
					title := s.Title
					if s.Muted {
						title = "(muted) " + title
					}
					rows = append(rows, []string{s.ID, ago(s.LastSeen, now), fmt.Sprint(s.Articles), fmt.Sprint(s.Publishers), strings.Join(s.Topics, ","), title})
				}
				if !e.json {
					table(e.stdout, []string{"STORY", "LAST", "ARTICLES", "PUBLISHERS", "TOPICS", "TITLE"}, rows)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&topic, "topic", "", "only stories of the topic `ID`")
	cmd.Flags().StringVar(&since, "since", "7d", "how far back, as a `DURATION`")
	limitFlag(cmd, &limit, 50, "at most so many")
	return cmd
}

func storiesShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show STORY",
		Short: "a story's articles, and why each stands where it does",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return e.view(ctx, func(c *config.Config, r store.Reader) error {
				s, err := r.Story(ctx, args[0])
				if err != nil {
					return err
				}
				items, err := r.StoryItems(ctx, s.ID)
				if err != nil {
					return err
				}
				marks, err := r.Marks(ctx, []string{s.ID})
				if err != nil {
					return err
				}
				ids := make([]int64, len(items))
				for i, it := range items {
					ids[i] = it.ID
				}
				hits, err := r.HitsOf(ctx, ids)
				if err != nil {
					return err
				}
				if e.json {
					out := api.StoryOf(s, marks[s.ID])
					for _, it := range items {
						out.Items = append(out.Items, api.ItemOf(it, hits[it.ID]))
					}
					return e.writeJSON(out)
				}
				return e.showStory(s, items)
			})
		},
	}
}

func (e *env) showStory(s store.Story, items []store.Item) error {
	fmt.Fprintf(e.stdout, "%s  %s\n", s.ID, s.Title)
	fmt.Fprintf(e.stdout, "first seen %s, last %s · %s · %s · %s · %s\n", e.when(s.FirstSeen), e.when(s.LastSeen),
		app.Count(s.Articles, "article"), app.Count(s.Outlets, "outlet"), app.Count(s.Publishers, "publisher"), strings.Join(s.Topics, ", "))
	if len(s.MergedFrom) > 0 {
		fmt.Fprintf(e.stdout, "took in %s\n", strings.Join(s.MergedFrom, ", "))
	}
	if len(s.Related) > 0 {
		fmt.Fprintf(e.stdout, "related: %s\n", strings.Join(s.Related, ", "))
	}
	if s.Muted {
		fmt.Fprintln(e.stdout, "muted: it is not told any more")
	}
	for _, it := range items {
		fmt.Fprintf(e.stdout, "\n%s  %s  %s: %s\n", store.ItemID(it.ID), e.when(ingest.LiveTime(it)), it.Source, it.Title)
		fmt.Fprintf(e.stdout, "  %s\n", decisionText(it))
		if it.Link != "" {
			fmt.Fprintf(e.stdout, "  %s\n", it.Link)
		}
	}
	return nil
}

// decisionText says in a line why an article stands in its story.
func decisionText(it store.Item) string {
	var g ingest.Grouped
	if json.Unmarshal(it.Why, &g) != nil {
		return it.StoryKind
	}
	w := g.Why
	out := []string{it.StoryKind}
	if g.Of != "" {
		out = append(out, "of "+g.Of)
	}
	if w.Step != "" {
		out = append(out, "by "+w.Step)
	}
	if len(w.Keys) > 0 {
		out = append(out, "same "+strings.Join(w.Keys, ", "))
	}
	if w.Share > 0 {
		out = append(out, fmt.Sprintf("%.0f %% of the text shared", 100*w.Share))
	}
	if w.Score > 0 {
		out = append(out, fmt.Sprintf("score %.2f of %.2f", w.Score, w.Threshold))
	}
	if len(w.Terms) > 0 {
		out = append(out, "words: "+strings.Join(w.Terms, ", "))
	}
	if w.Gap != "" {
		out = append(out, "after "+w.Gap)
	}
	if len(w.Figures) > 0 {
		out = append(out, "new figures: "+strings.Join(w.Figures, "; "))
	}
	if len(w.Events) > 0 {
		out = append(out, "new: "+strings.Join(w.Events, ", "))
	}
	if w.Lead != "" {
		out = append(out, "new first paragraph")
	}
	if g.Wire != "" {
		out = append(out, "text of "+g.Wire)
	}
	if g.Related != "" {
		out = append(out, "near "+g.Related)
	}
	return strings.Join(out, " · ")
}

func storiesSplitCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "split STORY ITEM...",
		Short: "put articles into a story of their own; remembered for good",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var items []int64
			for _, a := range args[1:] {
				id, err := store.ParseItemID(a)
				if err != nil {
					return usagef("%v", err)
				}
				items = append(items, id)
			}
			var done api.Done
			err := e.act(cmd.Context(), "POST", "/api/v1/stories/"+args[0]+"/split", api.SplitBody{Items: args[1:]}, &done, func(a *app.Actions) (err error) {
				done.ID, err = a.SplitStory(cmd.Context(), args[0], items)
				return err
			})
			if err != nil {
				return err
			}
			verb := "are"
			if len(items) == 1 {
				verb = "is"
			}
			return e.done(map[string]string{"story": done.ID, "from": args[0]}, "%s %s now story %s", app.Count(len(items), "article"), verb, done.ID)
		},
	}
}

func storiesMergeCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "merge INTO FROM",
		Short: "take story FROM into story INTO, named first; remembered for good",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := e.act(cmd.Context(), "POST", "/api/v1/stories/"+args[0]+"/merge", api.MergeBody{From: args[1]}, nil, func(a *app.Actions) error {
				return a.MergeStories(cmd.Context(), args[0], args[1])
			})
			if err != nil {
				return err
			}
			return e.done(map[string]string{"story": args[0], "took_in": args[1]}, "%s is now part of %s", args[1], args[0])
		},
	}
}

func storiesMuteCommand(e *env) *cobra.Command {
	var off bool
	cmd := &cobra.Command{
		Use:   "mute STORY",
		Short: "tell no more of a story; --off tells again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			verb := "mute"
			if off {
				verb = "unmute"
			}
			err := e.act(cmd.Context(), "POST", "/api/v1/stories/"+args[0]+"/"+verb, nil, nil, func(a *app.Actions) error {
				return a.MuteStory(cmd.Context(), args[0], !off)
			})
			if err != nil {
				return err
			}
			return e.done(map[string]string{"story": args[0], "did": verb}, "%sd %s", verb, args[0])
		},
	}
	cmd.Flags().BoolVar(&off, "off", false, "tell of it again")
	return cmd
}

// done says that something was done, for people or for programs.
func (e *env) done(form any, format string, args ...any) error {
	if e.json {
		return e.writeJSON(form)
	}
	_, err := fmt.Fprintf(e.stdout, format+"\n", args...)
	return err
}

func topicsCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "topics",
		Short: "the topics, and what each has met lately",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, now := cmd.Context(), time.Now()
			return e.view(ctx, func(c *config.Config, r store.Reader) error {
				var rows [][]string
				for _, t := range c.Topics {
					last, err := r.LastMatch(ctx, t.ID)
					if err != nil {
						return err
					}
					vs, err := r.TopicVolume(ctx, t.ID, now.Add(-7*24*time.Hour), now)
					if err != nil {
						return err
					}
					hits, stories := 0, 0
					for _, v := range vs {
						hits, stories = hits+v.Hits, stories+v.Stories
					}
					if e.json {
						var at *time.Time
						if !last.IsZero() {
							at = &last
						}
						if err := e.writeJSON(map[string]any{"id": t.ID, "name": t.Name, "priority": t.Priority, "hits_7d": hits, "stories_7d": stories, "last_match": at}); err != nil {
							return err
						}
						continue
					}
					rows = append(rows, []string{t.ID, t.Priority, fmt.Sprint(hits), fmt.Sprint(stories), ago(last, now), t.Name})
				}
				if len(c.Topics) == 0 {
					return exit(exitNothing, errors.New("no topics in the configuration"))
				}
				if !e.json {
					table(e.stdout, []string{"TOPIC", "PRIORITY", "HITS 7D", "STORIES 7D", "LAST", "NAME"}, rows)
				}
				return nil
			})
		},
	}
}
