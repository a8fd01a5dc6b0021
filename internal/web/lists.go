package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

func itoa(n int) string { return strconv.Itoa(n) }

const searchRows = 25

type searchPage struct {
	Q, From, To, Feed, Failed, Count string
	Narrow                           bool
	Items                            []article
	Pager                            pager
}

// search finds articles by their words.
func (s *site) search(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := searchPage{Q: strings.TrimSpace(q.Get("q")), From: q.Get("from"), To: q.Get("to"), Feed: strings.TrimSpace(q.Get("feed"))}
	f := store.SearchQuery{Text: p.Q, Feed: p.Feed, Limit: searchRows}
	var bad []string
	for _, d := range []struct {
		text string
		into *time.Time
		add  int
	}{{p.From, &f.From, 0}, {p.To, &f.To, 1}} {
		if d.text == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, d.text, s.Zone)
		if err != nil {
			bad = append(bad, fmt.Sprintf("%q is no date (2026-02-07)", d.text))
			continue
		}
		*d.into = t.AddDate(0, 0, d.add) // the last day is meant whole
	}
	f.Before, _ = store.ParseItemID(q.Get("before"))
	p.Narrow = p.From != "" || p.To != "" || p.Feed != ""
	p.Failed = strings.Join(bad, "; ")
	if p.Q != "" && p.Failed == "" {
		err := s.view(r, func(ctx context.Context, rd store.Reader) error {
			res, err := rd.Search(ctx, f)
			if err != nil {
				return err
			}
			for _, it := range res.Items {
				a := s.articleOf(it, nil)
				title, text := feeds.OneLine(it.Title), feeds.PlainText(it.Summary)
				if title != "" {
					a.Title = marked(title, "title", wordHits(title, "title", p.Q))
				}
				if text != title {
					a.Summary = marked(text, "summary", wordHits(text, "summary", p.Q))
				}
				p.Items = append(p.Items, a)
			}
			if err := s.said(ctx, rd, p.Items); err != nil {
				return err
			}
			p.Count = digest.Plural(len(res.Items), "article", "articles")
			if res.More {
				p.Count += ", newest first, and more"
				p.Pager.Older, p.Pager.OlderText = with(r, "before", store.ItemID(res.Items[len(res.Items)-1].ID)), "older"
			}
			return nil
		})
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			p.Failed = sentence(err.Error())
		}
	}
	title := "Search"
	if p.Q != "" {
		title = "Search: " + p.Q
	}
	return s.show(w, r, title, "/search", "search", p)
}

type feedsPage struct {
	Lede  string
	Rows  []feedLine
	Pager pager
	Kinds []feeds.Kind
}

type feedLine struct {
	ID, Name, Health, Mark, Class, Kind, Publisher, Rhythm string
	LastNew, Next                                          moment
}

const feedRows = 100

// allFeeds is up to how many feeds the list is sorted by trouble.
const allFeeds = 1000

// feeds lists feeds, those in trouble first where they are few enough to sort.
func (s *site) feeds(w http.ResponseWriter, r *http.Request) error {
	p := feedsPage{Kinds: feeds.Kinds()}
	after := r.URL.Query().Get("after")
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		counts, err := rd.FeedCounts(ctx)
		if err != nil {
			return err
		}
		total := 0
		var parts []string
		for _, ph := range []feeds.Phase{feeds.Active, feeds.BackOff, feeds.Gone, feeds.Paused} {
			total += counts[ph]
			if counts[ph] > 0 {
				parts = append(parts, itoa(counts[ph])+" "+phaseWords[ph])
			}
		}
		p.Lede = digest.Plural(total, "feed", "feeds") + ": " + strings.Join(parts, ", ")
		if parts == nil {
			p.Lede = "No feeds"
		}
		rows, more, err := s.feedPage(ctx, rd, total, after)
		if err != nil {
			return err
		}
		names := map[string]int{}
		for _, f := range rows {
			p.Rows = append(p.Rows, s.feedLine(f))
			names[p.Rows[len(p.Rows)-1].Name]++
		}
		for i, l := range p.Rows {
			if names[l.Name] > 1 { // several feeds of one site, or none has said its name yet
				p.Rows[i].Name += " (" + l.ID + ")"
			}
		}
		if more != "" {
			p.Pager.Older, p.Pager.OlderText = with(r, "after", more), "more feeds"
		}
		if after != "" {
			p.Pager.Newer, p.Pager.NewerText = "/feeds", "first feeds"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, "Feeds", "/feeds", "feeds", p)
}

