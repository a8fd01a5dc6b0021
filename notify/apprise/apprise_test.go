package apprise

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	var p struct{ Title, Body, Type, Format, URLs, Tag string }
	if r.URL.Path != "/notify/desk" {
		w.WriteHeader(204)
		return
	}
	if json.NewDecoder(r.Body).Decode(&p) != nil || p.Body == "" || p.Title == "" || p.Format != "text" || !strings.Contains("info warning", p.Type) ||
		p.URLs != "mailto://user:s3cret@example.org,json://host/x" || p.Tag != "news" {
		http.Error(w, "", 400)
	}
})

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	a, err := New(Settings{URL: url, URLs: []notify.Secret{"mailto://user:s3cret@example.org", "json://host/x"}, Tag: "news"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{Service: service, Secrets: []string{"s3cret"}, New: func(t *testing.T, url string, env notify.Env) notify.Notifier {
		return open(t, url+"/notify/desk", env)
	}})
}

func TestAnswersOfItsOwn(t *testing.T) {
	for code, want := range map[int]string{204: "setup", 424: "retry"} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%d: %s (%v), want %s", code, got, err, want)
		}
	}
}
