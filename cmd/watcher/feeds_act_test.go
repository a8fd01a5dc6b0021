package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFeedsVerbs(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/page":
			fmt.Fprint(w, `<html><link rel="alternate" type="application/rss+xml" href="/feed">`)
		case "/pages":
			fmt.Fprint(w, `<html><link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate" type="application/atom+xml" href="/second">`)
		case "/moved":
			http.Redirect(w, r, "/feed", http.StatusMovedPermanently)
		case "/cut":
			w.Header().Set("Content-Length", "500")
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour ne`)
		default:
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour news</title><item><title>x</title></item></channel></rss>`)
		}
	}))
	defer srv.Close()
	config, _ := listed(t, "")
	steps := []struct {
		args string
		code int
		want string
	}{
		{"add --id site " + srv.URL + "/page", 0, "added site: Harbour news"},
		{"remove site", 0, "is removed"},
		{"add --id harbour --tag sea " + srv.URL + "/feed", 0, "added harbour: Harbour news"},
		{"add " + srv.URL + "/feed", exitFailed, "feed harbour has this address already"},
		{"add " + srv.URL + "/page", exitFailed, "feeds are watched already: harbour"},
		{"add --id second " + srv.URL + "/pages", 0, "added second: Harbour news"},
		{"show --json second", 0, srv.URL + "/second"},
		{"add " + srv.URL + "/pages", exitFailed, "feeds are watched already: harbour, second"},
		{"add --id harbour " + srv.URL + "/other", exitFailed, "another id"},
		{"add " + srv.URL + "/moved", exitFailed, "feed harbour already"},
		{"add " + srv.URL + "/cut", exitFailed, "ended early"},
		{"add http://paper.example/feed", exitFailed, "already"},
		{"add harbour.example", exitFailed, "no address"},
		{"list --tag sea", 0, "harbour"},
		{"show harbour", 0, "state      active"},
		{"show --json harbour", 0, `"schedule":`},
		{"show nobody", exitNothing, "nobody"},
		{"pause harbour", 0, "is paused"},
		{"show harbour", 0, "state      paused"},
		{"resume harbour", 0, "is polled again"},
		{"poll harbour", 0, "is polled now"},
		{"poll nobody", exitNothing, "nobody\": not found; `watcher feeds list` lists what there is"},
		{"remove harbour", 0, "is removed"},
		{"list", 0, "paper"},
	}
	for _, s := range steps {
		r := call(t, "", append([]string{"feeds", "-c", config}, strings.Fields(s.args)...)...)
		if r.code != s.code || !strings.Contains(r.stdout+r.stderr, s.want) {
			t.Errorf("feeds %s: %+v, want exit %d and %q", s.args, r, s.code, s.want)
		}
	}
	if r := call(t, "", "feeds", "list", "-c", config); strings.Contains(r.stdout, "harbour") {
		t.Errorf("a removed feed is listed: %s", r.stdout)
	}
	if asked != 10 {
		t.Errorf("%d requests: one for each feed that was to be added and is not there, and one for each page and the redirect", asked)
	}
}
