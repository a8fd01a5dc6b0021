package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
)

// row is a story in a list, however it was read.
type row struct {
	digest.Ref
	State      string // reviewed or dismissed
	Summary    string
	Meta       []fact
	Short      string
	Spread     chart
	SpreadText string
	Links      []digest.Article
	More       int
	Why        []digest.Reason
	ScoreText  string
	Rank       string
	Bars       chart
	BarsText   string
	Marks      marks
	Notes      []string
	Menu       *rowMenu // mute, note, split and merge in the list itself
}

// rowMenu is what a story's row needs for its menu.
type rowMenu struct{ Back, Where string }

// fact is a small piece of text, or a moment with a word before it.
type fact struct {
	Name, Text, Class, Href string
	Time                    moment
}

// chart is a drawing of bars.
type chart struct {
	Width, Height int
	Label         string
	Rects         []rect
	Line          string // y of a level
}

type rect struct {
	X, Y, W, H int
	Class      string
}

const barHeight = 28

// bars draws counts, 6 pixels each.
func bars(counts []int, label string) chart { return barsOf(counts, label, 6) }

// wideBars draws counts that stand alone on a page.
func wideBars(counts []int, label string) chart { return barsOf(counts, label, 18) }

func barsOf(counts []int, label string, step int) chart {
	c := chart{Width: max(1, step*len(counts)), Height: barHeight, Label: label}
	peak := 3 // one article is no full bar
	for _, n := range counts {
		peak = max(peak, n)
	}
	for i, n := range counts {
		if n > 0 {
			h := max(2, n*barHeight/peak)
			c.Rects = append(c.Rects, rect{X: step * i, Y: barHeight - h, W: step - 2, H: h})
		}
	}
	return c
}

// kindClass gives the colour of a kind of publisher.
func kindClass(k string) string {
	switch feeds.Kind(k) {
	case feeds.StateRun, feeds.StateFunded:
		return "k-state"
	case feeds.Public:
		return "k-pub"
	case feeds.Official:
		return "k-off"
	case feeds.Wire, feeds.Aggregator:
		return "k-wire"
	}
	return "k-ind"
}

// spread draws who carries a story, in parts of 100; nothing for a single kind.
func spread(kinds map[string]int) chart {
	shares := digest.Shares(kinds)
	if len(shares) < 2 {
		return chart{}
	}
	total := 0
	for _, k := range shares {
		total += k.Count
	}
	var c chart
	x := 0
	for i, k := range shares {
		w, gap := k.Count*100/total, 1
		if i == len(shares)-1 {
			w, gap = 100-x, 0
		}
		c.Rects = append(c.Rects, rect{X: x, W: max(1, w-gap), Class: kindClass(k.Kind)})
		x += w
	}
	return c
}

// marks are what a person may say of a story with one press.
type marks struct{ Buttons []button }

type button struct {
	Kind, Text, Story string
	On                bool
}

// notesOf is the newest note on a story, cut short, and how many there were
// before; its page has them all.
func notesOf(ms []store.Mark) []string {
	var out []string
	n := 0
	for _, m := range ms {
		if m.Kind == store.Note {
			out = []string{feeds.Clip(feeds.OneLine(m.Text), 140)}
			n++
		}
	}
	if n > 1 {
		out = append(out, digest.Plural(n-1, "earlier note", "earlier notes"))
	}
	return out
}

// standing are the marks that hold for a story as it is now: one that was
// reviewed and has grown since is to be looked at again.
func standing(ms []store.Mark, lastSeen time.Time) (now []store.Mark, grown bool) {
	for _, m := range ms {
		if m.Kind == store.Reviewed && m.At.Before(lastSeen) {
			grown = true
			continue
		}
		now = append(now, m)
	}
	return now, grown
}

func marksOf(story string, ms []store.Mark) (marks, string) {
	on := map[store.MarkKind]bool{}
	for _, m := range ms {
		on[m.Kind] = true
	}
	out := marks{[]button{
		{"starred", "Star", story, on[store.Starred]},
		{"reviewed", "Reviewed", story, on[store.Reviewed]},
		{"dismissed", "Dismiss", story, on[store.Dismissed]},
	}}
	switch {
	case on[store.Dismissed]:
		return out, "dismissed"
	case on[store.Reviewed]:
		return out, "reviewed"
	}
	return out, ""
}

// markForm is where all mark buttons of a page lead.
type markForm struct{ Back, Where string }

func formOf(r *http.Request, where string) markForm {
	return markForm{r.URL.RequestURI(), where}
}

// rows draws stored stories: their figures, their last day, their marks.
func (s *site) rows(ctx context.Context, rd store.Reader, list []store.Story) ([]row, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, len(list))
	for i, st := range list {
		ids[i] = st.ID
	}
	all, err := rd.Marks(ctx, ids)
	if err != nil {
		return nil, err
	}
	to := s.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	hours, err := rd.StoryHours(ctx, ids, to.Add(-24*time.Hour), to)
	if err != nil {
		return nil, err
	}
	out := make([]row, len(list))
	for i, st := range list {
		out[i] = s.row(st, all[st.ID], hours[st.ID])
	}
	return out, nil
}