// feedPage reads one page of feeds; more is where the next begins.
func (s *site) feedPage(ctx context.Context, rd store.Reader, total int, after string) (rows []store.FeedRow, more string, err error) {
	if total > allFeeds {
		rows, err = rd.Feeds(ctx, store.FeedFilter{After: after, Limit: feedRows})
		if len(rows) == feedRows {
			more = rows[feedRows-1].Feed.ID
		}
		return rows, more, err
	}
	rows, err = rd.Feeds(ctx, store.FeedFilter{})
	slices.SortStableFunc(rows, func(x, y store.FeedRow) int { return cmp.Compare(trouble(x), trouble(y)) })
	if i := slices.IndexFunc(rows, func(f store.FeedRow) bool { return f.Feed.ID == after }); i >= 0 {
		rows = rows[i+1:]
	}
	if len(rows) > feedRows {
		rows, more = rows[:feedRows], rows[feedRows-1].Feed.ID
	}
	return rows, more, err
}

// trouble orders feeds by how much they need a look.
func trouble(f store.FeedRow) int {
	return max(0, slices.Index([]string{"failing", "gone", "stale", "new", "ok", "paused"}, api.Health(f)))
}

// healthLook is a health's mark and class: no state is told by colour alone.
func healthLook(h string) (mark, class string) {
	switch h {
	case "ok":
		return "●", "new"
	case "failing":
		return "▲", "bad"
	case "gone":
		return "✗", "bad"
	case "stale":
		return "◐", "warn"
	case "paused", "removed", "merged":
		return "⏸", "quiet"
	}
	return "○", "quiet"
}

func (s *site) feedLine(f store.FeedRow) feedLine {
	l := feedLine{ID: f.Feed.ID, Name: feeds.Clip(feeds.OneLine(f.Feed.Outlet(f.State.Title)), 80), Health: api.Health(f), Kind: digest.KindWord(string(f.Feed.Kind)), Publisher: f.Feed.Publisher,
		LastNew: s.moment(f.State.LastNew), Next: s.moment(f.State.NextPoll), Rhythm: "–"}
	l.Mark, l.Class = healthLook(l.Health)
	if f.State.Rhythm > 0 {
		l.Rhythm = digest.Span(f.State.Rhythm)
	}
	return l
}

type feedPage struct {
	feedLine
	Why, Diagnosis string
	Paused, Stored bool
	Bars           chart
	BarsText       string
	Polls          []pollLine
	Facts          []fact
	Events         []eventLine
	Items          []article
	Pager          pager
}

type pollLine struct {
	At                           moment
	Status, Outcome, Class, Took string
	New                          int
	Size                         string
}

type eventLine struct {
	At          moment
	Title, Text string
}

const feedItems = 20

// feed shows one feed: its last polls, why it fails, what it brought.
func (s *site) feed(w http.ResponseWriter, r *http.Request) error {
	var p feedPage
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		f, err := rd.Feed(ctx, r.PathValue("id"))
		if err != nil {
			return err
		}
		p = feedPage{feedLine: s.feedLine(f), Diagnosis: feeds.Clip(f.State.Diagnosis, 4000), Stored: f.Feed.Stored}
		p.Paused = p.Health == "paused"
		p.Why = s.feedWhy(f)
		p.Facts = s.feedFacts(f)
		s.feedPolls(&p, f.Polls)
		before, _ := store.ParseItemID(r.URL.Query().Get("before")) // a wrong one shows the newest
		its, err := rd.Items(ctx, store.ItemFilter{Feed: f.Feed.ID, Before: before, Limit: feedItems})
		if err != nil {
			return err
		}
		if p.Items, _, err = s.articles(ctx, rd, its); err != nil {
			return err
		}
		if len(its) == feedItems {
			p.Pager.Older, p.Pager.OlderText = with(r, "before", store.ItemID(its[feedItems-1].ID)), "older articles"
		}
		p.Events, err = s.events(ctx, rd, store.EventFilter{Subject: f.Feed.ID, Limit: 10})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, p.Name, "/feeds", "feed", p)
}

