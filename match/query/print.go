package query

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// String prints the tree as a rule that Parse reads back as the same tree.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b)
	return b.String()
}

func (n *Node) print(b *strings.Builder) {
	switch n.Op {
	case And, Or:
		n.join(b, " "+n.Op.String()+" ")
	case Not:
		b.WriteString("NOT ")
		if k := n.Kids[0]; k.Op == Not {
			k.print(b)
		} else {
			k.group(b)
		}
	case Near:
		for i, k := range n.Kids {
			if i > 0 {
				b.WriteByte(' ')
				if n.Gaps[i-1].Ordered {
					b.WriteByte('O')
				}
				b.WriteString("NEAR/" + strconv.Itoa(n.Gaps[i-1].N) + " ")
			}
			k.group(b)
		}
	case Of:
		b.WriteString(strconv.Itoa(n.N) + " OF (")
		n.join(b, ", ")
		b.WriteByte(')')
	case AtLeast:
		b.WriteString("ATLEAST/" + strconv.Itoa(n.N) + " ")
		n.Kids[0].group(b)
	case First:
		b.WriteString("FIRST/" + strconv.Itoa(n.N) + "(")
		n.Kids[0].print(b)
		b.WriteByte(')')
	case Field:
		b.WriteString(n.Text + ":")
		n.Kids[0].group(b)
	case Case:
		b.WriteString("case:")
		n.Kids[0].group(b)
	case Exact:
		b.WriteByte('=')
		n.Kids[0].group(b)
	case Entity:
		b.WriteString("@" + n.Text)
	case Phrase:
		b.WriteString(`"` + n.Text + `"`)
	case Regexp:
		b.WriteString("/" + n.Text + "/")
	default:
		b.WriteString(n.Text)
		if n.Mark != 0 {
			b.WriteByte(n.Mark)
		}
	}
}

func (n *Node) join(b *strings.Builder, by string) {
	for i, k := range n.Kids {
		if i > 0 {
			b.WriteString(by)
		}
		switch {
		case n.Op == Of:
			k.print(b)
		case k.Op == Not && n.Op == And && i > 0:
			k.print(b)
		default:
			k.group(b)
		}
	}
}

// group prints the node as one operand: in brackets unless it is one already.
func (n *Node) group(b *strings.Builder) {
	switch n.Op {
	case And, Or, Not, Near:
		b.WriteByte('(')
		n.print(b)
		b.WriteByte(')')
	default:
		n.print(b)
	}
}

// prim is the node printed as one operand.
func (n *Node) prim() string {
	var b strings.Builder
	n.group(&b)
	return b.String()
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	i := most
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i] + "…"
}
