package gotify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	var p struct {
		Title, Message string
		Priority       int
	}
	switch {
	case r.Header.Get("X-Gotify-Key") != "A.s3cret":
		http.Error(w, `{"error":"Unauthorized"}`, http.StatusUnauthorized)
	case r.URL.Path != "/message" || json.NewDecoder(r.Body).Decode(&p) != nil || p.Message == "" || p.Priority < 0 || p.Priority > 10 || len(p.Message) > 8<<10:
		http.Error(w, `{"error":"Bad Request"}`, 400)
	default:
		fmt.Fprint(w, `{"id":25,"appid":5}`)
	}
})

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{Service: service, Secrets: []string{"A.s3cret"}, New: func(t *testing.T, url string, env notify.Env) notify.Notifier {
		g, err := New(Settings{URL: url + "/", Token: "A.s3cret"}, env)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}})
}
