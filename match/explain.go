package match

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"watcher/feeds"
	"watcher/match/query"
)

// Explanation says how a topic's rule fared with an item: the Hit, or what was
// missing, and the tree of the rule with what held and what did not.
type Explanation struct {
	Hit
	Nodes  []Node      `json:"nodes"`
	Near   []Distance  `json:"near"`
	Not    []Absence   `json:"not"`
	Masked []Span      `json:"masked"` // what the topic ignores, where it stands
	Scores []ScoreHeld `json:"scores"`
	Filter string      `json:"filter,omitempty"` // why the item is not looked at
	Notes  []string    `json:"notes,omitempty"`

	text [fieldCount]string
}

// Node is a node of the rule's tree, parents before their kids.
type Node struct {
	Part  string `json:"part"`       // match, unless, score[0] …
	Query [3]int `json:"query_span"` // line, column, length in characters; the line is 0 where unknown
	Depth int    `json:"depth"`
	Op    string `json:"op"`
	Text  string `json:"text"`
	OK    bool   `json:"ok"`
	Hits  []Span `json:"hits"`
	Note  string `json:"note,omitempty"`
}

// Distance is how near two sides of a NEAR come; -1: one is not there.
type Distance struct {
	A        string `json:"a"`
	B        string `json:"b"`
	Distance int    `json:"distance"`
	Limit    int    `json:"limit"`
	OK       bool   `json:"ok"`
}

// Absence is what must not be there.
type Absence struct {
	Text   string `json:"text"`
	Absent bool   `json:"absent"`
}

// ScoreHeld is a part of the score.
type ScoreHeld struct {
	Add  float64 `json:"add"`
	Text string  `json:"q"`
	OK   bool    `json:"ok"`
}

// explainer is a topic compiled by itself, its trees kept.
type explainer struct {
	*Matcher
	topic    *Topic
	rules    []readRule
	refs     map[*query.Node]uint32
	unmasked map[*query.Node]uint32
}

// readRule is one rule of a topic with its tree.
type readRule struct {
	part   string
	source *query.Source
	tree   *query.Node
	ref    uint32
	add    float64
}

// maxExplainers bounds the topics that a matcher keeps ready to explain.
const maxExplainers = 512

func (m *Matcher) explainer(t int) *explainer {
	if e := m.explainers[t]; e != nil {
		return e
	}
	if m.explainers == nil || len(m.explainers) >= maxExplainers {
		m.explainers = map[int]*explainer{}
	}
	s := m.set
	c := s.config
	c.Topics = s.topics[t : t+1]
	b := newBuilder(c)
	e := &explainer{topic: &s.topics[t], refs: map[*query.Node]uint32{}, unmasked: map[*query.Node]uint32{}}
	b.keep = e.refs
	b.rules = &e.rules
	b.readEntities(c.Entities)
	b.topic(e.topic)
	b.keep = e.unmasked
	for _, r := range e.rules {
		b.source = r.source
		if !strings.HasPrefix(r.part, "ignore") {
			b.quietly(r.tree, usual)
		}
	}
	b.post()
	b.finish()
	e.Matcher = b.Set.NewMatcher()
	m.explainers[t] = e
	return e
}

// Explain tells how a topic's rule fares with an item. It is false for a topic
// that the set does not have. now is when the item was first seen.
func (m *Matcher) Explain(topic string, it feeds.Item, now time.Time) (Explanation, bool) {
	t, ok := m.set.Topic(topic)
	if !ok {
		return Explanation{}, false
	}
	x := m.explainer(t).explain(it, now)
	x.Index = t
	return x, true
}

// Miss tells of a topic that the item does not hit what was missing.
func (m *Matcher) Miss(topic int, it feeds.Item, now time.Time) Hit {
	h := m.explainer(topic).explain(it, now).Hit
	h.Index = topic
	return h
}

