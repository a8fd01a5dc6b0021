package app

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watcher/notify"
)

// TestMeaningless: what is well written and cannot be meant is said, at its
// place; each mistake in one line.
func TestMeaningless(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plain"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const feed, topic, receiver = `{id: a, url: "https://a.example/rss"}`, "{id: t, match: oman}", "{id: terminal, type: log}"
	for _, c := range []struct{ name, feed, topic, receiver, more, want string }{
		{name: "nothing"},
		{name: "codes", feed: `{id: a, url: "https://a.example/rss", lang: zh-Hant}`, topic: "{id: t, match: oman, where: {lang: [pt-BR, fa]}}"},
		{name: "any language", topic: `{id: t, match: oman, where: {lang: ["*"]}}`},
		{name: "languages by a pattern", topic: `{id: t, match: oman, where: {lang: ["zh-*", "??"]}}`},
		{name: "language", feed: `{id: a, url: "https://a.example/rss", lang: klingon}`, want: `2:5: feeds[0].lang: "klingon" is no language: write its code`},
		{name: "language of a topic", topic: "{id: t, match: oman, where: {lang: [en, english]}}", want: `4:5: topics[0].where.lang: "english" is no language`},
		{name: "header", feed: `{id: a, url: "https://a.example/rss", headers: {"X Key": b}}`, want: `2:5: feeds[0].headers: "X Key" cannot be sent`},
		{name: "value", feed: `{id: a, url: "https://a.example/rss", headers: {X-Key: "a\nb"}}`, want: `2:5: feeds[0].headers: "X-Key" cannot be sent`},
		{name: "agent", feed: `{id: a, url: "https://a.example/rss", user_agent: "a\nb"}`, want: "2:5: feeds[0].user_agent: it is one line"},
		{name: "contact", more: `polling: {contact: "a\nb"}`, want: "7:20: polling.contact: it is one line"},
		{name: "the same feed", feed: "{id: a, url: \"https://a.example/rss\"}\n  - {id: b, url: \"https://A.example/rss\"}", want: "3:5: warning: feeds[1].url: this is feed a once more"},
		{name: "within reach", topic: "{id: t, match: oman, threshold: 2, score: [{add: 2, q: iran}, {add: -3, q: sport}]}"},
		{name: "out of reach", topic: "{id: t, match: oman, threshold: 3, score: [{add: 2, q: iran}, {add: -3, q: sport}]}", want: "4:5: warning: topics[0].threshold: 3 is more than all of score can add (2): the topic can never hit"},
		{name: "no points", topic: "{id: t, match: oman, score: [{add: 0, q: iran}]}", want: "warning: topics[0].score[0]: 0 points change no score"},
		{name: "unless", topic: "{id: t, match: oman, unless: oman}", want: "warning: topics[0].unless: it says the same as match"},
		{name: "past", more: "silences: [{id: s, reason: x, until: 2020-01-01T00:00:00Z}]", want: "7:12: warning: silences[0].until: it ended at 2020-01-01T00:00:00Z"},
		{name: "backwards", more: "silences: [{id: s, reason: x, from: 2099-01-02T00:00:00Z, until: 2099-01-01T00:00:00Z}]", want: "7:12: silences[0].until: it ends at 2099-01-01T00:00:00Z, before it begins"},
		{name: "folder below a file", more: "data_dir: plain/backups", want: "7:11: warning: data_dir: there can be no folder " + filepath.Join(dir, "plain", "backups") + ": " + filepath.Join(dir, "plain") + " is a file"},
		{name: "folder to be made", more: "data_dir: some/where"},
		{name: "store below a file", more: "store: sqlite:plain/w.db", want: "7:8: warning: store: there can be no folder"},
		{name: "topic of ntfy", receiver: "{id: n, type: ntfy, url: \"https://ntfy.example\"}", want: "6:5: receivers[0]: url: the topic is missing"},
		{name: "port of a webhook", receiver: "{id: n, type: ntfy, url: \"https://ntfy.example:70000/x\"}", want: "6:5: receivers[0]: url: there is no port 70000"},
		{name: "update, once", receiver: "{id: n, type: log, on_update: sometimes}", want: `6:35: receivers[0].on_update: "sometimes" is none of`},
		{name: "days, once", more: `digests: [{id: d, at: "07:00", days: [funday]}]`, want: `7:11: digests[0].days: "funday" is no day: mon`},
		{name: "quiet, once", more: `quiet_hours: [{receivers: [terminal], from: "22:00"}]`, want: `7:15: quiet_hours[0]: key "to" is missing`},
		{name: "login, once", more: `server: {auth: {mode: tokenn}}`, want: `7:23: server.auth.mode: "tokenn" is none of`},
	} {
		file := filepath.Join(dir, "config.yaml")
		text := "feeds:\n  - " + cmp.Or(c.feed, feed) + "\ntopics:\n  - " + cmp.Or(c.topic, topic) + "\nreceivers:\n  - " + cmp.Or(c.receiver, receiver) + "\n" + c.more + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, ps, _ := Load(file, func(string) (string, bool) { return "", false }, notify.Env{Stdout: io.Discard}, nil)
		var got []string
		for _, p := range ps {
			got = append(got, p.Error())
		}
		if all := strings.Join(got, "\n"); c.want == "" && all != "" || len(ps) > 1 || !strings.Contains(all, c.want) {
			t.Errorf("%s: %q, want one line with %q", c.name, all, c.want)
		}
	}
}
