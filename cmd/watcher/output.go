package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// writeJSON writes one object on a line of stdout.
func (e *env) writeJSON(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// lines has stdout take many lines at once; flush ends it.
func (e *env) lines() (flush func() error) {
	was := e.stdout
	b := bufio.NewWriterSize(was, 64<<10)
	if !isTerminal(was) {
		e.stdout = b
	}
	return func() error {
		e.stdout = was
		return b.Flush()
	}
}

// when writes an instant for a person, in the configured time zone: RFC 3339
// with a blank for the T.
func (e *env) when(t time.Time) string { return t.In(e.zone).Format("2006-01-02 15:04Z07:00") }

// exactly is when, to the second.
func (e *env) exactly(t time.Time) string { return t.In(e.zone).Format("2006-01-02 15:04:05Z07:00") }

// table writes rows under a head. On a terminal the last column is cut so
// that every row fits.
func table(w io.Writer, head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	limit := 0
	out := bufio.NewWriter(w)
	defer out.Flush()
	if f, ok := w.(*os.File); ok {
		if cols, _, err := term.GetSize(int(f.Fd())); err == nil {
			limit = cols
		}
	}
	line := func(row []string) {
		var b strings.Builder
		for i, cell := range row {
			if i == len(row)-1 {
				b.WriteString(cell)
				break
			}
			b.WriteString(cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2))
		}
		text := strings.TrimRight(b.String(), " ")
		if runes := []rune(text); limit > 0 && len(runes) > limit {
			text = string(runes[:limit-1]) + "…"
		}
		out.WriteString(text + "\n")
	}
	line(head)
	for _, row := range rows {
		line(row)
	}
}

// bar draws progress on a terminal, and nothing elsewhere; n < 0: the end is
// not known.
func (e *env) bar(n int, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetVisibility(e.progress() && n != 0),
		progressbar.OptionSetDescription(what), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
}
