package query

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Error is a mistake in a rule, with its place.
type Error struct {
	Source      *Source
	Offset, Len int
	Msg         string
}

// Error gives file:line:column, the value's name, the rule's own column and
// what is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	s := e.Source
	if s == nil {
		return e.Msg
	}
	line, col := s.Place(e.Offset)
	switch {
	case s.File != "" && line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", s.File, line, col)
	case s.File != "":
		b.WriteString(s.File + ": ")
	case line > 0:
		fmt.Fprintf(&b, "%d:%d: ", line, col)
	}
	if s.Name != "" {
		b.WriteString(s.Name + ": ")
	}
	if s.Text != "" {
		_, own := e.own()
		fmt.Fprintf(&b, "column %d: ", own)
	}
	b.WriteString(e.Msg)
	return b.String()
}

// own gives the line of the rule's own text that holds the error, and the
// column in it.
func (e *Error) own() (line string, column int) {
	text := e.Source.Text
	at := min(e.Offset, len(text))
	start := strings.LastIndexByte(text[:at], '\n') + 1
	line = text[start:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return line, 1 + utf8.RuneCountInString(text[start:at])
}

// Caret shows the line that holds the error with a mark under it, in two lines
// without a line feed at the end. It is empty when there is nothing to show.
func (e *Error) Caret() string {
	s := e.Source
	if s == nil || s.Text == "" {
		return ""
	}
	text, col := e.own()
	number := ""
	if line, c := s.Place(e.Offset); s.Exact && line > 0 && line <= len(s.Lines) {
		text, col, number = strings.TrimRight(s.Lines[line-1], "\r\n"), c, fmt.Sprint(line)
	}
	width := 1
	if end := min(e.Offset+e.Len, len(s.Text)); end > e.Offset {
		part := s.Text[e.Offset:end]
		if i := strings.IndexByte(part, '\n'); i >= 0 {
			part = part[:i]
		}
		width = max(1, utf8.RuneCountInString(part))
	}
	text, col = window(text, col, width)
	pad := []rune(text)
	if col-1 < len(pad) {
		pad = pad[:col-1]
	}
	for i, r := range pad {
		if r != '\t' {
			pad[i] = ' '
		}
	}
	if number == "" {
		return "  " + text + "\n  " + string(pad) + "^" + strings.Repeat("~", width-1)
	}
	return fmt.Sprintf("  %s | %s\n  %s | %s^%s", number, text, strings.Repeat(" ", len(number)), string(pad), strings.Repeat("~", width-1))
}

// window cuts a long line to what stands round the column.
func window(text string, col, width int) (string, int) {
	const most = 160
	r := []rune(text)
	if len(r) <= most {
		return text, col
	}
	from := max(0, min(col-60, len(r)-most))
	to := min(len(r), max(from+most, col+min(width, 80)))
	return string(r[from:to]), col - from
}

// Nearest gives the known name that a mistyped one was meant to be, or "": one
// slip up to five letters, two up to nine, else three, and a first letter that is
// another's is no slip. "oman" is no mistyped "iran".
func Nearest(name string, known []string) string {
	best, least := "", math.MaxInt
	for _, k := range known {
		x, y := []rune(strings.ToLower(name)), []rune(strings.ToLower(k))
		most := slips(max(len(x), len(y)))
		if d := distance(x, y, most); d <= most && (d < least || d == least && k < best) && (d == 0 || sameStart(x, y)) {
			best, least = k, d
		}
	}
	return best
}

// slips is how many slips a name of so many letters may hold.
func slips(letters int) int {
	switch {
	case letters < 3:
		return 0
	case letters < 6:
		return 1
	case letters < 10:
		return 2
	}
	return 3
}

// sameStart tells whether two names have the first letter in common, though it
// may stand second in one of them.
func sameStart(x, y []rune) bool {
	return len(x) > 0 && len(y) > 0 && (x[0] == y[0] || len(y) > 1 && x[0] == y[1] || len(x) > 1 && x[1] == y[0])
}

// DidYouMean gives `, did you mean "x"?`, or "" where no known name is near.
func DidYouMean(name string, known []string) string {
	if n := Nearest(name, known); n != "" {
		return fmt.Sprintf(", did you mean %q?", n)
	}
	return ""
}

// distance counts the letters to add, drop, change or swap between x and y;
// above limit it stops counting.
func distance(x, y []rune, limit int) int {
	if d := len(x) - len(y); d > limit || -d > limit {
		return limit + 1
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(y)]
}
