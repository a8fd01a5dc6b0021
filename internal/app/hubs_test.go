package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A feed on loopback, its hub beside it, and the whole daemon: subscription,
// the hub's question, a signed push and a forged one.
func TestHubPushes(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	form := make(chan url.Values, 1)
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	doc := func(titles ...string) string {
		s := `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour</title><atom:link rel="hub" href="` + srv.URL + `/hub"/><atom:link rel="self" href="` + srv.URL + `/feed"/>`
		for _, title := range titles {
			s += "<item><guid>" + title + "</guid><title>" + title + "</title></item>"
		}
		return s + "</channel></rss>"
	}
	polls := 0
	mux.HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) { polls++; fmt.Fprint(w, doc("first")) })
	mux.HandleFunc("/hub", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.WriteHeader(http.StatusAccepted)
		form <- r.Form
	})

	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("version: 1\nserver: {listen: %q, public_url: \"http://%s\"}\npolling: {schedule: \"0 * * * *\", adaptive: off, host_gap: 0s, allow_private: true, websub: true}\nfeeds: [{id: harbour, url: %q}]\ntopics: [{id: t, match: ferry}]\nreceivers: [{id: terminal, type: log}]\n", address, address, srv.URL+"/feed")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	a, err := New(t.Context(), Options{Config: file, Stdout: &told, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		a.Close()
	}()
	row := func() (row store.FeedRow) {
		_ = a.store.View(context.Background(), func(r store.Reader) (err error) {
			row, err = r.Feed(context.Background(), "harbour")
			return err
		})
		return row
	}
	until(t, "the first poll", func() bool { return row().State.Hub != "" && a.ready.Load() })

	until(t, "a request to the hub", func() bool {
		if err := a.subscribe(ctx); err != nil {
			t.Fatal(err)
		}
		return len(form) > 0
	})
	f := <-form
	if f.Get("hub.topic") != srv.URL+"/feed" || !strings.HasPrefix(f.Get("hub.callback"), "http://"+address+"/websub/") || f.Get("hub.secret") == "" {
		t.Fatalf("asked for %v", f)
	}
	q := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {f.Get("hub.topic")}, "hub.challenge": {"seven"}, "hub.lease_seconds": {"86400"}}
	resp, err := http.Get(f.Get("hub.callback") + "?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 || string(answer) != "seven" {
		t.Fatalf("the hub's question: %d %q", resp.StatusCode, answer)
	}
	push := func(body, secret string) int {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(body))
		req, _ := http.NewRequest(http.MethodPost, f.Get("hub.callback"), strings.NewReader(body))
		req.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(m.Sum(nil)))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	items := func() (titles string) {
		_ = a.store.View(context.Background(), func(r store.Reader) error {
			list, err := r.Items(context.Background(), store.ItemFilter{Feed: "harbour", Oldest: true})
			for _, it := range list {
				titles += it.Title + ";"
			}
			return err
		})
		return titles
	}
	if code := push(doc("forged"), "guess"); code != http.StatusAccepted || items() != "first;" {
		t.Errorf("a forged push: %d, items %q", code, items())
	}
	if code := push(doc("second ferry"), f.Get("hub.secret")); code != http.StatusAccepted || items() != "first;second ferry;" {
		t.Errorf("a push: %d, items %q", code, items())
	}
	if polls != 1 {
		t.Errorf("polled %d times", polls)
	}
}
