package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/feeds/opml"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
)

func importCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "take feeds from elsewhere"}
	cmd.AddCommand(importOPMLCommand(e))
	return cmd
}

func exportCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "give feeds to another program"}
	cmd.AddCommand(exportOPMLCommand(e))
	return cmd
}

func importOPMLCommand(e *env) *cobra.Command {
	var probe bool
	cmd := &cobra.Command{
		Use:   "opml [FILE...]",
		Short: "add the feeds of OPML lists to the store",
		Long: `Add the feeds of OPML lists to the store. Each line of the report says what
became of a feed of a list: added, same (known already) or invalid. Folders
become tags. Importing the same list again changes nothing. Of several files
all are read before any feed is added; the report's lines then begin with the
file.

Nothing is fetched, but with --probe every new feed is asked for once: those
that do not answer with a feed are reported as dead and left out, those that
moved for good as redirected and added under their new address.

Exit 4 when some lines were not taken.`,
		Example: `  watcher import opml subscriptions.opml
  watcher import opml --probe --json subscriptions.opml > report.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			return e.importOPML(cmd.Context(), args, probe)
		},
	}
	cmd.Flags().BoolVar(&probe, "probe", false, "ask for every new feed once, politely")
	return cmd
}

// opmlLineForm is a line of the report in JSON. File is there where several
// files were named.
type opmlLineForm struct {
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line"`
	Status string   `json:"status"`
	URL    string   `json:"url"`
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Tags   []string `json:"tags"`
	Why    string   `json:"why"`
}

const importBatch = 500 // feeds a transaction

func (e *env) importOPML(ctx context.Context, files []string, probe bool) error {
	lists := make([][]byte, len(files))
	for i, file := range files {
		var err error
		if lists[i], err = readInput(e, file); err != nil {
			return err
		}
	}
	c, s, err := e.openStore(ctx, app.Write)
	if err != nil {
		return err
	}
	defer s.Close()
	shelf, err := newShelf(ctx, s, app.Feeds(c))
	if err != nil {
		return err
	}
	lines, from, err := readLists(files, lists, shelf.has)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return exit(exitNothing, fmt.Errorf("%s: no feed is named", strings.Join(files, ", ")))
	}
	if probe {
		p := newProber(e, c)
		defer p.close()
		if err := p.probe(ctx, lines, shelf.has); err != nil {
			return err
		}
	}
	ids, err := e.addFeeds(ctx, s, shelf, lines)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		e.tellDaemon(ctx, c)
	}
	return e.reportOPML(lines, from, ids)
}

// readLists gives the lines of all lists and, where there are several, the file
// that each is from. What an earlier list names is known in a later one.
func readLists(files []string, lists [][]byte, has func(key string) bool) (lines []opml.Line, from []string, err error) {
	named := map[string]bool{}
	for i, list := range lists {
		more, err := opml.Read(bytes.NewReader(list), func(key string) bool { return named[key] || has(key) })
		if err != nil {
			return nil, nil, exit(exitUsage, fmt.Errorf("%s: %w", files[i], err))
		}
		for _, l := range more {
			if l.Status == opml.Added {
				named[opml.Key(l.URL)] = true
			}
			file := ""
			if len(files) > 1 {
				file = files[i]
			}
			from = append(from, file)
		}
		lines = append(lines, more...)
	}
	return lines, from, nil
}

