package teams

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const path = "/workflows/abc/triggers/manual/paths/invoke?api-version=2016-06-01&sig=s3cret-sig"

// service shows a message only in the right envelope, as Teams does; here the
// wrong one is refused so that a test sees it.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var p struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Schema        string `json:"$schema"`
				Type, Version string
				Body          []struct {
					Type, Text string
					Wrap       bool
				}
				Actions []struct{ Type, Title, URL string }
			}
		}
	}
	err := json.Unmarshal(body, &p)
	if r.URL.Query().Get("sig") != "s3cret-sig" {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	if err != nil || len(body) > 28<<10 || p.Type != "message" || len(p.Attachments) != 1 || p.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" ||
		p.Attachments[0].Content.Type != "AdaptiveCard" || p.Attachments[0].Content.Version != "1.4" || len(p.Attachments[0].Content.Body) == 0 {
		http.Error(w, "nothing would be shown", 400)
		return
	}
	for _, e := range p.Attachments[0].Content.Body {
		if e.Type != "TextBlock" || e.Text == "" || !e.Wrap {
			http.Error(w, "an odd block", 400)
			return
		}
	}
	w.WriteHeader(202)
})

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	n, err := New(Settings{URL: notify.Secret(url + path)}, env)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{"s3cret-sig"}})
}

func TestStatus200ButWrong(t *testing.T) {
	for answer, want := range map[string]string{
		"1": "ok",
		"":  "ok",
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0": "pause 1m0s",
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId":        "smaller",
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 400":                       "reject",
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 503":                       "retry",
		"Webhook Bad Request - Null or empty event: Summary or Text is required.":                                            "reject",
	} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
		_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%q: %s (%v), want %s", answer, got, err, want)
		}
	}
}

func TestMarkupIsEscaped(t *testing.T) {
	m := notify.Samples(notifytest.Now)[1]
	m.Story.Title = "**bold** [x](https://evil.example) <at>you</at>"
	body := string(Body(m.Parts(notifytest.Env())))
	for _, bad := range []string{"**bold**", "[x](https", "<at>"} {
		if strings.Contains(body, bad) {
			t.Errorf("%q is in %s", bad, body)
		}
	}
}

// TestWorkflowSwitchedOff: a message is kept while its workflow is off.
func TestWorkflowSwitchedOff(t *testing.T) {
	for answer, want := range map[string]string{
		`{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow 'x' trigger 'manual' with state 'Disabled': trigger is not enabled."}}`: "setup",
		`{"error":{"code":"TriggerInputSchemaMismatch","message":"The input body for trigger 'manual' did not match its schema definition."}}`:                        "reject",
	} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, answer)
		}))
		_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%s: %s, want %s", answer, got, want)
		}
	}
}
