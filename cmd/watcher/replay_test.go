package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/internal/app"
	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

// stage serves each outlet's document as it stands, on a host of its own.
type stage struct {
	mu    sync.Mutex
	docs  map[string][]byte
	feeds map[string]string // addresses by name
}

// scene is an outlet's document from one moment on.
type scene struct {
	feed string
	doc  []byte
}

func tagOf(doc []byte) string { return fmt.Sprintf(`"%x"`, sha256.Sum256(doc)) }

func (s *stage) show(sc scene) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs[sc.feed] = sc.doc
}

func newStage(t *testing.T, scenes []scene) *stage {
	s := &stage{docs: map[string][]byte{}, feeds: map[string]string{}}
	for _, sc := range scenes {
		if s.docs[sc.feed] != nil {
			continue
		}
		s.show(scene{sc.feed, []byte(`<rss version="2.0"><channel><title>` + sc.feed + `</title><item><guid isPermaLink="false">first</guid><title>Nothing of note</title></item></channel></rss>`)})
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", 40+len(s.docs)))
		if err != nil {
			t.Skipf("the whole of 127.0.0.0/8 must be on loopback: %v", err)
		}
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			doc := s.docs[sc.feed]
			s.mu.Unlock()
			w.Header().Set("ETag", tagOf(doc))
			if r.Header.Get("If-None-Match") == tagOf(doc) {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("Content-Type", "application/rss+xml")
			w.Write(doc)
		})}}
		srv.Start()
		t.Cleanup(srv.Close)
		s.feeds[sc.feed] = srv.URL + "/" + sc.feed
	}
	return s
}

// config writes a process's own file.
func (s *stage) config(t *testing.T, address string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "store: %q\nserver: {listen: \"127.0.0.1:0\"}\npolling: {schedule: \"@every 1s\", adaptive: off, host_gap: 0s, allow_private: true}\nfeeds:\n", address)
	for name, url := range s.feeds {
		fmt.Fprintf(&b, "  - {id: %s, url: %q}\n", name, url)
	}
	b.WriteString("topics:\n  - {id: a, match: minister OR government OR virus OR police}\n  - {id: b, match: court OR death OR health OR oman}\nreceivers:\n  - {id: terminal, type: log}\n")
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// cast is a store and the processes that work from it.
type cast struct {
	store store.Store
	all   []*process
}

func (s *stage) cast(t *testing.T, address string, n int) *cast {
	c := &cast{}
	for range n {
		p := start(t, "run", "-c", s.config(t, address))
		wait(t, "the page", waitLong, func() bool { return strings.Contains(p.log.String(), "msg=page") })
		c.all = append(c.all, p)
	}
	var err error
	if c.store, err = app.OpenAddress(t.Context(), address, app.Read); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.store.Close() })
	return c
}

// kept waits until what came of a document is committed.
func (c *cast) kept(t *testing.T, sc scene) {
	t.Helper()
	wait(t, "the newest document of "+sc.feed, waitLong, func() bool {
		var row store.FeedRow
		err := c.store.View(t.Context(), func(r store.Reader) (err error) { row, err = r.Feed(t.Context(), sc.feed); return err })
		if err != nil {
			t.Fatal(err)
		}
		return row.State.ETag == tagOf(sc.doc)
	})
}

// realScenes are real feeds as they stood at successive polls.
func realScenes(t *testing.T) (out []scene) {
	files, _ := filepath.Glob(filepath.Join(dataDir(t), "realfeeds/series/*/*.xml"))
	stamp := func(f string) string { _, s, _ := strings.Cut(filepath.Base(f), "_"); return s }
	slices.SortStableFunc(files, func(a, b string) int { return strings.Compare(stamp(a), stamp(b)) })
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, scene{filepath.Base(filepath.Dir(f)), wishes.ReplaceAll(doc, nil)})
	}
	return out
}

// madeScenes are three outlets on the same made-up affairs, in turn.
func madeScenes(*testing.T) (out []scene) {
	rnd, docs := rand.New(rand.NewPCG(7, 7)), map[string]string{}
	for i := range 5 {
		title, text := made(rnd, i)
		for _, feed := range []string{"one", "two", "three"} {
			docs[feed] = fmt.Sprintf("<item><guid isPermaLink=\"false\">%s%d</guid><title>%s</title><description>%s</description></item>", feed, i, title, text) + docs[feed]
			out = append(out, scene{feed, []byte(`<rss version="2.0"><channel><title>` + feed + `</title>` + docs[feed] + `</channel></rss>`)})
		}
	}
	return out
}

// replayed plays scenes to one process on SQLite and to three replicas on
// PostgreSQL at once: all of them work an outlet's document before the next
// changes. The same stories and the same alerts must come of it.
func replayed(t *testing.T, scenes []scene) {
	s := newStage(t, scenes)
	casts := []*cast{s.cast(t, "sqlite:"+filepath.Join(t.TempDir(), "w.db"), 1), s.cast(t, pgtest.URL(t), 3)}
	began := time.Now()
	for feed, doc := range s.docs {
		for _, c := range casts {
			c.kept(t, scene{feed, doc}) // the baseline
		}
	}
	for _, sc := range scenes {
		s.show(sc)
		for _, c := range casts {
			c.kept(t, sc)
		}
	}
	stories, alerts := storetest.SameTold(t, casts[0].store, casts[1].store, false)
	var shares []string
	for _, p := range casts[1].all {
		shares = append(shares, fmt.Sprint(strings.Count(p.log.String(), "msg=round")))
	}
	t.Logf("%d documents in %s: %d stories and %d alerts; rounds of the replicas: %s", len(scenes), time.Since(began).Round(time.Second), stories, alerts, strings.Join(shares, ", "))
}

func TestReplayByProcesses(t *testing.T) { replayed(t, madeScenes(t)) }

func TestSoakReplayByProcesses(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to play real feeds of several days to processes")
	}
	replayed(t, realScenes(t))
}
