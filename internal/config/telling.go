package config

import (
	"fmt"
	"time"

	"watcher/match/query"
)

func (d *decoder) routes(c *Config, k ids) {
	for i, r := range c.Routes {
		path := fmt.Sprintf("routes[%d]", i)
		d.refer(r.Pos, path+".topics", "topic", r.Topics, k.topics)
		d.refer(r.Pos, path+".to", "receiver", r.To, k.receivers)
		d.budget(r.Pos, path, r.MaxPerHour)
		for _, n := range r.UpdateWhen.Publishers {
			if n < 1 {
				d.at(r.Pos, path+".update_when.publishers", false, "%d: write 1 or more", n)
			}
		}
	}
	d.silences(c, k)
}

func (d *decoder) silences(c *Config, k ids) {
	seen := map[string]bool{}
	for i, s := range c.Silences {
		path := fmt.Sprintf("silences[%d]", i)
		if seen[s.ID] && s.ID != "" {
			d.at(s.Pos, path, false, "silence id %q stands twice", s.ID)
		}
		seen[s.ID] = true
		// A feed may also live in the store, so this is only a warning.
		for _, id := range s.Feeds {
			if !k.feeds[id] {
				d.at(s.Pos, path+".feeds", true, "no feed %q in this file%s", id, query.DidYouMean(id, keys(k.feeds)))
			}
		}
		d.refer(s.Pos, path+".topics", "topic", s.Topics, k.topics)
		if (s.Until == "") == (s.Weekly == nil) {
			d.at(s.Pos, path, false, "a silence ends: give either until or weekly")
		}
		d.instant(s.Pos, path+".from", s.From)
		d.instant(s.Pos, path+".until", s.Until)
		if s.Weekly != nil {
			d.window(s.Pos, path+".weekly", s.Weekly.Days, s.Weekly.From, s.Weekly.To, s.Weekly.Timezone)
		}
	}
}

// instant refuses what is no instant; none is fine.
func (d *decoder) instant(p Pos, path, v string) {
	if _, err := time.Parse(time.RFC3339, v); v != "" && err != nil {
		d.at(p, path, false, "%q is no instant: write 2026-03-01T09:00:00Z", v)
	}
}

func (d *decoder) window(p Pos, path string, days []string, from, to, zone string) {
	if _, err := Weekdays(days); err != nil {
		d.at(p, path+".days", false, "%v", err)
	}
	d.clock(p, path+".from", from)
	d.clock(p, path+".to", to)
	d.zone(p, path+".timezone", zone)
}

// clock refuses what is no time of day; none is fine.
func (d *decoder) clock(p Pos, path, v string) {
	if v == "" {
		return
	}
	if _, err := Clock(v); err != nil {
		d.at(p, path, false, "%v", err)
	}
}

func (d *decoder) quiet(c *Config, k ids) {
	for i, q := range c.QuietHours {
		path := fmt.Sprintf("quiet_hours[%d]", i)
		d.refer(q.Pos, path+".receivers", "receiver", q.Receivers, k.receivers)
		d.window(q.Pos, path, q.Days, q.From, q.To, q.Timezone)
	}
}

func (d *decoder) digests(c *Config, k ids) {
	seen := map[string]bool{}
	for i, g := range c.Digests {
		path := fmt.Sprintf("digests[%d]", i)
		d.id(g.Pos, path, g.ID)
		if seen[g.ID] && g.ID != "" {
			d.at(g.Pos, path, false, "digest id %q stands twice", g.ID)
		}
		seen[g.ID] = true
		d.refer(g.Pos, path+".topics", "topic", g.Topics, k.topics)
		d.refer(g.Pos, path+".to", "receiver", g.To, k.receivers)
		d.window(g.Pos, path, g.Days, "", "", g.Timezone)
		d.clock(g.Pos, path+".at", g.At)
		if g.Top < 1 {
			d.at(g.Pos, path+".top", false, "%d: write 1 or more", g.Top)
		}
		if g.MinScore < 0 {
			d.at(g.Pos, path+".min_score", false, "%v: write 0 or more", g.MinScore)
		}
		if g.AlarmAfterDays < 0 {
			d.at(g.Pos, path+".alarm_after_days", false, "%d: write 1 or more; without it 3", g.AlarmAfterDays)
		}
	}
}

// WindowError says whether days and times of day can be read; the file's
// problems say so then.
func WindowError(days []string, from, to string) error {
	_, err := Weekdays(days)
	for _, v := range []string{from, to} {
		if _, cerr := Clock(v); cerr != nil {
			err = cerr
		}
	}
	return err
}
