package slack

import (
	"strings"

	"watcher/notify"
)

// The limits that Slack documents. All blocks of a message together may have
// some 13,000 characters, which it does not document: our parts stay below.
const (
	maxBlocks  = 50
	maxSection = 3000
	maxHeader  = 150
	maxText    = 3000
	maxTitle   = 1000 // of a title that is too long for a header
)

type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

type text struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji,omitempty"`
}

// plain is text in which Slack sees no markup.
func plain(s string, limit int) *text {
	no := false
	return &text{Type: "plain_text", Text: notify.CutTo(s, limit, notify.Runes), Emoji: &no}
}

// blocks lays a message out: header, facts, body, links to the articles.
func blocks(p notify.Parts) []block {
	var bs []block
	title := p.Title
	if p.Marks != "" {
		title += " (" + p.Marks + ")"
	}
	if notify.Runes(title) <= maxHeader {
		bs = append(bs, block{Type: "header", Text: plain(title, maxHeader)})
	} else {
		bs = append(bs, block{Type: "section", Text: plain(title, maxTitle)})
	}
	facts := strings.Join(p.Lines, "\n")
	if p.Topic != "" {
		facts = strings.TrimSpace(notify.Cut(p.Topic, 300) + "\n" + facts)
	}
	if facts != "" {
		bs = append(bs, block{Type: "context", Elements: []text{*plain(facts, 2000)}})
	}
	if p.Body != "" {
		bs = append(bs, block{Type: "section", Text: plain(p.Body, maxSection)})
	}
	bs = append(bs, items(p)...)
	var links []string
	if p.URL != "" && len(p.Items) == 0 {
		links = append(links, link(p.URL, "Open"))
	}
	for _, l := range p.Links {
		links = append(links, link(l.URL, l.Text))
	}
	if len(links) > 0 {
		bs = append(bs, block{Type: "context", Elements: []text{{Type: "mrkdwn", Text: strings.Join(links, " · ")}}})
	}
	return bs
}

// items gives the articles as one section of links; whole ones are left out.
func items(p notify.Parts) []block {
	var b strings.Builder
	for i, it := range p.Items {
		name := it.Label
		if it.Title != "" {
			name += ": " + it.Title
		}
		line := "• " + link(it.URL, notify.Cut(name, 300)) + "\n"
		if notify.Runes(b.String())+notify.Runes(line)+40 > maxSection {
			b.WriteString(p.MoreOf(len(p.Items) - i))
			return []block{{Type: "section", Text: &text{Type: "mrkdwn", Text: b.String()}}}
		}
		b.WriteString(line)
	}
	b.WriteString(p.More)
	if b.Len() == 0 {
		return nil
	}
	return []block{{Type: "section", Text: &text{Type: "mrkdwn", Text: strings.TrimSpace(b.String())}}}
}

func link(url, name string) string {
	name = escape(strings.NewReplacer("|", "¦", "\n", " ", "*", "∗", "_", "＿", "~", "∼", "`", "ˋ").Replace(name))
	if url == "" {
		return name
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + name + ">"
}

// escaped is the length of a text when it is escaped.
func escaped(s string) int { return notify.Runes(escape(s)) }

// escape makes text safe in Slack's markup, where &, < and > are control characters.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
