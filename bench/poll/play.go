package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

type bench struct {
	feeds, items, hosts, port int
	slot, every               time.Duration
	watcher, work, dir        string
}

func (b *bench) control() string { return fmt.Sprintf("http://127.0.0.2:%d", b.port) }

// ask calls the feed server's control.
func (b *bench) ask(path string, into any) error {
	resp, err := http.Get(b.control() + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// stats are the feed server's counters that we read.
type stats struct {
	Requests      int     `json:"requests"`
	Distinct      int     `json:"distinct_feeds"`
	S304          int     `json:"s304"`
	Span          float64 `json:"span_seconds"`
	Unconditional int     `json:"unconditional_repeats"`
}

// prepare sets the feed server up for a round and gives the items it adds.
// Only rounds with validators may be asked for repeats without them.
func (b *bench) prepare(round string) (added int, err error) {
	path := map[string]string{cold: "/ctl?mode=conditional&latency=0s", same: "", tenth: "/tick?frac=0.1&k=3", body: "", waited: "/ctl?latency=50ms"}[round]
	var tick struct {
		Added int `json:"items_added"`
	}
	if path != "" {
		if err := b.ask(path, &tick); err != nil {
			return 0, err
		}
	}
	if round == cold {
		return b.feeds * b.items, b.ask("/reset?client=new", nil)
	}
	return tick.Added, b.ask("/reset", nil)
}

// before plays what must come before a round and is not measured: a mode of
// the server that the reader has to get used to.
func (b *bench) before(round string, play func() error) error {
	switch round {
	case body:
		if err := b.ask("/ctl?mode=novalidators", nil); err != nil {
			return err
		}
		return play()
	case waited:
		if err := b.ask("/ctl?mode=conditional", nil); err != nil {
			return err
		}
		if err := b.ask("/reset?client=new", nil); err != nil {
			return err
		}
		return play()
	}
	return nil
}

// check tells what a round did wrong.
func (b *bench) check(round string, s stats) error {
	switch {
	case s.Distinct != b.feeds:
		return fmt.Errorf("%s: %d of %d feeds were asked", round, s.Distinct, b.feeds)
	case round != body && s.Unconditional > 0:
		return fmt.Errorf("%s: %d feeds were asked without the validators they had given", round, s.Unconditional)
	}
	return nil
}

// peer plays all rounds with another reader.
func (b *bench) peer(into results, program string, turn int) error {
	db := filepath.Join(b.dir, fmt.Sprintf("peer%d.db", turn))
	clear(db)
	play := func() (cost, error) {
		start := time.Now()
		cmd := exec.Command(program, "-db", db, "-list", b.control()+"/list", "-n", fmt.Sprint(b.feeds))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, os.Stderr
		if err := cmd.Run(); err != nil {
			return cost{}, err
		}
		c := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
		if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			c.memory = ru.Maxrss * 1024
		}
		var said struct {
			Added int `json:"added"`
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if json.Unmarshal([]byte(lines[len(lines)-1]), &said) == nil {
			c.items = said.Added
		}
		return c, nil
	}
	for _, round := range rounds {
		if err := b.before(round, func() error { _, err := play(); return err }); err != nil {
			return err
		}
		if _, err := b.prepare(round); err != nil {
			return err
		}
		c, err := play()
		if err != nil {
			return err
		}
		into[round] = append(into[round], c)
	}
	return nil
}

// clear removes what an earlier run left.
func clear(db string) {
	left, _ := filepath.Glob(db + "*")
	for _, f := range left {
		os.Remove(f)
	}
}

// hook takes the daemon's messages.
func hook() (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})}
	go srv.Serve(l)
	return "http://" + l.Addr().String() + "/", func() { srv.Close() }, nil
}
