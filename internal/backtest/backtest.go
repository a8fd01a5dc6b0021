// Package backtest runs a rule over items of the past: what it would have hit,
// into how many stories that falls, how many messages a day it would have
// meant, and what another version of it gains and loses. The engine and the
// grouping are those of the daemon. It reads what it is given, keeps nothing
// and sends nothing.
package backtest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/internal/story"
	"watcher/match"
)

// Test is a rule to run over the past.
type Test struct {
	Topic string
	Set   *match.Set // holds Topic
	// Against is another version of the rule; nil: none.
	Against *match.Set
	Zone    *time.Location
	// Progress is called now and then with the items read so far; may be nil.
	Progress func(items int)
}

// Samples is how many items a list of samples holds at most.
const Samples = 20

// Result is what a rule would have done.
type Result struct {
	Topic    string        `json:"topic"`
	From     time.Time     `json:"from,omitzero"` // left out, as To, where no item has a time
	To       time.Time     `json:"to,omitzero"`
	Items    int           `json:"items"` // read
	Hits     int           `json:"hits"`
	Before   int           `json:"hits_before"` // of the version it is compared with
	Stories  int           `json:"stories"`
	Messages int           `json:"messages"` // one a story, one more a development
	PerDay   []Day         `json:"per_day"`
	Busiest  Hour          `json:"busiest_hour"`
	Sample   []Item        `json:"sample"` // newest first
	Gained   []Item        `json:"gained"`
	Lost     []Item        `json:"lost"`
	GainedN  int           `json:"gained_count"`
	LostN    int           `json:"lost_count"`
	Elapsed  time.Duration `json:"elapsed_ns"`
}

// Day is one day's count.
type Day struct {
	Day      string `json:"day"`
	Hits     int    `json:"hits"`
	Messages int    `json:"messages"`
}

// Hour is the hour with the most hits.
type Hour struct {
	Hour time.Time `json:"hour,omitzero"`
	Hits int       `json:"hits"`
}

// Item is a sample.
type Item struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at,omitzero"`
	Outlet string    `json:"outlet"`
	Title  string    `json:"title"`
	Link   string    `json:"link"`
	Why    []string  `json:"why"` // words found
}

// PerDayMean is the mean of messages a day over the days of the range.
func (r Result) PerDayMean() float64 {
	days := r.To.Sub(r.From).Hours() / 24
	if days <= 0 {
		return 0
	}
	return float64(r.Messages) / max(days, 1)
}

// Scan is a source of stored items, oldest first: store.Reader.Scan.
type Scan func(ctx context.Context, from, to time.Time, fn func(store.Item) error) error

// Run reads [from, to) and tells what the rule would have done.
func Run(ctx context.Context, t Test, scan Scan, from, to, now time.Time) (Result, error) {
	r := &run{Test: t, m: t.Set.NewMatcher(), g: story.New(story.Default()), days: map[string]*Day{}, hours: map[time.Time]int{}}
	r.out = Result{Topic: t.Topic, From: from.UTC(), To: to.UTC(), PerDay: []Day{}, Sample: []Item{}, Gained: []Item{}, Lost: []Item{}}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if t.Against != nil {
		r.old = t.Against.NewMatcher()
	}
	err := scan(ctx, from, to, r.item)
	r.out.PerDay = r.perDay()
	for h, n := range r.hours {
		if n > r.out.Busiest.Hits || n == r.out.Busiest.Hits && h.Before(r.out.Busiest.Hour) {
			r.out.Busiest = Hour{h, n}
		}
	}
	for _, list := range [][]Item{r.out.Sample, r.out.Gained, r.out.Lost} {
		slices.Reverse(list)
	}
	return r.out, err
}

// run is one back-test under way.
type run struct {
	Test
	m, old *match.Matcher
	g      *story.Grouper
	out    Result
	days   map[string]*Day
	hours  map[time.Time]int
}

func (r *run) item(it store.Item) error {
	r.out.Items++
	if r.Progress != nil && r.out.Items%500 == 0 {
		r.Progress(r.out.Items)
	}
	hit, why := holds(r.m, r.Topic, it)
	if r.old != nil {
		before, was := holds(r.old, r.Topic, it)
		switch {
		case before && !hit:
			r.out.LostN++
			r.out.Lost = keep(r.out.Lost, it, was)
		case hit && !before:
			r.out.GainedN++
			r.out.Gained = keep(r.out.Gained, it, why)
		}
		if before {
			r.out.Before++
		}
	}
	if !hit {
		return nil
	}
	r.out.Hits++
	r.out.Sample = keep(r.out.Sample, it, why)
	day := r.day(ingest.LiveTime(it))
	day.Hits++
	switch r.g.Add(ingest.StoryItem(it)).Kind {
	case story.First, story.Related:
		r.out.Stories++
		r.out.Messages++
		day.Messages++
	case story.Update:
		r.out.Messages++
		day.Messages++
	}
	r.g.Commit()
	return nil
}

// day counts a hit's hour and gives its day: none that is shown where the
// item has no time.
func (r *run) day(at time.Time) *Day {
	if at.IsZero() {
		return &Day{}
	}
	r.hours[at.UTC().Truncate(time.Hour)]++
	key := at.In(r.Zone).Format(time.DateOnly)
	if r.days[key] == nil {
		r.days[key] = &Day{Day: key}
	}
	return r.days[key]
}

// holds tells whether the topic hits an item, and by which words.
func holds(m *match.Matcher, topic string, it store.Item) (bool, []string) {
	for _, h := range m.Match(it.Item, it.FirstSeen) {
		if h.Topic == topic {
			return true, words(h)
		}
	}
	return false, nil
}

func words(h match.Hit) []string {
	var out []string
	for _, s := range h.Hits {
		if !slices.Contains(out, s.Text) && len(out) < 6 {
			out = append(out, s.Text)
		}
	}
	return out
}

// keep holds on to the newest samples.
func keep(list []Item, it store.Item, why []string) []Item {
	if len(list) >= Samples {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, Item{ID: store.ItemID(it.ID), At: ingest.LiveTime(it).UTC(), Outlet: cmp.Or(it.Source, it.Feed), Title: it.Title, Link: it.Link, Why: why})
}

func (r *run) perDay() []Day {
	out := make([]Day, 0, len(r.days))
	for _, d := range r.days {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) })
	return out
}
