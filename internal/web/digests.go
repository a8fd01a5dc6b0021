package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"watcher/internal/digest"
	"watcher/internal/store"
)

type digestLine struct {
	ID, Name, Next, First string
	Issues                []issueLine
	Older                 string
}

type issueLine struct{ ID, Date, Day, Note string }

// digests lists every digest with its newest issues.
func (s *site) digests(w http.ResponseWriter, r *http.Request) error {
	return s.digestIndex(w, r, "", 7)
}

// digestList lists the issues of one digest, or is its feed.
func (s *site) digestList(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if base, form, ok := syndicated(id); ok {
		return s.digestFeed(w, r, base, form)
	}
	return s.digestIndex(w, r, id, 60)
}

func (s *site) digestIndex(w http.ResponseWriter, r *http.Request, only string, limit int) error {
	var lines []digestLine
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		for _, def := range s.Digests {
			if only != "" && def.ID != only {
				continue
			}
			due := s.moment(def.At.Next(s.Now())).Abs
			line := digestLine{ID: def.ID, Name: digestName(def), Next: "next " + due, First: due}
			issues, err := rd.Digests(ctx, def.ID, r.URL.Query().Get("before"), limit)
			if err != nil {
				return err
			}
			for _, d := range issues {
				note := digest.Plural(d.Stories, "story", "stories")
				if d.Empty {
					note = "no stories"
				}
				line.Issues = append(line.Issues, issueLine{d.ID, d.Date, day(d.Date), note})
			}
			if len(issues) == limit {
				line.Older = "/digests/" + def.ID + "?before=" + issues[limit-1].Date
			}
			lines = append(lines, line)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if only != "" && len(lines) == 0 {
		return store.ErrNotFound
	}
	return s.show(w, r, "Digests", "/digests", "digests", lines)
}

// feedName is a form of syndication as a link says it: "Atom feed".
func feedName(form string) string { return strings.TrimSuffix(form, " Feed") + " Feed" }

func digestName(def digest.Definition) string {
	if def.Name != "" {
		return def.Name
	}
	return digest.Title(def.ID)
}

type digestPage struct {
	Doc               *digest.Document
	Day               string
	Reviewed          int
	Pager             pager
	Form              markForm
	Top, Also, Single []row
	Forms             []link
	CanSend           bool
	Address           string // of this page, for paper
}

// digestForms are the other forms of an issue.
var digestForms = []struct{ ext, name, media string }{
	{".txt", "Text", "text/plain; charset=utf-8"}, {".md", "Markdown", "text/markdown; charset=utf-8"},
	{".json", "JSON", "application/json"},
}

// digest shows one issue, with what people said of its stories since.
func (s *site) digest(w http.ResponseWriter, r *http.Request) error {
	id, date := r.PathValue("id"), r.PathValue("date")
	for _, f := range digestForms {
		if base, ok := strings.CutSuffix(date, f.ext); ok {
			return s.digestForm(w, r, id, base, f.ext, f.media)
		}
	}
	var p digestPage
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		if date == "latest" {
			newest, err := rd.Digests(ctx, id, "", 1)
			if err != nil || len(newest) == 0 {
				return cmp.Or(err, store.ErrNotFound)
			}
			date = newest[0].Date
		}
		doc, err := document(ctx, rd, id, date)
		if err != nil {
			return err
		}
		p = digestPage{Doc: &doc, Day: day(doc.Date), Form: formOf(r, doc.Key())}
		if err := s.issueRows(ctx, rd, &p); err != nil {
			return err
		}
		older, newer, err := rd.DigestNeighbours(ctx, id, date)
		if older != "" {
			p.Pager.Newer, p.Pager.NewerText = "/digests/"+id+"/"+older, day(older)
		}
		if newer != "" {
			p.Pager.Older, p.Pager.OlderText = "/digests/"+id+"/"+newer, day(newer)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range digestForms {
		p.Forms = append(p.Forms, link{Href: "/digests/" + id + "/" + date + f.ext, Title: f.name})
	}
	for _, f := range syndicationForms {
		p.Forms = append(p.Forms, link{Href: "/digests/" + id + f.ext, Title: feedName(f.name), Type: f.media})
	}
	p.Address = s.base(r) + "/digests/" + id + "/" + date
	p.CanSend = slices.ContainsFunc(s.Digests, func(d digest.Definition) bool { return d.ID == id && len(d.To) > 0 })
	return s.show(w, r, p.Doc.Title, "/digests", "digest", p, p.Forms[len(digestForms):]...)
}

// document reads a stored issue.
func document(ctx context.Context, rd store.Reader, id, date string) (digest.Document, error) {
	row, err := rd.Digest(ctx, id, date)
	if err != nil {
		return digest.Document{}, err
	}
	if row.Built.IsZero() {
		return digest.Document{}, store.ErrNotFound // its row is made, its document not yet
	}
	return digest.Decode(row.Document)
}

// longURL is from where an address is only on its story's page: names in
// scripts other than Latin take nine bytes a letter there.
const longURL = 300

func (s *site) issueRows(ctx context.Context, rd store.Reader, p *digestPage) error {
	all := p.Doc.Stories()
	ids := make([]string, len(all))
	for i, st := range all {
		ids[i] = st.ID
	}
	marks, err := rd.Marks(ctx, ids)
	draw := func(ss []digest.Story, links int) []row {
		out := make([]row, len(ss))
		for i, st := range ss {
			out[i] = issueRow(p.Doc, st, marks[st.ID])
			if links > 1 {
				out[i].Menu = &rowMenu{p.Form.Back, p.Form.Where}
			}
			out[i].Links = slices.Clone(out[i].Links[:min(len(out[i].Links), links)])
			for k, l := range out[i].Links {
				if len(l.URL) > longURL {
					out[i].Links[k].URL = "" // its story's page has it: sixty of these outweigh the page
				}
			}
			if slices.ContainsFunc(out[i].Marks.Buttons, func(b button) bool { return b.Kind == string(store.Reviewed) && b.On }) {
				p.Reviewed++
			}
		}
		return out
	}
	p.Top, p.Also, p.Single = draw(p.Doc.Top, 3), draw(p.Doc.Also, 1), draw(p.Doc.Single, 1)
	return err
}

// digestForm serves an issue as text, Markdown, mail or JSON.
func (s *site) digestForm(w http.ResponseWriter, r *http.Request, id, date, ext, media string) error {
	var doc digest.Document
	var raw []byte
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		var err error
		if doc, err = document(ctx, rd, id, date); err == nil {
			raw, err = doc.Encode()
		}
		return err
	})
	if err != nil {
		return err
	}
	out := string(raw)
	links := digest.Links{Base: s.base(r)}
	switch ext {
	case ".txt":
		out = doc.Text(links)
	case ".md":
		out = doc.Markdown(links)
	}
	w.Header().Set("Content-Type", media)
	_, err = w.Write([]byte(out))
	return err
}

// base is where links from outside lead: the public address, or where the
// reader is.
func (s *site) base(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
