package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"watcher/match/names"
)

func namesCommand(e *env) *cobra.Command {
	var pairs bool
	var text string
	cmd := &cobra.Command{
		Use:   "names NAME | names --pairs [FILE...]",
		Short: "what a name stands for, and what it would hit",
		Long: `Shows how a name: of the configuration is read: its parts, how they sound, and
spellings in other scripts that it meets. With -c, what of the stored history it
would hit: each spelling with its count, dates, cost and a headline, who else it
may be, and the nearest words that were refused; copy a line to alias: or not:
to pin it.

With --pairs: lines {"id","a","b","part"} in, {"id","same","cost"} out. part is
family, full, or token: may the name a meet the word b of a running text?`,
		Example: `  watcher names "Abbas Araghchi"
  watcher names "Badr Albusaidi" --spelling loose -c config.yaml
  watcher names --pairs pairs.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			spelling, err := names.ParseSpelling(text)
			if err != nil {
				return exit(exitUsage, err)
			}
			if pairs {
				if len(args) == 0 {
					args = []string{"-"}
				}
				return namePairs(e, args, spelling)
			}
			if len(args) != 1 || strings.TrimSpace(args[0]) == "" {
				return usagef("one name is wanted, in quotes: watcher names \"Abbas Araghchi\"")
			}
			n, err := names.Compile(args[0], names.Options{Spelling: spelling})
			if err != nil {
				return exit(exitUsage, err)
			}
			page := newNamePage(n)
			if e.config != "" {
				if err := page.readHistory(cmd.Context(), e, n); err != nil {
					return err
				}
			}
			if e.json {
				return e.writeJSON(page)
			}
			page.print(e.stdout)
			return nil
		},
	}
	cmd.Flags().BoolVar(&pairs, "pairs", false, "compare two spellings a line")
	cmd.Flags().StringVar(&text, "spelling", "", "`strict|normal|loose`: how far a spelling may be (normal)")
	return cmd
}

// namePairs answers each line of two spellings. A name stands in many lines, so
// each is compiled once.
func namePairs(e *env, args []string, spelling names.Spelling) error {
	out := bufio.NewWriter(e.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	known := map[string]*names.Name{}
	err := eachInput(e, args, func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			if len(strings.TrimSpace(lines.Text())) == 0 {
				continue
			}
			var p struct {
				ID         json.RawMessage `json:"id"`
				A, B, Part string
			}
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			same, cost, err := samePair(known, p.A, p.B, p.Part, spelling)
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if p.ID == nil {
				p.ID = json.RawMessage(`""`)
			}
			if err := enc.Encode(struct {
				ID   json.RawMessage `json:"id"`
				Same bool            `json:"same"`
				Cost float64         `json:"cost"`
			}{p.ID, same, math.Round(cost*1000) / 1000}); err != nil {
				return err
			}
		}
		return lines.Err()
	})
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

func samePair(known map[string]*names.Name, a, b, text string, s names.Spelling) (bool, float64, error) {
	part, err := names.ParsePart(text)
	if err != nil {
		return false, 0, err
	}
	if part != names.Token {
		same, cost := names.Same(a, b, part, s)
		return same, cost, nil
	}
	n, ok := known[a]
	if !ok {
		n, _ = names.Compile(a, names.Options{Spelling: s}) // what cannot be read meets nothing
		known[a] = n
	}
	if n == nil {
		return false, names.Other, nil
	}
	same, cost := n.Meets(b)
	return same, cost, nil
}

// namePage is what `names` shows.
type namePage struct {
	Name      string       `json:"name"`
	Spelling  string       `json:"spelling"`
	Limit     float64      `json:"limit"`
	Family    string       `json:"family"`
	Given     []string     `json:"given"`
	Keys      []string     `json:"keys"`
	Warning   string       `json:"warning,omitempty"`
	Spellings []names.Form `json:"spellings"`
	*nameHistory
}

func newNamePage(n *names.Name) *namePage {
	p := &namePage{Name: n.Text, Spelling: n.Spelling.String(), Limit: n.Limit(), Family: n.Family(), Given: n.Given(), Keys: n.Keys(), Warning: n.Alone(), Spellings: n.Spellings()}
	if p.Given == nil {
		p.Given = []string{}
	}
	for i := range p.Spellings {
		p.Spellings[i].Cost = math.Round(p.Spellings[i].Cost*1000) / 1000
	}
	return p
}

func (p *namePage) print(w io.Writer) {
	fmt.Fprintf(w, "%s: family name %s", p.Name, p.Family)
	if len(p.Given) > 0 {
		fmt.Fprintf(w, ", given name %s", strings.Join(p.Given, " "))
	}
	fmt.Fprintf(w, "\nspelling: %s, cost up to %.3f\nsounds: %s\n", p.Spelling, p.Limit, strings.Join(p.Keys, " "))
	if p.Warning != "" {
		fmt.Fprintf(w, "warning: %s\n", p.Warning)
	}
	fmt.Fprintln(w, "\nmeets, among others:")
	var rows [][]string
	for _, f := range p.Spellings {
		rows = append(rows, []string{f.Script, fmt.Sprintf("%.3f", f.Cost), f.Text})
	}
	table(w, []string{"SCRIPT", "COST", "SPELLING"}, rows)
	if p.nameHistory != nil {
		p.nameHistory.print(w)
	}
}
