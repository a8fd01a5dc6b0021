package web

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

// article is an item as pages show it.
type article struct {
	ID, Title, Summary any // template.HTML where hits are marked
	URL                string
	Lang, Dir          string
	Outlet, Feed, Kind string
	Story              string
	Copy               bool
	Of                 link // what it copies, where that stands on the page
	Seen               moment
	Notes              []string
	Said               []string // of its story, by a person
	Versions           []version
	Why                []api.TopicHit
	Grouping           string
}

type version struct {
	Old string
	At  moment
}

// articleOf draws an item; hits are marked where they stand.
func (s *site) articleOf(it store.Item, hits []store.Hit) article {
	title := feeds.OneLine(it.Title)
	text := feeds.PlainText(it.Summary)
	if text == title {
		text = ""
	}
	a := article{ID: store.ItemID(it.ID), Lang: it.Lang, Dir: digest.Dir(it.Lang, title+" "+text), Outlet: feeds.OneLine(it.Source), Feed: it.Feed,
		Kind: digest.KindWord(string(it.FeedKind)), Story: it.Story, Copy: it.StoryKind == "copy", Seen: s.moment(it.FirstSeen)}
	if a.Outlet == "" {
		a.Outlet = it.Feed
	}
	var spans []notify.Hit
	for _, h := range hits {
		var m notify.Match
		if json.Unmarshal(h.Record, &m) == nil {
			spans = append(spans, m.Hits...)
		}
	}
	a.Title, a.Summary = marked(title, "title", spans), marked(text, "summary", spans)
	if title == "" {
		a.Title = "(no headline)"
	}
	if low := strings.ToLower(it.Link); strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://") {
		a.URL = it.Link
	}
	switch {
	case it.CopyOf > 0:
		a.Of = link{Href: store.ItemID(it.CopyOf), Title: "a copy"}
	case it.WireCopyOf > 0:
		a.Of = link{Href: store.ItemID(it.WireCopyOf), Title: "a wire copy"}
	case it.StoryKind == "update":
		a.Notes = append(a.Notes, "brought something new")
	}
	if it.Baseline {
		a.Notes = append(a.Notes, "came with its feed’s first poll")
	}
	if !it.Published.IsZero() && it.FirstSeen.Sub(it.Published) > 24*time.Hour {
		a.Notes = append(a.Notes, "dated "+it.Published.In(s.Zone).Format("2 Jan 2006"))
	}
	return a
}

// articles draws items with their hits.
func (s *site) articles(ctx context.Context, rd store.Reader, its []store.Item) ([]article, map[int64][]store.Hit, error) {
	ids := make([]int64, len(its))
	for i, it := range its {
		ids[i] = it.ID
	}
	hits, err := rd.HitsOf(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	out := make([]article, len(its))
	for i, it := range its {
		out[i] = s.articleOf(it, hits[it.ID])
	}
	return out, hits, s.said(ctx, rd, out)
}

// said adds to articles what a person said of their stories.
func (s *site) said(ctx context.Context, rd store.Reader, arts []article) error {
	var stories []string
	for _, a := range arts {
		if a.Story != "" && !slices.Contains(stories, a.Story) {
			stories = append(stories, a.Story)
		}
	}
	if stories == nil {
		return nil
	}
	all, err := rd.Marks(ctx, stories)
	for i := range arts {
		for _, m := range all[arts[i].Story] {
			if word := map[store.MarkKind]string{store.Starred: "★ starred", store.Reviewed: "✓ reviewed", store.Dismissed: "✕ dismissed"}[m.Kind]; word != "" {
				arts[i].Said = append(arts[i].Said, word)
			}
		}
		for _, n := range notesOf(all[arts[i].Story]) {
			arts[i].Said = append(arts[i].Said, "✎ "+n)
		}
	}
	return err
}
