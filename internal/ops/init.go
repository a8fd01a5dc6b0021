// Package ops is for the people who run watcher: what a first configuration
// looks like, and what a doctor looks at. It decides and writes text; asking
// and printing is its caller's.
package ops

import (
	"fmt"
	"strconv"
	"strings"
)

// Answers are what `watcher init` asked.
type Answers struct {
	Feeds   []Feed
	Match   string // rule of the first topic; empty: a commented example
	Zone    string
	Listen  string
	Webhook string
	Private bool // a feed's address is private
	Version string
}

// Feed is one to watch.
type Feed struct{ URL, Name string }

// Config writes a first config.yaml: every line says what it is for, and what
// is not needed stands commented out.
func Config(a Answers) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# yaml-language-server: $schema=./config.schema.json")
	p("# The line above is for editors: `watcher schema config > config.schema.json`.")
	p("# After a change: `watcher check`. A running watcher takes it in by itself.")
	p("version: 1")
	p("store: sqlite:./data/watcher.db      # made at the first start; or postgres://user@host/watcher for replicas")
	p("timezone: %-27s# an IANA name: digests and quiet hours go by it", quoted(a.Zone))
	p("")
	p("server:")
	p("  listen: %s   # the page and the API; \"\" for none", quoted(a.Listen))
	p("")
	p("polling:")
	p("  schedule: \"*/10 * * * *\"           # when a poll is allowed: cron text, or @every 5m")
	p("  adaptive: {min: 5m, max: 1h}       # feeds that publish rarely are polled rarely")
	if a.Private {
		p("  allow_private: true                # feeds may live on private and loopback addresses")
	}
	p("  # contact: you@example.org         # named in the User-Agent, so that a site can reach you")
	p("")
	if len(a.Feeds) == 0 {
		p("feeds: []                            # add one here, or: watcher feeds add https://example.org/")
		p("  # - {url: \"https://example.org/rss.xml\", name: Example, publisher: example, tags: [world]}")
	} else {
		p("feeds:                               # publisher: the owner; feeds of one owner count once")
		for _, f := range a.Feeds {
			line := "  - {url: " + quoted(f.URL)
			if f.Name != "" {
				line += ", name: " + quoted(f.Name)
			}
			p("%s}", line)
		}
	}
	p("")
	p("entities:                            # words that rules name as @id")
	p("  talks: [talks, negotiat*, mediat*]")
	p("  # iran: {country: IR}              # a country's names in every language of the press")
	p("  # araghchi: {name: Abbas Araghchi} # a person, in every spelling and script")
	p("")
	if a.Match == "" {
		p("topics: []                           # for example:")
		p("  # - id: talks")
		p("  #   name: Talks")
		p("  #   match: \"@talks AND (Oman OR Muscat)\"")
		p("  #   tests: [{title: Oman hosts talks, want: true}]")
	} else {
		p("topics:                              # try a rule: watcher backtest; ask why: watcher explain")
		p("  - id: first")
		p("    name: First topic")
		p("    match: |")
		for line := range strings.Lines(strings.TrimSpace(a.Match)) {
			p("      %s", strings.TrimSpace(line))
		}
		p("    # unless: football               # takes hits back")
		p("    # tests: [{title: A headline that must hit, want: true}]")
	}
	p("")
	p("receivers:")
	p("  - {id: terminal, type: log}        # a line an alert on stdout")
	if a.Webhook != "" {
		p("  - {id: hook, type: webhook, url: %s}   # sign it: secrets: [\"${HOOK_SECRET}\"]", quoted(a.Webhook))
	} else {
		p("  # - {id: hook, type: webhook, url: \"https://example.org/hook\", secrets: [\"${HOOK_SECRET}\"]}")
	}
	p("  # - {id: mail, type: email, smtp: {host: smtp.example.org, user: w, password_file: smtp.password}, from: w@example.org, to: [you@example.org]}")
	p("")
	p("# routes:                            # without any, every topic goes to every receiver")
	p("#   - {min_priority: high, to: [mail]}")
	p("#   - {events: [\"feed.*\", receiver.disabled, config.rejected, topic.silent], to: [mail], at_most: 1/d}")
	p("# digests:")
	p("#   - {id: morning, at: \"07:00\", to: [terminal]}")
	return b.String()
}

// quoted writes a text so that YAML reads it as it is.
func quoted(s string) string { return strconv.Quote(s) }
