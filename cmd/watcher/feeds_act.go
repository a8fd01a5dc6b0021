package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

func feedsAddCommand(e *env) *cobra.Command {
	var n api.NewFeed
	cmd := &cobra.Command{
		Use:   "add URL",
		Short: "watch one more feed; it is fetched once to prove it",
		Long: `Watch one more feed. It is kept in the store beside those of the configuration,
and fetched once to prove that it is a feed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.URL = args[0]
			f, err := e.addFeed(cmd.Context(), n)
			if err != nil {
				return err
			}
			if e.json {
				return e.writeJSON(map[string]string{"id": f.ID, "url": f.URL, "name": f.Name})
			}
			_, err = fmt.Fprintf(e.stdout, "added %s: %s\n", f.ID, feeds.OneLine(f.Name))
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&n.ID, "id", "", "its `ID` (a slug of host and path)")
	f.StringVar(&n.Name, "name", "", "the `NAME` under which it is shown (its title)")
	f.StringVar(&n.Publisher, "publisher", "", "`ID` of its owner: feeds of one publisher count once")
	f.StringVar(&n.Kind, "kind", "", "`KIND` of publisher: independent, public, state …")
	f.StringSliceVar(&n.Tags, "tag", nil, "a `TAG` that topics may filter by; may be repeated")
	return cmd
}

// addFeed adds a feed by the daemon if one answers, else in the store, which
// is made if need be.
func (e *env) addFeed(ctx context.Context, n api.NewFeed) (feeds.Feed, error) {
	c, err := e.loadConfig()
	if err != nil {
		return feeds.Feed{}, err
	}
	if resp, err := e.ask(ctx, c, "POST", "/api/v1/feeds", n); err == nil {
		var f api.Feed
		err := daemonSaid(resp, &f)
		return feeds.Feed{ID: f.ID, URL: f.URL, Name: f.Name}, err
	}
	s, err := app.OpenStore(ctx, c, app.Write)
	if err != nil {
		return feeds.Feed{}, err
	}
	defer s.Close()
	if f, ok := inFile(c, n.URL); ok {
		return f, exit(exitFailed, fmt.Errorf("feed %s of the configuration has this address already", f.ID))
	}
	return app.NewActions(s, c, version).AddFeed(ctx, n)
}

// inFile finds an address among the feeds of the configuration, which the
// store may not have met yet.
func inFile(c *config.Config, address string) (feeds.Feed, bool) {
	for _, f := range app.Feeds(c) {
		if f.URL == address {
			return f, true
		}
	}
	return feeds.Feed{}, false
}

// feedsDoCommand is a verb that does something to one feed.
func feedsDoCommand(e *env, use, short, method, done string, local func(context.Context, *app.Actions, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " ID...",
		Short: short,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := e.hand()
			if err != nil {
				return err
			}
			defer h.close()
			return e.eachOf(args, func(id string) error {
				path := "/api/v1/feeds/" + url.PathEscape(id)
				if method == "POST" {
					path += "/" + use
				}
				if err := h.act(cmd.Context(), method, path, nil, nil, func(a *app.Actions) error { return local(cmd.Context(), a, id) }); err != nil {
					return err
				}
				if e.json {
					return e.writeJSON(map[string]string{"feed": id, "done": done})
				}
				_, err := fmt.Fprintf(e.stderr, "feed %s %s\n", id, done)
				return err
			})
		},
	}
}

func feedsDoCommands(e *env) []*cobra.Command {
	return []*cobra.Command{
		feedsDoCommand(e, "poll", "poll feeds now; what their hosts asked for still holds", "POST", "is polled now", func(ctx context.Context, a *app.Actions, id string) error { return a.PollFeed(ctx, id) }),
		feedsDoCommand(e, "pause", "poll feeds no more, for the time being", "POST", "is paused", func(ctx context.Context, a *app.Actions, id string) error { return a.PauseFeed(ctx, id, true) }),
		feedsDoCommand(e, "resume", "poll feeds again that were paused or are gone", "POST", "is polled again", func(ctx context.Context, a *app.Actions, id string) error { return a.PauseFeed(ctx, id, false) }),
		feedsDoCommand(e, "remove", "watch feeds of the store no more; their history stays", "DELETE", "is removed", func(ctx context.Context, a *app.Actions, id string) error { return a.RemoveFeed(ctx, id) }),
	}
}

// feedShowForm is a feed in `feeds show --json`.
type feedShowForm struct {
	feedRowForm
	Kind      string         `json:"kind"`
	Schedule  string         `json:"schedule"`
	Effective string         `json:"effective_url"` // where it is polled
	Moving    string         `json:"moving_to"`     // a permanent redirect under observation
	Interval  string         `json:"interval"`
	Rhythm    string         `json:"rhythm"`
	Asked     string         `json:"asked_gap"` // the document asks for no shorter gap between polls
	Hub       string         `json:"hub"`
	Since     string         `json:"failing_since"`
	Answer    string         `json:"answer"` // the start of an answer that was no feed, at most 4 KB
	Host      feedHostForm   `json:"host"`
	Polls     []feedPollForm `json:"polls"` // newest first
}

type feedHostForm struct {
	Key       string `json:"key"`
	NotBefore string `json:"not_before"`
	Gap       string `json:"gap"`
}

type feedPollForm struct {
	At      string `json:"at"`
	Status  int    `json:"status"`
	Outcome string `json:"outcome"`
	MS      int64  `json:"ms"`
	New     int    `json:"new"`
	Bytes   int    `json:"bytes"`
}

func feedsShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "how a feed does: its health, rhythm, next poll and last polls",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var form feedShowForm
			err := e.view(cmd.Context(), func(_ *config.Config, r store.Reader) error {
				row, err := r.Feed(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				form = showOf(row)
				hosts, err := r.Hosts(cmd.Context(), []string{form.Host.Key})
				if h := hosts[form.Host.Key]; err == nil && h.NotBefore.After(time.Now()) {
					form.Host.NotBefore = feeds.FormatTime(h.NotBefore)
					form.Host.Gap = spanText(h.Gap)
				}
				return err
			})
			if err != nil {
				return err
			}
			if e.json {
				return e.writeJSON(form)
			}
			return e.writeFeed(form)
		},
	}
}

func showOf(row store.FeedRow) feedShowForm {
	f, st := row.Feed, row.State
	form := feedShowForm{feedRowForm: formOf(row), Kind: string(f.Kind), Schedule: f.Schedule, Effective: st.URL, Moving: st.Permanent.URL,
		Interval: spanText(st.Interval), Rhythm: spanText(st.Rhythm), Asked: spanText(st.TTL), Hub: st.Hub, Answer: st.Diagnosis, Since: feeds.FormatTime(st.FirstFail), Host: feedHostForm{Key: feeds.PacingKey(f.URL)}, Polls: []feedPollForm{}}
	form.URL, form.Effective = config.Redact(form.URL), config.Redact(form.Effective)
	for _, p := range row.Polls {
		form.Polls = append(form.Polls, feedPollForm{feeds.FormatTime(p.At), p.Status, p.Outcome, p.Elapsed.Milliseconds(), p.New, p.Bytes})
	}
	return form
}

const answerLines = 12 // of an answer, shown to a person; --json has all that is kept

// quoted is the start of an answer as a person may see it in a terminal: no
// control characters, lines of a bearable length.
func quoted(answer string) string {
	var out []string
	for l := range strings.Lines(answer) {
		if l = strings.TrimRightFunc(l, unicode.IsSpace); l == "" {
			continue
		}
		if len(out) == answerLines {
			out = append(out, "  …")
			break
		}
		l = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, l)
		out = append(out, "  "+feeds.Clip(l, 160))
	}
	return strings.Join(out, "\n")
}

func spanText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.Round(time.Second).String()
}

func (e *env) writeFeed(f feedShowForm) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, feeds.OneLine(value))
		}
	}
	local := func(text string) string {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return e.exactly(t)
		}
		return text
	}
	line("feed", f.ID)
	line("name", f.Name)
	line("address", f.URL)
	if f.Effective != f.URL {
		line("polled at", f.Effective)
	}
	line("moving to", f.Moving)
	line("from", f.From)
	line("tags", strings.Join(f.Tags, ", "))
	line("state", f.State)
	line("error", f.Error)
	if f.Fails > 1 {
		line("failing", fmt.Sprintf("%d times since %s", f.Fails, local(f.Since)))
	}
	line("read", local(f.LastOK))
	line("new entry", local(f.LastNew))
	line("next poll", local(f.NextPoll))
	line("schedule", f.Schedule)
	line("interval", f.Interval)
	line("rhythm", f.Rhythm)
	if f.Asked != "" {
		line("asks for", f.Asked+" between polls, at least")
	}
	line("host waits", local(f.Host.NotBefore))
	line("hub", f.Hub)
	if f.Answer != "" {
		fmt.Fprintf(&b, "\nThe answer began:\n%s\n", quoted(f.Answer))
	}
	if _, err := fmt.Fprint(e.stdout, b.String()); err != nil || len(f.Polls) == 0 {
		return err
	}
	var rows [][]string
	for _, p := range f.Polls {
		rows = append(rows, []string{local(p.At), fmt.Sprint(p.Status), p.Outcome, fmt.Sprint(p.New), fmt.Sprintf("%d ms", p.MS)})
	}
	fmt.Fprintln(e.stdout)
	table(e.stdout, []string{"POLLED", "STATUS", "OUTCOME", "NEW", "TOOK"}, rows)
	return nil
}
