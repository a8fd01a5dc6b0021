package app

import (
	"fmt"
	"sync"
	"time"

	"watcher/feeds"
	"watcher/internal/config"
	"watcher/internal/schedule"
)

// Feeds gives the feeds of a configuration with everything that polling sets
// for all of them filled in.
func Feeds(c *config.Config) []feeds.Feed {
	out := make([]feeds.Feed, 0, len(c.Feeds))
	for _, f := range c.Feeds {
		g := feeds.Feed{ID: f.ID, URL: f.URL, Name: f.Name, Publisher: f.Publisher, Kind: feeds.Kind(f.Kind), Tags: f.Tags, Lang: f.Lang,
			Schedule: f.Schedule.Value, UserAgent: f.UserAgent, Headers: f.Headers, User: f.Auth.User, Password: f.Auth.Password, Notify: f.Notify}
		if f.Adaptive != nil {
			g.AdaptiveOff, g.AdaptiveMin, g.AdaptiveMax = f.Adaptive.Off, f.Adaptive.Min.D(), f.Adaptive.Max.D()
		}
		out = append(out, Polled(g, c))
	}
	return out
}

// Polled fills in what the polling block says for every feed and this one
// leaves open. Feeds of the store go through it as well.
func Polled(f feeds.Feed, c *config.Config) feeds.Feed {
	p := c.Polling
	if f.Schedule == "" {
		f.Schedule = p.Schedule.Value
	}
	if f.AdaptiveMin == 0 && f.AdaptiveMax == 0 && !f.AdaptiveOff {
		f.AdaptiveOff = p.Adaptive.Off
	}
	if f.AdaptiveMin == 0 {
		f.AdaptiveMin = p.Adaptive.Min.D()
	}
	if f.AdaptiveMax == 0 {
		f.AdaptiveMax = max(p.Adaptive.Max.D(), f.AdaptiveMin)
	}
	f.Proxy, f.AllowPrivate, f.Timeout = p.Proxy, p.AllowPrivate, p.Timeout.D()
	f.PerHost, f.HostGap, f.WebSub = p.PerHost, p.HostGap.D(), p.WebSub
	if f.Publisher == "" {
		f.Publisher = f.ID
	}
	if f.Kind == "" {
		f.Kind = feeds.Independent
	}
	return f
}

// slots parses cron texts once.
type slots struct {
	zone  *time.Location
	mu    sync.Mutex
	known map[string]schedule.Slots
}

// newSlots reads every cron text of a configuration and reports the bad ones
// at their places.
func newSlots(c *config.Config) (*slots, []config.Problem) {
	s := &slots{zone: c.Zone(), known: map[string]schedule.Slots{}}
	var ps []config.Problem
	add := func(t config.Text) {
		if _, err := s.get(t.Value); err != nil && t.Value != "" {
			ps = append(ps, config.Problem{File: c.File, Pos: t.Pos, Path: t.Path, Msg: err.Error()})
		}
	}
	add(c.Polling.Schedule)
	for _, f := range c.Feeds {
		add(f.Schedule)
	}
	return s, ps
}

func (s *slots) get(text string) (schedule.Slots, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if got, ok := s.known[text]; ok {
		return got, nil
	}
	got, err := schedule.Parse(text, s.zone)
	if err != nil {
		return got, fmt.Errorf("%w", err)
	}
	s.known[text] = got
	return got, nil
}