// leads adds to rows the article that each story's headline is from.
func (s *site) leads(ctx context.Context, rd store.Reader, rows []row, list []store.Story) error {
	lead := make(map[string]int64, len(list))
	for _, st := range list {
		lead[st.ID] = st.Lead
	}
	for i := range rows {
		if lead[rows[i].ID] == 0 {
			continue
		}
		it, err := rd.Item(ctx, lead[rows[i].ID])
		if errors.Is(err, store.ErrNotFound) {
			continue // pruned: the story outlives it
		}
		if err != nil {
			return err
		}
		if a := s.articleOf(it, nil); a.URL != "" {
			rows[i].Links = []digest.Article{{Outlet: a.Outlet, URL: a.URL, Lang: a.Lang}}
		}
	}
	return nil
}

func (s *site) row(st store.Story, ms []store.Mark, hours []int) row {
	title := feeds.Clip(feeds.OneLine(st.Title), 220)
	if title == "" {
		title = "(no headline)"
	}
	r := row{Ref: digest.Ref{ID: st.ID, Title: title, Lang: st.Lang, Dir: digest.Dir(st.Lang, title)}, Spread: spread(st.Kinds), SpreadText: digest.SpreadText(st.Kinds)}
	ms, grown := standing(ms, st.LastSeen)
	r.Marks, r.State = marksOf(st.ID, ms)
	r.Notes = notesOf(ms)
	r.Meta = []fact{{Text: "first seen", Time: s.moment(st.FirstSeen)}, {Text: "last", Time: s.moment(st.LastSeen)}}
	if st.Articles == 1 {
		r.Meta = []fact{{Text: "seen", Time: s.moment(st.FirstSeen)}}
	}
	r.Meta = append(r.Meta, fact{Text: digest.Plural(st.Articles, "article", "articles")}, s.publishers(st))
	if langs := digest.Languages(st.Languages); len(langs) > 1 {
		r.Meta = append(r.Meta, fact{Text: strings.Join(langs, " ")})
	}
	if len(r.Spread.Rects) == 0 {
		r.SpreadText = "" // the publishers' one kind stands in their number
	}
	if grown {
		r.Meta = append(r.Meta, grownFact)
	}
	if st.Muted {
		r.Meta = append(r.Meta, fact{Text: "muted", Class: "warn"})
	}
	last, peak := 0, 0
	for _, n := range hours {
		last, peak = last+n, max(peak, n)
	}
	r.BarsText = "24 h: " + digest.Plural(last, "article", "articles")
	r.Bars = bars(hours, fmt.Sprintf("articles an hour over the last day, peak %d", peak))
	return r
}

// publishers counts a story's publishers: "4 publishers", and with its name
// where they are all of one kind: "2 state publishers".
func (s *site) publishers(st store.Story) fact {
	one := "publisher"
	if shares := digest.Shares(st.Kinds); len(shares) == 1 && shares[0].Count == st.Publishers {
		one = digest.KindWord(shares[0].Kind) + " publisher"
	}
	return fact{Text: digest.Plural(st.Publishers, one, one+"s")}
}

// issueRow draws a story of a digest: its words are the document's.
func issueRow(d *digest.Document, st digest.Story, ms []store.Mark) row {
	r := row{Ref: st.Ref, Summary: st.Summary, Short: d.Short(st), Spread: spread(st.Kinds), SpreadText: st.Spread(), Links: st.Links,
		More: max(0, st.Articles-len(st.Links)), Why: st.Why, ScoreText: st.ScoreText(), Rank: st.Rank.String(), BarsText: d.BarsText(st)}
	ms, grown := standing(ms, st.LastSeen)
	r.Marks, r.State = marksOf(st.ID, ms)
	r.Notes = notesOf(ms)
	r.Bars = bars(st.Bars, "articles over the window: "+r.BarsText)
	growth := st.Growth()
	for _, m := range strings.Split(d.Meta(st), " · ") {
		f := fact{Text: m}
		switch {
		case m == growth && st.State == "new":
			f.Class = "new"
		case m == growth:
			f.Class = "grew"
		case strings.HasPrefix(m, "late"):
			f.Class = "warn"
		}
		r.Meta = append(r.Meta, f)
	}
	r.oneKind()
	if grown {
		r.Meta = append(r.Meta, grownFact)
	}
	return r
}

var grownFact = fact{Text: "grown since you reviewed it", Class: "grew"}

// oneKind puts a spread that is not drawn among the other figures.
func (r *row) oneKind() {
	if len(r.Spread.Rects) == 0 && r.SpreadText != "" {
		r.Meta, r.SpreadText = append(r.Meta, fact{Text: r.SpreadText}), ""
	}
}

// day is a local date in words.
func day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("Monday, 2 January 2006")
}

// topicName finds a topic by its id.
func (s *site) topicName(id string) string {
	if i := slices.IndexFunc(s.Topics, func(t topic) bool { return t.ID == id }); i >= 0 && s.Topics[i].Name != "" {
		return s.Topics[i].Name
	}
	return id
}
