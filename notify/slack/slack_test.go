package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const token = "xoxb-1234-secret-token"

// posted is what Slack reads of a message.
type posted struct {
	Channel, Text, TS string
	Blocks            []struct {
		Type     string
		Text     *struct{ Type, Text string }
		Elements []struct{ Type, Text string }
	}
}

// fault is why Slack refuses a message; empty where it takes it.
func (p posted) fault() string {
	if len(p.Blocks) > 50 || len(p.Blocks) == 0 || utf8.RuneCountInString(p.Text) > 4000 || p.Text == "" {
		return "invalid_blocks"
	}
	all := 0
	check := func(kind, text string, limit int) bool {
		n := utf8.RuneCountInString(text)
		all += n
		return n > 0 && n <= limit && (kind == "plain_text" || markupOK(text))
	}
	for _, b := range p.Blocks {
		ok := true
		switch b.Type {
		case "header":
			ok = b.Text.Type == "plain_text" && check("plain_text", b.Text.Text, 150)
		case "section":
			ok = check(b.Text.Type, b.Text.Text, 3000)
		case "context":
			ok = len(b.Elements) > 0 && len(b.Elements) <= 10
			for _, e := range b.Elements {
				ok = ok && check(e.Type, e.Text, 3000)
			}
		}
		if !ok {
			return "invalid_blocks"
		}
	}
	if all > 13_000 { // of what it does not document
		return "msg_blocks_too_long"
	}
	return ""
}

// service answers as Slack does: what breaks a limit of its blocks is refused
// with status 200 and an error.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	var p posted
	fault := ""
	switch err := json.NewDecoder(r.Body).Decode(&p); {
	case r.Header.Get("Authorization") != "Bearer "+token:
		fault = "invalid_auth"
	case err != nil || p.Channel == "":
		fault = "invalid_arguments"
	case strings.HasSuffix(r.URL.Path, "/chat.update") && (p.TS == "" || !strings.HasPrefix(p.Channel, "C")):
		fault = "message_not_found"
	case !strings.HasSuffix(r.URL.Path, "/chat.update") && !strings.HasSuffix(r.URL.Path, "/chat.postMessage"):
		fault = "unknown_method"
	default:
		fault = p.fault()
	}
	if fault != "" {
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, fault)
		return
	}
	fmt.Fprint(w, `{"ok":true,"channel":"C024BE91L","ts":"1503435956.000247"}`)
})

// markupOK: every < opens a link with an address of the web; & begins an entity.
func markupOK(s string) bool {
	for _, part := range strings.Split(s, "<")[1:] {
		link, _, ok := strings.Cut(part, ">")
		if !ok || !strings.HasPrefix(link, "http") || strings.Count(link, "|") != 1 {
			return false
		}
	}
	for _, part := range strings.Split(s, "&")[1:] {
		if !strings.HasPrefix(part, "amp;") && !strings.HasPrefix(part, "lt;") && !strings.HasPrefix(part, "gt;") {
			return false
		}
	}
	return true
}

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	s, err := New(Settings{Token: token, Channel: "#desk", API: url + "/api"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{token}, Updates: []string{"edit", "thread"}})
}

func TestHookSuite(t *testing.T) {
	const path = "/services/T00/B00/s3cretpath"
	notifytest.Run(t, notifytest.Subject{
		New: func(t *testing.T, url string, env notify.Env) notify.Notifier {
			s, err := New(Settings{URL: notify.Secret(url + path)}, env)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Service: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var p posted
			if r.URL.Path != path {
				http.Error(w, "no_service", 404)
			} else if json.NewDecoder(r.Body).Decode(&p) != nil || p.fault() != "" {
				http.Error(w, "invalid_payload", 400)
			} else {
				fmt.Fprint(w, "ok")
			}
		}),
		Secrets: []string{"s3cretpath"},
		Golden:  "hook.golden",
	})
}

func TestEditsAndThreads(t *testing.T) {
	samples := notify.Samples(notifytest.Now)
	for how, want := range map[string]string{
		"edit":   `/api/chat.update {"channel":"C024BE91L","ts":"1503435956.000247"`,
		"thread": `/api/chat.postMessage {"channel":"C024BE91L","thread_ts":"1503435956.000247"`,
		"new":    `/api/chat.postMessage {"channel":"#desk","text"`,
	} {
		server := notifytest.Serve(t, service)
		env := notifytest.Env()
		env.OnUpdate = how
		n := open(t, server.URL, env)
		m := samples[2]
		m.Previous = "C024BE91L:1503435956.000247"
		r, err := n.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		got := server.Got()[0]
		if !strings.HasPrefix(got.Path+" "+string(got.Body), want) {
			t.Errorf("%s: %s %.120s", how, got.Path, got.Body)
		}
		if r.Ref != m.Previous {
			t.Errorf("%s: ref %q", how, r.Ref)
		}
	}
}

func TestDeletedMessageIsPostedAnew(t *testing.T) {
	calls := 0
	server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			fmt.Fprint(w, `{"ok":false,"error":"message_not_found"}`)
			return
		}
		service(w, r)
	}))
	env := notifytest.Env()
	env.OnUpdate = "edit"
	m := notify.Samples(notifytest.Now)[2]
	m.Previous = "C1:1.1"
	r, err := open(t, server.URL, env).Send(t.Context(), m)
	if err != nil || r.Ref != "C024BE91L:1503435956.000247" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestErrorsWithStatus200(t *testing.T) {
	for code, want := range map[string]string{
		"invalid_auth": "setup", "channel_not_found": "setup", "not_in_channel": "setup", "is_archived": "setup", "missing_scope": "setup",
		"ratelimited": "retry", "internal_error": "retry", "invalid_blocks": "reject", "msg_too_long": "smaller",
	} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"ok":false,"error":%q}`, code) }))
		_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%s: %s (%v), want %s", code, got, err, want)
		}
	}
}

func TestSettings(t *testing.T) {
	edit := notifytest.Env()
	edit.OnUpdate = "edit"
	for want, s := range map[string]Settings{
		"bot token":               {},
		"channel is needed":       {Token: token},
		"both set":                {Token: token, URL: "https://hooks.slack.example/x"},
		"needs a bot's token":     {},
		"has its channel already": {URL: "https://hooks.slack.example/x", Channel: "#a"},
	} {
		if strings.Contains(want, "needs") {
			s = Settings{URL: "https://hooks.slack.example/x"}
			want = "need a bot's token"
		}
		_, err := New(s, edit)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	var missing *notify.MissingSecret
	if _, err := New(Settings{TokenFile: "/nonexistent/token", Channel: "#a"}, edit); !errors.As(err, &missing) {
		t.Errorf("a token file that is not there: %v", err)
	}
}
