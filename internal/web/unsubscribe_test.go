package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"watcher/internal/store"
	"watcher/internal/web/auth"
)

// leavers is OptOuts with one good token.
type leavers struct{ left []string }

func (l *leavers) Who(_ context.Context, token string) (string, string, error) {
	if token != "good.token" {
		return "", "", store.ErrNotFound
	}
	return "mail", `"<b>"@example.org`, nil
}

func (l *leavers) Leave(_ context.Context, token string) error {
	l.left = append(l.left, token)
	return nil
}

// TestUnsubscribe: the link of a mail works without a login and from any site;
// looking at it changes nothing, a POST leaves.
func TestUnsubscribe(t *testing.T) {
	w := newWorld(t)
	hash, err := auth.Hash("open the strait")
	if err != nil {
		t.Fatal(err)
	}
	w.options.Auth = auth.Settings{Mode: auth.Password, PasswordHash: hash}
	l := &leavers{}
	w.options.OptOuts = l
	s := w.serve(t)
	if res, body := fetch(t, s, "/unsubscribe/good.token"); res.StatusCode != 200 || !strings.Contains(body, `<form method="post"><button`) || !strings.Contains(body, "&lt;b&gt;") || len(l.left) != 0 {
		t.Errorf("the page: %d, left %v\n%s", res.StatusCode, l.left, body)
	}
	post := func(path string) int {
		req, err := http.NewRequest("POST", s.URL+path, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "https://webmail.example")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if code := post("/unsubscribe/good.token"); code != 200 || len(l.left) != 1 {
		t.Errorf("one click: %d, left %v", code, l.left)
	}
	if code := post("/unsubscribe/good.tokem"); code != 404 || len(l.left) != 1 {
		t.Errorf("another token: %d, left %v", code, l.left)
	}
	if code := post("/receivers/mail/enable"); code == 200 && len(l.left) != 1 {
		t.Errorf("the rest is open too: %d", code)
	}
}
