package web

import (
	"cmp"
	"html"
	"html/template"
	"slices"
	"strings"
	"unicode"
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

// wordHits finds the words of a search in a text, in any case: so that its
// page marks what was asked for.
func wordHits(text, field, asked string) []notify.Hit {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) }
	var wanted []string
	for _, f := range strings.Fields(asked) {
		if !strings.HasPrefix(f, "-") {
			wanted = append(wanted, strings.FieldsFunc(f, func(r rune) bool { return r != '*' && !word(r) })...)
		}
	}
	var out []notify.Hit
	for start, rest := 0, text; rest != ""; {
		skip := strings.IndexFunc(rest, word)
		if skip < 0 {
			break
		}
		start, rest = start+skip, rest[skip:]
		end := strings.IndexFunc(rest, func(r rune) bool { return !word(r) })
		if end < 0 {
			end = len(rest)
		}
		for _, w := range wanted {
			begin, prefix := strings.CutSuffix(w, "*")
			if strings.EqualFold(rest[:end], w) || prefix && begin != "" && len(begin) <= end && strings.EqualFold(rest[:len(begin)], begin) {
				out = append(out, notify.Hit{Field: field, Start: start, End: start + end})
				break
			}
		}
		start, rest = start+end, rest[end:]
	}
	return out
}

// whole tells whether i is the beginning of a letter, or the end.
func whole(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }
