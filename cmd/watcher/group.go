package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/story"
)

func groupCommand(e *env) *cobra.Command {
	var pairs bool
	var preset string
	cmd := &cobra.Command{
		Use:   "group [FILE...]",
		Short: "put items that tell the same news into stories",
		Long: `Read items, one JSON object a line, and put those that tell the same news into
one story, in order of arrival. Each item counts as first seen when it was
published. No configuration is read and nothing is stored.

With --json: a line for every item, with its story, what it is to it (new,
copy, same, update, related) and why. With --pairs: lines {"id","a","b"} of two
headlines in, {"id","same","score"} out.`,
		Example: `  watcher parse --items *.xml | watcher group
  watcher group --json items.jsonl
  watcher group --json --pairs headlines.jsonl`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			if pairs {
				return groupPairs(e, args)
			}
			p, err := story.Preset(preset)
			if err != nil {
				return exit(exitUsage, err)
			}
			return groupItems(e, args, p)
		},
	}
	cmd.Flags().BoolVar(&pairs, "pairs", false, "compare two headlines a line")
	cmd.Flags().StringVar(&preset, "preset", "balanced", "balanced, fewer-alerts (larger stories) or miss-nothing (smaller ones)")
	return cmd
}

// groupForm is a decision on one line.
type groupForm struct {
	ID      string     `json:"id"`
	Story   string     `json:"story"`
	Kind    story.Kind `json:"kind"`
	Of      string     `json:"of"`
	Score   float64    `json:"score"`
	Related string     `json:"related,omitempty"`
	Wire    string     `json:"wire,omitempty"`
	Why     story.Why  `json:"why"`
}

// groupMemory is how much the verb takes before it collects harder: the stories
// of months pass through it, and few of them are active at a time.
const groupMemory = 400 << 20

func groupItems(e *env, args []string, p story.Params) error {
	if e.getenv("GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(groupMemory))
	}
	g := story.New(p)
	out := bufio.NewWriter(e.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var page groupPage
	ids := &itemIDs{own: map[string]string{}}
	var last time.Time
	err := eachInput(e, args, func(r io.Reader) error {
		return feeds.ReadItems(r, func(_ int, it feeds.Item) error {
			if it.Published.IsZero() {
				it.Published = last
			}
			last = it.Published
			d := g.Add(story.From(ids.key(it), it, feeds.Feed{}, it.Published))
			g.Commit()
			if !e.json {
				page.add(it, d)
				return nil
			}
			return enc.Encode(groupForm{ID: ids.own[d.Item], Story: d.Story, Kind: d.Kind, Of: ids.own[d.Of], Score: d.Score, Related: d.Related, Wire: d.Wire, Why: d.Why})
		})
	})
	if !e.json {
		page.print(out)
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// itemIDs gives each item a key of its own, though files may repeat an id.
type itemIDs struct {
	n   int
	own map[string]string
}

func (ids *itemIDs) key(it feeds.Item) string {
	ids.n++
	id := it.GUID
	if id == "" {
		id = it.Link
	}
	if id == "" {
		id = fmt.Sprint(ids.n)
	}
	key := id
	if _, taken := ids.own[key]; taken {
		key = fmt.Sprintf("%s\x00%d", id, ids.n)
	}
	ids.own[key] = id
	return key
}

// groupPage collects stories for a person to read.
type groupPage struct {
	order []string
	lines map[string][]string
	voice map[string][]story.Article
}

func (p *groupPage) add(it feeds.Item, d story.Decision) {
	if p.lines == nil {
		p.lines, p.voice = map[string][]string{}, map[string][]story.Article{}
	}
	if p.lines[d.Story] == nil {
		p.order = append(p.order, d.Story)
	}
	date := "-"
	if !it.Published.IsZero() {
		date = it.Published.Format("2006-01-02 15:04")
	}
	source := it.Source
	if source == "" {
		source = feeds.Host(it.Link)
	}
	line := fmt.Sprintf("  %-16s  %-7s  %s", date, d.Kind, feeds.Clip(it.Title, 120))
	if source != "" {
		line += "  (" + source + ")"
	}
	if d.Kind == story.Update {
		for _, what := range [][]string{d.Why.Figures, d.Why.Events} {
			for _, w := range what {
				line += "  +" + w
			}
		}
		if d.Why.Lead != "" {
			line += "  +" + feeds.Clip(d.Why.Lead, 60)
		}
	}
	p.lines[d.Story] = append(p.lines[d.Story], line)
	p.voice[d.Story] = append(p.voice[d.Story], story.Article{Publisher: source, Wire: d.Wire})
}

func (p *groupPage) print(w io.Writer) {
	for _, id := range p.order {
		fmt.Fprintf(w, "%s  %s, %s\n", id, app.Count(len(p.lines[id]), "article"), app.Count(story.Publishers(p.voice[id]), "publisher"))
		for _, l := range p.lines[id] {
			fmt.Fprintln(w, l)
		}
	}
}

func groupPairs(e *env, args []string) error {
	out := bufio.NewWriter(e.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	err := eachInput(e, args, func(r io.Reader) error {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 64<<10), feeds.MaxLine)
		for n := 1; sc.Scan(); n++ {
			if len(sc.Bytes()) == 0 {
				continue
			}
			var in struct{ ID, A, B string }
			if err := json.Unmarshal(sc.Bytes(), &in); err != nil {
				return fmt.Errorf("line %d: not a pair in JSON: %w", n, err)
			}
			same, score := story.Pair(in.A, in.B)
			if e.json {
				if err := enc.Encode(struct {
					ID    string  `json:"id"`
					Same  bool    `json:"same"`
					Score float64 `json:"score"`
				}{in.ID, same, score}); err != nil {
					return err
				}
				continue
			}
			word := "other"
			if same {
				word = "same"
			}
			fmt.Fprintf(out, "%-5s  %.2f  %s | %s\n", word, score, in.A, in.B)
		}
		return sc.Err()
	})
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}
