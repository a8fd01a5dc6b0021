package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
	"watcher/internal/backtest"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/match"
	"watcher/match/query"
	"watcher/notify"
)

// Rules tries rules on texts, addresses and history. It implements api.Rules.
type Rules struct {
	Compiled func() *Compiled
	Store    store.Store
	Fetch    interface {
		Get(ctx context.Context, f feeds.Feed, st feeds.State) (fetch.Result, error)
	}
	Now func() time.Time
}

// set gives the set to try: that of the configuration, or one with the rule
// that was typed in place of the topic's.
func (r *Rules) set(topic, rule string) (*match.Set, string, error) {
	c := r.Compiled()
	if rule == "" {
		if topic == "" {
			return c.Set, "", nil
		}
		if _, ok := c.Set.Topic(topic); !ok {
			return nil, "", fmt.Errorf("no topic %q", topic)
		}
		return c.Set, topic, nil
	}
	return c.WithRule(topic, rule)
}

// WithRule compiles a rule, or a topic's block in YAML, among the entities of
// the configuration. What the block leaves open comes from the topic, if any.
func (c *Compiled) WithRule(topic, rule string) (*match.Set, string, error) {
	m := c.Match
	t := match.Topic{ID: "try", Name: "Try"}
	for _, x := range c.Match.Topics {
		if x.ID == topic {
			t = x
		}
	}
	t.Tests = nil
	if strings.Contains(rule, "match:") {
		x, err := c.topicBlock(rule)
		if err != nil {
			return nil, "", err
		}
		id := t.ID
		t = x
		if t.ID == "" {
			t.ID = id
		}
	} else {
		t.Match = query.Source{Text: rule, Exact: true, Runs: []query.Run{{Line: 1, Column: 1}}}
	}
	m.Topics = []match.Topic{t}
	set, errs, _ := match.Compile(m)
	if len(errs) > 0 {
		return nil, "", errors.Join(errs...)
	}
	return set, t.ID, nil
}

// topicBlock reads one topic in YAML, with or without the dash of a list.
func (c *Compiled) topicBlock(text string) (match.Topic, error) {
	var b strings.Builder
	b.WriteString("topics:\n")
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		prefix := "    "
		if i == 0 {
			prefix = "  - "
			line = strings.TrimPrefix(strings.TrimLeft(line, " "), "- ")
		}
		b.WriteString(prefix + line + "\n")
	}
	cfg, ps := config.Parse("rule", []byte(b.String()), func(string) (string, bool) { return "", false })
	if config.Failed(ps) {
		return match.Topic{}, config.Problems(Errors(ps))
	}
	other := &Compiled{Config: cfg}
	other.rules(nil)
	return other.Match.Topics[0], nil
}

// Try shows what a rule makes of a text or of what stands at an address.
func (r *Rules) Try(ctx context.Context, t api.Trial) (api.TrialResult, error) {
	set, topic, err := r.set(t.Topic, t.Rule)
	if err != nil {
		return api.TrialResult{}, err
	}
	items := []feeds.Item{{Title: t.Title, Content: t.Text, Lang: t.Lang, Published: r.Now()}}
	if t.URL != "" {
		if items, err = r.read(ctx, t.URL); err != nil {
			return api.TrialResult{}, err
		}
	}
	m := set.NewMatcher()
	var out api.TrialResult
	for _, it := range items {
		feeds.Normalize(&it)
		tried := api.TriedItem{Title: it.Title, Text: feeds.Clip(feeds.PlainText(it.Summary+"\n"+it.Content), 4000), Link: it.Link, Lang: it.Lang}
		for _, x := range set.Topics() {
			if topic != "" && x.ID != topic {
				continue
			}
			if e, ok := m.Explain(x.ID, it, r.Now()); ok {
				tried.Verdicts = append(tried.Verdicts, verdict(x, e))
			}
		}
		out.Items = append(out.Items, tried)
	}
	return out, nil
}

// maxTried bounds the items of a feed that are tried at once.
const maxTried = 30

