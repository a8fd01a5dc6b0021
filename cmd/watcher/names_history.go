package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/store"
	"watcher/match"
	"watcher/match/names"
	"watcher/match/query"
)

// nameHistory is what a name would hit of the stored items.
type nameHistory struct {
	Items   int        `json:"items"` // that were read
	Hits    []nameHit  `json:"hits"`
	Others  []nameHit  `json:"others"`  // other people whom the family name met
	Refused []nameMiss `json:"refused"` // the nearest words that are not met
}

// nameHit is one spelling found.
type nameHit struct {
	Text   string    `json:"text"`
	Script string    `json:"script"`
	Cost   float64   `json:"cost"`
	Count  int       `json:"count"`
	First  time.Time `json:"first,omitzero"` // left out, as Last, where the items have no time
	Last   time.Time `json:"last,omitzero"`
	Title  string    `json:"title"`
}

type nameMiss struct {
	Text   string  `json:"text"`
	Script string  `json:"script"`
	Cost   float64 `json:"cost"`
	Count  int     `json:"count"`
	Why    string  `json:"why"`
}

const (
	nearMisses = 12  // how many are shown
	nearBy     = .25 // how far beyond the limit they may be
)

// readHistory runs the rule @name over the stored items.
func (p *namePage) readHistory(ctx context.Context, e *env, n *names.Name) error {
	c, err := e.loadConfig()
	if err != nil {
		return err
	}
	h := &nameHistory{Hits: []nameHit{}, Others: []nameHit{}, Refused: []nameMiss{}}
	p.nameHistory = h
	if !app.StoreExists(c) {
		return nil
	}
	s, err := app.OpenStore(ctx, c, app.Read)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := newNameReader(n)
	if err != nil {
		return err
	}
	if err := s.View(ctx, func(tx store.Reader) error {
		return tx.Scan(ctx, time.Time{}, time.Now().AddDate(1, 0, 0), func(it store.Item) error {
			r.read(it.Item, it.FirstSeen)
			return ctx.Err()
		})
	}); err != nil {
		return err
	}
	r.fill(h)
	return nil
}

// nameReader gathers what a name meets in items.
type nameReader struct {
	name    *names.Name
	matcher *match.Matcher
	items   int
	hits    map[string]*nameHit
	others  map[string]*nameHit
	words   map[string]int
}

func newNameReader(n *names.Name) (*nameReader, error) {
	set, errs, _ := match.Compile(match.Config{
		Topics:   []match.Topic{{ID: "name", Match: query.Source{Text: "@name"}}},
		Entities: []match.Entity{{ID: "name", Name: n.Text, Spelling: n.Spelling.String(), Alone: true}},
	})
	if errs != nil {
		return nil, match.Join(errs)
	}
	return &nameReader{name: n, matcher: set.NewMatcher(), hits: map[string]*nameHit{}, others: map[string]*nameHit{}, words: map[string]int{}}, nil
}

func (r *nameReader) read(it feeds.Item, at time.Time) {
	r.items++
	texts := map[string]string{"title": it.Title, "summary": feeds.PlainText(it.Summary), "body": feeds.PlainText(it.Content)}
	for _, text := range texts {
		for _, w := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) && c != '\u200c' }) {
			r.words[w]++
		}
	}
	for _, h := range r.matcher.Match(it, at) {
		for _, span := range h.Hits {
			note(r.hits, span.Text, r.name, it, at)
			if before := wordBefore(texts[span.Field], span.Start); before != "" && !r.given(before) {
				note(r.others, before+" "+span.Text, r.name, it, at)
			}
		}
	}
}

func note(m map[string]*nameHit, text string, n *names.Name, it feeds.Item, at time.Time) {
	h := m[text]
	if h == nil {
		words := strings.Fields(text)
		cost, _ := n.Cost(words[len(words)-1])
		h = &nameHit{Text: strings.Clone(text), Script: names.ScriptOf(text), Cost: math.Round(cost*1000) / 1000, First: at, Title: it.Title}
		m[h.Text] = h
	}
	h.Count++
	if at.Before(h.First) {
		h.First = at
	}
	if at.After(h.Last) {
		h.Last, h.Title = at, it.Title
	}
}

// wordBefore is the capitalised word right before a place, if a blank is all
// that stands between them.
func wordBefore(text string, at int) string {
	head, ok := strings.CutSuffix(text[:at], " ")
	if !ok {
		return ""
	}
	i := strings.LastIndexFunc(head, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) })
	if w := head[i+1:]; names.Capital(w) && len(w) > 2 {
		return w
	}
	return ""
}

// given tells whether a word is the name's own given name, or a title.
func (r *nameReader) given(word string) bool {
	for _, g := range r.name.Given() {
		if same, _ := names.Same(g, word, names.Family, names.Loose); same {
			return true
		}
	}
	return slices.Contains(names.Titles(), strings.ToLower(word)) || slices.Contains(names.Filials(), strings.ToLower(word)) || len(word) == 2
}

func (r *nameReader) fill(h *nameHistory) {
	h.Items = r.items
	h.Hits, h.Others = sorted(r.hits), sorted(r.others)
	for w, n := range r.words {
		cost, why := r.name.Cost(w)
		if why == "" || cost > r.name.Limit()+nearBy {
			continue
		}
		h.Refused = append(h.Refused, nameMiss{w, names.ScriptOf(w), math.Round(cost*1000) / 1000, n, why})
	}
	slices.SortFunc(h.Refused, func(a, b nameMiss) int {
		switch {
		case a.Cost < b.Cost:
			return -1
		case a.Cost > b.Cost:
			return 1
		}
		return strings.Compare(a.Text, b.Text)
	})
	h.Refused = append([]nameMiss{}, h.Refused[:min(len(h.Refused), nearMisses)]...)
}

// sorted puts the commonest first.
func sorted(m map[string]*nameHit) []nameHit {
	out := make([]nameHit, 0, len(m))
	for _, h := range m {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b nameHit) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Text, b.Text)
	})
	return out
}

func (h *nameHistory) print(w io.Writer) {
	show := func(head string, hits []nameHit) {
		fmt.Fprintf(w, "\n%s:\n", head)
		var rows [][]string
		for _, x := range hits {
			rows = append(rows, []string{fmt.Sprint(x.Count), x.First.UTC().Format(time.DateOnly), x.Last.UTC().Format(time.DateOnly), x.Script, fmt.Sprintf("%.3f", x.Cost), x.Text, feeds.Clip(x.Title, 80)})
		}
		table(w, []string{"COUNT", "FIRST", "LAST", "SCRIPT", "COST", "SPELLING", "HEADLINE"}, rows)
	}
	if len(h.Hits) == 0 {
		fmt.Fprintf(w, "\nin the %d stored items it hits nothing\n", h.Items)
	} else {
		show(fmt.Sprintf("in the %d stored items it would hit", h.Items), h.Hits)
	}
	if len(h.Others) > 0 {
		show("which may also be", h.Others)
	}
	if len(h.Refused) > 0 {
		fmt.Fprintln(w, "\nnearest refused:")
		var rows [][]string
		for _, m := range h.Refused {
			rows = append(rows, []string{fmt.Sprint(m.Count), m.Script, fmt.Sprintf("%.3f", m.Cost), m.Text, m.Why})
		}
		table(w, []string{"COUNT", "SCRIPT", "COST", "WORD", "WHY"}, rows)
	}
}
