package query

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// maxDepth bounds brackets within brackets, as the parser calls itself.
const maxDepth = 64

// Parser reads rules. One parser may read many, one after the other; its nodes
// are reused when Reuse is set, so that a tree is valid until the next call.
type Parser struct {
	Reuse bool

	src     *Source
	text    string
	at      int
	tok     token
	last    int  // end of the token before tok
	phrases bool // bare words side by side are a phrase
	list    int  // depth of `OF (a, b)` lists
	depth   int
	meta    bool // within source: or lang:
	errs    []*Error

	slab []Node
	used int
}

// Parse reads a rule. All of its mistakes are given; the tree is complete only
// without any.
func Parse(src *Source) (*Node, []*Error) { return new(Parser).Parse(src) }

// ParseList reads an entry of a list of words, such as an alias: as Parse, but
// bare words side by side are a phrase.
func ParseList(src *Source) (*Node, []*Error) { return new(Parser).ParseList(src) }

// Parse is the function of that name.
func (p *Parser) Parse(src *Source) (*Node, []*Error) { return p.parse(src, false) }

// ParseList is the function of that name.
func (p *Parser) ParseList(src *Source) (*Node, []*Error) { return p.parse(src, true) }

func (p *Parser) parse(src *Source, phrases bool) (*Node, []*Error) {
	p.src, p.text, p.at, p.phrases = src, src.Text, 0, phrases
	p.list, p.depth, p.meta, p.errs, p.tok = 0, 0, false, nil, token{}
	if p.Reuse {
		p.used = 0
	}
	p.next()
	if p.tok.kind == tEOF {
		p.fail(0, 0, "nothing stands here: a rule needs at least one word")
		return nil, p.errs
	}
	n := p.or()
	for p.tok.kind != tEOF {
		if p.tok.kind == tClose {
			p.failTok("this bracket closes nothing")
		} else {
			p.failTok(fmt.Sprintf("%s is not expected here", p.tokText()))
		}
		at := p.at
		p.next()
		if p.tok.operand() {
			p.or()
		}
		if p.at == at && p.tok.kind != tEOF {
			break
		}
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return n, nil
}

func (p *Parser) next() {
	p.last = p.tok.end
	p.tok = p.lex()
}

func (p *Parser) fail(pos, length int, msg string) {
	if len(p.errs) < 20 {
		p.errs = append(p.errs, &Error{Source: p.src, Offset: pos, Len: length, Msg: msg})
	}
}

func (p *Parser) failTok(msg string) { p.fail(p.tok.pos, p.tok.end-p.tok.pos, msg) }

func (p *Parser) tokText() string {
	if p.tok.kind == tEOF {
		return "the end of the rule"
	}
	return clip(p.text[p.tok.pos:p.tok.end])
}

func (p *Parser) node(op Op, pos int) *Node {
	if p.used == len(p.slab) {
		if p.Reuse {
			p.slab, p.used = make([]Node, max(64, 2*len(p.slab))), 0
		} else {
			p.slab, p.used = make([]Node, 8), 0
		}
	}
	n := &p.slab[p.used]
	p.used++
	*n = Node{Op: op, Pos: pos, Kids: n.Kids[:0]}
	if !p.Reuse {
		n.Kids = nil
	}
	return n
}

func (n *Node) ends(end int) *Node {
	n.Len = end - n.Pos
	return n
}

func (n *Node) end() int { return n.Pos + n.Len }

// or := and {OR and}
func (p *Parser) or() *Node {
	if p.depth++; p.depth > maxDepth {
		if p.depth == maxDepth+1 {
			p.failTok(fmt.Sprintf("more than %d brackets within each other", maxDepth))
		}
		p.at = len(p.text)
		p.next()
		p.depth--
		return p.node(Word, len(p.text))
	}
	defer func() { p.depth-- }()
	open := p.tok.pos
	first, bare := p.and()
	if p.tok.kind != tOr {
		return first
	}
	or, at := p.tok, p.node(Or, open)
	at.Kids = append(at.Kids, first)
	mixed := bare
	for p.tok.kind == tOr {
		p.next()
		var kid *Node
		kid, bare = p.and()
		at.Kids = append(at.Kids, kid)
		mixed = mixed || bare
	}
	at.ends(p.last)
	if mixed {
		one, two := readings(at)
		p.fail(open, or.end-open, fmt.Sprintf("AND and OR side by side can be read in two ways: write %s, or %s", one, two))
	}
	return at
}

// readings brackets a mix of AND and OR both ways.
func readings(or *Node) (andFirst, orFirst string) {
	var groups []string
	chunks := [][]string{{}}
	for _, k := range or.Kids {
		if k.Op != And || len(k.Kids) < 2 {
			groups = append(groups, clip(k.prim()))
			chunks[len(chunks)-1] = append(chunks[len(chunks)-1], clip(k.prim()))
			continue
		}
		groups = append(groups, "("+clip(k.String())+")")
		for j, m := range k.Kids {
			if j > 0 {
				chunks = append(chunks, nil)
			}
			chunks[len(chunks)-1] = append(chunks[len(chunks)-1], clip(m.prim()))
		}
	}
	var ands []string
	for _, c := range chunks {
		if len(c) == 1 {
			ands = append(ands, c[0])
		} else {
			ands = append(ands, "("+strings.Join(c, " OR ")+")")
		}
	}
	return strings.Join(groups, " OR "), strings.Join(ands, " AND ")
}

// and := not {AND not | NOT not}; bare tells that it joins two or more without
// brackets.
func (p *Parser) and() (n *Node, bare bool) {
	open := p.tok.pos
	first := p.not()
	if p.tok.kind != tAnd && p.tok.kind != tNot && !p.tok.operand() {
		return first, false
	}
	n = p.node(And, open)
	n.Kids = append(n.Kids, first)
	for {
		switch {
		case p.tok.kind == tAnd:
			p.next()
			n.Kids = append(n.Kids, p.not())
			bare = true
		case p.tok.kind == tNot:
			n.Kids = append(n.Kids, p.not())
			bare = true
		case p.tok.operand():
			p.sideBySide(n)
		default:
			return n.ends(p.last), bare
		}
	}
}

// sideBySide takes operands that stand without an operator between them, and
// notes one mistake for all of them.
func (p *Parser) sideBySide(n *Node) {
	last := n.Kids[len(n.Kids)-1]
	run := []*Node{last}
	for p.tok.operand() {
		run = append(run, p.near())
	}
	n.Kids = append(n.Kids, run[1:]...)
	end := run[len(run)-1].end()
	for _, e := range p.errs {
		if e.Offset >= last.Pos && e.Offset < end {
			return // what is wrong there is said
		}
	}
	p.fail(last.Pos, end-last.Pos, besides(run, p.text[last.Pos:end]))
}

// nearOperator is NEAR/n in the case that makes it a word.
var nearOperator = regexp.MustCompile(`\b(?i:o?near)/[0-9]+`)

func besides(run []*Node, text string) string {
	words, lower := true, ""
	var parts []string
	if nearOperator.MatchString(text) {
		return fmt.Sprintf("operators are written in upper case: write %s, or \"%s\" for the phrase", nearOperator.ReplaceAllStringFunc(clip(squeeze(text)), strings.ToUpper), clip(squeeze(text)))
	}
	for _, k := range run {
		words = words && k.Op == Word
		switch k.Text {
		case "and", "or", "not", "And", "Or", "Not":
			if k.Op == Word && lower == "" {
				lower = k.Text
				continue
			}
		}
		parts = append(parts, clip(k.prim()))
	}
	text = clip(squeeze(text))
	switch {
	case lower != "" && words && len(parts) > 0:
		up := strings.ToUpper(lower)
		return fmt.Sprintf("operators are written in upper case: write %s, or \"%s\" for the phrase", strings.Join(parts, " "+up+" "), text)
	case words:
		return fmt.Sprintf("words side by side can be read in two ways: write \"%s\" for the phrase, or %s for all of them", text, strings.Join(parts, " AND "))
	}
	return fmt.Sprintf("an operator is missing: write %s, or %s", strings.Join(parts, " AND "), strings.Join(parts, " OR "))
}

// not := NOT not | near
func (p *Parser) not() *Node {
	if p.tok.kind != tNot {
		return p.near()
	}
	n := p.node(Not, p.tok.pos)
	p.next()
	if p.depth++; p.depth > maxDepth {
		p.failTok(fmt.Sprintf("more than %d brackets within each other", maxDepth))
		p.at = len(p.text)
		p.next()
	} else {
		n.Kids = append(n.Kids, p.not())
	}
	p.depth--
	if len(n.Kids) == 0 {
		n.Kids = append(n.Kids, p.node(Word, n.Pos))
	}
	return n.ends(p.last)
}

// near := prim {(NEAR|ONEAR)/n prim}
func (p *Parser) near() *Node {
	open := p.tok.pos
	first := p.prim()
	if p.tok.kind != tNear && p.tok.kind != tONear {
		return first
	}
	n := p.node(Near, open)
	n.Kids = append(n.Kids, first)
	p.beside(first, p.tok)
	for p.tok.kind == tNear || p.tok.kind == tONear {
		op := p.tok
		n.Gaps = append(n.Gaps, Gap{op.n, op.kind == tONear})
		p.next()
		if p.tok.kind == tNot {
			p.failTok("NOT cannot stand inside NEAR: put it after, as in (a NEAR/5 b) AND NOT c")
			p.next()
		}
		kid := p.prim()
		p.beside(kid, op)
		n.Kids = append(n.Kids, kid)
	}
	return n.ends(p.last)
}

// beside notes what NEAR cannot take.
func (p *Parser) beside(n *Node, op token) {
	if bad := NotHit(n); bad != nil {
		name := "NEAR"
		if op.kind == tONear {
			name = "ONEAR"
		}
		what := bad.Op.String()
		switch bad.Op {
		case Regexp:
			what = "a regular expression"
		case Field:
			what = bad.Text + ":"
		}
		if len(p.errs) == 0 || p.errs[len(p.errs)-1].Offset != bad.Pos {
			p.fail(bad.Pos, bad.Len, fmt.Sprintf("%s takes words, phrases, entities or an OR of them, not %s", name, what))
		}
	}
}

// NotHit gives the first node below n that is no word, phrase, entity or OR of
// them, and nil when there is none.
func NotHit(n *Node) *Node {
	switch n.Op {
	case Word, Phrase, Entity:
		return nil
	case Or, Case, Exact, Field:
		if n.Op == Field && Meta(n.Text) {
			return n
		}
		for _, k := range n.Kids {
			if bad := NotHit(k); bad != nil {
				return bad
			}
		}
		return nil
	}
	return n
}

// starts tells whether the word has a letter or a digit.
func starts(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
