package notifytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/notify"
)

var update = flag.Bool("update", false, "write golden files")

// Golden compares a text with a file under testdata; -update writes it.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("it differs from %s (-update writes it): %v\n%s", file, err, got)
	}
}

// Named is a message with the name under which a golden file shows it.
type Named struct {
	Name string
	notify.Message
}

// Messages are what the people of a desk get: stories in two scripts and of
// every priority, an update, roll-ups, an event and a digest.
func Messages() []Named {
	at := func(hour, min int) time.Time { return time.Date(2026, 11, 22, hour, min, 0, 0, time.UTC) }
	topic := func(id, name string, p notify.Priority) *notify.Topic {
		return &notify.Topic{ID: id, Name: name, Priority: p, URL: "https://w.example/topics/" + id}
	}
	links := func(id string) notify.Links {
		return notify.Links{Explain: "https://w.example/stories/" + id, Mute: "https://w.example/stories/" + id + "#mute"}
	}
	hit := func(clause, via, text string) notify.Hit {
		return notify.Hit{Clause: clause, Field: "title", Text: text, Via: via, Form: "word"}
	}
	article := func(id, outlet, url, title, lang, summary string, hour, min int, hits ...notify.Hit) notify.Article {
		published := at(hour, min)
		return notify.Article{ID: id, Feed: id, Outlet: outlet, Publisher: id, Kind: "independent", URL: url, Title: title, Lang: lang, Published: &published, PublishedFrom: "feed",
			Fetched: published.Add(4 * time.Minute), Summary: summary, Match: &notify.Match{Score: 4, Threshold: 3, Hits: hits}}
	}
	talks := notify.Message{Type: notify.StoryNew, Sequence: 1, Reason: "new", Topics: []string{"talks"}, Topic: topic("talks", "Iran–U.S. talks", notify.High), Links: links("st_talks"),
		Story: &notify.Story{ID: "st_talks", URL: "https://w.example/stories/st_talks", Title: "Envoys meet in Muscat; talks to go on tomorrow", Lang: "en", Dir: "ltr", State: "growing",
			FirstSeen: at(6, 12), LastSeen: at(7, 38), Articles: 4, Outlets: 3, Publishers: 3, Languages: []string{"en"}, Kinds: map[string]int{"independent": 2, "official": 1}, PerHour: 4, Score: .8},
		Articles: []notify.Article{
			article("harbour", "Harbour Post", "https://harbour.example/world/muscat-talks?utm=a&id=7", "Envoys meet in Muscat; talks to go on tomorrow", "en",
				"Delegations from both countries met for five hours at the foreign ministry. Neither side spoke of a result; “we go on tomorrow”, said the host.", 6, 12,
				hit("@iran", "@iran", "Tehran"), hit("@talks", "@talks", "talks")),
			article("courier", "The Courier & Sons", "https://courier.example/a_(b)/talks", "Second round of talks ends in Muscat without result", "en", "", 6, 40),
			article("ministry", "Foreign Ministry", "https://mfa.example/press/112", "Statement on the talks of 22 November", "en", "", 7, 38)},
		Truncated: notify.Truncated{Articles: 1}}

	grown := talks
	was := "Envoys due in Muscat for a new round"
	s := *talks.Story
	s.Articles, s.Publishers, s.Outlets, s.Title = 14, 6, 9, "Muscat talks end with a text; inspectors return on Friday"
	grown.Story, grown.Type, grown.Sequence, grown.Reason = &s, notify.StoryUpdated, 2, "publishers_reached_6"
	grown.Changes = &notify.Changes{NewArticles: 10, NewPublishers: 3, PreviousTitle: &was, Facts: []string{"60 %", "Friday"}}
	grown.Truncated.Articles = 11

	persian := notify.Message{Type: notify.StoryNew, Sequence: 1, Reason: "new", Topics: []string{"talks", "oman"}, Topic: topic("talks", "Iran–U.S. talks", notify.Critical), Links: links("st_fa"),
		Story: &notify.Story{ID: "st_fa", URL: "https://w.example/stories/st_fa", Title: "مذاکرات ایران و آمریکا در مسقط «سازنده» بود 🕊️؛ دور بعدی: جمعه (۵ آذر)", Lang: "fa", Dir: "rtl", State: "new",
			FirstSeen: at(7, 2), LastSeen: at(7, 2), Articles: 1, Outlets: 1, Publishers: 1, Languages: []string{"fa"}, Kinds: map[string]int{"public": 1}, PerHour: 1, Score: .9},
		Articles: []notify.Article{article("radio-fa", "رادیو خبر", "https://radio.example/fa/%D9%85%D8%B3%D9%82%D8%B7", "مذاکرات ایران و آمریکا در مسقط «سازنده» بود 🕊️؛ دور بعدی: جمعه (۵ آذر)", "fa",
			"وزیر خارجه عمان گفت دو طرف «به متن نزدیک شده‌اند». IAEA نیز حضور داشت.", 7, 2, hit("@talks", "@talks", "مذاکرات"), hit("@oman", "@oman", "مسقط"))}}

	long := talks
	l := *talks.Story
	l.ID, l.Title = "st_long", strings.TrimSpace(strings.Repeat("<b>Live</b>: *what we know* of the [talks](x) & of `@everyone` who came 🚢🚢 – ", 8))
	long.Story, long.Held, long.Late = &l, "quiet hours", true
	long.Articles = slices.Clone(talks.Articles[:1])
	long.Articles[0].Title, long.Truncated = l.Title, notify.Truncated{}

	rows := []notify.RollupRow{
		{Story: "st_talks", Topic: "talks", Title: talks.Story.Title, URL: talks.Story.URL, Publishers: 3, Why: "quiet hours"},
		{Story: "st_fa", Topic: "talks", Title: persian.Story.Title, URL: persian.Story.URL, Publishers: 1, Why: "quiet hours"},
		{Story: "st_ferry", Topic: "oman", Title: "Ferry <Al Saif> back in port & nobody hurt", URL: "https://w.example/stories/st_ferry", Publishers: 1, Why: "quiet hours"}}
	night := notify.Message{Type: notify.Rollup, Sequence: 1, Reason: "quiet hours", Topics: []string{"talks", "oman"}, Rollup: rows,
		Event: &notify.Event{Subject: "quiet hours", Title: "3 stories during quiet hours, since 23:45"}}

	failing := notify.Message{Type: notify.FeedFailing, Sequence: 1, Reason: "failing",
		Event: &notify.Event{Subject: "harbour", Title: "Feed Harbour Post is failing", Text: "It answered 404 five times since 05:10. Look at its address: `watcher feeds show harbour`."}}
	quiet := talks
	quiet.Type, quiet.Reason, quiet.Changes = notify.StoryQuiet, "story.quiet", nil
	quiet.Event = &notify.Event{Subject: "st_talks", Title: talks.Story.Title, Text: "Nothing new has come for a day: 14 articles of 6 publishers"}
	digest := notify.Message{Type: notify.DigestReady, Sequence: 1, Reason: "digest", Topics: []string{"talks"}, Digest: &notify.DigestNote{ID: "morning", Date: "2026-11-22", Title: "Morning digest of 22 November",
		URL: "https://w.example/digests/morning/2026-11-22", From: at(0, 0).Add(-17 * time.Hour), To: at(7, 0), Stories: 2, Text: "Morning digest of 22 November\n\n1. Envoys meet in Muscat; talks to go on tomorrow\n   3 publishers\n\n2. مذاکرات ایران و آمریکا در مسقط\n   1 publisher\n",
		HTML: "<!doctype html><html><body><h1>Morning digest</h1></body></html>"}}

	all := []Named{{"new story", talks}, {"update", grown}, {"right to left, critical", persian}, {"long and hostile title, held, late", long}, {"roll-up", night}, {"event", failing}, {"went quiet", quiet}, {"digest", digest}}
	for i := range all {
		m := &all[i].Message
		m.Schema, m.Timestamp, m.ID = notify.Schema, Now, fmt.Sprintf("msg_01JD0000000000000000%06d", i)
		*m = m.Clean()
	}
	return all
}

