package web

import (
	"context"
	"fmt"
	"math"
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

const (
	livePeriod = 48 * time.Hour
	liveRows   = 36 // over all topics, so that the page stays small
)

// section is a topic on the live page.
type section struct {
	ID, Name, Note, Empty string
	Rows                  []row
}

type livePage struct {
	Lede, Nothing string
	Form          markForm
	Sections      []section
	Quiet         []section
}

// live shows the stories of the last two days by topic.
func (s *site) live(w http.ResponseWriter, r *http.Request) error {
	p := livePage{Form: formOf(r, "")}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		from := s.Now().Add(-livePeriod)
		list, err := rd.Stories(ctx, store.StoryFilter{From: from.Add(-feeds.Believed), Limit: 400})
		if err != nil {
			return err
		}
		// What was told stands here as long as what is new does, whatever date
		// its publisher gave it.
		list = slices.DeleteFunc(list, func(st store.Story) bool { return st.LastSeen.Before(from) && st.LastTold.Before(from) })
		rows, by, err := s.byTopic(ctx, rd, list)
		if err != nil {
			return err
		}
		for _, t := range s.Topics {
			sec := section{ID: t.ID, Name: s.topicName(t.ID)}
			if len(by[t.ID]) == 0 {
				if len(p.Quiet) < 40 {
					if sec.Note, err = s.lastMatch(ctx, rd, t.ID); err != nil {
						return err
					}
					p.Quiet = append(p.Quiet, sec)
				}
				continue
			}
			for _, id := range by[t.ID] {
				if row, ok := rows[id]; ok {
					sec.Rows = append(sec.Rows, row)
					delete(rows, id) // a story of two topics stands under the first
				}
			}
			sec.Note = digest.Plural(len(by[t.ID]), "story", "stories") + " in two days"
			if len(sec.Rows) == 0 {
				sec.Empty = "Shown under other topics above; this topic’s own page has them all."
			}
			p.Sections = append(p.Sections, sec)
		}
		if p.Lede, p.Nothing, err = s.liveWords(ctx, rd, len(list)); err != nil {
			return err
		}
		for i := range p.Sections {
			if err := s.leads(ctx, rd, p.Sections[i].Rows, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, "Live", "/", "live", p)
}

// byTopic groups stories under their topics and draws the newest of each.
func (s *site) byTopic(ctx context.Context, rd store.Reader, list []store.Story) (map[string]row, map[string][]string, error) {
	by := map[string][]string{}
	used := map[string]bool{}
	for _, st := range list {
		for _, t := range st.Topics {
			by[t] = append(by[t], st.ID)
			used[t] = true
		}
	}
	each := min(8, max(2, liveRows/max(1, len(used))))
	var drawn []store.Story
	count := map[string]int{}
	for _, st := range list {
		i := slices.IndexFunc(st.Topics, func(t string) bool { return count[t] < each })
		if i < 0 || len(drawn) >= liveRows {
			continue
		}
		count[st.Topics[i]]++
		drawn = append(drawn, st)
	}
	rows, err := s.rows(ctx, rd, drawn)
	out := map[string]row{}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, by, err
}

func (s *site) lastMatch(ctx context.Context, rd store.Reader, topic string) (string, error) {
	last, err := rd.LastMatch(ctx, topic)
	if err != nil || last.IsZero() {
		return "no article has hit it yet", err
	}
	return "last hit " + s.moment(last).Rel, nil
}

// liveWords says how the feeds do, and why the page is empty where it is.
func (s *site) liveWords(ctx context.Context, rd store.Reader, stories int) (lede, nothing string, err error) {
	counts, err := rd.FeedCounts(ctx)
	if err != nil {
		return "", "", err
	}
	total, bad := 0, counts[feeds.BackOff]+counts[feeds.Gone]
	for _, n := range counts {
		total += n
	}
	lede = fmt.Sprintf("%s in two days · %s", digest.Plural(stories, "story", "stories"), digest.Plural(total, "feed", "feeds"))
	if bad > 0 {
		lede += fmt.Sprintf(", %d failing", bad)
	}
	next, err := rd.NextDue(ctx, -1)
	if err != nil {
		return "", "", err
	}
	if !next.IsZero() && next.After(s.Now()) {
		lede += " · next poll " + s.moment(next).Rel
	}
	switch {
	case stories > 0:
	case total == 0:
		nothing = "No feed is known yet. Add one on the page Feeds, or under feeds: in the configuration."
	case len(s.Topics) == 0:
		nothing = "No topic is configured: articles are kept, but nothing looks for stories in them. Write a topic under topics: in the configuration."
	default:
		nothing = "No story in two days. Articles that came with a feed’s first poll count by their own date; the next new one that hits a topic is shown. What a rule would have hit before, the back-test on its topic’s page shows."
	}
	return lede, nothing, nil
}

type topicLine struct {
	ID, Name, Priority string
	Today              int
	Median             string
	Bars               chart
	Last               moment
}

type topicsPage struct {
	Lines []topicLine
	Pager pager
}

// topics lists them with their volume.
func (s *site) topics(w http.ResponseWriter, r *http.Request) error {
	const each = 40
	from, _ := strconv.Atoi(r.URL.Query().Get("from")) // a wrong one shows the first
	from = min(max(from, 0), len(s.Topics))
	shown := s.Topics[from:min(len(s.Topics), from+each)]
	var p topicsPage
	if from+each < len(s.Topics) {
		p.Pager.Older, p.Pager.OlderText = with(r, "from", itoa(from+each)), "more topics"
	}
	if from > 0 {
		p.Pager.Newer, p.Pager.NewerText = with(r, "from", itoa(max(0, from-each))), "topics before"
	}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		for _, t := range shown {
			days, err := s.days(ctx, rd, t.ID)
			if err != nil {
				return err
			}
			last, err := rd.LastMatch(ctx, t.ID)
			if err != nil {
				return err
			}
			p.Lines = append(p.Lines, topicLine{t.ID, s.topicName(t.ID), string(t.Priority), days[13], middle(days[:13]),
				bars(days, "articles a day over 14 days"), s.moment(last)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, "Topics", "/topics", "topics", p)
}

// days counts a topic's articles in each of the last 14 spans of 24 hours.
func (s *site) days(ctx context.Context, rd store.Reader, topic string) ([]int, error) {
	to := s.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	volume, err := rd.TopicVolume(ctx, topic, to.AddDate(0, 0, -14), to)
	days := make([]int, 14)
	for _, v := range volume {
		if i := 13 - int(to.Add(-time.Second).Sub(v.Hour)/(24*time.Hour)); i >= 0 && i < 14 {
			days[i] += v.Hits
		}
	}
	return days, err
}

// middle is the median of the days since the first that has anything, as text;
// a dash where that are too few to speak of a usual day.
func middle(ns []int) string {
	first := slices.IndexFunc(ns, func(n int) bool { return n > 0 })
	if first < 0 || len(ns)-first < 3 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(ns[first:]))
	at := len(sorted) / 2
	m := float64(sorted[at])
	if len(sorted)%2 == 0 {
		m = (m + float64(sorted[at-1])) / 2
	}
	return strconv.FormatFloat(m, 'f', -1, 64)
}

// usual says what a day of a topic is like.
func usual(days []int) string {
	if m := middle(days); m != "–" {
		return "usually " + m
	}
	return "too new for a usual day"
}

type topicPage struct {
	ID, Name, Lede, Source, Trial, Empty, Failed string
	Bars                                         chart
	BarsText                                     string
	Outlets                                      []link
	Form                                         markForm
	Rows                                         []row
	Pager                                        pager
	Days                                         []int
	Chosen                                       int
	Result                                       *backtestView
}

const topicRows = 25

// topic shows a topic's stories, volume and rule.
func (s *site) topic(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if base, form, ok := syndicated(id); ok {
		return s.topicFeed(w, r, base, form)
	}
	return s.topicPage(w, r, id, api.Backtest{}, nil, "")
}

func (s *site) topicPage(w http.ResponseWriter, r *http.Request, id string, asked api.Backtest, res *backtestView, failed string) error {
	i := slices.IndexFunc(s.Topics, func(t topic) bool { return t.ID == id })
	if i < 0 {
		return errNoTopic
	}
	t := s.Topics[i]
	p := topicPage{ID: id, Name: s.topicName(id), Source: t.Source, Trial: t.Source, Failed: failed, Result: res, Form: formOf(r, ""), Days: []int{1, 3, 7, 14, 30, 90, 180}, Chosen: 14}
	if asked.Rule != "" {
		p.Trial = asked.Rule
	}
	if !asked.From.IsZero() {
		p.Chosen = int(math.Round(asked.To.Sub(asked.From).Hours() / 24))
	}
	for _, f := range syndicationForms {
		p.Outlets = append(p.Outlets, link{Href: "/topics/" + id + f.ext, Title: f.name, Type: f.media})
	}
	before, beforeID, _ := api.ParseCursor(r.URL.Query().Get("before")) // a wrong one shows the newest
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		list, err := rd.Stories(ctx, store.StoryFilter{Topic: id, Before: before, BeforeID: beforeID, Limit: topicRows})
		if err != nil {
			return err
		}
		if p.Rows, err = s.rows(ctx, rd, list); err != nil {
			return err
		}
		if err := s.leads(ctx, rd, p.Rows, list); err != nil {
			return err
		}
		if len(list) == topicRows {
			p.Pager.Older, p.Pager.OlderText = with(r, "before", api.Cursor(list[topicRows-1])), "older stories"
		}
		if !before.IsZero() {
			p.Pager.Newer, p.Pager.NewerText = r.URL.Path, "newest stories"
		}
		days, err := s.days(ctx, rd, id)
		if err != nil {
			return err
		}
		p.Bars, p.BarsText = wideBars(days, "articles a day over 14 days"), fmt.Sprintf("articles a day over 14 days; %d in the last 24 h, %s", days[13], usual(days[:13]))
		last, err := s.lastMatch(ctx, rd, id)
		p.Lede = fmt.Sprintf("priority %s · %s", t.Priority, last)
		p.Empty = "No story yet: " + last + ". The back-test below shows what the rule would have hit in the history."
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, p.Name, "/topics", "topic", p, p.Outlets...)
}

type backtestView struct {
	Items, Hits, Before int
	Changed             bool
	Keep                string // the tried rule as it goes into the configuration
	Took, BarsText      string
	Bars                chart
	Lists               []backtestList
}

type backtestList struct {
	Title string
	Items []backtestLine
}

type backtestLine struct {
	Title, URL, Outlet, At string
	Why                    []string
}

// backtest runs a rule over the history and shows it on the topic's page.
func (s *site) backtest(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	i := slices.IndexFunc(s.Topics, func(t topic) bool { return t.ID == id })
	if i < 0 {
		return errNoTopic
	}
	n, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || n < 1 || n > 180 {
		n = 14
	}
	now := s.Now().UTC()
	ask := api.Backtest{Topic: id, Rule: normalLines(r.PostFormValue("rule")), From: now.AddDate(0, 0, -n), To: now}
	typed := ask.Rule
	if ask.Rule == normalLines(s.Topics[i].Source) {
		ask.Rule = ""
	}
	res, err := s.Rules.Backtest(r.Context(), ask)
	changed := ask.Rule != ""
	ask.Rule = typed
	if err != nil {
		return s.topicPage(w, r, id, ask, nil, ruleMistakes(err))
	}
	v := &backtestView{Items: res.Items, Hits: res.Hits, Before: res.Before, Changed: changed, Took: fmt.Sprintf("%d ms", res.Elapsed.Milliseconds())}
	if changed && !strings.HasPrefix(typed, "{") {
		v.Keep = snippet(id, typed)
	}
	counts := make([]int, len(res.PerDay))
	for i, d := range res.PerDay {
		counts[i] = d.Hits
	}
	v.BarsText = fmt.Sprintf("articles a day over %d days", n)
	v.Bars = wideBars(counts, v.BarsText)
	for _, l := range []struct {
		title string
		items []api.BacktestItem
	}{{"Gained", res.Gained}, {"Lost", res.Lost}, {"Newest hits", res.Sample}} {
		list := backtestList{Title: l.title}
		for _, it := range l.items[:min(len(l.items), 25)] {
			list.Items = append(list.Items, backtestLine{feeds.Clip(feeds.OneLine(it.Title), 220), it.URL, feeds.OneLine(it.Outlet), s.moment(it.At).Abs, it.Why})
		}
		v.Lists = append(v.Lists, list)
	}
	return s.topicPage(w, r, id, ask, v, "")
}
