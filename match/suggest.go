package match

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watcher/feeds"
	"watcher/match/names"
	"watcher/match/query"
)

// Suggestion is a word of history that an entity does not meet, though it is
// near one that it does.
type Suggestion struct {
	Word   string    `json:"word"`
	Near   string    `json:"near"` // the alias or name
	How    string    `json:"how"`  // spelling, stem or letter
	Cost   float64   `json:"cost"` // of the spelling; 0: not measured
	Count  int       `json:"count"`
	First  time.Time `json:"first,omitzero"` // left out, as Last, where the items have no time
	Last   time.Time `json:"last,omitzero"`
	Sample string    `json:"sample"` // a line that holds it
}

// Suggester reads items and gathers what an entity may be missing.
type Suggester struct {
	m       *Matcher
	index   *names.Index
	near    []string // by name of the index
	cased   []bool   // its words start with a capital
	plain   []string // lower-case aliases
	words   map[string]*Suggestion
	refused map[string]bool
}

// Suggest makes a Suggester for an entity of the set.
func (s *Set) Suggest(id string) (*Suggester, error) {
	i := slices.IndexFunc(s.entities, func(e Entity) bool { return e.ID == id })
	if i < 0 {
		var known []string
		for _, e := range s.entities {
			known = append(known, e.ID)
		}
		return nil, fmt.Errorf("no entity %q in the configuration%s", id, query.DidYouMean(id, known))
	}
	set, errs, _ := Compile(Config{Topics: []Topic{{ID: id, Match: query.Source{Text: "@" + id}}}, Entities: s.entities, Frequency: s.config.Frequency})
	if errs != nil {
		return nil, Join(errs)
	}
	g := &Suggester{m: set.NewMatcher(), words: map[string]*Suggestion{}, refused: map[string]bool{}}
	var list []*names.Name
	add := func(text, shown string) {
		if n, err := names.Compile(text, names.Options{Spelling: names.Loose}); err == nil {
			list = append(list, n)
			g.near = append(g.near, shown)
			g.cased = append(g.cased, names.Capital(text))
		}
	}
	e := s.entities[i]
	if e.Name != "" {
		add(e.Name, e.Name)
	}
	for j := range e.Alias {
		n, _ := query.ParseList(&e.Alias[j])
		for _, w := range singleWords(n, nil) {
			r, _ := utf8.DecodeRuneInString(w)
			switch {
			case utf8.RuneCountInString(w) < 4:
			case unicode.IsLower(r):
				g.plain = append(g.plain, w)
			default:
				add(w, w)
			}
		}
	}
	g.index = names.NewIndex(list)
	return g, nil
}

// singleWords gives the words of an alias that stand by themselves.
func singleWords(n *query.Node, dst []string) []string {
	if n == nil {
		return dst
	}
	if n.Op == query.Word && !strings.ContainsAny(n.Text, ".-") {
		return append(dst, n.Text)
	}
	if n.Op != query.Entity {
		for _, k := range n.Kids {
			dst = singleWords(k, dst)
		}
	}
	return dst
}

// Add reads an item that was seen at a time.
func (g *Suggester) Add(it feeds.Item, at time.Time) {
	m := g.m
	m.scan(it, at)
	for f := Title; f <= Body; f++ {
		text := m.text[f]
		for _, p := range m.places[m.start[f]:m.start[f+1]] {
			if p.terms&^blockStart != 0 || p.end-p.start < 4 {
				continue
			}
			word := text[p.start:p.end]
			w := g.words[word]
			if w == nil {
				if g.refused[word] {
					continue
				}
				if w = g.look(word); w == nil {
					g.refused[strings.Clone(word)] = true
					continue
				}
				from, to := around(text, int(p.start), int(p.end))
				w.First, w.Sample = at, strings.Clone(text[from:to])
				g.words[w.Word] = w
			}
			w.Count++
			if at.Before(w.First) {
				w.First = at
			}
			if at.After(w.Last) {
				w.Last = at
			}
		}
	}
}

// look judges a word that was not met before: nil when it is near nothing.
func (g *Suggester) look(word string) *Suggestion {
	f := folded(word)
	if utf8.RuneCountInString(f) < 4 {
		return nil
	}
	if part, ok := newsFrequency(f); ok && part > 0.003 {
		return nil
	}
	var best *Suggestion
	for _, x := range g.index.Meets(word) {
		if x.Part != names.Given && g.mayBe(word, &x) && (best == nil || x.Cost < best.Cost) {
			best = &Suggestion{Word: strings.Clone(word), Near: g.near[x.Name], How: "spelling", Cost: x.Cost}
		}
	}
	if best != nil {
		return best
	}
	for _, p := range g.plain {
		q := folded(p)
		switch {
		case len(f) > 4 && stem(word, "en") == stem(p, "en"):
			return &Suggestion{Word: strings.Clone(word), Near: p, How: "stem"}
		case len(q) > 5 && f[0] == q[0] && oneLetter(f, q):
			return &Suggestion{Word: strings.Clone(word), Near: p, How: "letter"}
		}
	}
	return nil
}

// mayBe tells whether a word that sounds like a name or alias is worth showing. An
// alias in a script without capitals may be an ordinary word, which no other such
// script spells by its sound.
func (g *Suggester) mayBe(word string, x *names.Meet) bool {
	if x.Cased {
		return names.Capital(word) && !x.Common
	}
	return g.cased[x.Name] || sameScript(word, g.near[x.Name])
}

// caseless are the scripts without capitals that names are read in.
var caseless = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Bengali, unicode.Gujarati, unicode.Katakana, unicode.Hiragana}

func sameScript(a, b string) bool {
	x, _ := utf8.DecodeRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	return !slices.ContainsFunc(caseless, func(t *unicode.RangeTable) bool { return unicode.Is(t, x) != unicode.Is(t, y) })
}

// oneLetter tells whether two words differ by one letter: another, one more or
// one less.
func oneLetter(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch {
	case len(a) == len(b):
		return len(a) > 0 && a[1:] == b[1:]
	case len(a) == len(b)+1:
		return a[1:] == b
	case len(b) == len(a)+1:
		return b[1:] == a
	}
	return false
}

// Words gives what was gathered, the most frequent first.
func (g *Suggester) Words() []Suggestion {
	out := make([]Suggestion, 0, len(g.words))
	for _, w := range g.words {
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Word, b.Word)
	})
	return out
}
