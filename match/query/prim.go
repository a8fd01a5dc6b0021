package query

import (
	"fmt"
	"strconv"
	"strings"
)

// prim reads one operand.
func (p *Parser) prim() *Node {
	t := p.tok
	switch t.kind {
	case tWord:
		return p.wordNode()
	case tPhrase, tRegexp, tEntity:
		op := map[kind]Op{tPhrase: Phrase, tRegexp: Regexp, tEntity: Entity}[t.kind]
		n := p.node(op, t.pos)
		n.Text = t.text
		p.next()
		if op == Phrase && !starts(n.Text) && !p.meta {
			p.fail(t.pos, t.end-t.pos, "no letter or digit stands between the quotes")
		}
		return n.ends(t.end)
	case tOpen:
		return p.brackets()
	case tCase, tExact:
		op := Case
		if t.kind == tExact {
			op = Exact
		}
		return p.wrap(p.node(op, t.pos))
	case tField:
		n := p.node(Field, t.pos)
		n.Text = t.text
		outer := p.meta
		p.meta = Meta(t.text)
		p.wrap(n)
		p.meta = outer
		return n
	case tAtLeast, tFirst:
		op := AtLeast
		if t.kind == tFirst {
			op = First
		}
		n := p.node(op, t.pos)
		n.N = t.n
		p.wrap(n)
		if op == AtLeast {
			p.counted(n)
		}
		return n
	}
	n := p.node(Word, t.pos)
	switch t.kind {
	case tEOF:
		p.fail(len(strings.TrimRight(p.text, " \n\t\r")), 0, "the rule ends where a word is expected")
	case tClose:
		p.failTok("a word is expected before this bracket")
	case tOf:
		p.failTok(`OF needs a number before it, as in 2 OF (a, b, c); in quotes it is a word`)
		p.next()
	case tNot:
		p.failTok("NOT cannot stand here: put brackets round it")
		p.next()
	default:
		p.failTok(fmt.Sprintf("a word is expected before %s; in quotes it is a word", p.tokText()))
		p.next()
	}
	return n
}

// wrap reads the operand of a prefix such as title:.
func (p *Parser) wrap(n *Node) *Node {
	p.next()
	if p.depth++; p.depth > maxDepth {
		p.failTok(fmt.Sprintf("more than %d brackets within each other", maxDepth))
		p.at = len(p.text)
		p.next()
	}
	if !p.tok.operand() && p.tok.kind != tEOF {
		p.failTok(fmt.Sprintf("a word or a bracket is expected after %s", p.text[n.Pos:min(n.Pos+max(1, p.tok.pos-n.Pos), len(p.text))]))
	}
	kid := p.prim()
	p.depth--
	n.Kids = append(n.Kids, kid)
	return n.ends(p.last)
}

// counted notes what ATLEAST cannot count.
func (p *Parser) counted(n *Node) {
	k := n.Kids[0]
	if k.Op == Regexp {
		return
	}
	if bad := NotHit(k); bad != nil && bad.Op != Regexp {
		p.fail(bad.Pos, bad.Len, fmt.Sprintf("ATLEAST counts words, phrases, entities or an OR of them, not %s", bad.Op))
	}
}

func (p *Parser) brackets() *Node {
	open := p.tok
	lists := p.list
	p.list = 0
	p.next()
	if p.tok.kind == tClose {
		p.failTok("nothing stands between the brackets")
		p.next()
		p.list = lists
		return p.node(Word, open.pos).ends(p.at)
	}
	n := p.or()
	p.list = lists
	p.close(open)
	if n.Op == And || n.Op == Or || n.Op == Near || n.Op == Not {
		n.Pos = open.pos
		n.ends(p.last)
	}
	return n
}

func (p *Parser) close(open token) {
	if p.tok.kind == tClose {
		p.next()
		return
	}
	if p.tok.kind == tEOF {
		p.fail(open.pos, 1, "this bracket is not closed")
		return
	}
	p.failTok(fmt.Sprintf("%s is not expected here: the bracket is still open", p.tokText()))
	for p.tok.kind != tClose && p.tok.kind != tEOF {
		p.next()
	}
	if p.tok.kind == tClose {
		p.next()
	}
}

// wordNode reads a bare word, the phrase of a list entry, or `N OF (...)`.
func (p *Parser) wordNode() *Node {
	t := p.tok
	p.next()
	if p.tok.kind == tOf {
		if n, err := strconv.Atoi(t.text); err == nil {
			return p.of(t, n)
		}
		p.fail(t.pos, t.end-t.pos, "OF needs a number before it, as in 2 OF (a, b, c)")
		return p.of(t, 1)
	}
	if p.phrases && p.tok.kind == tWord && !p.meta {
		end := t.end
		for p.tok.kind == tWord {
			end = p.tok.end
			p.next()
		}
		n := p.node(Phrase, t.pos)
		n.Text = squeeze(p.text[t.pos:end])
		if !starts(n.Text) {
			p.fail(t.pos, end-t.pos, fmt.Sprintf("no letter or digit in %q", clip(n.Text)))
		}
		return n.ends(end)
	}
	n := p.node(Word, t.pos).ends(t.end)
	n.Text = t.text
	if p.meta {
		return n
	}
	p.marks(n)
	return n
}

// marks takes the star or tilde off a word, and notes what no word can hold.
func (p *Parser) marks(n *Node) {
	text := n.Text
	if c := text[len(text)-1]; c == Prefix || c == Stem {
		n.Mark, text = c, text[:len(text)-1]
	}
	switch {
	case !starts(text):
		p.fail(n.Pos, n.Len, noWord(n.Text))
	case strings.ContainsAny(text, "*"):
		p.fail(n.Pos, n.Len, "a star stands only at the end of a word: for other patterns write a regular expression, as in /neg.*ion/")
	case strings.ContainsAny(text, "~"):
		p.fail(n.Pos, n.Len, "a tilde stands only at the end of a word, as in mediate~")
	case text[0] == '-' || text[0] == '!' || text[0] == '+':
		p.fail(n.Pos, n.Len, noWord(text[:1])+fmt.Sprintf(", as in %s", map[byte]string{'-': "NOT " + text[1:], '!': "NOT " + text[1:], '+': "AND " + text[1:]}[text[0]]))
	}
	n.Text = text
}

func noWord(s string) string {
	switch s {
	case "&", "&&", "+":
		return s + " is no operator here: write AND"
	case "|", "||":
		return s + " is no operator here: write OR"
	case "!", "-":
		return s + " is no operator here: write NOT"
	case "*":
		return "a star alone meets every item: write a word before it"
	}
	return fmt.Sprintf("no letter or digit in %q", clip(s))
}

// of := N OF ( or {, or} )
func (p *Parser) of(count token, n int) *Node {
	at := p.node(Of, count.pos)
	at.N = n
	p.next()
	open := p.tok
	if open.kind != tOpen {
		p.failTok("OF needs a list in brackets, as in 2 OF (a, b, c)")
		return at.ends(count.end)
	}
	lists := p.list
	p.list = 1
	p.next()
	for {
		at.Kids = append(at.Kids, p.or())
		if p.tok.kind != tComma {
			break
		}
		p.next()
	}
	p.list = lists
	p.close(open)
	at.ends(p.last)
	switch {
	case n < 1:
		p.fail(count.pos, count.end-count.pos, "OF needs a number of 1 or more")
	case n > len(at.Kids):
		p.fail(count.pos, count.end-count.pos, fmt.Sprintf("%d of %d members can never hold", n, len(at.Kids)))
	}
	return at
}
