package digest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
)

// Every sentence that more than one form shows is made here, once.

// Links makes addresses of pages; the zero value makes none.
type Links struct {
	Base string // server.public_url
}

// To joins the base with parts of a path; empty without a base.
func (l Links) To(parts ...string) string {
	if l.Base == "" {
		return ""
	}
	return strings.TrimRight(l.Base, "/") + "/" + strings.Join(parts, "/")
}

// Story is a story's page.
func (l Links) Story(id string) string { return l.To("stories", id) }

// Page is the digest's own page.
func (l Links) Page(d *Document) string { return l.To("digests", d.ID, d.Date) }

// Plural counts things: "1 story", "12 stories".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Window says when: "Fri 6 Feb 07:00 to Sat 7 Feb 07:00, Europe/Berlin".
func (d *Document) Window() string {
	z := d.Location()
	return d.From.In(z).Format("Mon 2 Jan 15:04") + " to " + d.To.In(z).Format("Mon 2 Jan 15:04") + ", " + d.Zone
}

// Summary is the day in figures: "12 stories · 71 articles · …".
func (d *Document) Summary() string {
	h := d.Head
	return strings.Join([]string{
		Plural(h.Stories, "story", "stories"), Plural(h.Articles, "article", "articles"), Plural(h.Publishers, "publisher", "publishers"),
		fmt.Sprintf("%d of %s healthy", h.FeedsHealthy, Plural(h.Feeds, "feed", "feeds")),
	}, " · ")
}

// Nothing is what an empty digest says.
func (d *Document) Nothing() string {
	switch {
	case d.Alarm && d.EmptyDays > 1:
		return fmt.Sprintf("No story for %d digests in a row. That is unusual: check the rules and the coverage below.", d.EmptyDays)
	case d.EmptyDays > 1:
		return fmt.Sprintf("No story, for the %s digest in a row.", ordinal(d.EmptyDays))
	}
	return "No story met the topics in this period."
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return strconv.Itoa(n) + "st"
	case n%10 == 2 && n%100 != 12:
		return strconv.Itoa(n) + "nd"
	case n%10 == 3 && n%100 != 13:
		return strconv.Itoa(n) + "rd"
	}
	return strconv.Itoa(n) + "th"
}

// Delta is one figure of what changed. Class is new, grew, quiet or empty.
// Subject stands before the mark: the topic whose day it is, or nothing.
type Delta struct{ Class, Subject, Mark, Count, Text string }

func (d Delta) String() string {
	return strings.TrimSpace(d.Subject + " " + d.Mark + " " + d.Count + " " + d.Text)
}

// Deltas are the figures of what changed since the period before.
func (d *Document) Deltas() []Delta {
	c := d.Changes
	out := []Delta{
		{"new", "", "+", strconv.Itoa(c.New), "new"},
		{"grew", "", "▲", strconv.Itoa(c.Grew), "grew"},
		{"quiet", "", "▽", strconv.Itoa(c.Quiet), "went quiet"},
		{"", "", "✎", strconv.Itoa(c.Corrected), strings.TrimPrefix(Plural(c.Corrected, "headline corrected", "headlines corrected"), strconv.Itoa(c.Corrected)+" ")},
	}
	for _, t := range c.Topics {
		mark := "▲"
		if t.Ratio < 1 {
			mark = "▼"
		}
		out = append(out, Delta{"", t.Name, mark, strconv.FormatFloat(t.Ratio, 'f', -1, 64) + "×", "its usual day"})
	}
	return out
}

// Clock shows a moment: the time of day inside the window, with the day outside.
func (d *Document) Clock(t time.Time) string {
	local := t.In(d.Location())
	switch {
	case t.IsZero():
		return "unknown"
	case !t.Before(d.From) && !t.After(d.To) && d.To.Sub(d.From) <= 25*time.Hour:
		return local.Format("15:04")
	case d.To.Sub(t) < 6*24*time.Hour && !t.After(d.To):
		return local.Format("Mon 15:04")
	}
	return local.Format("2 Jan 15:04")
}

