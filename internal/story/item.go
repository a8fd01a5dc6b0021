package story

import (
	"strings"
	"time"

	"watcher/feeds"
)

// Item is what grouping reads of a news item.
type Item struct {
	ID        string
	Feed      string
	Publisher string // owner group
	Kind      feeds.Kind
	Lang      string // BCP 47; empty: guessed
	Title     string // plain text
	Text      string // plain text: summary, then content
	Link      string // canonical
	Published time.Time
	Seen      time.Time
	Source    string // the outlet
}

// From makes the Item of a feed's item, known by id and first seen at seen. An
// item whose feed has no publisher speaks for its outlet, else for its host.
func From(id string, it feeds.Item, feed feeds.Feed, seen time.Time) Item {
	out := Item{ID: id, Feed: it.Feed, Publisher: feed.Publisher, Kind: feed.Kind, Lang: it.Lang, Title: it.Title, Text: text(it), Link: it.Canonical,
		Published: it.Published, Seen: seen, Source: it.Source}
	for _, name := range []string{it.Source, feeds.Host(it.Link), feed.ID, it.Feed} {
		if out.Publisher == "" {
			out.Publisher = name
		}
	}
	if out.Lang == "" {
		out.Lang = feed.Lang
	}
	return out
}

// text joins summary and content, once where one holds the other.
func text(it feeds.Item) string {
	summary, content := feeds.PlainText(it.Summary), feeds.PlainText(it.Content)
	start := strings.TrimRight(summary, " .…")
	if len(start) > 200 {
		start = feeds.Clip(start, 200)
		start = strings.TrimSuffix(start, "…")
	}
	switch {
	case content == "":
		return summary
	case summary == "", strings.Contains(content, start):
		return content
	}
	return summary + "\n" + content
}
