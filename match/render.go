package match

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Escape sequences of a terminal.
const (
	styleOff  = "\x1b[0m"
	styleGood = "\x1b[32m"
	styleBad  = "\x1b[31m"
	styleDim  = "\x1b[2m"
	styleWord = "\x1b[1;33m"
)

// Render writes the explanation for a person: the verdict, the words in their
// sentence, and the tree of the rule.
func (x Explanation) Render(b *strings.Builder, colour bool) {
	p := painter{b, colour}
	verdict := p.style(styleGood, "hit")
	if !x.Match {
		verdict = p.style(styleBad, "no hit")
	}
	fmt.Fprintf(b, "%s: %s", x.Topic, verdict)
	if len(x.Scores) > 0 || x.Threshold != 0 {
		fmt.Fprintf(b, ", score %s of %s", number(x.Score), number(x.Threshold))
	}
	b.WriteByte('\n')
	for _, m := range x.Missing {
		fmt.Fprintf(b, "  %s %s\n", p.style(styleBad, "missing:"), m)
	}
	if x.Nearest != "" {
		fmt.Fprintf(b, "  nearest: %s\n", x.Nearest)
	}
	x.sentences(p)
	part := ""
	for _, n := range x.Nodes {
		if n.Part != part {
			part = n.Part
			fmt.Fprintf(b, "%s\n", p.style(styleDim, part))
		}
		x.node(p, n)
	}
	for _, s := range x.Scores {
		fmt.Fprintf(b, "%s %+g %s\n", p.tick(s.OK), s.Add, s.Text)
	}
	for _, m := range x.Masked {
		fmt.Fprintf(b, "%s %s: %q in the %s counts for nothing\n", p.style(styleDim, "masked"), m.Clause, m.Text, m.Field)
	}
	for _, n := range x.Notes {
		fmt.Fprintf(b, "note: %s\n", n)
	}
}

type painter struct {
	*strings.Builder
	colour bool
}

func (p painter) style(code, s string) string {
	if !p.colour {
		return s
	}
	return code + s + styleOff
}

func (p painter) tick(ok bool) string {
	if ok {
		return p.style(styleGood, "+")
	}
	return p.style(styleBad, "-")
}

func (x Explanation) node(p painter, n Node) {
	fmt.Fprintf(p, "%s%s %s", strings.Repeat("  ", n.Depth+1), p.tick(n.OK), n.Text)
	var found []string
	for _, h := range n.Hits {
		if t := fmt.Sprintf("%q", h.Text); len(found) < 4 && !strings.Contains(strings.Join(found, " "), t) {
			found = append(found, t)
		}
	}
	if len(found) > 0 {
		fmt.Fprintf(p, "  %s", p.style(styleWord, strings.Join(found, " ")))
	}
	if n.Note != "" {
		fmt.Fprintf(p, "  %s", p.style(styleDim, "("+n.Note+")"))
	}
	p.WriteByte('\n')
}

// sentences writes the text round what was found, a line for each place.
func (x Explanation) sentences(p painter) {
	for f, name := range fieldNames {
		var spans []Span
		for _, h := range x.Hits {
			if h.Field == name {
				spans = append(spans, h)
			}
		}
		sort.Slice(spans, func(i, j int) bool { return spans[i].Start < spans[j].Start })
		text, at, lines := x.text[f], 0, 0
		for i := 0; i < len(spans) && lines < 3; {
			from, to := around(text, spans[i].Start, spans[i].End)
			fmt.Fprintf(p, "  %-8s", name)
			if from > 0 {
				p.WriteString("…")
			}
			at = from
			for ; i < len(spans) && spans[i].End <= to; i++ {
				if spans[i].Start < at {
					continue
				}
				p.WriteString(text[at:spans[i].Start])
				p.WriteString(p.style(styleWord, "["+text[spans[i].Start:spans[i].End]+"]"))
				at = spans[i].End
			}
			p.WriteString(text[at:to])
			if to < len(text) {
				p.WriteString("…")
			}
			p.WriteByte('\n')
			lines++
		}
	}
}

// around gives the bounds of the text round a span: its line, at most some
// dozens of characters to each side.
func around(text string, start, end int) (int, int) {
	const most = 70
	from := strings.LastIndexByte(text[:start], '\n') + 1
	if start-from > most {
		from = start - most
		if i := strings.IndexByte(text[from:start], ' '); i >= 0 {
			from += i + 1
		}
	}
	to := len(text)
	if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
		to = end + i
	}
	if to-end > most {
		to = end + most
		if i := strings.LastIndexByte(text[end:to], ' '); i > 0 {
			to = end + i
		}
	}
	for from < start && !utf8.RuneStart(text[from]) {
		from++
	}
	for to > end && to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	return from, to
}