func (e *explainer) explain(it feeds.Item, now time.Time) Explanation {
	m := e.Matcher
	m.scan(it, now)
	m.run()
	m.spans = nil
	x := Explanation{Hit: Hit{ID: itemID(&it), Topic: e.topic.ID, Threshold: e.topic.Threshold, Hits: noSpans, Missing: noMissing},
		Nodes: []Node{}, Near: []Distance{}, Not: []Absence{}, Masked: []Span{}, Scores: []ScoreHeld{}, text: m.text}
	if len(m.found) > 0 {
		m.hit(&x.Hit, 0)
		m.why(&x.Hit)
	}
	if m.set.filter != nil {
		x.Filter = m.set.filters[m.set.filter[0]].pass(m.set, &m.item, now)
	}
	if x.Filter != "" {
		x.Missing = append(x.Missing, x.Filter)
	}
	for _, r := range e.rules {
		e.part(&x, r)
	}
	if !x.Match && len(x.Missing) == 0 {
		x.Missing = append(x.Missing, fmt.Sprintf("score %s of %s", number(x.Score), number(x.Threshold)))
		x.Nearest = e.nearest()
	}
	x.Truncated, x.Cut = m.truncated, m.cut
	e.notes(&x)
	return x
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// part explains one rule of the topic.
func (e *explainer) part(x *Explanation, r readRule) {
	m := e.Matcher
	if strings.HasPrefix(r.part, "ignore") {
		m.spans = nil
		m.show(r.ref, r.source.Text, "", nil, maxSpans)
		x.Masked = append(x.Masked, m.spans...)
		return
	}
	ok := m.eval(r.ref)
	e.walk(x, r, r.tree, 0)
	switch {
	case r.part == "match" && !ok:
		x.Missing = e.missing(x.Missing, r, r.tree)
	case r.part == "unless":
		x.Not = append(x.Not, Absence{e.textOf(r, r.tree), !ok})
		if ok {
			x.Missing = append(x.Missing, "unless "+e.textOf(r, e.holds(r.tree)))
		}
	case strings.HasPrefix(r.part, "score"):
		x.Scores = append(x.Scores, ScoreHeld{r.add, r.source.Text, ok})
		if ok && !x.Match {
			x.Score = Points(x.Score + r.add)
		}
	}
}

func (e *explainer) walk(x *Explanation, r readRule, n *query.Node, depth int) {
	m := e.Matcher
	ref, built := e.refs[n]
	if !built { // a member of an OF that is written twice
		return
	}
	line, col := r.source.Place(n.Pos)
	node := Node{Part: r.part, Query: [3]int{line, col, len([]rune(e.textOf(r, n)))}, Depth: depth, Op: n.Op.String(), Text: e.textOf(r, n), OK: m.eval(ref), Hits: []Span{}}
	switch n.Op {
	case query.Word, query.Phrase, query.Entity, query.Regexp:
		m.spans = nil
		via := ""
		if n.Op == query.Entity {
			via = node.Text
		}
		m.show(ref, node.Text, via, nil, maxSpans)
		m.fresh(0, 0)
		node.Hits = append(node.Hits, m.spans...)
		if !node.OK && e.maskedOnly(n) {
			node.Note = "masked by ignore"
		}
	case query.Near:
		e.distances(x, r, n, &node)
	case query.Not:
		if r.part == "match" {
			x.Not = append(x.Not, Absence{e.textOf(r, n.Kids[0]), node.OK})
		}
	}
	x.Nodes = append(x.Nodes, node)
	for _, k := range n.Kids {
		e.walk(x, r, k, depth+1)
	}
}

// maskedOnly tells a leaf that stands only where the topic ignores it.
func (e *explainer) maskedOnly(n *query.Node) bool {
	ref, ok := e.unmasked[n]
	return ok && ref != e.refs[n] && e.Matcher.eval(ref)
}

func (e *explainer) textOf(r readRule, n *query.Node) string {
	return strings.Join(strings.Fields(r.source.Text[n.Pos:min(n.Pos+n.Len, len(r.source.Text))]), " ")
}

// distances notes how near the sides of a NEAR come.
func (e *explainer) distances(x *Explanation, r readRule, n *query.Node, node *Node) {
	for i, g := range n.Gaps {
		d := Distance{A: e.textOf(r, n.Kids[i]), B: e.textOf(r, n.Kids[i+1]), Limit: g.N, Distance: e.closest(n.Kids[i], n.Kids[i+1], g.Ordered)}
		d.OK = d.Distance >= 0 && d.Distance <= g.N
		x.Near = append(x.Near, d)
		if d.Distance >= 0 {
			node.Note = strings.TrimPrefix(node.Note+", ", ", ") + fmt.Sprintf("%d apart", d.Distance)
		}
	}
}

// closest gives the least distance between two nodes' hits, -1 for none in one
// field.
func (e *explainer) closest(a, b *query.Node, ordered bool) int {
	m := e.Matcher
	from := len(m.stack)
	m.push(e.refs[a])
	at := len(m.stack)
	m.push(e.refs[b])
	left, right := m.stack[from:at], m.stack[at:]
	best := -1
	for _, p := range left[:min(len(left), 500)] {
		for _, q := range right[:min(len(right), 500)] {
			d := int(uint32(q>>32)) - int(uint32(p))
			if d <= 0 && !ordered {
				d = int(uint32(p>>32)) - int(uint32(q))
			}
			if d > 0 && d < 1<<fieldShift-maxPlaces && (best < 0 || d < best) {
				best = d
			}
		}
	}
	m.stack = m.stack[:from]
	return best
}

// notes says what a reader may wonder about.
func (e *explainer) notes(x *Explanation) {
	letters, small := 0, 0
	for _, r := range e.Matcher.text[Title] {
		if unicode.IsLetter(r) {
			letters++
			if unicode.IsLower(r) {
				small++
			}
		}
	}
	if small == 0 && letters > 4 {
		for _, sp := range x.Hits {
			if sp.Field == "title" && capitals(sp.Text) && strings.Contains(shortWords, " "+strings.ToLower(sp.Text)+" ") {
				x.Notes = append(x.Notes, fmt.Sprintf("the title is all in capitals: %s may be the plain word", sp.Text))
				break
			}
		}
	}
	x.Notes = append(x.Notes, e.set.spellings(x.Hits)...)
	if x.Truncated {
		x.Notes = append(x.Notes, fmt.Sprintf("truncated: only the first %d words of the item are read", maxPlaces))
	}
	if x.Cut {
		x.Notes = append(x.Notes, "cut: regular expressions read the first 64 kB of a field")
	}
}
