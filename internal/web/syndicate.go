package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
)

// What watcher gives out as feeds: a topic's stories, a digest's issues. One
// list of entries is written as Atom, RSS or JSON Feed; an entry's id is a tag:
// address that never changes.

var syndicationForms = []struct{ ext, name, media string }{
	{".atom", "Atom", "application/atom+xml"}, {".rss", "RSS", "application/rss+xml"}, {".json", "JSON Feed", "application/feed+json"},
}

// syndicated cuts .atom, .rss or .json off an id.
func syndicated(id string) (base, form string, ok bool) {
	for _, f := range syndicationForms {
		if base, ok := strings.CutSuffix(id, f.ext); ok {
			return base, f.ext, true
		}
	}
	return id, "", false
}

// outFeed is a feed that we give out.
type outFeed struct {
	ID, Title, Page, Self string
	Updated               time.Time
	Entries               []outEntry
}

type outEntry struct {
	ID, Title, Link, Lang string
	HTML, Text            string // one of them may be empty
	Published, Updated    time.Time
	Categories            []string
}

// tag makes an id that stays when the site moves to another port or scheme.
func tag(base, kind, id string) string {
	host := "localhost"
	if u, err := url.Parse(base); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:" + kind + "/" + id
}

const feedEntries = 50

// topicFeed gives out a topic's newest stories.
func (s *site) topicFeed(w http.ResponseWriter, r *http.Request, id, form string) error {
	if !slices.ContainsFunc(s.Topics, func(t topic) bool { return t.ID == id }) {
		return errNoTopic
	}
	base := s.base(r)
	f := outFeed{ID: tag(base, "topic", id), Title: s.topicName(id) + " · watcher", Page: base + "/topics/" + url.PathEscape(id), Self: base + r.URL.Path}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		list, err := rd.Stories(ctx, store.StoryFilter{Topic: id, Limit: feedEntries})
		if err != nil {
			return err
		}
		for _, st := range list {
			e, err := s.storyEntry(ctx, rd, base, st)
			if err != nil {
				return err
			}
			f.Entries = append(f.Entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.write(w, r, form)
}

// storyEntry says a story in plain text: who carries it and what its lead says.
func (s *site) storyEntry(ctx context.Context, rd store.Reader, base string, st store.Story) (outEntry, error) {
	e := outEntry{ID: tag(base, "story", st.ID), Title: feeds.OneLine(st.Title), Link: base + "/stories/" + st.ID, Lang: st.Lang, Published: st.FirstSeen, Updated: st.LastSeen, Categories: st.Topics}
	lead, err := rd.Item(ctx, st.Lead)
	if err != nil && ctx.Err() != nil {
		return e, err
	}
	if err == nil {
		e.Text = feeds.Clip(feeds.PlainText(lead.Summary), 600)
		if lead.Link != "" {
			e.Text = strings.TrimSpace(e.Text + "\n\n" + feeds.OneLine(lead.Source) + ": " + lead.Link)
		}
	}
	e.Text = strings.TrimSpace(e.Text + "\n\n" + digest.Plural(st.Articles, "article", "articles") + ", " + digest.Plural(st.Publishers, "publisher", "publishers") + " (" + digest.SpreadText(st.Kinds) + ")")
	return e, nil
}

// digestFeed gives out a digest's newest issues, whole.
func (s *site) digestFeed(w http.ResponseWriter, r *http.Request, id, form string) error {
	base := s.base(r)
	name := digest.Title(id)
	known := false
	for _, d := range s.Digests {
		if d.ID == id {
			name, known = digestName(d), true
		}
	}
	f := outFeed{ID: tag(base, "digest", id), Title: name + " · watcher", Page: base + "/digests/" + url.PathEscape(id), Self: base + r.URL.Path}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		issues, err := rd.Digests(ctx, id, "", 14)
		if err != nil {
			return err
		}
		if !known && len(issues) == 0 {
			return store.ErrNotFound
		}
		for _, row := range issues {
			doc, err := document(ctx, rd, id, row.Date)
			if err != nil {
				return err
			}
			e := outEntry{ID: tag(base, "digest", doc.Key()), Title: doc.Title, Link: base + "/digests/" + id + "/" + doc.Date, Lang: "en", Text: doc.Text(digest.Links{Base: base}), Published: doc.Built, Updated: doc.Built}
			if e.HTML, err = doc.Fragment(digest.Links{Base: base}); err != nil {
				return err
			}
			f.Entries = append(f.Entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.write(w, r, form)
}

func (f *outFeed) write(w http.ResponseWriter, r *http.Request, form string) error {
	for _, e := range f.Entries {
		if e.Updated.After(f.Updated) {
			f.Updated = e.Updated
		}
	}
	var data []byte
	var err error
	media := ""
	switch form {
	case ".atom":
		media = "application/atom+xml; charset=utf-8"
		data, err = f.atom()
	case ".rss":
		media = "application/rss+xml; charset=utf-8"
		data, err = f.rss()
	default:
		media = "application/feed+json; charset=utf-8"
		data, err = f.json()
	}
	if err != nil {
		return fmt.Errorf("feed %s: %w", f.ID, err)
	}
	sum := sha256.Sum256(data)
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "private, no-cache") // kept by the reader, asked for each time
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data)) // 304 where the reader has it
	return nil
}

type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Updated   string      `xml:"updated"`
		Links     []atomLink  `xml:"link"`
		Author    atomAuthor  `xml:"author"`
		Generator string      `xml:"generator"`
		Entries   []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
		Type string `xml:"type,attr,omitempty"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Lang       string         `xml:"xml:lang,attr,omitempty"`
		Title      string         `xml:"title"`
		Updated    string         `xml:"updated"`
		Published  string         `xml:"published"`
		Link       atomLink       `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Content    atomContent    `xml:"content"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Body string `xml:",chardata"`
	}
)

func (f *outFeed) atom() ([]byte, error) {
	out := atomFeed{ID: f.ID, Title: f.Title, Updated: stampXML(f.Updated), Author: atomAuthor{"watcher"}, Generator: "watcher",
		Links: []atomLink{{"self", f.Self, "application/atom+xml"}, {"alternate", f.Page, "text/html"}}}
	for _, e := range f.Entries {
		x := atomEntry{ID: e.ID, Lang: e.Lang, Title: e.Title, Updated: stampXML(e.Updated), Published: stampXML(e.Published), Link: atomLink{"alternate", e.Link, "text/html"}, Content: atomContent{"text", e.Text}}
		if e.HTML != "" {
			x.Content = atomContent{"html", e.HTML}
		}
		for _, c := range e.Categories {
			x.Categories = append(x.Categories, atomCategory{c})
		}
		out.Entries = append(out.Entries, x)
	}
	return marshalXML(out)
}

type (
	rssFeed struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Self        atomLink  `xml:"atom:link"`
		Date        string    `xml:"lastBuildDate,omitempty"`
		Items       []rssItem `xml:"item"`
	}
	rssItem struct {
		Title       string   `xml:"title"`
		Link        string   `xml:"link"`
		GUID        rssGUID  `xml:"guid"`
		Date        string   `xml:"pubDate"`
		Categories  []string `xml:"category"`
		Description string   `xml:"description"`
	}
	rssGUID struct {
		Permanent string `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
)