// addFeeds keeps the new feeds of a list and gives their ids by line.
func (e *env) addFeeds(ctx context.Context, s store.Store, shelf *shelf, lines []opml.Line) (map[int]string, error) {
	var todo []int
	for i, l := range lines {
		if l.Status == opml.Added || l.Status == opml.Redirected {
			todo = append(todo, i)
		}
	}
	bar := e.bar(len(todo), "adding")
	ids := map[int]string{}
	for batch := range slices.Chunk(todo, importBatch) {
		err := s.Update(ctx, func(tx store.Tx) error {
			for _, i := range batch {
				l := &lines[i]
				f := feeds.Feed{ID: shelf.id(l.URL), URL: l.URL, Name: l.Title, Tags: l.Tags, Stored: true, Notify: true}
				err := tx.SaveFeed(ctx, f)
				if errors.Is(err, store.ErrConflict) {
					l.Status, l.Why = opml.Same, "known already"
					continue
				}
				if err != nil {
					return err
				}
				ids[i] = f.ID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		_ = bar.Add(len(batch))
	}
	_ = bar.Finish()
	return ids, nil
}

func (e *env) reportOPML(lines []opml.Line, from []string, ids map[int]string) error {
	counts := map[opml.Status]int{}
	for i, l := range lines {
		counts[l.Status]++
		if e.json {
			tags := l.Tags
			if tags == nil {
				tags = []string{}
			}
			if err := e.writeJSON(opmlLineForm{from[i], l.Line, string(l.Status), l.URL, ids[i], l.Title, tags, l.Why}); err != nil {
				return err
			}
			continue
		}
		text := fmt.Sprintf("line %d: %s", l.Line, l.Status)
		if from[i] != "" {
			text = from[i] + ": " + text
		}
		for _, more := range []string{l.URL, l.Why} {
			if more != "" {
				text += " " + feeds.OneLine(more)
			}
		}
		if _, err := fmt.Fprintln(e.stdout, text); err != nil {
			return err
		}
	}
	var parts []string
	for _, s := range []opml.Status{opml.Added, opml.Redirected, opml.Same, opml.Dead, opml.Invalid} {
		if n := counts[s]; n > 0 || s == opml.Added {
			parts = append(parts, fmt.Sprintf("%s %d", s, n))
		}
	}
	fmt.Fprintf(e.stderr, "%d feeds: %s\n", len(lines), strings.Join(parts, ", "))
	if n := counts[opml.Invalid] + counts[opml.Dead]; n > 0 {
		return exit(exitPartly, nil)
	}
	return nil
}

// shelf is what feeds there are, in the file and in the store.
type shelf struct {
	keys map[string]bool   // opml.Key of those in use
	ids  map[string]string // id -> opml.Key, removed ones among them
}

func newShelf(ctx context.Context, s store.Store, configured []feeds.Feed) (*shelf, error) {
	sh := &shelf{keys: map[string]bool{}, ids: map[string]string{}}
	err := s.View(ctx, func(r store.Reader) error {
		return store.EachFeed(ctx, r, store.FeedFilter{Removed: true}, func(r store.FeedRow) {
			key := opml.Key(r.Feed.URL)
			sh.ids[r.Feed.ID] = key
			if !r.Feed.Removed {
				sh.keys[key] = true
				if r.State.URL != "" && r.State.URL != r.Feed.URL {
					sh.keys[opml.Key(r.State.URL)] = true // where it has moved to
				}
			}
		})
	})
	for _, f := range configured {
		sh.ids[f.ID] = opml.Key(f.URL)
		sh.keys[sh.ids[f.ID]] = true
	}
	return sh, err
}

func (s *shelf) has(key string) bool { return s.keys[key] }

// id gives an address the id that the configuration would give it, numbered
// where another feed has it.
func (s *shelf) id(address string) string {
	slug, key := config.Slug(address), opml.Key(address)
	for n := 1; ; n++ {
		id := slug
		if n > 1 {
			id = fmt.Sprintf("%s-%d", slug, n)
		}
		if had, taken := s.ids[id]; !taken || had == key {
			s.ids[id] = key
			return id
		}
	}
}

// tellDaemon has a running daemon take note of new feeds. Without one they
// are found at its next start.
func (e *env) tellDaemon(ctx context.Context, c *config.Config) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if resp, err := e.daemon(ctx, c, http.MethodPost, "/api/v1/reload", nil); err == nil {
		resp.Body.Close()
	}
}

// exported is an outline of the list as JSON.
type exported struct {
	Title string   `json:"title"`
	URL   string   `json:"url"`
	Tags  []string `json:"tags,omitempty"`
}

func exportOPMLCommand(e *env) *cobra.Command {
	var tag string
	cmd := &cobra.Command{
		Use:   "opml",
		Short: "write the feeds as OPML to stdout, or with --json a line a feed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []feeds.Feed
			flush := e.lines()
			n, err := e.eachFeed(cmd.Context(), store.FeedFilter{Tag: tag}, func(r store.FeedRow) error {
				name := r.Feed.Outlet(r.State.Title)
				if e.json {
					return e.writeJSON(exported{name, r.Feed.URL, r.Feed.Tags})
				}
				list = append(list, feeds.Feed{Name: name, URL: r.Feed.URL, Tags: r.Feed.Tags, Lang: r.Feed.Lang})
				return nil
			})
			if err := errors.Join(err, flush()); err != nil {
				return err
			}
			if n == 0 {
				return noFeeds(tag)
			}
			if e.json {
				return nil
			}
			title := "watcher"
			if host, err := os.Hostname(); err == nil {
				title += " on " + host
			}
			return opml.Write(e.stdout, title, list, time.Now())
		},
	}
	cmd.Flags().StringVar(&tag, "tag", "", "only feeds with this `TAG`")
	return cmd
}
