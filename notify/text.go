package notify

import (
	"fmt"
	"strings"
)

// The words in which every kind says a message: a heading, then facts, then
// why. The kinds add the markup of their service and its escaping.

// Heading is the one line that says what the message is about.
func (m Message) Heading() string {
	var h string
	switch {
	case m.Story != nil:
		h = m.Story.Title
	case m.Event != nil:
		h = m.Event.Title
	case m.Digest != nil:
		h = m.Digest.Title
	case len(m.Rollup) > 0:
		h = plural(len(m.Rollup)+m.Truncated.Articles, "more story", "more stories")
		if m.Reason != "" {
			h += " (" + m.Reason + ")"
		}
	default:
		h = string(m.Type)
	}
	if m.Test {
		h = "[test] " + h
	}
	return oneSpace(h)
}

// TopicName is the name of the leading topic; empty when there is none.
func (m Message) TopicName() string {
	if m.Topic == nil {
		return ""
	}
	if m.Topic.Name != "" {
		return m.Topic.Name
	}
	return m.Topic.ID
}

// Facts is the line of a story's numbers: "6 publishers, first 06:12".
func (m Message) Facts(env Env) string {
	if m.Story == nil {
		return ""
	}
	f := plural(m.Story.Publishers, "publisher", "publishers")
	if m.Story.Articles > m.Story.Publishers {
		f += ", " + plural(m.Story.Articles, "article", "articles")
	}
	if !m.Story.FirstSeen.IsZero() {
		f += ", first " + env.moment(m.Story.FirstSeen, m.Timestamp)
	}
	return f
}

// Changed says what is new in an update; empty for a new story.
func (m Message) Changed() string { return m.changed(asItIs) }

func asItIs(s string) string { return s }

// changed is Changed with each text that is not ours passed through apart.
func (m Message) changed(apart func(string) string) string {
	c := m.Changes
	if c == nil || m.Type == StoryNew {
		return ""
	}
	var parts []string
	if c.NewPublishers > 0 {
		parts = append(parts, plural(c.NewPublishers, "new publisher", "new publishers"))
	}
	if c.NewArticles > 0 {
		parts = append(parts, plural(c.NewArticles, "new article", "new articles"))
	}
	if c.PreviousTitle != nil && *c.PreviousTitle != "" {
		parts = append(parts, "was: “"+apart(*c.PreviousTitle)+"”")
	}
	if len(c.Facts) > 0 {
		var facts []string
		for _, f := range c.Facts {
			facts = append(facts, apart(f))
		}
		parts = append(parts, "new: "+strings.Join(facts, ", "))
	}
	return strings.Join(parts, " · ")
}

// Why says which words of the rule were met, in the first article that says so.
func (m Message) Why() string { return m.why(asItIs) }

func (m Message) why(apart func(string) string) string {
	for _, a := range m.Articles {
		if a.Match == nil || len(a.Match.Hits) == 0 {
			continue
		}
		var words []string
		seen := map[string]bool{}
		for _, h := range a.Match.Hits {
			if key := strings.ToLower(h.Text); h.Text != "" && !seen[key] && len(words) < 6 {
				seen[key] = true
				words = append(words, apart(h.Text))
			}
		}
		if len(words) > 0 {
			return strings.Join(words, ", ")
		}
	}
	return ""
}

// Lead is the link of the message: the story's first article, else its page.
func (m Message) Lead() string {
	switch {
	case len(m.Articles) > 0 && m.Articles[0].URL != "":
		return m.Articles[0].URL
	case m.Story != nil:
		return m.Story.URL
	case m.Event != nil:
		return m.Event.URL
	case m.Digest != nil:
		return m.Digest.URL
	}
	return ""
}

// Marks are the words that set a message apart: quiet, held, late, replay.
func (m Message) Marks() []string {
	var marks []string
	switch m.Type {
	case StoryQuiet:
		marks = append(marks, "went quiet")
	case StoryCorrected:
		marks = append(marks, "put right")
	}
	if m.Held != "" {
		marks = append(marks, "held: "+m.Held)
	}
	if m.Late {
		marks = append(marks, "late")
	}
	if m.ReplayOf != nil {
		marks = append(marks, "replay")
	}
	return marks
}

// More says how many articles or stories were left out; empty when none.
func (m Message) More() string {
	if m.Truncated.Articles == 0 {
		return ""
	}
	return fmt.Sprintf("and %d more", m.Truncated.Articles)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
