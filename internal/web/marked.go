package web

import (
	"cmp"
	"html"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"watcher/feeds"
	"watcher/internal/web/api"
	"watcher/notify"
)

type topic = api.Topic

const shownText = 420 // bytes of a summary on a page

// marked shows a text with its hits marked, as HTML whose every other
// character is escaped. A text is cut a little behind its last hit that fits.
func marked(text, field string, hits []notify.Hit) template.HTML {
	hits = slices.DeleteFunc(slices.Clone(hits), func(h notify.Hit) bool {
		return h.Field != field || h.Start < 0 || h.End > len(text) || h.Start >= h.End || !whole(text, h.Start) || !whole(text, h.End)
	})
	slices.SortFunc(hits, func(x, y notify.Hit) int { return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End)) })
	shown := feeds.Clip(text, shownText)
	end := len(strings.TrimSuffix(shown, "…"))
	if shown == text {
		end = len(text)
	}
	var b strings.Builder
	at := 0
	for _, h := range hits {
		if h.Start < at || h.End > end {
			continue // inside another, or beyond what is shown
		}
		b.WriteString(html.EscapeString(text[at:h.Start]) + "<mark>" + html.EscapeString(text[h.Start:h.End]) + "</mark>")
		at = h.End
	}
	b.WriteString(html.EscapeString(text[at:end]))
	if end < len(text) {
		b.WriteString("…")
	}
	return template.HTML(b.String())
}

// whole tells whether i is the beginning of a letter, or the end.
func whole(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }
