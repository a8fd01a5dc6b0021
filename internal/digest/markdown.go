package digest

import (
	"fmt"
	"strings"
)

// Markdown is the document in CommonMark with tables.
func (d *Document) Markdown(l Links) string {
	m := &markdown{doc: d, links: l}
	m.put("# %s\n\n%s  \n%s\n", esc(d.Title), esc(d.Window()), esc(d.Summary()))
	m.head("What changed since yesterday")
	for _, c := range d.Deltas() {
		m.put("- %s\n", esc(c.String()))
	}
	for _, q := range d.Changes.WentQuiet {
		m.put("- ▽ %s\n", m.ref(q.ID, q.Title))
	}
	if d.Empty {
		m.put("\n%s\n", esc(d.Nothing()))
	}
	if len(d.Starred) > 0 {
		m.head(d.Marked())
		for _, s := range d.Starred {
			m.put("- %s %s: %s\n", s.Sign(), m.ref(s.ID, s.Title), esc(d.Says(s)))
		}
	}
	m.stories()
	m.rest()
	return m.b.String()
}

type markdown struct {
	b     strings.Builder
	doc   *Document
	links Links
}

func (m *markdown) put(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

func (m *markdown) head(s string) { m.put("\n## %s\n\n", s) }

func (m *markdown) ref(id, text string) string { return link(text, m.links.Story(id)) }

func (m *markdown) stories() {
	d := m.doc
	if len(d.Top) > 0 {
		m.head("Top stories")
	}
	for i, s := range d.Top {
		m.put("%d. **%s**\n", i+1, m.ref(s.ID, s.Title))
		pad := strings.Repeat(" ", len(fmt.Sprint(i+1))+2)
		var links []string
		for _, a := range s.Links {
			links = append(links, link(a.Outlet, a.URL))
		}
		for _, line := range []string{esc(s.Summary), esc(d.Meta(s)), blocks(s.Bars) + " " + esc(d.BarsText(s)), esc(s.Spread()), strings.Join(links, " · "), why(s)} {
			if line != "" {
				m.put("%s\\\n", strings.TrimSuffix(pad+line, "\n"))
			}
		}
		// The last line of an entry carries no hard break.
		out := strings.TrimSuffix(m.b.String(), "\\\n") + "\n"
		m.b.Reset()
		m.b.WriteString(out)
	}
	m.list("Also", d.Also)
	m.list("Single source, not yet confirmed", d.Single)
	if left := d.LeftText(); left != "" {
		m.put("\n%s\n", esc(left))
	}
}

func why(s Story) string {
	if w := s.WhyText(); w != "" {
		return "Why: " + esc(w)
	}
	return ""
}

func (m *markdown) list(title string, ss []Story) {
	if len(ss) == 0 {
		return
	}
	m.head(title)
	for _, s := range ss {
		url := m.links.Story(s.ID)
		if url == "" && len(s.Links) > 0 {
			url = s.Links[0].URL
		}
		m.put("- %s (%s)\n", link(s.Title, url), esc(m.doc.Short(s)))
	}
}

func (m *markdown) rest() {
	d := m.doc
	if len(d.Corrections) > 0 {
		m.head("Corrected headlines")
		for _, c := range d.Corrections {
			m.put("- ~~%s~~ → %s (%s, %s)\n", esc(c.Old), m.ref(c.Story, c.New), esc(c.Outlet), d.Clock(c.At))
		}
	}
	if len(d.Official) > 0 {
		m.head("Official statements")
		for _, a := range d.Official {
			m.put("- %s (%s, %s)\n", link(a.Title, a.URL), esc(a.Outlet), d.Clock(a.At))
		}
	}
	if len(d.Topics) > 0 {
		m.head("Topics")
		m.put("| Topic | Stories | New | 14-day median | Told | Held |\n|---|---:|---:|---:|---:|---|\n")
		for _, t := range d.Topics {
			m.put("| %s | %d | %d | %s | %d | %s |\n", esc(t.Name), t.Stories, t.New, t.MedianText(), t.Told, esc(t.HeldText()))
		}
	}
	if holes := d.Holes(); len(holes) > 0 {
		m.head("Coverage")
		for _, h := range holes {
			m.put("- %s\n", esc(h))
		}
	}
	foot := link("Review this day on the page", m.links.Page(d))
	if m.links.Base == "" {
		foot = ""
	}
	if d.Rules != "" {
		foot = strings.TrimPrefix(foot+" · rules "+esc(d.Rules), " · ")
	}
	if foot != "" {
		m.put("\n%s\n", foot)
	}
}

// esc makes Markdown show a text as it stands.
func esc(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>#|~&!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// link is text that leads to url, or the text alone.
func link(text, url string) string {
	if url == "" {
		return esc(text)
	}
	return "[" + esc(text) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "\\", "%5C").Replace(url) + ">)"
}
