package notify

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Parts are the pieces of a message, in the order in which every kind shows
// them, as plain text: each kind adds its service's markup and keeps its limits.
type Parts struct {
	Topic   string // name; empty when there is none
	Title   string
	URL     string
	Marks   string   // went quiet, held, late, replay
	Lines   []string // facts, what changed, why it matched
	Body    string   // of an event or a digest; a new story's summary
	Items   []Item   // articles, or the stories of a roll-up
	More    string   // "and 7 more"
	Links   []Link   // explain, mute
	Urgency Priority
}

// Item is one article or story.
type Item struct {
	Label string // outlet, or number of publishers
	Title string // empty when it is the message's own
	URL   string
}

// Link is a link with a name that we chose.
type Link struct{ Text, URL string }

// Parts takes a message apart.
func (m Message) Parts(env Env) Parts {
	m = m.Clean()
	p := Parts{Topic: m.TopicName(), Title: m.Heading(), URL: webURL(m.Lead()), Marks: strings.Join(m.Marks(), ", "), More: m.More(), Urgency: m.Urgency()}
	add := func(prefix, s string) {
		if s != "" {
			p.Lines = append(p.Lines, prefix+s)
		}
	}
	add("", m.Facts(env))
	add("Changed: ", m.changed(isolate))
	add("Matched: ", m.why(isolate))
	switch {
	case m.Digest != nil:
		p.Body = m.Digest.Text
	case len(m.Rollup) > 0:
	case m.Event != nil:
		p.Body = m.Event.Text
	case m.Type != StoryUpdated && len(m.Articles) > 0:
		p.Body = m.Articles[0].Summary
	}
	for _, a := range m.Articles {
		it := Item{Label: first(a.Outlet, a.Publisher, a.Feed, "article"), URL: webURL(a.URL)}
		if m.Story == nil || a.Title != m.Story.Title {
			it.Title = isolate(oneSpace(a.Title))
		}
		p.Items = append(p.Items, it)
	}
	for _, r := range m.Rollup {
		p.Items = append(p.Items, Item{Label: plural(r.Publishers, "publisher", "publishers"), Title: isolate(oneSpace(r.Title)), URL: webURL(r.URL)})
	}
	for _, l := range []Link{{"Why this alert", m.Links.Explain}, {"Mute this story", m.Links.Mute}} {
		if l.URL = webURL(l.URL); l.URL != "" {
			p.Links = append(p.Links, l)
		}
	}
	return p
}

// Urgency is the priority of a message: its topic's, or the highest of a
// roll-up's stories; an event or a sample is normal.
func (m Message) Urgency() Priority {
	if len(m.Rollup) > 0 {
		most := Normal
		for _, r := range m.Rollup {
			if r.Priority.Rank() > most.Rank() {
				most = r.Priority
			}
		}
		return most
	}
	if m.Topic == nil || m.Topic.Priority == "" {
		return Normal
	}
	return m.Topic.Priority
}

// Headline is "topic · title", with what sets the message apart.
func (p Parts) Headline() string { return p.headline(p.Title) }

func (p Parts) headline(h string) string {
	if p.Topic != "" {
		h = p.Topic + " · " + isolate(h)
	}
	if p.Marks != "" {
		h += " (" + p.Marks + ")"
	}
	return h
}

// HeadlineWithin is Headline in at most limit units of size: of one that is
// too long the title is cut, and what sets the message apart stays.
func (p Parts) HeadlineWithin(limit int, size func(string) int) string {
	if h := p.Headline(); size(h) <= limit {
		return h
	}
	p.Topic = CutTo(p.Topic, limit/3, size)
	room := limit - size(p.headline("")) - 2               // and the marks of isolate
	for _, unit := range []int{room, room / 2, room / 4} { // escaping may make a title longer than its share
		if h := p.headline(CutTo(p.Title, max(0, unit), size)); size(h) <= limit {
			return h
		}
	}
	return CutTo(p.Headline(), limit, size)
}

// isolate keeps a title that is written from right to left in one piece, its
// full stop at its end, when it stands behind words of ours.
func isolate(s string) string {
	for _, r := range s {
		if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam) {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}

// Text is the message under its headline as plain text, of at most limit
// units of size: whole items are left out rather than cut.
func (p Parts) Text(limit int, size func(string) int) string {
	links := ""
	for _, l := range p.Links {
		links += "\n" + l.Text + ": " + l.URL
	}
	head := strings.Join(p.Lines, "\n")
	if room := limit - size(links) - 100; size(head) > room/2 {
		head = CutTo(head, room/2, size)
	}
	if p.Body != "" {
		room := limit - size(head) - size(links) - 100
		if head != "" {
			head += "\n\n"
		}
		head += CutTo(p.Body, max(0, room), size)
	}
	var items strings.Builder
	for i, it := range p.Items {
		line := "\n• " + it.Label
		if it.Title != "" {
			line += ": " + it.Title
		}
		if it.URL != "" {
			line += "\n  " + it.URL
		}
		if size(head)+size(items.String())+size(line)+size(links)+40 > limit {
			items.WriteString("\n" + moreOf(len(p.Items)-i, p.More))
			return strings.TrimSpace(head + "\n" + items.String() + "\n" + links)
		}
		items.WriteString(line)
	}
	if p.More != "" {
		items.WriteString("\n" + p.More)
	}
	text := strings.TrimSpace(head + "\n" + items.String())
	return strings.TrimSpace(text + "\n" + links)
}

// moreOf adds what a limit left out to what was left out before.
func moreOf(n int, before string) string {
	if f := strings.Fields(before); len(f) == 3 {
		if k, err := strconv.Atoi(f[1]); err == nil {
			n += k
		}
	}
	return "and " + strconv.Itoa(n) + " more"
}

// MoreOf is the words for items that a kind leaves out.
func (p Parts) MoreOf(n int) string { return moreOf(n, p.More) }

// LineStart says whether what comes next begins a line, where markdown sees
// lists, headings and quotations.
func LineStart(before string) bool {
	i := len(strings.TrimRight(before, " \t#>-+"))
	return i == 0 || before[i-1] == '\n'
}

// UTF16 is the length of a text in UTF-16 units, as Telegram and Discord count.
func UTF16(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Runes is the length of a text in characters.
func Runes(s string) int { return utf8.RuneCountInString(s) }

// Bytes is the length of a text in bytes.
func Bytes(s string) int { return len(s) }

// CutTo shortens a text to at most limit units of size, never within a character.
func CutTo(s string, limit int, size func(string) int) string {
	if size(s) <= limit {
		return s
	}
	if limit < 4 {
		return ""
	}
	lo, hi := 0, utf8.RuneCountInString(s)
	for lo < hi { // the longest cut that fits
		mid := (lo + hi + 1) / 2
		if size(Cut(s, mid)) <= limit {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return Cut(s, lo)
}

// webURL gives a link only when it is one that may be clicked.
func webURL(s string) string {
	if len(s) > 2000 || strings.ContainsAny(s, " \t\n\"<>\\`{}|^") || !(strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) {
		return ""
	}
	return s
}

func first(ss ...string) string {
	for _, s := range ss {
		if s = oneSpace(s); s != "" {
			return s
		}
	}
	return ""
}

func oneSpace(s string) string { return strings.Join(strings.Fields(CleanText(s)), " ") }
