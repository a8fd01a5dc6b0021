package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server serves feeds and takes the daemon's messages.
type server struct {
	port int
	hook string
	stop []func() error

	mu      sync.Mutex
	feeds   [][]item // newest first
	held    bool     // feeds are as they were
	polls   int
	items   int
	served  map[int]time.Time // first time in an answer
	arrived map[int]time.Time
	again   int // messages about an item that was told of
}

type item struct {
	id    int
	title string
}

func serve(n, port int) (*server, error) {
	s := &server{port: port, feeds: make([][]item, n), served: map[int]time.Time{}, arrived: map[int]time.Time{}}
	for i := range n {
		s.publish(i)
	}
	if err := s.listen(fmt.Sprintf("127.0.1.1:%d", port), s.feed); err != nil {
		return nil, err
	}
	s.hook = fmt.Sprintf("http://127.0.1.2:%d/", port)
	return s, s.listen(fmt.Sprintf("127.0.1.2:%d", port), s.take)
}

func (s *server) listen(address string, h http.HandlerFunc) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h}
	s.stop = append(s.stop, srv.Close)
	go srv.Serve(l)
	return nil
}

func (s *server) close() {
	for _, stop := range s.stop {
		stop()
	}
}

func (s *server) url(feed int) string {
	return fmt.Sprintf("http://127.0.1.1:%d/feed/%d", s.port, feed)
}

// publish puts a new item, about something of its own, on a feed.
func (s *server) publish(feed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	title := []string{"tide"}
	for range 7 {
		var word []byte
		for range 3 {
			word = append(word, "bdfgklmnprstvz"[rand.IntN(14)], "aeiou"[rand.IntN(5)])
		}
		title = append(title, string(word))
	}
	s.feeds[feed] = append([]item{{s.items, strings.Join(title, " ")}}, s.feeds[feed]...)
	s.items++
}

func (s *server) hold()    { s.set(true) }
func (s *server) release() { s.set(false) }

func (s *server) set(held bool) {
	s.mu.Lock()
	s.held = held
	s.mu.Unlock()
}

// feed answers with the newest 200 items; what is new is taken down.
func (s *server) feed(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/feed/"))
	s.mu.Lock()
	s.polls++
	items := s.feeds[n]
	tag := fmt.Sprintf(`"%d"`, items[0].id)
	if s.held || r.Header.Get("If-None-Match") == tag {
		s.mu.Unlock()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	items = items[:min(len(items), 200)]
	now := time.Now()
	for _, it := range items {
		if _, ok := s.served[it.id]; ok {
			break
		}
		s.served[it.id] = now
	}
	s.mu.Unlock()
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, `<rss version="2.0"><channel><title>Harbour %d</title>`, n)
	for _, it := range items {
		fmt.Fprintf(w, `<item><guid isPermaLink="false">%d</guid><title>%s</title><link>http://harbour.example/item/%d</link><description>%s is what they say.</description></item>`,
			it.id, it.title, it.id, it.title)
	}
	io.WriteString(w, `</channel></rss>`)
}

var link = regexp.MustCompile(`"url":\s*"http://harbour\.example/item/(\d+)"`)

// take notes which items a message is about.
func (s *server) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	about := map[int]bool{}
	for _, m := range link.FindAllSubmatch(body, -1) {
		id, _ := strconv.Atoi(string(m[1]))
		about[id] = true
	}
	for id := range about {
		if _, ok := s.arrived[id]; ok {
			s.again++
			continue
		}
		s.arrived[id] = now
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) asked() int { return s.count(func() int { return s.polls }) }
func (s *server) told() int  { return s.count(func() int { return len(s.arrived) }) }
func (s *server) twice() int { return s.count(func() int { return s.again }) }

func (s *server) count(of func() int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of()
}

// until waits for a state of the server.
func (s *server) until(most time.Duration, is func() bool) error {
	for end := time.Now().Add(most); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return errors.New("not within " + most.String())
		}
	}
	return nil
}
