package fetch_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
)

// proxy leads every tunnel to one target, and remembers for what it was asked.
type proxy struct {
	url    string
	target string

	mu    sync.Mutex
	names []string
	open  []net.Conn
}

// asked gives what was asked for since the last time.
func (p *proxy) asked() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := strings.Join(p.names, " ")
	p.names = nil
	return s
}

func (p *proxy) note(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = append(p.names, name)
}

// tunnel copies both ways until both ends are done.
func tunnel(a net.Conn, from io.Reader, target string) {
	defer a.Close()
	b, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer b.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(b, from)
		_ = b.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(a, b)
	_ = a.Close()
	<-done
}

// httpProxy answers CONNECT, and plain requests as if it were the site. It
// wants the user name "desk".
func httpProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		p.note(r.Host)
		if r.Method != http.MethodConnect {
			fmt.Fprint(w, doc)
			return
		}
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go tunnel(conn, rw, p.target)
	}))
	t.Cleanup(srv.Close)
	p.url = strings.Replace(srv.URL, "http://", "http://desk:secret@", 1)
	return p
}

// socksProxy speaks what is needed of SOCKS 5 (RFC 1928): no authentication,
// CONNECT, addresses of all three kinds.
func socksProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{url: "socks5://" + l.Addr().String(), target: target}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.open {
			_ = c.Close() // kept alive by the client
		}
		p.mu.Unlock()
		running.Wait()
	})
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.open = append(p.open, conn)
			p.mu.Unlock()
			running.Go(func() { p.socks(conn) })
		}
	})
	return p
}

func (p *proxy) socks(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	read := func(n int) []byte {
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return make([]byte, n)
		}
		return b
	}
	if head := read(2); head[0] != 5 {
		return
	} else {
		read(int(head[1]))
	}
	_, _ = conn.Write([]byte{5, 0})
	host := ""
	switch kind := read(4)[3]; kind {
	case 1:
		host = net.IP(read(4)).String()
	case 3:
		host = string(read(int(read(1)[0])))
	case 4:
		host = net.IP(read(16)).String()
	default:
		return
	}
	p.note(net.JoinHostPort(host, fmt.Sprint(binary.BigEndian.Uint16(read(2)))))
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	tunnel(conn, r, p.target)
}

func TestSOCKS(t *testing.T) {
	c, _, srv := site(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, doc, "<!-- ", r.Host, " -->") })
	p := socksProxy(t, srv.Listener.Addr().String())
	f := feeds.Feed{ID: "f", URL: "http://news.example/feed", Proxy: p.url}
	r := get(t, c, f, feeds.State{})
	if r.Class != pace.OK || !strings.Contains(string(r.Body), "news.example") {
		t.Errorf("%s %s", r.Class, r.Message)
	}
	if got := p.asked(); got != "news.example:80" {
		t.Errorf("the proxy was asked for %q, want the name: it is its part to resolve it", got)
	}
	for _, target := range []string{"http://127.0.0.1/", "http://localhost:8080/", "http://10.1.2.3/", "http://[::1]/", "http://169.254.169.254/latest"} {
		f.URL = target
		if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused || p.asked() != "" {
			t.Errorf("%s: %s %s", target, r.Class, r.Message)
		}
	}
	f.AllowPrivate, f.URL = true, "http://10.1.2.3/"
	if r := get(t, c, f, feeds.State{}); r.Class != pace.OK || p.asked() != "10.1.2.3:80" {
		t.Errorf("a private target that is allowed: %s %s", r.Class, r.Message)
	}
	f.URL = "http://169.254.169.254/latest"
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused || p.asked() != "" {
		t.Errorf("the metadata address is never allowed: %s %s", r.Class, r.Message)
	}
}

// A proxy that is away or does not let us in is named as what is wrong, not the
// feed's host.
func TestProxyFaults(t *testing.T) {
	c := fetch.New(fetch.Options{})
	t.Cleanup(c.CloseIdle)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := l.Addr().String()
	_ = l.Close()
	strict := httpProxy(t, "127.0.0.1:1")
	for _, proxy := range []string{"http://" + away, "socks5://" + away, strings.Replace(strict.url, "desk:secret@", "", 1)} {
		for _, target := range []string{"http://news.example/feed", "https://news.example/feed"} {
			r := get(t, c, feeds.Feed{ID: "f", URL: target, Proxy: proxy}, feeds.State{})
			denied := r.Class == pace.Denied && r.Status == http.StatusProxyAuthRequired && strings.Contains(r.Message, "proxy")
			if !denied && (r.Class != pace.Network || !strings.Contains(r.Message, "polling.proxy")) {
				t.Errorf("%s by %s: %s %s", target, proxy, r.Class, r.Message)
			}
			if strings.Contains(r.Message, "secret") {
				t.Errorf("the proxy's password is told: %s", r.Message)
			}
		}
	}
	if r := get(t, c, feeds.Feed{ID: "f", URL: "http://news.example/feed", Proxy: strict.url}, feeds.State{}); r.Class != pace.OK {
		t.Errorf("with credentials: %s %s", r.Class, r.Message)
	}
}