// read fetches an address under the same guard as feeds: a feed gives its
// items, a page its title and text.
func (r *Rules) read(ctx context.Context, url string) ([]feeds.Item, error) {
	f := Polled(feeds.Feed{ID: "try", URL: url}, r.Compiled().Config)
	res, err := r.Fetch.Get(ctx, f, feeds.State{})
	if err != nil {
		return nil, err
	}
	if res.Class != pace.OK {
		return nil, fmt.Errorf("%s: %s", config.Redact(url), res.Message)
	}
	doc, err := parse.Parse(res.Body, parse.Options{URL: res.FinalURL, ContentType: res.ContentType, Feed: f})
	if err == nil {
		return doc.Items[:min(len(doc.Items), maxTried)], nil
	}
	var no *parse.NotFeedError
	if !errors.As(err, &no) {
		return nil, err
	}
	title, text := feeds.PageText(string(res.Body))
	return []feeds.Item{{Title: title, Content: text, Link: res.FinalURL, Published: r.Now()}}, nil
}

// Explain shows what a topic's rule makes of a stored item.
func (r *Rules) Explain(ctx context.Context, topic string, it store.Item) (api.Verdict, error) {
	set, topic, err := r.set(topic, "")
	if err != nil {
		return api.Verdict{}, err
	}
	e, ok := set.NewMatcher().Explain(topic, it.Item, it.FirstSeen)
	if !ok {
		return api.Verdict{}, fmt.Errorf("no topic %q", topic)
	}
	i, _ := set.Topic(topic)
	return verdict(set.Topics()[i], e), nil
}

func verdict(t match.Topic, e match.Explanation) api.Verdict {
	v := api.Verdict{Topic: t.ID, Name: t.Name, Match: e.Match, Score: e.Score, Threshold: e.Threshold, Hits: spans(e.Hits), Missing: e.Missing, Clauses: []api.Clause{}}
	for _, n := range e.Nodes {
		c := api.Clause{Text: n.Text, Depth: n.Depth, OK: n.OK, Note: n.Note, Hits: spans(n.Hits)}
		v.Clauses = append(v.Clauses, c)
	}
	for _, s := range e.Masked {
		v.Masked = append(v.Masked, s.Text)
	}
	if e.Filter != "" {
		v.Missing = append(v.Missing, e.Filter)
	}
	return v
}

func spans(in []match.Span) []notify.Hit {
	out := make([]notify.Hit, len(in))
	for i, s := range in {
		out[i] = notify.Hit(s)
	}
	return out
}

// Backtest runs a rule over what is stored.
func (r *Rules) Backtest(ctx context.Context, b api.Backtest) (api.BacktestResult, error) {
	c := r.Compiled()
	set, topic, err := r.set(b.Topic, b.Rule)
	if err != nil {
		return api.BacktestResult{}, err
	}
	t := backtest.Test{Topic: topic, Set: set, Zone: c.Zone}
	if b.Rule != "" && b.Topic != "" && topic == b.Topic {
		t.Against = c.Set
	}
	var res backtest.Result
	err = r.Store.View(ctx, func(rd store.Reader) (err error) {
		res, err = backtest.Run(ctx, t, rd.Scan, b.From, b.To, r.Now())
		return err
	})
	out := api.BacktestResult{Items: res.Items, Hits: res.Hits, Before: res.Before, PerDay: []api.DayCount{}, Sample: tested(res.Sample), Gained: tested(res.Gained),
		Lost: tested(res.Lost), Elapsed: res.Elapsed}
	for _, d := range res.PerDay {
		out.PerDay = append(out.PerDay, api.DayCount{Day: d.Day, Hits: d.Hits})
	}
	return out, err
}

func tested(in []backtest.Item) []api.BacktestItem {
	out := make([]api.BacktestItem, len(in))
	for i, x := range in {
		out[i] = api.BacktestItem{ID: x.ID, At: x.At, Outlet: x.Outlet, Title: x.Title, URL: x.Link, Why: x.Why}
	}
	return out
}
