package match

import (
	"fmt"
	"slices"
	"strings"

	"watcher/match/query"
)

// missing says what a node that does not hold lacks.
func (e *explainer) missing(dst []string, r readRule, n *query.Node) []string {
	m, text := e.Matcher, e.textOf(r, n)
	switch n.Op {
	case query.And:
		for _, k := range n.Kids {
			if !m.eval(e.refs[k]) {
				dst = e.missing(dst, r, k)
			}
		}
		return dst
	case query.Near:
		far := true
		for _, k := range n.Kids {
			if !m.eval(e.refs[k]) {
				dst, far = e.missing(dst, r, k), false
			}
		}
		if !far {
			return dst
		}
		best := -1
		for i, g := range n.Gaps {
			best = max(best, e.closest(n.Kids[i], n.Kids[i+1], g.Ordered))
		}
		if best < 0 {
			return append(dst, text+" (never so in one field)")
		}
		return append(dst, fmt.Sprintf("%s (%d apart)", text, best))
	case query.First, query.Field:
		return append(dst, e.missingIn(r, n)...)
	case query.Not:
		return append(dst, text+" (it is there)")
	case query.Of:
		held := 0
		for _, k := range n.Kids {
			if ref, ok := e.refs[k]; ok && m.eval(ref) {
				held++
			}
		}
		return append(dst, fmt.Sprintf("%s (%d found)", text, held))
	case query.AtLeast:
		return append(dst, fmt.Sprintf("%s (%d found)", text, e.count(n.Kids[0])))
	}
	if e.anyMasked(n) {
		return append(dst, text+" (only in what is ignored)")
	}
	return append(dst, text)
}

// missingIn says what is missing of a part that must stand in a field, or early.
func (e *explainer) missingIn(r readRule, n *query.Node) []string {
	where := " in " + n.Text
	if n.Op == query.First {
		where = fmt.Sprintf(" in the first %d words", n.N)
	}
	what := e.missing(nil, r, n.Kids[0])
	for i := range what {
		what[i] += where
	}
	return what
}

func (e *explainer) anyMasked(n *query.Node) bool {
	ref, ok := e.unmasked[n]
	return ok && e.Matcher.eval(ref)
}

// count gives the number of hits of a node, those that overlap once.
func (e *explainer) count(n *query.Node) int {
	k := 0
	for e.Matcher.atLeast(e.refs[n], uint32(k+1)) {
		k++
	}
	return k
}

// nearest names the part that would raise the score and lacks least.
func (e *explainer) nearest() string {
	var least []string
	var part string
	for _, r := range e.rules {
		if r.add <= 0 || !strings.HasPrefix(r.part, "score") || e.Matcher.eval(r.ref) {
			continue
		}
		if lacks := e.missing(nil, r, r.tree); part == "" || len(lacks) < len(least) {
			part, least = r.part, lacks
		}
	}
	if part == "" {
		return ""
	}
	return fmt.Sprintf("%s lacks %s", part, strings.Join(least, ", "))
}

// holds gives the first side of an OR that holds, as far down as there are ORs:
// the rest of the OR does not matter.
func (e *explainer) holds(n *query.Node) *query.Node {
	for n.Op == query.Or {
		i := slices.IndexFunc(n.Kids, func(k *query.Node) bool { return e.Matcher.eval(e.refs[k]) })
		if i < 0 {
			break
		}
		n = n.Kids[i]
	}
	return n
}
