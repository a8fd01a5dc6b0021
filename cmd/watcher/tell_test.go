package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/notify"
)

// teller is a configuration with two receivers and a store with deliveries.
type teller struct {
	t      *testing.T
	config string
	hook   *httptest.Server
	status atomic.Int64
	bodies chan string
}

func newTeller(t *testing.T) *teller {
	te := &teller{t: t, config: filepath.Join(t.TempDir(), "config.yaml"), bodies: make(chan string, 100)}
	te.status.Store(202)
	te.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		te.bodies <- r.Header.Get("webhook-id")
		w.WriteHeader(int(te.status.Load()))
		fmt.Fprint(w, "as you wish")
	}))
	t.Cleanup(te.hook.Close)
	text := fmt.Sprintf(`version: 1
timezone: Europe/Berlin
server: {listen: ""}
feeds: []
topics:
  - {id: talks, name: Talks, match: talks, priority: high}
  - {id: quiet, match: weather, priority: low}
receivers:
  - {id: terminal, type: log}
  - {id: hook, type: webhook, url: "%s/x", secrets: ["%s"]}
routes:
  - {topics: [talks], to: [terminal], wait: 90s, continue: true}
  - {min_priority: critical, to: [hook]}
quiet_hours:
  - {receivers: [terminal], from: "22:30", to: "06:30", then: hold, break_through: critical}
silences:
  - {id: conference, topics: [talks], weekly: {days: [mon], from: "09:00", to: "10:00"}, reason: Monday conference}
`, te.hook.URL, testSecret)
	if err := os.WriteFile(te.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return te
}

func (te *teller) call(args ...string) result {
	te.t.Helper()
	return call(te.t, "", append(args, "-c", te.config)...)
}

// keep puts deliveries into the store.
func (te *teller) keep(ds ...notify.Delivery) {
	te.t.Helper()
	te.store(func(tx store.Tx) error { return tx.Enqueue(context.Background(), ds) })
}

