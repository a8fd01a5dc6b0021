package app

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/config"
	"watcher/internal/digest"
	"watcher/internal/ingest"
	"watcher/internal/web/auth"
	"watcher/match"
	"watcher/match/query"
	"watcher/notify"
	"watcher/notify/all"
	"watcher/notify/route"
)

// Compiled is a configuration made ready to run.
type Compiled struct {
	Config    *config.Config
	Feeds     []feeds.Feed // nil once the store has them
	Match     match.Config
	Set       *match.Set
	Topics    []ingest.Topic
	Receivers []notify.Receiver
	Routes    *route.Config
	Digests   []digest.Definition
	Zone      *time.Location

	slots  *slots
	unmade map[string]error // receivers that lack a secret
}

// Compile makes a configuration ready: cron texts, rules, inline tests,
// receivers. It returns every problem that it and config found, in the order
// of the file. It opens no store and uses no network. stored are feeds of the
// store, which rules may filter by.
func Compile(c *config.Config, before []config.Problem, env notify.Env, stored []feeds.Feed) (*Compiled, []config.Problem) {
	ps := slices.Clone(before)
	zone := c.Zone()
	env.Dir, env.Zone, env.PublicURL = c.Dir, zone, c.Server.PublicURL
	out := &Compiled{Config: c, Zone: zone, Feeds: Feeds(c), unmade: map[string]error{}}
	slots, cron := newSlots(c)
	out.slots = slots
	ps = append(ps, cron...)
	ps = append(ps, out.rules(stored)...)
	ps = append(ps, out.receivers(env, before)...)
	var bad []config.Problem
	out.Routes, bad = routes(c, zone)
	ps = append(ps, bad...)
	out.Digests, bad = digestsOf(c, zone)
	ps = append(ps, bad...)
	ps = append(ps, private(c)...)
	ps = append(ps, meaningless(c, time.Now())...)
	if err := out.login(); err != nil {
		// It begins with the key; what config refused is said already.
		key, _, _ := strings.Cut(err.Error(), " ")
		if !slices.ContainsFunc(before, func(p config.Problem) bool { return p.Path == key }) {
			ps = append(ps, config.Problem{File: c.File, Pos: c.Server.Pos, Msg: err.Error()})
		}
	}
	config.Sort(ps)
	return out, ps
}

// login says what is wrong with who may look at the pages.
func (out *Compiled) login() error {
	s := out.Config.Server
	if err := auth.Check(s.Listen, s.Auth.Mode); err != nil || out.lacks("server.auth") {
		return err // an unset secret is reported already
	}
	_, err := auth.New(auth.Options{Settings: authOf(s.Auth), PublicURL: s.PublicURL})
	return err
}

// source gives a rule's text with its place.
func source(c *config.Config, t config.Text) query.Source {
	s := query.Source{Text: t.Value, File: c.File, Name: t.Path, Exact: t.Exact, Lines: c.Lines}
	for _, r := range t.Runs {
		s.Runs = append(s.Runs, query.Run{Offset: r.Offset, Line: r.Pos.Line, Column: r.Pos.Column})
	}
	if len(s.Runs) == 0 && t.Pos.Line > 0 {
		s.Runs = []query.Run{{Line: t.Pos.Line, Column: t.Pos.Column}}
	}
	return s
}

func sources(c *config.Config, ts []config.Text) []query.Source {
	out := make([]query.Source, len(ts))
	for i, t := range ts {
		out[i] = source(c, t)
	}
	return out
}

