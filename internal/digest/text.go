package digest

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

const columns = 72

// Text is the document for a terminal or the text part of a mail: 72 columns,
// links numbered and listed at the end.
func (d *Document) Text(l Links) string {
	t := &textForm{doc: d, links: l, numbers: map[string]int{}}
	t.line(d.Title)
	t.line(strings.Repeat("=", min(columns, textWidth(d.Title))))
	t.wrap(d.Window(), "", "")
	t.wrap(d.Summary(), "", "")
	t.changes()
	if d.Empty {
		t.head("No stories")
		t.wrap(d.Nothing(), "", "")
	}
	t.starred()
	t.stories()
	t.rest()
	t.foot()
	return t.b.String()
}

type textForm struct {
	b       strings.Builder
	doc     *Document
	links   Links
	urls    []string
	numbers map[string]int
}

func (t *textForm) line(s string) { t.b.WriteString(strings.TrimRight(s, " ") + "\n") }

func (t *textForm) head(s string) { t.line(""); t.line(strings.ToUpper(s)) }

// ref numbers a link: " [3]"; empty for an empty address.
func (t *textForm) ref(url string) string {
	if url == "" {
		return ""
	}
	n := t.numbers[url]
	if n == 0 {
		t.urls = append(t.urls, url)
		n = len(t.urls)
		t.numbers[url] = n
	}
	return fmt.Sprintf(" [%d]", n)
}

func (t *textForm) changes() {
	d := t.doc
	t.head("What changed since yesterday")
	var parts []string
	for _, c := range d.Deltas() {
		parts = append(parts, c.String())
	}
	t.wrap(strings.Join(parts, " · "), "", "")
	for _, q := range d.Changes.WentQuiet {
		t.wrap("▽ "+q.Title+t.ref(t.links.Story(q.ID)), "", "  ")
	}
}

func (t *textForm) starred() {
	if len(t.doc.Starred) == 0 {
		return
	}
	t.head(t.doc.Marked())
	for _, s := range t.doc.Starred {
		t.wrap(s.Sign()+" "+s.Title+t.ref(t.links.Story(s.ID)), "", "  ")
		t.wrap(t.doc.Says(s), "  ", "  ")
	}
}

func (t *textForm) stories() {
	d := t.doc
	if len(d.Top) > 0 {
		t.head("Top stories")
	}
	for i, s := range d.Top {
		t.line("")
		pad := strings.Repeat(" ", len(fmt.Sprint(i+1))+2)
		t.wrap(fmt.Sprintf("%d. %s%s", i+1, s.Title, t.ref(t.links.Story(s.ID))), "", pad)
		if s.Summary != "" {
			t.wrap(s.Summary, pad, pad)
		}
		t.wrap(d.Meta(s), pad, pad)
		t.wrap(blocks(s.Bars)+"  "+d.BarsText(s), pad, pad)
		if sp := s.Spread(); sp != "" {
			t.wrap(sp, pad, pad)
		}
		var links []string
		for _, a := range s.Links {
			links = append(links, a.Outlet+t.ref(a.URL))
		}
		t.wrap(strings.Join(links, " · "), pad, pad)
		if w := s.WhyText(); w != "" {
			t.wrap("Why: "+w, pad, pad)
		}
	}
	t.list("Also", d.Also)
	t.list("Single source, not yet confirmed", d.Single)
	if left := d.LeftText(); left != "" {
		t.line("")
		t.wrap(left, "", "")
	}
}

func (t *textForm) list(title string, ss []Story) {
	if len(ss) == 0 {
		return
	}
	t.head(title)
	for _, s := range ss {
		ref := t.links.Story(s.ID)
		if ref == "" && len(s.Links) > 0 {
			ref = s.Links[0].URL
		}
		t.wrap("- "+s.Title+t.ref(ref)+" ("+t.doc.Short(s)+")", "", "  ")
	}
}

func (t *textForm) rest() {
	d := t.doc
	if len(d.Corrections) > 0 {
		t.head("Corrected headlines")
		for _, c := range d.Corrections {
			t.wrap("- "+c.Old+" → "+c.New+" ("+c.Outlet+", "+d.Clock(c.At)+")"+t.ref(t.links.Story(c.Story)), "", "  ")
		}
	}
	if len(d.Official) > 0 {
		t.head("Official statements")
		for _, a := range d.Official {
			t.wrap("- "+a.Title+" ("+a.Outlet+", "+d.Clock(a.At)+")"+t.ref(a.URL), "", "  ")
		}
	}
	if len(d.Topics) > 0 {
		t.head("Topics")
		for _, c := range d.Topics {
			t.wrap(fmt.Sprintf("%s: %s, %d new (14-day median %s), told %s, held %s",
				c.Name, Plural(c.Stories, "story", "stories"), c.New, c.MedianText(), c.ToldText(), c.HeldText()), "", "  ")
		}
	}
	if holes := d.Holes(); len(holes) > 0 {
		t.head("Coverage")
		for _, h := range holes {
			t.wrap("- "+h, "", "  ")
		}
	}
}

func (t *textForm) foot() {
	page := t.ref(t.links.Page(t.doc))
	if page != "" {
		page = "Review this day on the page" + page
	}
	if r := t.doc.Rules; r != "" {
		page = strings.TrimPrefix(page+" · rules "+r, " · ")
	}
	if page != "" {
		t.line("")
		t.wrap(page, "", "")
	}
	if len(t.urls) > 0 {
		t.line("")
	}
	for i, u := range t.urls {
		t.line(fmt.Sprintf("[%d] %s", i+1, u))
	}
}

// wrap writes s in lines of at most 72 columns; a longer word stands alone.
func (t *textForm) wrap(s, first, rest string) {
	line, used := first, textWidth(first)
	empty := true
	for _, word := range strings.Fields(s) {
		w := textWidth(word)
		if !empty && used+1+w > columns {
			t.line(line)
			line, used, empty = rest, textWidth(rest), true
		}
		if !empty {
			line, used = line+" ", used+1
		}
		line, used, empty = line+word, used+w, false
	}
	t.line(line)
}

// textWidth is the number of columns that s takes on a terminal.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// blocks draws bars in text: ▁ to █, a dot for none.
func blocks(bars []int) string {
	peak := 0
	for _, n := range bars {
		peak = max(peak, n)
	}
	var b strings.Builder
	for _, n := range bars {
		if n == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[(n*8-1)/peak])
	}
	return b.String()
}
