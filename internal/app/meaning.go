package app

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/text/language"

	"watcher/feeds/opml"
	"watcher/internal/config"
	"watcher/match"
)

// meaning finds values that are well written but cannot be meant: they would
// have no effect, or one that shows only when it is too late.
type meaning struct {
	c   *config.Config
	now time.Time
	ps  []config.Problem
}

// meaningless lists such values of a configuration.
func meaningless(c *config.Config, now time.Time) []config.Problem {
	m := &meaning{c: c, now: now}
	m.feeds()
	m.topics()
	m.silences()
	if c.DataDir != "" {
		m.folder("data_dir", BackupDir(c))
	}
	if p := StorePath(c); p != "" {
		m.folder("store", filepath.Dir(p))
	}
	return m.ps
}

func (m *meaning) add(warning bool, p config.Pos, path, format string, args ...any) {
	m.ps = append(m.ps, config.Problem{File: m.c.File, Pos: p, Path: path, Warning: warning, Msg: fmt.Sprintf(format, args...)})
}

func (m *meaning) feeds() {
	seen := map[string]int{}
	for i, f := range m.c.Feeds {
		path := fmt.Sprintf("feeds[%d]", i)
		m.language(f.Pos, path+".lang", f.Lang)
		for _, name := range slices.Sorted(maps.Keys(f.Headers)) {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(f.Headers[name]) {
				m.add(false, f.Pos, path+".headers", "%q cannot be sent: a header's name has no blanks, and its value one line", name)
			}
		}
		if !httpguts.ValidHeaderFieldValue(f.UserAgent) {
			m.add(false, f.Pos, path+".user_agent", "it is one line")
		}
		if _, err := url.Parse(f.URL); f.URL == "" || err != nil {
			continue
		}
		key := opml.Key(f.URL)
		if first, ok := seen[key]; ok && m.c.Feeds[first].URL != f.URL {
			m.add(true, f.Pos, path+".url", "this is feed %s once more, written otherwise: it is polled twice, and counts as two publishers unless both name one", m.c.Feeds[first].ID)
		} else if !ok {
			seen[key] = i
		}
	}
	if !httpguts.ValidHeaderFieldValue(m.c.Polling.Contact) {
		m.add(false, m.c.Place("polling.contact"), "polling.contact", "it is one line")
	}
}

func (m *meaning) topics() {
	for i, t := range m.c.Topics {
		path := fmt.Sprintf("topics[%d]", i)
		for _, l := range t.Where.Lang {
			if !strings.ContainsAny(l, "*?") {
				m.language(t.Pos, path+".where.lang", l)
			}
		}
		most := 0.0
		for j, s := range t.Score {
			most += max(s.Add, 0)
			if s.Add == 0 {
				m.add(true, s.Q.Pos, fmt.Sprintf("%s.score[%d]", path, j), "0 points change no score")
			}
		}
		if most = match.Points(most); t.Threshold > most {
			m.add(true, t.Pos, path+".threshold", "%v is more than all of score can add (%v): the topic can never hit", t.Threshold, most)
		}
		if t.Unless.Value != "" && t.Unless.Value == t.Match.Value {
			m.add(true, t.Unless.Pos, path+".unless", "it says the same as match: the topic can never hit")
		}
	}
}

func (m *meaning) silences() {
	for i, s := range m.c.Silences {
		path := fmt.Sprintf("silences[%d]", i)
		until, err := time.Parse(time.RFC3339, s.Until)
		if err != nil {
			continue
		}
		if from, err := time.Parse(time.RFC3339, s.From); err == nil && !from.Before(until) {
			m.add(false, s.Pos, path+".until", "it ends at %s, before it begins at %s", s.Until, s.From)
		} else if !until.After(m.now) {
			m.add(true, s.Pos, path+".until", "it ended at %s and keeps nothing silent: remove it, or write when it ends", s.Until)
		}
	}
}

// language refuses what no language is called by: nothing would ever meet it.
func (m *meaning) language(p config.Pos, path, tag string) {
	if tag == "" {
		return
	}
	if _, err := language.Parse(tag); err != nil {
		m.add(false, p, path, "%q is no language: write its code, such as en, fa, pt-BR or zh-Hant", tag)
	}
}

// folder warns of one that cannot be made where it is to be.
func (m *meaning) folder(path, dir string) {
	for at := dir; ; at = filepath.Dir(at) {
		fi, err := os.Stat(at)
		if err != nil && at != filepath.Dir(at) {
			continue
		}
		switch {
		case err != nil:
		case !fi.IsDir():
			m.add(true, m.c.Place(path), path, "there can be no folder %s: %s is a file", dir, at)
		case fi.Mode().Perm()&0o222 == 0:
			m.add(true, m.c.Place(path), path, "there can be no folder %s: nothing may be written in %s", dir, at)
		}
		return
	}
}
