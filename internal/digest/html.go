package digest

import (
	"embed"
	"html/template"
	"strings"
)

//go:embed mail.html fragment.html
var forms embed.FS

// view is what the HTML forms are drawn from.
type view struct {
	*Document
	Links Links
}

// Side is the CSS side on which a text of that direction begins.
func (view) Side(dir string) string {
	if dir == "rtl" {
		return "right"
	}
	return "left"
}

// Bar is a bar's height in pixels, of at most 24.
func (view) Bar(s Story, n int) int {
	peak := 1
	for _, k := range s.Bars {
		peak = max(peak, k)
	}
	return (n*24 + peak - 1) / peak
}

// anchor is a text that leads somewhere where there is a page to lead to.
type anchor struct{ URL, Text string }

// Ref leads to a story's page, or is plain text without a public address.
func (v view) Ref(id, text string) anchor { return anchor{v.Links.Story(id), text} }

// row is a story in a list.
type row struct {
	ID, Lang, Dir, Short string
	Ref                  anchor
}

// List makes rows of stories; without pages they lead to their first article.
func (v view) List(ss []Story) []row {
	out := make([]row, len(ss))
	for i, s := range ss {
		ref := v.Ref(s.ID, s.Title)
		if ref.URL == "" && len(s.Links) > 0 {
			ref.URL = s.Links[0].URL
		}
		out[i] = row{s.ID, s.Lang, s.Dir, v.Short(s), ref}
	}
	return out
}

var htmlForms = template.Must(template.New("").Funcs(template.FuncMap{
	"inc":    func(i int) int { return i + 1 },
	"kind":   KindWord,
	"shares": Shares,
	"colour": kindColour,
	"share":  func(n int, kinds map[string]int) int { return n * 100 / max(1, total(kinds)) },
}).ParseFS(forms, "mail.html", "fragment.html"))

func total(kinds map[string]int) int {
	n := 0
	for _, k := range kinds {
		n += k
	}
	return n
}

// kindColour gives the colour of a kind in the spread bar of mails.
func kindColour(k string) template.CSS {
	switch k {
	case "public", "independent", "exile":
		return "#2f7f8f"
	case "state", "state_funded":
		return "#b07a2a"
	case "official":
		return "#6a5fa8"
	}
	return "#8a857b"
}

// HTML is the document as a mail: tables, inline styles, no image, no script,
// nothing fetched from elsewhere, light and dark.
func (d *Document) HTML(l Links) (string, error) { return d.draw("mail.html", l) }

// Fragment is the document as plain HTML elements without styles, for the
// entries of feeds.
func (d *Document) Fragment(l Links) (string, error) { return d.draw("fragment.html", l) }

func (d *Document) draw(name string, l Links) (string, error) {
	var b strings.Builder
	err := htmlForms.ExecuteTemplate(&b, name, view{d, l})
	return b.String(), err
}
