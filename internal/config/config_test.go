package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func env(kv ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == name {
				return kv[i+1], true
			}
		}
		return "", false
	}
}

const small = `feeds:
  - {url: "https://news.example/world/rss.xml", tags: [world]}
topics:
  - {id: oman, match: oman AND mediat*}
receivers:
  - {id: terminal, type: log}
`

func TestSmallest(t *testing.T) {
	c, ps := Parse("c.yaml", []byte(small), env())
	if len(ps) > 0 {
		t.Fatalf("problems: %v", ps)
	}
	f, topic := c.Feeds[0], c.Topics[0]
	if f.ID != "news-example-world" || f.Publisher != f.ID || f.Kind != "independent" || !f.Notify {
		t.Errorf("feed defaults: %+v", f)
	}
	if topic.Priority != "normal" || topic.Alert != (Alert{"story", "developments", 1}) || topic.Name != "oman" {
		t.Errorf("topic defaults: %+v", topic)
	}
	if c.Polling.HostGap.D() != 2*time.Second || c.Retention.Items.String() != "180d" {
		t.Errorf("defaults: %+v %v", c.Polling, c.Retention)
	}
	want := Run{0, Pos{4, 23}}
	if got := topic.Match; !got.Exact || len(got.Runs) != 1 || got.Runs[0] != want {
		t.Errorf("place of the rule: %+v, want %+v", got.Runs, want)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", small + "topcis: []\n", `c.yaml:7:1: unknown key "topcis", did you mean "topics"?`},
		{"unknown key inside", strings.Replace(small, "match:", "titel: x, match:", 1), `c.yaml:4:16: topics[0]: unknown key "titel"`},
		{"missing key", strings.Replace(small, "match: oman AND mediat*", "name: x", 1), `c.yaml:4:5: topics[0]: key "match" is missing`},
		{"twice", small + "feeds: []\n", `key "feeds" stands twice (first in line 1)`},
		{"same id", small + "  - {id: terminal, type: log}\n", `receiver id "terminal" stands twice`},
		{"enum", strings.Replace(small, "match:", "priority: hgih, match:", 1), `"hgih" is none of low, normal, high, critical, did you mean "high"?`},
		{"duration", small + "polling: {timeout: fast}\n", `c.yaml:7:20: polling.timeout: "fast" is no duration`},
		{"reference", small + "routes: [{topics: [omam], to: [terminal]}]\n", `routes[0].topics: unknown topic "omam", did you mean "oman"?`},
		{"zone", small + "timezone: Berlin\n", `"Berlin" is no time zone`},
		{"list for text", small + "timezone: [a]\n", `timezone: write text, not a list`},
		{"at sign", strings.Replace(small, "{id: oman, match: oman AND mediat*}", "id: oman\n    match: @oman", 1), `c.yaml:5:12: a value that begins with @`},
		{"tab", "feeds:\n\t- a\n", `c.yaml:2:1: a tab cannot indent YAML`},
		{"empty", " \n", "the file is empty"},
		{"comments", "# nothing\n", "only comments"},
		{"scheme", strings.Replace(small, "https://news", "ftp://news", 1), "http and https only"},
		{"password in url", strings.Replace(small, "https://news", "https://u:p@news", 1), "auth: {user, password_file}"},
		{"time of day", small + "digests: [{id: d, at: 7}]\n", `digests[0].at: "7" is no time of day`},
		{"rate", small + "routes: [{events: [feed.*], to: [terminal], at_most: daily}]\n", `"daily" is no rate`},
		{"silence without end", small + "silences: [{id: s, reason: x}]\n", "a silence ends"},
		{"silence twice", small + "silences:\n  - {id: s, reason: x, until: 2030-01-01T00:00:00Z}\n  - {id: s, reason: x, until: 2030-01-01T00:00:00Z}\n", `silence id "s" stands twice`},
		{"silence of an unknown feed", small + "silences: [{id: s, reason: x, feeds: [wrld], until: 2030-01-01T00:00:00Z}]\n", `warning: silences[0].feeds: no feed "wrld" in this file`},
		{"empty address", strings.Replace(small, `"https://news.example/world/rss.xml"`, `""`, 1), `c.yaml:2:5: feeds[0]: key "url" is empty`},
		{"route to nobody", small + "routes: [{to: []}]\n", `routes[0]: key "to" is empty`},
		{"port", small + "server: {listen: '127.0.0.1:99999'}\n", `c.yaml:7:18: server.listen: "127.0.0.1:99999": write ADDRESS:PORT`},
		{"proxy", small + "polling: {proxy: 'ftp://user:pass@x'}\n", `c.yaml:7:18: polling.proxy: this is no address: write http://`},
		{"heartbeat", small + "ops: {heartbeat_url: foo}\n", `c.yaml:7:22: ops.heartbeat_url: this is no address: write http:// or https://`},
		{"port of a feed", strings.Replace(small, "news.example", "news.example:99999", 1), `feeds[0].url: "https://news.example:99999/world/rss.xml" is no address: there is no port 99999`},
		{"host of a feed", strings.Replace(small, "news.example", "news..example", 1), `there can be no host "news..example"`},
		{"port of a proxy", small + "polling: {proxy: 'http://user:pass@x:99999'}\n", `c.yaml:7:18: polling.proxy: this is no address: there is no port 99999`},
		{"public url", small + "server: {public_url: foo}\n", `c.yaml:7:22: server.public_url: "foo" is no address`},
		{"public url with more", small + "server: {public_url: 'https://w.example/?a=b'}\n", "a scheme, a host and perhaps a path, nothing more"},
		{"websub", small + "polling: {websub: true}\n", `c.yaml:7:19: polling.websub: needs server.public_url`},
		{"tag", strings.Replace(small, "[world]", `["a,b"]`, 1), `feeds[0].tags: "a,b": a tag has no comma`},
		{"bounds of a feed", strings.Replace(small, "tags: [world]", "adaptive: {min: 2h, max: 1h}", 1), `feeds[0].adaptive: min 2h is longer than max 1h`},
		{"less than none a day", strings.Replace(small, "match:", "max_per_day: -1, match:", 1), `topics[0].max_per_day: -1: write 1 or more`},
		{"growth to less than one", small + "routes: [{to: [terminal], update_when: {publishers: [3, -1]}}]\n", `routes[0].update_when.publishers: -1: write 1 or more`},
		{"rank", small + "digests: [{id: d, at: '07:00', min_score: -1}]\n", `digests[0].min_score: -1: write 0 or more`},
		{"alarm", small + "digests: [{id: d, at: '07:00', alarm_after_days: -1}]\n", `digests[0].alarm_after_days: -1: write 1 or more`},
		{"entity's name", small + "entities: {a b: [c]}\n", `c.yaml:7:12: entities: "a b": rules name an entity as @id`},
		{"receiver's timeout", strings.Replace(small, "type: log", "type: log, timeout: 0s", 1), "receivers[0].timeout: must be longer than 0"},
		{"receiver's budget", strings.Replace(small, "type: log", "type: log, max_per_hour: -1", 1), "receivers[0].max_per_hour: -1: write 1 or more"},
		{"version", "version: 2\n" + small, "version 2 is not known"},
	} {
		_, ps := Parse("c.yaml", []byte(c.text), env())
		if got := Problems(ps).Error(); !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant %q", c.name, got, c.want)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, ps := Parse("c.yaml", []byte("feeds:\n  - {url: x, knd: a}\ntopics:\n  - {id: a}\nstor: x\n"), env())
	if len(ps) != 4 {
		t.Fatalf("got %d problems:\n%s", len(ps), Problems(ps).Error())
	}
	for i := 1; i < len(ps); i++ {
		if ps[i].Line < ps[i-1].Line {
			t.Errorf("not in order: %v", ps)
		}
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := `server: {auth: {mode: token, token_file: pw}}
feeds:
  - {url: "https://a.example/f", headers: {X-Key: "${KEY}"}, auth: {user: u, password_file: nowhere}}
`
	c, ps := Parse(filepath.Join(dir, "c.yaml"), []byte(text), env("KEY", "k1"))
	if c.Server.Auth.Token != "geheim" || c.Feeds[0].Headers["X-Key"] != "k1" {
		t.Errorf("secrets: %+v %+v", c.Server.Auth, c.Feeds[0].Headers)
	}
	if len(c.Missing) != 1 || c.Missing[0].Path != "feeds[0].auth.password_file" || Failed(ps) {
		t.Errorf("missing: %+v, problems %v", c.Missing, ps)
	}
	c, ps = Parse("c.yaml", []byte(text), env())
	if len(c.Missing) != 3 || Failed(ps) {
		t.Errorf("missing: %+v, problems %v", c.Missing, ps)
	}
}

func TestPlacesOfText(t *testing.T) {
	text := "topics:\n- id: a\n  match: |\n    iran AND\n\n    (usa)\n- id: b\n  match: 'oman'\n- id: c\n  match: >\n    folded\n    text\n- {id: é, match: \"x y\"}\n"
	c, ps := Parse("c.yaml", []byte(text), env())
	if Failed(ps) {
		t.Fatal(ps)
	}
	want := []struct {
		exact bool
		runs  []Run
	}{
		{true, []Run{{0, Pos{4, 5}}, {10, Pos{6, 5}}}},
		{true, []Run{{0, Pos{8, 11}}}},
		{false, nil},
		{true, []Run{{0, Pos{13, 19}}}},
	}
	for i, w := range want {
		got := c.Topics[i].Match
		if got.Exact != w.exact || len(got.Runs) != len(w.runs) {
			t.Errorf("topic %d: %+v, want %+v", i, got, w)
			continue
		}
		for j := range w.runs {
			if got.Runs[j] != w.runs[j] {
				t.Errorf("topic %d run %d: %+v, want %+v", i, j, got.Runs[j], w.runs[j])
			}
		}
	}
}

func TestEntitiesAndForms(t *testing.T) {
	text := `entities:
  talks: [talks, "nuclear deal"]
  iran: {alias: [Tehran], alone: no}
x: &x {id: r, type: slack, channel: "#a"}
receivers: [*x]
routes:
  - {to: [r], update_when: [publishers: [2, 4], new_kind], at_most: 1/d}
  - {to: r, update_when: {publishers: [5], title_change}}
polling: {adaptive: off}
feeds: [{url: "https://a.example/", adaptive: {min: 1m}}]
`
	c, ps := Parse("c.yaml", []byte(text), env())
	if len(ps) != 1 || !strings.Contains(ps[0].Msg, `unknown key "x"`) {
		t.Fatalf("problems: %v", ps)
	}
	if len(c.Entities) != 2 || c.Entities[0].ID != "talks" || c.Entities[0].Alias[1].Value != "nuclear deal" || c.Entities[1].Alone {
		t.Errorf("entities: %+v", c.Entities)
	}
	if w := c.Routes[0].UpdateWhen; len(w.Publishers) != 2 || !w.NewKind || w.TitleChange {
		t.Errorf("list form: %+v", w)
	}
	if w := c.Routes[1].UpdateWhen; len(w.Publishers) != 1 || w.NewKind || !w.TitleChange || c.Routes[1].To[0] != "r" {
		t.Errorf("map form: %+v", w)
	}
	if !c.Polling.Adaptive.Off || c.Feeds[0].Adaptive.Min.D() != time.Minute {
		t.Errorf("adaptive: %+v %+v", c.Polling.Adaptive, c.Feeds[0].Adaptive)
	}
	var settings struct {
		Channel string `yaml:"channel"`
	}
	if err := c.Receivers[0].Settings.Decode(&settings); err != nil || settings.Channel != "#a" {
		t.Errorf("settings: %v %+v", err, settings)
	}
	var other struct {
		Chanel string `yaml:"chanel"`
	}
	if err := c.Receivers[0].Settings.Decode(&other); err == nil || !strings.Contains(err.Error(), `c.yaml:4:28: receivers[0]: unknown key "channel", did you mean "chanel"?`) {
		t.Errorf("unknown setting: %v", err)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "180d": 180 * 24 * time.Hour, "2y": 2 * 8760 * time.Hour, "1h30m": 90 * time.Minute, "0": 0, "1.5d": 36 * time.Hour} {
		if got, err := ParseDuration(text); err != nil || got.D() != want {
			t.Errorf("ParseDuration(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-5m", "5", "NaNd", "1e300y"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("entities: {a: [b]}\ntopics: [{id: x, match: |\n a}]")
	f.Add("a: &a [*a]\nfeeds: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		Parse("c.yaml", []byte(text), env())
	})
}