// golden writes what the service gets for each message into testdata.
func (s Subject) golden(t *testing.T) {
	var out strings.Builder
	var first string
	for _, m := range Messages() {
		got := s.requests(t, Env(), m.Message)
		fmt.Fprintf(&out, "=== %s\n%s\n", m.Name, got)
		if m.Name == "update" {
			first = got
		}
	}
	for _, how := range s.Updates {
		env := Env()
		env.OnUpdate = how
		ms := Messages()
		server := Serve(t, s.Service)
		n := s.New(t, server.URL, env)
		r, err := s.send(t, n, ms[0].Message)
		if err != nil {
			t.Fatal(err)
		}
		m := ms[1].Message
		m.Previous = r.Ref
		had := len(server.Got())
		if _, err := s.send(t, n, m); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "=== update, on_update: %s: what is other than in a new message\n", how)
		for _, q := range server.Got()[had:] {
			for line := range strings.Lines(q.String()) {
				if !strings.Contains(first, line) {
					out.WriteString(line)
				}
			}
		}
		out.WriteString("\n")
	}
	Golden(t, cmp.Or(s.Golden, "messages.golden"), out.String())
}

func (s Subject) requests(t *testing.T, env notify.Env, m notify.Message) string {
	server := Serve(t, s.Service)
	r, err := s.send(t, s.New(t, server.URL, env), m)
	if err != nil {
		t.Fatal(err)
	}
	var out string
	for _, q := range server.Got() {
		out += q.String()
	}
	if out == "" {
		out = "nothing is sent: " + r.Answer + "\n"
	}
	return out
}

// readable takes back what JSON writes for the sake of HTML.
var readable = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// String is a request as a person reads it: its line, the headers that it sets,
// its body with JSON laid out.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.Path)
	var names []string
	for name := range r.Header {
		if !slices.Contains([]string{"Accept-Encoding", "Content-Length", "User-Agent"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	b.WriteString("\n")
	var laid bytes.Buffer
	if json.Indent(&laid, r.Body, "", "  ") != nil {
		laid.Reset()
		laid.Write(r.Body)
	}
	b.WriteString(readable.Replace(strings.TrimRight(laid.String(), "\n")) + "\n")
	return b.String()
}
