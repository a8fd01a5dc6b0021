package pagerduty

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

const key = "R0UT1NGKEYs3cret0000000000000000"

var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var p struct {
		Key     string `json:"routing_key"`
		Action  string `json:"event_action"`
		Dedup   string `json:"dedup_key"`
		Payload struct{ Summary, Source, Severity string }
	}
	err := json.Unmarshal(body, &p)
	severity := strings.Contains(" critical error warning info ", " "+p.Payload.Severity+" ")
	if err != nil || len(body) > 512<<10 || p.Key != key || p.Dedup == "" || len(p.Dedup) > 255 ||
		(p.Action != "resolve" && (p.Action != "trigger" || p.Payload.Summary == "" || len([]rune(p.Payload.Summary)) > 1024 || p.Payload.Source == "" || !severity)) {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"status":"invalid event","message":"Event object is invalid"}`)
		return
	}
	w.WriteHeader(202)
	fmt.Fprint(w, `{"status":"success","message":"Event processed"}`)
})

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	p, err := New(Settings{Key: key, URL: url + "/v2/enqueue"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{key}, Updates: []string{"edit"}})
}

func TestOnlyWhatIsCriticalPages(t *testing.T) {
	story := func(typ notify.Type, p notify.Priority) notify.Message {
		m := notify.Samples(notifytest.Now)[1]
		m.Type, m.Test, m.Topic.Priority = typ, false, p
		return m
	}
	rollup := func(p notify.Priority) notify.Message {
		m := notify.Samples(notifytest.Now)[3]
		m.Test, m.Rollup[0].Priority = false, p
		return m
	}
	samples := notify.Samples(notifytest.Now)
	event := samples[5]
	event.Test = false
	digest := samples[4]
	digest.Test = false
	for name, tt := range map[string]struct {
		m    notify.Message
		want string
	}{
		"critical": {story(notify.StoryNew, notify.Critical), `"event_action":"trigger","dedup_key":"st_sample"`},
		"update":   {story(notify.StoryUpdated, notify.Critical), `"event_action":"trigger","dedup_key":"st_sample"`},
		"quiet":    {story(notify.StoryQuiet, notify.Critical), `"event_action":"resolve","dedup_key":"st_sample"`},
		"high":     {story(notify.StoryNew, notify.High), ""},
		"held":     {rollup(notify.Critical), `"event_action":"trigger","dedup_key":"msg_sample3"`},
		"not held": {rollup(notify.High), ""},
		"digest":   {digest, ""},
		"event":    {event, `"dedup_key":"feed.failing/sample-feed"`},
		"test":     {samples[0], `"severity":"info"`},
	} {
		server := notifytest.Serve(t, service)
		r, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), tt.m)
		if err != nil {
			t.Fatal(err)
		}
		got := server.Got()
		if tt.want == "" {
			if len(got) != 0 || r.Answer != "not critical: nobody was paged" {
				t.Errorf("%s paged", name)
			}
		} else if len(got) != 1 || !strings.Contains(string(got[0].Body), tt.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestWrongKey: that the key is wrong is no fault of the event, which is kept.
func TestWrongKey(t *testing.T) {
	for answer, want := range map[string]string{
		`{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}`: "setup",
		`{"status":"invalid event","message":"Event object is invalid","errors":["'payload.severity' is invalid"]}`:                                  "reject",
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
