package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/match"
	"watcher/match/query"
	"watcher/notify"
)

func matchCommand(e *env) *cobra.Command {
	var misses bool
	var topic string
	cmd := &cobra.Command{
		Use:   "match [FILE...]",
		Short: "which topics items hit, and why",
		Long: `Read items, one JSON object a line, and tell which topics of the configuration
they hit: the same rules and the same code as the daemon's. Each item counts as
first seen when it was published. Nothing is stored, fetched or sent.

With --json: a line for every item and topic that hits, with the words found.

Exit: 3 when nothing hit.`,
		Example: `  watcher parse --items feed.xml | watcher match -c config.yaml
  watcher match --json --misses --topic iran items.jsonl`,
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := e.rules()
			if err != nil {
				return err
			}
			set := c.Set
			only := -1
			if topic != "" {
				if only, err = topicNumber(set, topic); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				args = []string{"-"}
			}
			return matchItems(e, set, only, misses, args)
		},
	}
	cmd.Flags().BoolVar(&misses, "misses", false, "the topics that do not hit too, with what is missing")
	cmd.Flags().StringVar(&topic, "topic", "", "only the topic `ID`")
	return cmd
}

// rules loads the configuration for a verb that needs its rules alone. An inline
// test that fails is said and does not stop it.
func (e *env) rules() (*app.Compiled, error) {
	file, err := config.Find(e.config, e.getenv)
	if err != nil {
		return nil, exit(exitUsage, err)
	}
	out, ps, _ := app.Load(file, e.lookup, notify.Env{Version: version, Stdout: io.Discard}, nil)
	failed := false
	for _, p := range ps {
		if p.Warning {
			continue
		}
		fmt.Fprintln(e.stderr, p.Error())
		if p.Caret != "" {
			fmt.Fprintln(e.stderr, p.Caret)
		}
		failed = failed || !strings.Contains(p.Path, ".tests[")
	}
	if failed || out == nil || out.Set == nil {
		return nil, exit(exitUsage, nil)
	}
	e.zone = out.Zone
	return out, nil
}

func topicNumber(set *match.Set, id string) (int, error) {
	if i, ok := set.Topic(id); ok {
		return i, nil
	}
	var known []string
	for _, t := range set.Topics() {
		known = append(known, t.ID)
	}
	return 0, noTopic(id, known)
}

// knownTopic refuses a topic that is not in the configuration; "" is all of them.
func knownTopic(c *config.Config, id string) error {
	var known []string
	for _, t := range c.Topics {
		known = append(known, t.ID)
	}
	if id == "" || slices.Contains(known, id) {
		return nil
	}
	return noTopic(id, known)
}

// noTopic refuses a topic that is not configured.
func noTopic(id string, known []string) error {
	near := query.DidYouMean(id, known)
	if near == "" {
		near = "; `watcher topics` lists what there is"
	}
	return usagef("no topic %q in the configuration%s", id, near)
}

// eachItem reads items from files or standard input. seen is when an item
// counts as first seen: when it was published, or with the item before it.
func eachItem(e *env, args []string, do func(it feeds.Item, seen time.Time) error) error {
	var last time.Time
	return eachInput(e, args, func(r io.Reader) error {
		return feeds.ReadItems(r, func(_ int, it feeds.Item) error {
			if !it.Published.IsZero() {
				last = it.Published
			}
			return do(it, last)
		})
	})
}

func matchItems(e *env, set *match.Set, only int, misses bool, args []string) error {
	m := set.NewMatcher()
	out := bufio.NewWriter(e.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	any := false
	err := eachItem(e, args, func(it feeds.Item, seen time.Time) error {
		hits := m.Match(it, seen)
		any = any || len(hits) > 0 && only < 0
		next := 0
		for t := range set.Topics() {
			if only >= 0 && t != only {
				continue
			}
			for next < len(hits) && hits[next].Index < t {
				next++
			}
			var h match.Hit
			switch {
			case next < len(hits) && hits[next].Index == t:
				h, any = hits[next], true
			case misses:
				h = m.Miss(t, it, seen)
			case next >= len(hits):
				return nil
			default:
				continue
			}
			if !e.json {
				printHit(out, it, h)
			} else if err := enc.Encode(h); err != nil {
				return err
			}
		}
		return nil
	})
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if err == nil && !any {
		return exit(exitNothing, nil)
	}
	return err
}

// printHit writes a hit or a miss for a person.
func printHit(w io.Writer, it feeds.Item, h match.Hit) {
	if !h.Match {
		fmt.Fprintf(w, "- %s: %s\n    missing: %s\n", h.Topic, it.Title, strings.Join(h.Missing, "; "))
		if h.Nearest != "" {
			fmt.Fprintf(w, "    nearest: %s\n", h.Nearest)
		}
		return
	}
	score := ""
	if h.Score != 0 || h.Threshold != 0 {
		score = fmt.Sprintf(" (score %g of %g)", h.Score, h.Threshold)
	}
	var words []string
	seen := map[string]bool{}
	for _, s := range h.Hits {
		word := fmt.Sprintf("%q", s.Text)
		if s.Via != "" {
			word += " " + s.Via
		}
		if !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	fmt.Fprintf(w, "+ %s%s: %s\n    %s\n", h.Topic, score, it.Title, strings.Join(words, ", "))
}