// Meta is a story's figures: "first seen 06:12 · last 18:40 · 9 outlets, 6 publishers".
func (d *Document) Meta(s Story) string {
	parts := []string{
		"first seen " + d.Clock(s.FirstSeen), "last " + d.Clock(s.LastSeen),
		Plural(s.Outlets, "outlet", "outlets") + ", " + Plural(s.Publishers, "publisher", "publishers"),
		Plural(s.Articles, "article", "articles"), s.Growth(),
	}
	if len(s.Languages) > 1 {
		parts = append(parts, strings.Join(s.Languages, " "))
	}
	if s.Late {
		parts = append(parts, "late: no alert was sent in time")
	}
	return strings.Join(parts, " · ")
}

// Growth says what the window brought: "new" or "▲ 4 more".
func (s Story) Growth() string {
	if s.State == "new" {
		return "new"
	}
	return fmt.Sprintf("▲ %d more", s.NewArticles)
}

// Short is a story's figures in a list: "3 publishers · 16:20".
func (d *Document) Short(s Story) string {
	out := Plural(s.Publishers, "publisher", "publishers") + " · " + d.Clock(s.LastSeen)
	if s.Late {
		out += " · late"
	}
	return out
}

// KindWord is a kind of publisher as people read it.
func KindWord(k string) string { return strings.ReplaceAll(cmp.Or(k, "independent"), "_", "-") }

// KindShare is a part of a story's publishers.
type KindShare struct {
	Kind  string
	Count int
}

// Shares lists the publishers by kind, in the order of feeds.Kinds.
func Shares(kinds map[string]int) []KindShare {
	var out []KindShare
	known := map[string]bool{}
	for _, k := range feeds.Kinds() {
		known[string(k)] = true
		if n := kinds[string(k)]; n > 0 {
			out = append(out, KindShare{string(k), n})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		if !known[k] && kinds[k] > 0 {
			out = append(out, KindShare{k, kinds[k]})
		}
	}
	return out
}

// Spread says who carries a story: "5 independent, 2 state, 1 wire".
func (s Story) Spread() string { return SpreadText(s.Kinds) }

// SpreadText is Spread for any count of kinds.
func SpreadText(kinds map[string]int) string {
	var parts []string
	for _, k := range Shares(kinds) {
		parts = append(parts, strconv.Itoa(k.Count)+" "+KindWord(k.Kind))
	}
	return strings.Join(parts, ", ")
}

// WhyText says which words met the rule: "talks · Araqchi as @araghchi · score 6 of 3".
func (s Story) WhyText() string {
	var parts []string
	for _, w := range s.Why {
		parts = append(parts, w.String())
	}
	if sc := s.ScoreText(); sc != "" {
		parts = append(parts, sc)
	}
	return strings.Join(parts, " · ")
}

// ScoreText is "score 6 of 3"; empty where the rule scores nothing.
func (s Story) ScoreText() string {
	if s.Score == 0 && s.Threshold == 0 {
		return ""
	}
	return "score " + number(s.Score) + " of " + number(s.Threshold)
}

func (r Reason) String() string {
	if r.Via == "" {
		return r.Text
	}
	return r.Text + " as " + r.Via
}

// Peak is the fullest bar and when it began.
func (d *Document) Peak(s Story) (count int, at time.Time) {
	for i, n := range s.Bars {
		if n > count {
			count, at = n, d.From.Add(d.To.Sub(d.From)*time.Duration(i)/time.Duration(len(s.Bars)))
		}
	}
	return count, at
}

// BarsText describes a story's bars: "24 h, peak 5 at 13:00".
func (d *Document) BarsText(s Story) string {
	n, at := d.Peak(s)
	hours := int(math.Round(d.To.Sub(d.From).Hours()))
	if n == 0 {
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d h, peak %d at %s", hours, n, d.Clock(at))
}

// Marked is the title of the section of starred and noted stories.
func (d *Document) Marked() string {
	if slices.ContainsFunc(d.Starred, func(s Starred) bool { return s.Mark == "note" }) {
		return "Starred and noted"
	}
	return "Starred"
}

// Sign is a star, or a pencil for what was noted alone.
func (s Starred) Sign() string {
	if s.Mark == "note" {
		return "✎"
	}
	return "★"
}

// Says is a star's sentence: "you starred this yesterday · 3 articles since".
func (d *Document) Says(s Starred) string {
	when := "on " + s.Day
	if day, err := time.Parse(time.DateOnly, s.Day); err == nil {
		when = "on " + day.Format("Mon 2 Jan")
		if date, err := time.Parse(time.DateOnly, d.Date); err == nil {
			switch date.Sub(day) {
			case 0:
				when = "today"
			case 24 * time.Hour:
				when = "yesterday"
			}
		}
	}
	since := "nothing new"
	if s.Articles > 0 {
		since = Plural(s.Articles, "article", "articles") + " in this period"
	}
	did := "starred"
	if s.Mark == "note" {
		did = "noted"
	}
	out := "you " + did + " this " + when + " · " + since
	if s.Note != "" {
		out += " · note: " + s.Note
	}
	return out
}

// Told is what a topic told: "5 alerts".
func (t TopicCount) ToldText() string { return Plural(t.Told, "alert", "alerts") }

// HeldText is what was not told, and why: "4 quiet hours, 1 budget".
func (t TopicCount) HeldText() string { return heldText(t.Held) }

func heldText(held map[string]int) string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(held)) {
		if held[why] > 0 {
			parts = append(parts, strconv.Itoa(held[why])+" "+why)
		}
	}
	if parts == nil {
		return "0"
	}
	return strings.Join(parts, ", ")
}

