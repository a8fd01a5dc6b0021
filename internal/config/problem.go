package config

import (
	"fmt"
	"strings"
)

// Problem is one mistake or warning, with its place.
type Problem struct {
	File string
	Pos
	Path    string // key path, such as topics[2].match; may be empty
	Msg     string
	Caret   string // the line with a mark under the place; may be empty
	Warning bool
}

// Error gives file:line:column: path: message.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Msg)
	return b.String()
}

// Problems is a list of problems as one error.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
