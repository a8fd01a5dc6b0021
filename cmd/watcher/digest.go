package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/digest"
	"watcher/internal/store"
)

func digestCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "digest", Short: "the day's stories: see, send again, list"}
	cmd.AddCommand(digestPreviewCommand(e), digestSendCommand(e), digestListCommand(e))
	return cmd
}

// oneOf takes a digest's id from an argument or from --digest.
func oneOf(args []string, flag string) string {
	if len(args) > 0 {
		return args[0]
	}
	return flag
}

func digestPreviewCommand(e *env) *cobra.Command {
	var id, from, to, date, format string
	cmd := &cobra.Command{
		Use:   "preview [ID]",
		Short: "what a digest would say, or what an issue said; nothing is sent",
		Long: "Without flags: what the digest would say if it were due now. --date shows the stored issue of that\n" +
			"day, or what it would have said; --from and --to (RFC 3339, or a date) any other window.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if e.json {
				format = "json"
			}
			draw, ok := digestForms[format]
			if !ok {
				return usagef("--format %s: use text, html, md or json", format)
			}
			c, err := e.rules()
			if err != nil {
				return err
			}
			def, err := c.PreviewDefinition(oneOf(args, id))
			if err != nil {
				return exit(exitUsage, err)
			}
			if !app.StoreExists(c.Config) {
				return exit(exitNothing, fmt.Errorf("nothing is stored yet: run `watcher once` or `watcher run` first"))
			}
			s, err := app.OpenStore(cmd.Context(), c.Config, app.Read)
			if err != nil {
				return err
			}
			defer s.Close()
			doc, err := e.previewOf(cmd.Context(), s, def, date, from, to, time.Now())
			if err != nil {
				return err
			}
			out, err := draw(&doc, digest.Links{Base: c.Config.Server.PublicURL})
			if err != nil {
				return err
			}
			_, err = io.WriteString(e.stdout, out)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "digest", "", "the digest `ID` (else the first)")
	f.StringVar(&date, "date", "", "the issue of this `DAY` (2026-02-07)")
	f.StringVar(&from, "from", "", "begin of the window, `TIME`")
	f.StringVar(&to, "to", "", "end of the window, `TIME` (else now)")
	f.StringVar(&format, "format", "text", "`text|html|md|json`")
	return cmd
}

var digestForms = map[string]func(*digest.Document, digest.Links) (string, error){
	"text":     func(d *digest.Document, l digest.Links) (string, error) { return d.Text(l), nil },
	"md":       func(d *digest.Document, l digest.Links) (string, error) { return d.Markdown(l), nil },
	"markdown": func(d *digest.Document, l digest.Links) (string, error) { return d.Markdown(l), nil },
	"html":     (*digest.Document).HTML,
	"json": func(d *digest.Document, _ digest.Links) (string, error) {
		data, err := json.MarshalIndent(d, "", "  ")
		return string(data) + "\n", err
	},
}

