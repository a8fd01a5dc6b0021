package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Text is a value whose every character has a known place in the file, so that
// an error inside it (a rule, a cron text) can be shown there.
type Text struct {
	Value string
	Path  string // where it stands: topics[0].match
	Pos   Pos    // of the scalar
	// Runs maps byte offsets of Value to places: from Offset on, the text
	// stands at Pos character by character until the next run.
	Runs []Run
	// Exact is false for folded and escaped scalars: only Pos is known then.
	Exact bool
}

// Run is a piece of text that stands in one line of the file.
type Run struct {
	Offset int
	Pos    Pos
}

// String gives the value.
func (t Text) String() string { return t.Value }

// newText maps a scalar's value back to the raw lines: a block scalar's node
// only tells where its | stands.
func newText(n *yaml.Node, lines []string, path string) Text {
	t := Text{Value: n.Value, Path: path, Pos: Pos{n.Line, n.Column}}
	switch {
	case n.Style&yaml.LiteralStyle != 0:
		t.literal(lines)
	case n.Style&yaml.FoldedStyle != 0:
	default:
		col := n.Column
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			col++
		}
		if n.Line >= 1 && n.Line <= len(lines) && strings.HasPrefix(fromColumn(lines[n.Line-1], col), n.Value) {
			t.Runs, t.Exact = []Run{{0, Pos{n.Line, col}}}, true
		}
	}
	return t
}

func (t *Text) literal(lines []string) {
	indent := -1
	var runs []Run
	offset := 0
	for i, line := range strings.Split(strings.TrimRight(t.Value, "\n"), "\n") {
		at := t.Pos.Line + i // index of the raw line after the |
		if at >= len(lines) {
			return
		}
		raw := strings.TrimRight(lines[at], "\r")
		if line != "" {
			if !strings.HasSuffix(raw, line) {
				return // not where we think: the scalar's line must do
			}
			if pad := len(raw) - len(line); indent < 0 {
				indent = pad
			} else if pad != indent {
				return
			}
			runs = append(runs, Run{offset, Pos{at + 1, utf8.RuneCountInString(raw[:indent]) + 1}})
		}
		offset += len(line) + 1
	}
	t.Runs, t.Exact = runs, true
}

// fromColumn cuts a line at a column, counted in characters from 1.
func fromColumn(line string, col int) string {
	for i := range line {
		if col--; col == 0 {
			return line[i:]
		}
	}
	return ""
}
