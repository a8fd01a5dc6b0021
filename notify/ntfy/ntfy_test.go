package ntfy

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"watcher/notify"
	"watcher/notify/notifytest"
)

var sequence = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	title, err := new(mime.WordDecoder).DecodeHeader(r.Header.Get("X-Title"))
	switch p := r.Header.Get("X-Priority"); {
	case r.Header.Get("Authorization") != "Bearer tk_s3cret":
		http.Error(w, `{"code":40101,"http":401,"error":"unauthorized"}`, http.StatusUnauthorized)
	case r.URL.Path != "/desk", err != nil, title == "", len(title) > 1024, len(p) != 1, p < "1", p > "5", !utf8.Valid(body):
		http.Error(w, `{"code":40001,"http":400,"error":"invalid request"}`, 400)
	case strings.ContainsFunc(r.Header.Get("X-Title")+r.Header.Get("X-Click")+r.Header.Get("X-Tags"), func(c rune) bool { return c > 126 }):
		http.Error(w, `{"code":40001,"http":400,"error":"a header is no ASCII"}`, 400)
	case r.Header.Get("X-Sequence-ID") != "" && !sequence.MatchString(r.Header.Get("X-Sequence-ID")):
		http.Error(w, `{"code":40049,"http":400,"error":"invalid request: sequence ID invalid"}`, 400)
	case len(body) > 4096 || len(body) == 0:
		http.Error(w, `{"code":40012,"http":400,"error":"would be an attachment"}`, 400)
	default:
		fmt.Fprint(w, `{"id":"sPs71M8A2T","event":"message","topic":"desk"}`)
	}
})

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	n, err := New(Settings{URL: url + "/desk", Token: "tk_s3cret"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{"tk_s3cret"}, Updates: []string{"edit"}})
}

func TestUpdatesShareASequence(t *testing.T) {
	server := notifytest.Serve(t, service)
	env := notifytest.Env()
	env.OnUpdate = "edit"
	n := open(t, server.URL, env)
	samples := notify.Samples(notifytest.Now)
	samples[1].Topic.Priority = notify.Critical
	for _, m := range samples[1:3] {
		if r, err := n.Send(t.Context(), m); err != nil || r.Ref != "st_sample" {
			t.Errorf("%+v, %v", r, err)
		}
	}
	got := server.Got()
	if got[0].Header.Get("X-Sequence-ID") != "st_sample" || got[1].Header.Get("X-Sequence-ID") != "st_sample" {
		t.Error("the messages of a story share no sequence id")
	}
	if got[0].Header.Get("X-Priority") != "5" || got[0].Header.Get("X-Click") != "https://example.org/talks" {
		t.Errorf("headers %v", got[0].Header)
	}
	if !strings.Contains(string(got[1].Body), "Changed: 1 new publisher") {
		t.Errorf("body %s", got[1].Body)
	}
}

func TestNotNtfy(t *testing.T) {
	server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") }))
	_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
	if got := notifytest.Meaning(err); got != "setup" {
		t.Errorf("%s: %v", got, err)
	}
}