// previewOf gives a stored issue, or builds what one would say.
func (e *env) previewOf(ctx context.Context, s store.Store, def digest.Definition, date, from, to string, now time.Time) (doc digest.Document, err error) {
	zone := def.At.Zone
	start, err := windowTime(from, zone, false)
	if err != nil {
		return doc, usagef("--from: %w", err)
	}
	end, err := windowTime(to, zone, true)
	if err != nil {
		return doc, usagef("--to: %w", err)
	}
	var day time.Time
	if date != "" {
		if day, err = time.Parse(time.DateOnly, date); err != nil {
			return doc, usagef("--date %q is no day (2026-02-07)", date)
		}
		if from != "" || to != "" {
			return doc, usagef("give --date, or --from and --to")
		}
	}
	err = s.View(ctx, func(r store.Reader) error {
		if date != "" {
			row, err := r.Digest(ctx, def.ID, date)
			if err == nil && !row.Built.IsZero() {
				doc, err = digest.Decode(row.Document)
				return err
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			end = def.At.Next(day.Add(-15 * time.Hour)) // zones reach from -12 to +14 hours
			for def.At.Date(end) < date {
				end = def.At.Next(end)
			}
			start = def.At.Last(end.Add(-time.Nanosecond))
			if end.After(now) {
				end = now
			}
		}
		if end.IsZero() {
			end = now
		}
		if start.IsZero() {
			start = end.Add(-24 * time.Hour)
			last, err := r.Digests(ctx, def.ID, "", 1)
			if err != nil {
				return err
			}
			if to == "" && len(last) > 0 {
				start = last[0].To
			}
		}
		if zone == nil {
			zone = time.UTC
		}
		if !start.Before(now) {
			return exit(exitNothing, fmt.Errorf("the window begins at %s, which is to come", start.In(zone).Format(windowForm)))
		}
		if doc, err = digest.Build(ctx, r, def, start, end, now); err == nil && doc.Head.Articles == 0 {
			err = e.beforeAll(ctx, r, zone, end)
		}
		return err
	})
	return doc, err
}

const windowForm = "2006-01-02 15:04 MST"

// beforeAll says that an issue is empty because its window ended before
// anything was kept.
func (e *env) beforeAll(ctx context.Context, r store.Reader, zone *time.Location, end time.Time) error {
	first, err := r.Items(ctx, store.ItemFilter{Oldest: true, Limit: 1})
	if err != nil {
		return err
	}
	if len(first) == 0 {
		fmt.Fprintln(e.stderr, "no item is stored yet: `watcher run` or `watcher once` brings them")
		return nil
	}
	if since := first[0].FirstSeen; !end.After(since) {
		fmt.Fprintf(e.stderr, "this issue is empty as nothing was kept so early: its window ends at %s, what is stored begins at %s\n", end.In(zone).Format(windowForm), since.In(zone).Format(windowForm))
	}
	return nil
}

// windowTime reads an instant; a date alone is its begin, or as an end its end.
func windowTime(s string, zone *time.Location, end bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if zone == nil {
		zone = time.UTC
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		if end {
			return t.AddDate(0, 0, 1), nil
		}
		return t, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04", strings.Replace(s, " ", "T", 1), zone); err == nil {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is no time (2026-02-07T07:00:00+01:00, 2026-02-07T07:00 or 2026-02-07)", s)
}

func digestSendCommand(e *env) *cobra.Command {
	var id, date string
	cmd := &cobra.Command{
		Use:   "send [ID]",
		Short: "send an issue to its receivers again",
		Long: "Without --date: today's issue. Where it does not stand yet it is made now, and what comes later is\n" +
			"tomorrow's. Each receiver gets it under a new sequence.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.rules()
			if err != nil {
				return err
			}
			if len(c.Digests) == 0 {
				return exit(exitUsage, fmt.Errorf("no digest is configured: write one under the key digests"))
			}
			def, err := c.PreviewDefinition(oneOf(args, id))
			if err != nil {
				return exit(exitUsage, err)
			}
			if len(def.To) == 0 {
				return exit(exitUsage, fmt.Errorf("digest %s has no receivers (digests[].to)", def.ID))
			}
			if date != "" {
				if _, err := time.Parse(time.DateOnly, date); err != nil {
					return usagef("--date %q is no day (2026-02-07)", date)
				}
			}
			return e.sendDigest(cmd.Context(), c, def, date)
		},
	}
	cmd.Flags().StringVar(&id, "digest", "", "the digest `ID` (else the first)")
	cmd.Flags().StringVar(&date, "date", "", "the issue of this `DAY` (2026-02-07; else today's)")
	return cmd
}