func (out *Compiled) rules(stored []feeds.Feed) []config.Problem {
	c := out.Config
	m := match.Config{Feeds: make([]match.Feed, 0, len(out.Feeds)+len(stored))}
	for _, fs := range [][]feeds.Feed{out.Feeds, stored} {
		for _, f := range fs {
			m.Feeds = append(m.Feeds, match.Feed{ID: f.ID, Tags: f.Tags})
		}
	}
	for _, e := range c.Entities {
		var not []string
		for _, n := range e.Not {
			not = append(not, n.Value)
		}
		m.Entities = append(m.Entities, match.Entity{ID: e.ID, Alias: sources(c, e.Alias), Name: e.Name, Country: e.Country, Not: not,
			Spelling: e.Spelling, Alone: e.Alone, Source: at(c, e.Pos, "entities."+e.ID)})
	}
	for i, t := range c.Topics {
		mt := match.Topic{ID: t.ID, Name: t.Name, Priority: t.Priority, Match: source(c, t.Match), Unless: source(c, t.Unless), Ignore: sources(c, t.Ignore),
			Threshold: t.Threshold, Where: match.Where{Lang: t.Where.Lang, Source: t.Where.Source, MaxAge: t.Where.MaxAge.D()},
			Feeds: match.Filter{IDs: t.Feeds.IDs, Tags: t.Feeds.Tags}}
		for _, s := range t.Score {
			mt.Score = append(mt.Score, match.Score{Add: s.Add, Query: source(c, s.Q)})
		}
		for j, x := range t.Tests {
			mt.Tests = append(mt.Tests, match.Test{Title: x.Title, Summary: x.Summary, Content: x.Content, Lang: x.Lang, Feed: x.Feed, Source: x.Source,
				Want: x.Want, Pos: at(c, x.Pos, fmt.Sprintf("topics[%d].tests[%d]", i, j))})
		}
		m.Topics = append(m.Topics, mt)
		out.Topics = append(out.Topics, ingest.Topic{ID: t.ID, Name: t.Name, Priority: notify.Priority(t.Priority), Order: i, On: t.Alert.On,
			Updates: t.Alert.Updates, MinPublishers: t.Alert.MinPublishers})
	}
	out.Match = m
	set, errs, warnings := match.Compile(m)
	out.Set = set
	var ps []config.Problem
	for _, err := range errs {
		if p := RuleProblem(c, err, false); p.Line > 0 { // else the key is missing, which is said already
			ps = append(ps, p)
		}
	}
	for _, w := range warnings {
		ps = append(ps, RuleProblem(c, &w.Error, true))
	}
	if len(errs) == 0 {
		ps = append(ps, out.tests()...)
	}
	return ps
}

// at is a place without a text, for what is wrong with a whole block.
func at(c *config.Config, p config.Pos, path string) query.Source {
	return query.Source{File: c.File, Name: path, Lines: c.Lines, Runs: []query.Run{{Line: p.Line, Column: p.Column}}}
}

// RuleProblem gives an error of the rule language its place in the file.
func RuleProblem(c *config.Config, err error, warning bool) config.Problem {
	p := config.Problem{File: c.File, Msg: err.Error(), Warning: warning}
	var qe *query.Error
	if errors.As(err, &qe) && qe.Source != nil {
		p.Line, p.Column = qe.Source.Place(qe.Offset)
		p.Path, p.Msg, p.Caret = qe.Source.Name, qe.Msg, qe.Caret()
	}
	return p
}

// tests runs the inline tests of every topic.
func (out *Compiled) tests() []config.Problem {
	var ps []config.Problem
	m := out.Set.NewMatcher()
	now := time.Now()
	for i, t := range out.Match.Topics {
		for j, x := range t.Tests {
			it := feeds.Item{Title: x.Title, Summary: x.Summary, Content: x.Content, Lang: x.Lang, Feed: x.Feed, Source: x.Source, Published: now}
			feeds.Normalize(&it)
			hit := slices.ContainsFunc(m.Match(it, now), func(h match.Hit) bool { return h.Topic == t.ID })
			if hit == x.Want {
				continue
			}
			want, got := "to hit", "does not"
			if !x.Want {
				want, got = "no hit", "hits"
			}
			pos := out.Config.Topics[i].Tests[j].Pos
			ps = append(ps, config.Problem{File: out.Config.File, Pos: pos, Path: fmt.Sprintf("topics[%d].tests[%d]", i, j),
				Msg: fmt.Sprintf("inline test fails: topic %s: wanted %s, but it %s: %q; see `watcher explain %s`", t.ID, want, got, strings.TrimSpace(x.Title+" "+x.Summary), t.ID)})
		}
	}
	return ps
}