// MedianText is the usual day, or a dash.
func (t TopicCount) MedianText() string {
	if t.Median == nil {
		return "–"
	}
	return number(*t.Median)
}

func number(f float64) string { return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64) }

// Holes are the sentences about the coverage.
func (d *Document) Holes() []string {
	var out []string
	for _, h := range d.Coverage.Feeds {
		out = append(out, d.hole(h))
	}
	if more := d.Head.Feeds - d.Head.FeedsHealthy - len(d.Coverage.Feeds); more > 0 {
		out = append(out, Plural(more, "further feed", "further feeds")+" in trouble.")
	}
	if held := heldText(d.Coverage.Held); held != "0" {
		out = append(out, "Alerts not told: "+held+".")
	}
	if n := d.Coverage.Undelivered; n > 0 {
		out = append(out, Plural(n, "earlier digest", "earlier digests")+" did not reach a receiver.")
	}
	return out
}

func (d *Document) hole(h FeedHole) string {
	name := h.Name
	if h.Name != h.ID {
		name += " (" + h.ID + ")"
	}
	since := ""
	if !h.Since.IsZero() {
		since = " for " + Span(d.To.Sub(h.Since))
	}
	switch h.State {
	case "gone":
		return name + " says that it is gone for good."
	case "stale":
		usual := ""
		if h.Usual > 0 {
			usual = " (usual gap " + Span(h.Usual) + ")"
		}
		return name + " answers but has had nothing new" + since + usual + "."
	}
	out := name + " has been failing" + since
	if h.Problem != "" {
		out += ": " + feeds.Clip(h.Problem, 160)
	}
	return strings.TrimRight(out, ".") + "."
}

// LeftText says what the lists leave out; empty when that is nothing.
func (d *Document) LeftText() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+what)
		}
	}
	add(d.Left.BelowFloor, "below the score floor")
	add(d.Left.Also+d.Left.Single, "beyond the lists' length")
	add(d.Left.Dismissed, "dismissed")
	add(d.Left.Muted, "muted")
	if parts == nil {
		return ""
	}
	return "Not listed: " + strings.Join(parts, ", ") + "."
}

// Span is a length of time in one unit: "40 min", "3 h", "2 days".
func Span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return Plural(int(d/time.Second), "second", "seconds")
	case d < 90*time.Minute:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	case d < 36*time.Hour:
		return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " h"
	}
	return Plural(int(d.Round(24*time.Hour)/(24*time.Hour)), "day", "days")
}
