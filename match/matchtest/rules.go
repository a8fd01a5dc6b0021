// Package matchtest makes rule sets from a news corpus and judges them in the
// plainest way, word by word: what package match is tested against and measured
// with. Only tests and benchmarks import it.
package matchtest

import (
	"fmt"
	"math/rand"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// Node is one node of a rule: and, or, not (one kid), term, prefix, phrase
// (Words in order), near (two kids, any order, at most N words apart).
type Node struct {
	Op    string   `json:"op"`
	Kids  []*Node  `json:"kids,omitempty"`
	Words []string `json:"words,omitempty"`
	N     int      `json:"n,omitempty"`
}

// Rule is one stored query.
type Rule struct {
	ID   int    `json:"id"`
	Kind string `json:"kind"`
	Q    *Node  `json:"q"`
}

// Text renders a node in the rule language, its words as =w: in this form only.
func (n *Node) Text() string {
	switch n.Op {
	case "term":
		return "=" + n.Words[0]
	case "prefix":
		return n.Words[0] + "*"
	case "phrase":
		return `="` + strings.Join(n.Words, " ") + `"`
	case "not":
		return "NOT " + n.Kids[0].Text()
	case "near":
		return "(" + n.Kids[0].Text() + " NEAR/" + strconv.Itoa(n.N) + " " + n.Kids[1].Text() + ")"
	}
	parts := make([]string, len(n.Kids))
	for i, k := range n.Kids {
		parts[i] = k.Text()
	}
	return "(" + strings.Join(parts, " "+strings.ToUpper(n.Op)+" ") + ")"
}

// Words lower-cases and cuts text at everything that is no letter or digit.
func Words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Gen makes rule sets from a corpus's own words.
type Gen struct {
	rng   *rand.Rand
	docs  [][]string
	df    map[string]int
	class [3][]string // rare, mid, common
}

// NewGen counts words over items; the same items and seed give the same rules.
func NewGen(items []Item, seed int64) *Gen {
	g := &Gen{rng: rand.New(rand.NewSource(seed)), df: map[string]int{}}
	for _, it := range items {
		w := Words(it.Text())
		g.docs = append(g.docs, w)
		seen := map[string]bool{}
		for _, x := range w {
			if !seen[x] {
				seen[x] = true
				g.df[x]++
			}
		}
	}
	all := make([]string, 0, len(g.df))
	for w := range g.df {
		if usable(w) {
			all = append(all, w)
		}
	}
	sort.Strings(all)
	for _, w := range all {
		if c := g.classOf(w); c >= 0 {
			g.class[c] = append(g.class[c], w)
		}
	}
	return g
}

func usable(w string) bool {
	if len(w) < 3 || len(w) > 24 {
		return false
	}
	for i := 0; i < len(w); i++ {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

func (g *Gen) classOf(w string) int {
	switch f := float64(g.df[w]) / float64(len(g.docs)); {
	case f < 0.001:
		return 0
	case f < 0.02:
		return 1
	case f < 0.2:
		return 2
	}
	return -1
}

// term picks a word: 60 % rare, 30 % mid, 10 % common; from doc when given.
func (g *Gen) term(doc []string, rareOnly bool) string {
	c := 0
	if r := g.rng.Float64(); !rareOnly && r > 0.6 {
		c = 1
		if r > 0.9 {
			c = 2
		}
	}
	for try := 0; doc != nil && try < 40; try++ {
		if w := doc[g.rng.Intn(len(doc))]; usable(w) && g.classOf(w) == c {
			return w
		}
	}
	return g.class[c][g.rng.Intn(len(g.class[c]))]
}

func leaf(w string) *Node              { return &Node{Op: "term", Words: []string{w}} }
func node(op string, k ...*Node) *Node { return &Node{Op: op, Kids: k} }

// phrase takes 2 or 3 running words of a document, one of them not common.
func (g *Gen) phrase(doc []string) *Node {
	for try := 0; try < 60; try++ {
		d := doc
		if d == nil || try > 30 {
			d = g.docs[g.rng.Intn(len(g.docs))]
		}
		n := 2 + g.rng.Intn(2)
		if len(d) < n+1 {
			continue
		}
		i := g.rng.Intn(len(d) - n)
		ok := false
		for _, w := range d[i : i+n] {
			if usable(w) && g.classOf(w) >= 0 && g.classOf(w) < 2 {
				ok = true
			}
		}
		if ok && usable(d[i]) && usable(d[i+n-1]) {
			return &Node{Op: "phrase", Words: append([]string(nil), d[i:i+n]...)}
		}
	}
	return &Node{Op: "phrase", Words: []string{g.term(nil, true), g.term(nil, false)}}
}

// Rules makes n rules. About half take all their words from one document (so
// they match something); the others mix words of unrelated documents.
func (g *Gen) Rules(n int) []Rule {
	out := make([]Rule, 0, n)
	for len(out) < n {
		var doc []string
		if g.rng.Intn(2) == 0 {
			if doc = g.docs[g.rng.Intn(len(g.docs))]; len(doc) < 20 {
				doc = nil
			}
		}
		t := func() *Node { return leaf(g.term(doc, false)) }
		rare := func() *Node { return leaf(g.term(doc, true)) }
		var q *Node
		kind := ""
		switch r := g.rng.Intn(100); {
		case r < 22:
			kind, q = "and", node("and", t(), rare())
			if g.rng.Intn(2) == 0 {
				q.Kids = append(q.Kids, t())
			}
		case r < 40:
			kind, q = "orand", node("and", node("or", t(), t(), t()), node("or", rare(), rare()))
		case r < 54:
			kind, q = "phrase", g.phrase(doc)
			if g.rng.Intn(2) == 0 {
				q = node("and", q, t())
			}
		case r < 62:
			kind, q = "phrases", node("or", g.phrase(doc), g.phrase(doc), rare())
		case r < 76:
			kind, q = "near", &Node{Op: "near", Kids: []*Node{t(), t()}, N: 3 + g.rng.Intn(13)}
			if g.rng.Intn(2) == 0 {
				q = node("and", q, t())
			}
		case r < 88:
			kind, q = "not", node("and", t(), rare(), node("not", t()))
		case r < 95:
			w := g.term(doc, false)
			if len(w) > 5 {
				w = w[:5+g.rng.Intn(len(w)-5)]
			}
			kind, q = "prefix", node("and", &Node{Op: "prefix", Words: []string{w}}, t())
		default:
			kind, q = "or", node("or", rare(), rare(), rare())
			for g.rng.Intn(2) == 0 && len(q.Kids) < 6 {
				q.Kids = append(q.Kids, rare())
			}
		}
		out = append(out, Rule{ID: len(out), Kind: kind, Q: q})
	}
	return out
}

// Leaves calls f on every leaf of the rule (term, prefix, phrase).
func (n *Node) Leaves(f func(*Node)) {
	if len(n.Kids) == 0 {
		f(n)
		return
	}
	for _, k := range n.Kids {
		k.Leaves(f)
	}
}

// Eval is the reference: slow, plain, by the words' places in the item.
func (n *Node) Eval(words []string) bool {
	switch n.Op {
	case "and":
		for _, k := range n.Kids {
			if !k.Eval(words) {
				return false
			}
		}
		return true
	case "or":
		for _, k := range n.Kids {
			if k.Eval(words) {
				return true
			}
		}
		return false
	case "not":
		return !n.Kids[0].Eval(words)
	case "near":
		a, b := n.Kids[0].places(words), n.Kids[1].places(words)
		for _, x := range a {
			for _, y := range b {
				if d := y - x; d != 0 && d <= n.N && d >= -n.N {
					return true
				}
			}
		}
		return false
	}
	return len(n.places(words)) > 0
}

func (n *Node) places(words []string) []int {
	var out []int
	for i := range words {
		switch n.Op {
		case "term":
			if words[i] == n.Words[0] {
				out = append(out, i)
			}
		case "prefix":
			if strings.HasPrefix(words[i], n.Words[0]) {
				out = append(out, i)
			}
		case "phrase":
			if i+len(n.Words) <= len(words) {
				ok := true
				for j, w := range n.Words {
					if words[i+j] != w {
						ok = false
						break
					}
				}
				if ok {
					out = append(out, i)
				}
			}
		default:
			panic(fmt.Sprint("no places for ", n.Op))
		}
	}
	return out
}