// sendDigest asks the daemon, or queues the issue in the store itself.
func (e *env) sendDigest(ctx context.Context, c *app.Compiled, def digest.Definition, date string) error {
	day := date
	if day == "" {
		day = "today"
	}
	var sent struct {
		Receivers int    `json:"receivers"`
		Error     string `json:"error"`
	}
	resp, err := e.daemon(ctx, c.Config, http.MethodPost, "/api/v1/digests/"+url.PathEscape(def.ID)+"/"+day+"/send", nil)
	if err == nil {
		defer resp.Body.Close()
		if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&sent); err != nil {
			return fmt.Errorf("the daemon's answer (%s): %w", resp.Status, err)
		}
		if resp.StatusCode >= 300 {
			text, _, _ := strings.Cut(sent.Error, "; GET ") // where programs look
			return noIssue(resp.StatusCode == http.StatusNotFound, errors.New(text))
		}
		if date == "" && def.At.Zone != nil {
			day = time.Now().In(def.At.Zone).Format(time.DateOnly)
		}
		return e.saySent(def.ID, day, sent.Receivers, true)
	}
	s, err := app.OpenStore(ctx, c.Config, app.Write)
	if err != nil {
		return err
	}
	defer s.Close()
	day, n, err := c.SendDigest(ctx, s, def.ID, date, time.Now())
	if err != nil {
		return noIssue(errors.Is(err, store.ErrNotFound), err)
	}
	return e.saySent(def.ID, day, n, false)
}

// noIssue says why an issue was not sent; of one that is missing, which there are.
func noIssue(missing bool, err error) error {
	if missing {
		return exit(exitNothing, fmt.Errorf("%w; `watcher digest list` lists what there is", err))
	}
	return exit(exitFailed, err)
}

func (e *env) saySent(id, day string, n int, running bool) error {
	if e.json {
		return e.writeJSON(map[string]any{"digest": id, "date": day, "receivers": n, "daemon": running})
	}
	word := "receivers"
	if n == 1 {
		word = "receiver"
	}
	if !running {
		fmt.Fprintln(e.stderr, "no daemon runs: it is sent when one starts, or by `watcher once`")
	}
	_, err := fmt.Fprintf(e.stdout, "%s of %s: queued for %d %s\n", id, day, n, word)
	return err
}

// issueForm is an issue in `digest list --json`.
type issueForm struct {
	Digest  string `json:"digest"`
	Date    string `json:"date"`
	From    string `json:"from"`
	To      string `json:"to"`
	Zone    string `json:"zone"`
	Stories int    `json:"stories"`
	Empty   bool   `json:"empty"`
	Sent    string `json:"sent"`
}

func digestListCommand(e *env) *cobra.Command {
	var id string
	var limit int
	cmd := &cobra.Command{
		Use:   "list [ID]",
		Short: "the issues that stand, newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.rules()
			if err != nil {
				return err
			}
			want := oneOf(args, id)
			var rows []store.Digest
			if app.StoreExists(c.Config) {
				s, err := app.OpenStore(cmd.Context(), c.Config, app.Read)
				if err != nil {
					return err
				}
				defer s.Close()
				err = s.View(cmd.Context(), func(r store.Reader) error {
					for _, def := range c.Digests {
						if want != "" && def.ID != want {
							continue
						}
						list, err := r.Digests(cmd.Context(), def.ID, "", limit)
						if err != nil {
							return err
						}
						rows = append(rows, list...)
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			return e.listIssues(rows)
		},
	}
	cmd.Flags().StringVar(&id, "digest", "", "only the digest `ID`")
	limitFlag(cmd, &limit, 30, "at most `N` issues of each")
	return cmd
}

func (e *env) listIssues(rows []store.Digest) error {
	if len(rows) == 0 {
		return exit(exitNothing, fmt.Errorf("no issue yet: `watcher digest preview` shows what the next would say"))
	}
	var cells [][]string
	for _, d := range rows {
		if e.json {
			if err := e.writeJSON(issueForm{d.ID, d.Date, feeds.FormatTime(d.From), feeds.FormatTime(d.To), d.Zone, d.Stories, d.Empty, feeds.FormatTime(d.Sent)}); err != nil {
				return err
			}
			continue
		}
		const form = "2006-01-02 15:04" // the zone has a column of its own
		zone, err := time.LoadLocation(d.Zone)
		if err != nil {
			zone = time.UTC
		}
		cells = append(cells, []string{d.ID, d.Date, fmt.Sprint(d.Stories), d.From.In(zone).Format(form), d.To.In(zone).Format(form), d.Zone})
	}
	if !e.json {
		table(e.stdout, []string{"DIGEST", "DATE", "STORIES", "FROM", "TO", "ZONE"}, cells)
	}
	return nil
}