// store writes into the store.
func (te *teller) store(fn func(store.Tx) error) {
	te.t.Helper()
	c, ps := config.Load(te.config, os.LookupEnv)
	if c == nil || config.Failed(ps) {
		te.t.Fatal(ps)
	}
	s, err := app.OpenStore(context.Background(), c, app.Write)
	if err != nil {
		te.t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(context.Background(), fn); err != nil {
		te.t.Fatal(err)
	}
}

func (te *teller) want(r result, code int, parts ...string) {
	te.t.Helper()
	if r.code != code {
		te.t.Errorf("exit %d, want %d: %s%s", r.code, code, r.stdout, r.stderr)
	}
	for _, p := range parts {
		if !strings.Contains(r.stdout+r.stderr, p) {
			te.t.Errorf("no %q in:\n%s%s", p, r.stdout, r.stderr)
		}
	}
}

func TestNotifyTest(t *testing.T) {
	te := newTeller(t)
	te.want(te.call("notify", "test"), exitOK, "watcher.test sample-topic", "[test]", "hook: ok (202)", "terminal: ok")
	<-te.bodies
	te.status.Store(404)
	te.want(te.call("notify", "test"), exitPartly, "hook: failed: answered 404", "1 of 2 receivers")
	te.want(te.call("notify", "test", "hook"), exitFailed, "as you wish")
	te.want(te.call("notify", "test", "nobody"), exitUsage, `no receiver "nobody"; there are terminal, hook`)
	r := te.call("notify", "test", "terminal", "--json")
	var got tested
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || !got.OK || got.Receiver != "terminal" {
		t.Errorf("%v: %s", err, r.stdout)
	}
}

func TestDeliveries(t *testing.T) {
	te := newTeller(t)
	te.want(te.call("deliveries", "list"), exitNothing)
	now := time.Now()
	message := func(id string) []byte {
		m := notify.Sample(now)
		m.ID, m.Type = id, notify.StoryNew
		data, _ := m.Encode()
		return data
	}
	dead := notify.Delivery{ID: "msg_dead", Receiver: "hook", Type: notify.StoryNew, Subject: "st_1", Sequence: 1, Topics: []string{"talks"}, Reason: "new",
		State: notify.Dead, Note: "refused: answered 400", Created: now, Payload: message("msg_dead")}
	held := notify.Delivery{ID: "msg_held", Receiver: "hook", Type: notify.StoryNew, Subject: "st_2", Sequence: 1, Reason: "new",
		State: notify.Held, Note: "quiet hours until 06:30", Created: now, Payload: message("msg_held")}
	te.keep(dead, held)
	te.want(te.call("deliveries", "list"), exitOK, "msg_dead", "refused: answered 400", "quiet hours until 06:30")
	te.want(te.call("deliveries", "list", "--state", "dead", "--json"), exitOK, `"id":"msg_dead"`)
	te.want(te.call("deliveries", "list", "--state", "delivered"), exitNothing)
	te.want(te.call("deliveries", "list", "--state", "lost"), exitUsage, "pending")
	te.want(te.call("deliveries", "show", "msg_dead"), exitOK, "story.new to hook: dead", `"title": "Envoys meet`)
	te.want(te.call("deliveries", "show", "msg_none"), exitNothing, "msg_none")

	te.want(te.call("deliveries", "drop", "msg_held"), exitOK, "dropped: msg_held")
	te.want(te.call("deliveries", "resend"), exitUsage)
	te.want(te.call("deliveries", "resend", "--dead"), exitOK, "sent again: msg_dead")
	te.want(te.call("once"), exitOK)
	if id := <-te.bodies; id != "msg_dead" {
		t.Errorf("resent as %s, want the same id", id)
	}
	te.want(te.call("deliveries", "show", "msg_dead"), exitOK, "delivered", "try 1", "taken (202)", "as you wish")

	te.want(te.call("deliveries", "replay", "msg_dead"), exitOK, "replayed: msg_dead as msg_")
	te.want(te.call("once"), exitOK)
	if id := <-te.bodies; id == "msg_dead" || !strings.HasPrefix(id, "msg_") {
		t.Errorf("replayed as %s, want a new id", id)
	}
	te.want(te.call("deliveries", "list", "--json", "--limit", "1"), exitOK, `"replay_of":"msg_dead"`, `"state":"delivered"`)
	te.want(te.call("deliveries", "replay", "msg_nothing"), exitNothing)
}

func TestReceivers(t *testing.T) {
	te := newTeller(t)
	te.want(te.call("receivers", "list"), exitOK, "terminal", "log", "hook", "webhook", "never")
	te.keep(notify.Delivery{ID: "msg_1", Receiver: "hook", Type: notify.FeedGone, Subject: "feed.gone/x", Sequence: 1, State: notify.Pending, Created: time.Now(), NextAt: time.Now(),
		Event: &notify.Event{Subject: "x", Title: "Feed x is gone"}})
	te.want(te.call("receivers", "pause", "hook"), exitOK, "paused: hook")
	te.want(te.call("once"), exitOK)
	te.want(te.call("receivers", "list"), exitOK, "paused", "1 pending")
	te.want(te.call("receivers", "enable", "hook"), exitOK, "enabled: hook")
	te.want(te.call("once"), exitOK)
	if id := <-te.bodies; id != "msg_1" {
		t.Errorf("told %s", id)
	}
	te.want(te.call("receivers", "list", "--json"), exitOK, `"id":"hook","state":"ok"`, `"delivered":1`, `"type":"webhook"`)
	te.want(te.call("receivers", "pause", "nobody"), exitUsage, "nobody")

	te.store(func(tx store.Tx) error {
		return tx.SaveReceiver(t.Context(), notify.ReceiverState{ID: "hook", OptedOut: []notify.OptOut{{Address: "desk@example.org", At: time.Now()}}})
	})
	te.want(te.call("receivers", "list"), exitOK, "unsubscribed: desk@example.org")
	te.want(te.call("receivers", "enable", "hook"), exitOK, "enabled: hook") // what one person wants is not undone by the way
	te.want(te.call("receivers", "list", "--json"), exitOK, `"unsubscribed":["desk@example.org"]`)
	te.want(te.call("receivers", "enable", "hook", "--address", "chief@example.org"), exitNothing, "chief@example.org has not unsubscribed")
	te.want(te.call("receivers", "enable", "hook", "--address", "desk@example.org"), exitOK, "takes desk@example.org back: hook")
	if r := te.call("receivers", "list"); strings.Contains(r.stdout, "unsubscribed") {
		t.Errorf("still left:\n%s", r.stdout)
	}
}

func TestRoutesExplain(t *testing.T) {
	te := newTeller(t)
	at := "2026-11-22 23:00"
	if r := te.call("routes", "explain"); strings.Count(r.stdout, "RECEIVER") != 1 {
		t.Errorf("a head for each topic:\n%s", r.stdout)
	}
	te.want(te.call("routes", "explain", "talks", "--at", at), exitOK, "terminal", "Mon 2026-11-23 06:30:00 CET", "quiet hours until Mon 06:30", "routes[0]", "never")
	te.want(te.call("routes", "explain", "--topic", "talks", "--priority", "critical", "--at", at, "--json"), exitOK,
		`{"topic":"talks","priority":"critical","receiver":"terminal","told":true,"at":"2026-11-22T23:01:30+01:00","route":"routes[0]","why":"after wait 1m30s"}`,
		`"receiver":"hook","told":true,"at":"2026-11-22T23:00:00+01:00","route":"routes[1]"`)
	te.want(te.call("routes", "explain", "talks", "--at", "2026-11-23T09:30:00+01:00"), exitOK, "silence conference until 10:00: Monday conference", "10:00:00 CET")
	te.want(te.call("routes", "explain", "quiet"), exitNothing, "in the digest only", "nobody would be told")
	te.want(te.call("routes", "explain", "nosuch"), exitUsage, "there are talks, quiet")
	te.want(te.call("routes", "explain", "talks", "--at", "noonish"), exitUsage, "is no time")
	te.want(te.call("routes", "explain", "talks", "--priority", "huge"), exitUsage, "critical")
}

func TestSilence(t *testing.T) {
	te := newTeller(t)
	te.want(te.call("silence", "list"), exitOK, "conference", "mon 09:00-10:00")
	text, err := os.ReadFile(te.config)
	if err == nil { // one feed of the file, one of the store
		err = os.WriteFile(te.config, []byte(strings.Replace(string(text), "feeds: []", "feeds: [{id: harbour, url: \"https://harbour.example/rss\", publisher: coastal}]", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	te.store(func(tx store.Tx) error {
		return tx.SaveFeed(context.Background(), feeds.Feed{ID: "uplands", URL: "https://uplands.example/rss"})
	})
	for want, args := range map[string][]string{
		"say what to silence": {"--for", "1h", "--reason", "x"},
		"needs an end":        {"--topic", "talks", "--reason", "x"},
		"needs a reason":      {"--topic", "talks", "--for", "1h"},
		"30 days at most":     {"--topic", "talks", "--for", "31d", "--reason", "x"},
		"is over":             {"--topic", "talks", "--until", "2020-01-01 00:00", "--reason", "x"},
		`no topic "tlaks", did you mean "talks"?`:            {"--topic", "tlaks", "--for", "1h", "--reason", "x"},
		`no receiver "pager"; there are hook, terminal`:      {"--receiver", "pager", "--for", "1h", "--reason", "x"},
		`no feed "hrabour", did you mean "harbour"?`:         {"--feed", "hrabour", "--for", "1h", "--reason", "x"},
		`no feed "upland", did you mean "uplands"?`:          {"--feed", "upland", "--for", "1h", "--reason", "x"},
		`no publisher "harbour"; there are coastal, uplands`: {"--publisher", "harbour", "--for", "1h", "--reason", "x"},
	} {
		te.want(te.call(append([]string{"silence", "add"}, args...)...), exitUsage, want)
	}
	te.want(te.call("silence", "add", "--topic", "talks", "--for", "4h", "--reason", "summit live blog"), exitOK, "silence 1 until ")
	te.want(te.call("silence", "list"), exitOK, "topic=talks", "summit live blog")
	te.want(te.call("routes", "explain", "talks", "--priority", "critical"), exitOK, "held: silence 1 until")
	te.want(te.call("silence", "end", "1"), exitOK, "ended: 1")
	te.want(te.call("silence", "end", "99"), exitNothing)
	te.want(te.call("silence", "end", "conference"), exitUsage, "end there")
	if r := te.call("silence", "list"); strings.Contains(r.stdout, "summit") {
		t.Errorf("an ended silence is listed:\n%s", r.stdout)
	}
	te.want(te.call("silence", "list", "--ended"), exitOK, "summit live blog", "ended ")
}
