// Package feedtest holds what tests of fetching need: a web in memory, feeds
// that behave as their policy says, and a judge who scores how politely a
// reader asks. It works inside testing/synctest: connections are pipes, and
// whole days pass in milliseconds. Only tests import it.
package feedtest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Web is a network in memory: names with a server behind each.
type Web struct {
	mu    sync.Mutex
	sites map[string]*site
}

type site struct {
	conns chan net.Conn
	done  chan struct{}
	srv   *http.Server
}

// NewWeb makes an empty web that closes with the test.
func NewWeb(t testing.TB) *Web {
	w := &Web{sites: map[string]*site{}}
	t.Cleanup(w.Close)
	return w
}

// Handle puts a server behind a name ("news.example"), plain HTTP.
func (w *Web) Handle(host string, h http.Handler) {
	s := &site{conns: make(chan net.Conn), done: make(chan struct{})}
	s.srv = &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	w.mu.Lock()
	w.sites[net.JoinHostPort(host, "80")] = s
	w.mu.Unlock()
	go func() { _ = s.srv.Serve(s) }()
}

// Dial connects to a name of the web: what fetch.Options.Dial wants.
func (w *Web) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(addr)
	w.mu.Lock()
	s := w.sites[addr]
	w.mu.Unlock()
	if s == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	here, there := net.Pipe()
	select {
	case s.conns <- there:
		return here, nil
	case <-s.done:
		return nil, fmt.Errorf("%s: closed", addr)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends every server.
func (w *Web) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sites {
		_ = s.srv.Close()
	}
	w.sites = map[string]*site{}
}

// Accept, Close and Addr make a site the net.Listener of its server.
func (s *site) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *site) Close() error {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	return nil
}

func (s *site) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
