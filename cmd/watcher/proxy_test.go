package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// proxied puts a proxy before the server that can be cut.
func proxied(t *testing.T, address string) (string, func(bool)) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir := u.Query().Get("host")
	if dir == "" {
		return address, nil
	}
	front, err := os.MkdirTemp("", "pgx") // short: a socket's path is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(front) })
	p := &proxy{to: filepath.Join(dir, ".s.PGSQL.5432"), open: map[net.Conn]bool{}}
	l, err := net.Listen("unix", filepath.Join(front, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); p.cut(true) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.join(c)
		}
	}()
	u.RawQuery = url.Values{"host": {front}}.Encode()
	return u.String(), p.cut
}

type proxy struct {
	to   string
	mu   sync.Mutex
	down bool
	open map[net.Conn]bool
}

// cut ends every connection, and refuses others until it is called with false.
func (p *proxy) cut(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for c := range p.open {
		c.Close()
	}
	clear(p.open)
}

func (p *proxy) join(c net.Conn) {
	defer c.Close()
	p.mu.Lock()
	down := p.down
	p.mu.Unlock()
	if down {
		return
	}
	s, err := net.Dial("unix", p.to)
	if err != nil {
		return
	}
	defer s.Close()
	p.mu.Lock()
	p.open[c], p.open[s] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.open, c)
		delete(p.open, s)
		p.mu.Unlock()
	}()
	go func() { io.Copy(s, c); s.Close(); c.Close() }()
	io.Copy(c, s)
}