func (s *site) feedWhy(f store.FeedRow) string {
	st := f.State
	switch {
	case st.LastError != "" && !st.FirstFail.IsZero():
		return feeds.Clip(feeds.OneLine(st.LastError), 300) + " · failing for " + digest.Span(s.Now().Sub(st.FirstFail)) + ", " + digest.Plural(st.Fails, "poll", "polls") + " in a row"
	case st.LastError != "":
		return feeds.Clip(feeds.OneLine(st.LastError), 300)
	case st.Health == "stale":
		return "answers, but has had nothing new for " + digest.Span(s.Now().Sub(st.LastNew))
	case st.LastOK.IsZero():
		return "not polled yet"
	}
	return ""
}

func (s *site) feedFacts(f store.FeedRow) []fact {
	st := f.State
	from := "the configuration file"
	if f.Feed.Stored {
		from = "added here or imported"
	}
	out := []fact{
		{Name: "Address", Text: feeds.SafeURL(f.Feed.URL)}, {Name: "Id", Text: f.Feed.ID}, {Name: "Comes from", Text: from},
		{Name: "Publisher", Text: cmp.Or(f.Feed.Publisher, f.Feed.ID)}, {Name: "Kind", Text: digest.KindWord(string(f.Feed.Kind))}, {Name: "Tags", Text: cmp.Or(strings.Join(f.Feed.Tags, ", "), "–")},
		{Name: "Last poll", Text: "never", Time: s.moment(st.LastPoll)}, {Name: "Last answer", Text: "never", Time: s.moment(st.LastOK)}, {Name: "Last new article", Text: "never", Time: s.moment(st.LastNew)},
		{Name: "Next poll", Text: "at once", Time: s.moment(st.NextPoll)}, {Name: "Schedule", Text: cmp.Or(f.Feed.Schedule, "–")},
	}
	if st.Interval > 0 {
		out = append(out, fact{Name: "Gap in force", Text: digest.Span(st.Interval)})
	}
	if st.URL != "" && st.URL != f.Feed.URL {
		out = append(out, fact{Name: "Moved to", Text: feeds.SafeURL(st.URL)})
	}
	if !f.Feed.Notify {
		out = append(out, fact{Name: "Alerts", Text: "none: its articles are only kept"})
	}
	return out
}

// feedPolls draws the last polls, oldest left: height is time, colour the outcome.
func (s *site) feedPolls(p *feedPage, polls []store.Poll) {
	p.Bars = chart{Width: max(1, 6*len(polls)), Height: barHeight}
	slowest := time.Millisecond
	for _, l := range polls {
		slowest = max(slowest, l.Elapsed)
	}
	failed := 0
	for i, l := range polls {
		line := pollLine{At: s.moment(l.At), Status: itoa(l.Status), Outcome: l.Outcome, Took: fmt.Sprintf("%d ms", l.Elapsed.Milliseconds()), New: l.New, Size: size(l.Bytes)}
		class := ""
		switch {
		case l.Status == 0 || l.Status >= 400:
			class, line.Class = "fail", "bad"
			failed++
		case l.New == 0:
			class = "idle"
		}
		if l.Status == 0 {
			line.Status = "none"
		}
		h := max(4, int(int64(l.Elapsed)*barHeight/int64(slowest)))
		p.Bars.Rects = append(p.Bars.Rects, rect{X: 6 * (len(polls) - 1 - i), Y: barHeight - h, W: 4, H: h, Class: class})
		p.Polls = append(p.Polls, line)
	}
	p.BarsText = fmt.Sprintf("%s, %d failed; the slowest took %d ms", digest.Plural(len(polls), "poll", "polls"), failed, slowest.Milliseconds())
	p.Bars.Label = "the last polls: " + p.BarsText
}

func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

func (s *site) events(ctx context.Context, rd store.Reader, f store.EventFilter) ([]eventLine, error) {
	list, err := rd.Events(ctx, f)
	var out []eventLine
	for _, e := range list {
		out = append(out, eventLine{s.moment(e.At), feeds.OneLine(e.Title), feeds.Clip(feeds.OneLine(e.Text), 240)})
	}
	return out, err
}
