package web

import (
	"context"
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

func escapeHTML(s string) string { return html.EscapeString(s) }

type outline struct {
	Text     string `xml:"text,attr"`
	Title    string `xml:"title,attr"`
	Type     string `xml:"type,attr"`
	URL      string `xml:"xmlUrl,attr"`
	Site     string `xml:"htmlUrl,attr,omitempty"`
	Category string `xml:"category,attr,omitempty"`
	Lang     string `xml:"language,attr,omitempty"`
}

// opml gives out every feed, for other readers. Passwords in addresses stay here.
func (s *site) opml(w http.ResponseWriter, r *http.Request) error {
	var out struct {
		XMLName xml.Name  `xml:"opml"`
		Version string    `xml:"version,attr"`
		Title   string    `xml:"head>title"`
		Date    string    `xml:"head>dateCreated"`
		Feeds   []outline `xml:"body>outline"`
	}
	out.Version, out.Title, out.Date = "2.0", "watcher", s.Now().UTC().Format(time.RFC1123Z)
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		return store.EachFeed(ctx, rd, store.FeedFilter{}, func(f store.FeedRow) {
			name := feeds.OneLine(f.Feed.Outlet(f.State.Title))
			o := outline{Text: name, Title: name, Type: "rss", URL: withoutUser(f.Feed.URL), Category: strings.Join(f.Feed.Tags, ","), Lang: f.Feed.Lang}
			if strings.HasPrefix(f.State.SiteLink, "http") {
				o.Site = f.State.SiteLink
			}
			out.Feeds = append(out.Feeds, o)
		})
	})
	if err != nil {
		return err
	}
	data, err := marshalXML(out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/x-opml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="watcher.opml"`)
	_, err = w.Write(data)
	return err
}

func withoutUser(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}