func (out *Compiled) receivers(env notify.Env, before []config.Problem) []config.Problem {
	var ps []config.Problem
	c := out.Config
	for i, r := range c.Receivers {
		env.OnUpdate = r.OnUpdate
		n, err := all.New(r.Type, r.ID, r.Settings.Decode, env)
		path := fmt.Sprintf("receivers[%d]", i)
		var missing *notify.MissingSecret
		var inside config.Problems
		switch {
		case errors.As(err, &missing):
			out.unmade[r.ID] = err
			ps = append(ps, config.Problem{File: c.File, Pos: r.Pos, Path: path, Msg: missing.Error(), Warning: true})
		case err != nil && out.lacks(path):
			// ${NAME} is unset: reported already, and the rest follows from it.
			out.unmade[r.ID] = err
		case err != nil && strings.HasPrefix(err.Error(), "on_update: ") &&
			slices.ContainsFunc(before, func(p config.Problem) bool { return p.Path == path+".on_update" }):
			// No such word: reported already.
		case errors.As(err, &inside):
			ps = append(ps, inside...)
		case err != nil:
			msg := err.Error()
			if kinds := all.Names(); !slices.Contains(kinds, r.Type) {
				msg += query.DidYouMean(r.Type, kinds)
			}
			ps = append(ps, config.Problem{File: c.File, Pos: r.Pos, Path: path, Msg: msg})
		}
		if out.lacks(path) && out.unmade[r.ID] == nil {
			out.unmade[r.ID] = errors.New("a secret is not set")
		}
		if err == nil {
			out.Receivers = append(out.Receivers, notify.Receiver{ID: r.ID, Notifier: n, Timeout: r.Timeout.D(), Fingerprint: r.Settings.Fingerprint()})
			if w := unsigned(r); w != "" {
				ps = append(ps, config.Problem{File: c.File, Pos: r.Pos, Path: path, Msg: w, Warning: true})
			}
		}
	}
	return ps
}

// lacks tells whether a secret below a path could not be read.
func (out *Compiled) lacks(path string) bool {
	return slices.ContainsFunc(out.Config.Missing, func(s config.Secret) bool { return strings.HasPrefix(s.Path, path+".") })
}

func unsigned(r config.Receiver) string {
	if r.Type == "webhook" && !r.Settings.Has("secrets") {
		return "this webhook is not signed: anyone who learns its address can post to it; add secrets: [whsec_…]"
	}
	return ""
}

// Unmade says why a receiver could not be made; nil when it was.
func (out *Compiled) Unmade(id string) error { return out.unmade[id] }

// NotReady names the first receiver in use whose secret is missing, as a
// config.Problem.
func (out *Compiled) NotReady() error {
	used := map[string]bool{}
	for _, r := range out.Config.Routes {
		for _, id := range r.To {
			used[id] = true
		}
	}
	for _, d := range out.Config.Digests {
		for _, id := range d.To {
			used[id] = true
		}
	}
	for i, r := range out.Config.Receivers {
		err := out.unmade[r.ID]
		if err == nil || len(out.Config.Routes) > 0 && !used[r.ID] {
			continue
		}
		for _, m := range out.Config.Missing {
			if strings.HasPrefix(m.Path, fmt.Sprintf("receivers[%d].", i)) {
				return config.Problem{File: out.Config.File, Pos: m.Pos, Path: m.Path, Msg: fmt.Sprintf("receiver %s is in use, but %s", r.ID, m.What)}
			}
		}
		return config.Problem{File: out.Config.File, Pos: r.Pos, Path: fmt.Sprintf("receivers[%d]", i), Msg: fmt.Sprintf("receiver %s is in use, but %s", r.ID, err)}
	}
	return nil
}

// private warns of feeds that the guard will refuse.
func private(c *config.Config) []config.Problem {
	if c.Polling.AllowPrivate {
		return nil
	}
	var ps []config.Problem
	for i, f := range c.Feeds {
		u, err := url.Parse(f.URL)
		if err != nil {
			continue
		}
		ip, err := netip.ParseAddr(u.Hostname())
		local := err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()) || u.Hostname() == "localhost"
		if local {
			ps = append(ps, config.Problem{File: c.File, Pos: f.Pos, Path: fmt.Sprintf("feeds[%d].url", i), Warning: true,
				Msg: u.Hostname() + " is a private address and will not be fetched: set polling.allow_private: true if that is meant"})
		}
	}
	return ps
}

// Getenv looks a variable up for config.Load.
func Getenv(name string) (string, bool) { return os.LookupEnv(name) }

// TopicIDs lists the configured topics.
func (out *Compiled) TopicIDs() []string {
	ids := make([]string, len(out.Topics))
	for i, t := range out.Topics {
		ids[i] = t.ID
	}
	return ids
}

// Only compiles one topic by itself, for work that asks of no other.
func (out *Compiled) Only(topic string) (*match.Set, bool) {
	m := out.Match
	for _, t := range m.Topics {
		if t.ID == topic {
			m.Topics = []match.Topic{t}
			set, _, _ := match.Compile(m)
			return set, true
		}
	}
	return nil, false
}
