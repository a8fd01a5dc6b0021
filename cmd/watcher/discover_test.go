package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDiscover(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<html><link rel="alternate" type="application/rss+xml" title="All news" href="/rss">`)
		case "/bare/":
			fmt.Fprint(w, `<html>nothing here`)
		case "/bare/feed/":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Bare</title><item><title>x</title></item></channel></rss>`)
		default:
			w.WriteHeader(404)
		}
	}))
	defer srv.Close()
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte(`<link rel=alternate type=application/atom+xml href=atom.xml>`), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.html")
	if err := os.WriteFile(empty, []byte(`<p>`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args  string
		code  int
		out   string
		asked int
	}{
		{"--json --url http://paper.example/x/ " + page, 0, `{"feeds":[{"url":"http://paper.example/x/atom.xml","title":"","type":"application/atom+xml"}]}`, 0},
		{"--json --url http://paper.example/ " + empty, 3, `{"feeds":[]}`, 0},
		{"--json --guess --url http://paper.example/ " + empty, 3, `{"feeds":[]}`, 0},
		{"--json " + srv.URL + "/", 0, `{"feeds":[{"url":"` + srv.URL + `/rss","title":"All news","type":"application/rss+xml"}]}`, 1},
		{"--json " + srv.URL + "/bare/", 3, `{"feeds":[]}`, 1},
		{"--json --guess " + srv.URL + "/bare/", 0, `{"feeds":[{"url":"` + srv.URL + `/bare/feed/","title":"Bare","type":"application/rss+xml"}]}`, 2},
		{srv.URL + "/none", 1, "", 1},
		{"no-such-file", 1, "", 0},
	}
	for _, tt := range tests {
		asked = 0
		var out, errs bytes.Buffer
		e := &env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
		code := run(context.Background(), e, append([]string{"discover"}, strings.Fields(tt.args)...))
		if code != tt.code || strings.TrimSpace(out.String()) != tt.out || asked != tt.asked {
			t.Errorf("discover %s: exit %d, asked %d, out %s err %s; want exit %d, asked %d, out %s", tt.args, code, asked, out.String(), errs.String(), tt.code, tt.asked, tt.out)
		}
	}
}
