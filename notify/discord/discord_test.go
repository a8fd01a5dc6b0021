package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const path = "/api/webhooks/223704706495545344/s3cret-discord-token"

// service refuses what Discord refuses: long parts, more than 6000 characters
// in all, and anything that might mention somebody.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, path) {
		http.Error(w, `{"message": "Unknown Webhook", "code": 10015}`, 404)
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, path+"/messages/"); ok != (r.Method == "PATCH") || (ok && id != "99") {
		http.Error(w, `{"message": "Unknown Message", "code": 10008}`, 404)
		return
	}
	var p struct {
		Content         string
		Embeds          []struct{ Title, Description, URL, Timestamp string }
		AllowedMentions *struct{ Parse []string } `json:"allowed_mentions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, `{"code": 50109}`, 400)
		return
	}
	all := 0
	for _, e := range p.Embeds {
		t, d := notify.UTF16(e.Title), notify.UTF16(e.Description)
		all += t + d
		if t == 0 || t > 256 || d > 4096 {
			http.Error(w, `{"code": 50035, "message": "Invalid Form Body"}`, 400)
			return
		}
	}
	if len(p.Embeds) == 0 || len(p.Embeds) > 10 || all > 6000 || p.AllowedMentions == nil || p.AllowedMentions.Parse == nil || len(p.AllowedMentions.Parse) != 0 {
		http.Error(w, `{"code": 50035, "message": "Invalid Form Body"}`, 400)
		return
	}
	if r.URL.Query().Get("wait") != "true" {
		w.WriteHeader(204)
		return
	}
	fmt.Fprint(w, `{"id":"99","channel_id":"1"}`)
})

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	d, err := New(Settings{URL: notify.Secret(url + path)}, env)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{"s3cret-discord-token"}, Updates: []string{"edit"}})
}

func TestEdit(t *testing.T) {
	env := notifytest.Env()
	env.OnUpdate = "edit"
	m := notify.Samples(notifytest.Now)[2]
	for previous, want := range map[string]string{"99": "PATCH", "98": "PATCH POST", "": "POST"} {
		server := notifytest.Serve(t, service)
		m.Previous = previous
		r, err := open(t, server.URL, env).Send(t.Context(), m)
		var methods []string
		for _, g := range server.Got() {
			methods = append(methods, g.Method)
		}
		if got := strings.Join(methods, " "); err != nil || got != want || r.Ref != "99" {
			t.Errorf("previous %q: %s, ref %q, %v; want %s", previous, got, r.Ref, err, want)
		}
	}
}

func TestRetryAfterInTheBody(t *testing.T) {
	server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(429)
		fmt.Fprint(w, `{"message":"You are being rate limited.","retry_after":64.5,"global":false}`)
	}))
	_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
	if got := notifytest.Meaning(err); got != "pause 1m4.5s" {
		t.Errorf("%s: %v", got, err)
	}
}

// TestRestsAsTold: an answer that says that nothing more is taken for a while
// is believed: the next send waits for its turn, or the receiver pauses.
func TestRestsAsTold(t *testing.T) {
	for after, want := range map[string]string{"0.8": "slept 800ms, ok", "2.5": "slept 2.5s, ok", "30": "pause 30s", "soon": "ok"} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset-After", after)
			service(w, r)
		}))
		env, did := notifytest.Env(), ""
		env.Sleep = func(_ context.Context, d time.Duration) error {
			did = "slept " + d.String() + ", "
			return nil
		}
		d := open(t, server.URL, env)
		if _, err := d.Send(t.Context(), notify.Sample(notifytest.Now)); err != nil || did != "" {
			t.Fatalf("%s: %s%v", after, did, err)
		}
		_, err := d.Send(t.Context(), notify.Sample(notifytest.Now))
		if got := did + notifytest.Meaning(err); got != want {
			t.Errorf("Reset-After %s: %s, want %s", after, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"**b** [x](y) @everyone <@1> `c` ||s||": `\*\*b\*\* \[x\](y) \@everyone \<\@1> \` + "`c\\`" + ` \|\|s\|\|`,
		"Iran-U.S. talks #2 (live) > 5":         "Iran-U.S. talks #2 (live) > 5", // as it is in a preview, which shows no markdown
		"- a\n# b\n> c\n-# d":                   "\\- a\n\\# b\n\\> c\n\\-\\# d",
		"at 12:30 :fire: https://x.example":     `at 12:30 \:fire: https\://x.example`,
	} {
		if got := escape(in); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