func (f *outFeed) rss() ([]byte, error) {
	c := rssChannel{Title: f.Title, Link: f.Page, Description: f.Title, Self: atomLink{"self", f.Self, "application/rss+xml"}}
	if !f.Updated.IsZero() {
		c.Date = f.Updated.UTC().Format(time.RFC1123Z)
	}
	for _, e := range f.Entries {
		body := e.HTML
		if body == "" {
			body = plainHTML(e.Text) // a description is HTML
		}
		c.Items = append(c.Items, rssItem{e.Title, e.Link, rssGUID{"false", e.ID}, e.Published.UTC().Format(time.RFC1123Z), e.Categories, body})
	}
	return marshalXML(rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: c})
}

func (f *outFeed) json() ([]byte, error) {
	type entry struct {
		ID        string   `json:"id"`
		URL       string   `json:"url"`
		Title     string   `json:"title"`
		HTML      string   `json:"content_html,omitempty"`
		Text      string   `json:"content_text,omitempty"`
		Published string   `json:"date_published"`
		Modified  string   `json:"date_modified"`
		Tags      []string `json:"tags,omitempty"`
		Lang      string   `json:"language,omitempty"`
	}
	out := struct {
		Version string  `json:"version"`
		Title   string  `json:"title"`
		Home    string  `json:"home_page_url"`
		Self    string  `json:"feed_url"`
		Items   []entry `json:"items"`
	}{"https://jsonfeed.org/version/1.1", f.Title, f.Page, f.Self, []entry{}}
	for _, e := range f.Entries {
		out.Items = append(out.Items, entry{e.ID, e.Link, e.Title, e.HTML, e.Text, stampXML(e.Published), stampXML(e.Updated), e.Categories, e.Lang})
	}
	return json.Marshal(out)
}

func stampXML(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}

func marshalXML(v any) ([]byte, error) {
	data, err := xml.MarshalIndent(v, "", " ")
	return append([]byte(xml.Header), data...), err
}

// plainHTML is a text as HTML that shows it.
func plainHTML(s string) string {
	var b strings.Builder
	for _, p := range strings.Split(s, "\n\n") {
		b.WriteString("<p>" + strings.ReplaceAll(escapeHTML(p), "\n", "<br>") + "</p>")
	}
	return b.String()
}
