package fetch_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
)

// authority is one of somebody's own, that no system knows.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Harbour authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

// site serves the document over TLS for the names, with a certificate that is
// valid in between.
func (a authority) site(t *testing.T, from, to time.Time, names ...string) *httptest.Server {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "a site"}, NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/inside" {
			http.Redirect(w, r, "https://127.0.0.1/secret", http.StatusFound)
			return
		}
		w.Header().Set("X-Proto", r.Proto)
		fmt.Fprint(w, doc)
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}}}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func (a authority) file(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func tlsFeed(srv *httptest.Server) feeds.Feed {
	return feeds.Feed{ID: "f", URL: srv.URL + "/feed.xml", AllowPrivate: true}
}

// What is wrong with a certificate is said, and what to do about it. A feed is
// never read over a connection that proves nothing.
func TestUnknownAuthority(t *testing.T) {
	now := time.Now()
	srv := newAuthority(t).site(t, now.Add(-time.Hour), now.Add(time.Hour), "127.0.0.1")
	c := fetch.New(fetch.Options{})
	t.Cleanup(c.CloseIdle)
	f := tlsFeed(srv)
	r := get(t, c, f, feeds.State{})
	if r.Class != pace.Network || r.Body != nil || !strings.Contains(r.Message, "SSL_CERT_FILE") {
		t.Errorf("%s %s", r.Class, r.Message)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	f.URL = strings.Replace(plain.URL, "http:", "https:", 1)
	if r := get(t, c, f, feeds.State{}); r.Class != pace.Network || !strings.Contains(r.Message, "http?") {
		t.Errorf("plain HTTP: %s %s", r.Class, r.Message)
	}
}

// ownAuthority is set in the process that TestOwnAuthority starts.
const ownAuthority = "WATCHER_TEST_AUTHORITY"

// An authority of one's own is trusted where SSL_CERT_FILE names it, and what
// it signed is still checked; directly, and through proxies of both kinds.
func TestOwnAuthority(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there the system's own store is what counts")
	}
	if servers := os.Getenv(ownAuthority); servers != "" {
		checkOwnAuthority(t, strings.Fields(servers))
		return
	}
	a, now := newAuthority(t), time.Now()
	hour := time.Hour
	good := a.site(t, now.Add(-hour), now.Add(hour), "127.0.0.1", "news.example")
	ended := a.site(t, now.Add(-3*hour), now.Add(-2*hour), "127.0.0.1")
	early := a.site(t, now.Add(2*hour), now.Add(3*hour), "127.0.0.1")
	other := a.site(t, now.Add(-hour), now.Add(hour), "other.example")
	cmd := exec.Command(os.Args[0], "-test.run=^TestOwnAuthority$", "-test.v")
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+a.file(t), ownAuthority+"="+strings.Join([]string{good.URL, ended.URL, early.URL, other.URL}, " "))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

func checkOwnAuthority(t *testing.T, servers []string) {
	c := fetch.New(fetch.Options{})
	t.Cleanup(c.CloseIdle)
	for i, want := range []string{"", "ended on", "clock", "other.example"} {
		f := feeds.Feed{ID: "f", URL: servers[i] + "/feed.xml", AllowPrivate: true}
		r := get(t, c, f, feeds.State{})
		if want == "" {
			if r.Class != pace.OK || string(r.Body) != doc {
				t.Errorf("a site of the authority: %s %s", r.Class, r.Message)
			}
			continue
		}
		if r.Class != pace.Network || !strings.Contains(r.Message, want) {
			t.Errorf("%s %s, want %q", r.Class, r.Message, want)
		}
	}
	target := strings.TrimPrefix(servers[0], "https://")
	for _, p := range []*proxy{httpProxy(t, target), socksProxy(t, target)} {
		// The proxy is the owner's choice and may be private; what is behind it is
		// asked for by name and checked by name.
		f := feeds.Feed{ID: "f", URL: "https://news.example/feed.xml", Proxy: p.url}
		if r := get(t, c, f, feeds.State{}); r.Class != pace.OK || string(r.Body) != doc {
			t.Errorf("by %s: %s %s", p.url, r.Class, r.Message)
		}
		if got := p.asked(); got != "news.example:443" {
			t.Errorf("%s was asked for %q", p.url, got)
		}
		f.URL = "https://news.example/inside"
		if r := get(t, c, f, feeds.State{}); r.Class != pace.Refused || !strings.Contains(r.Message, "127.0.0.1") {
			t.Errorf("a redirect to a private address by %s: %s %s", p.url, r.Class, r.Message)
		}
		if got := p.asked(); got != "" && got != "news.example:443" {
			t.Errorf("%s was asked for %q", p.url, got)
		}
	}
}
