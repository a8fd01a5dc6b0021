package email

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const password = "s3cret-smtp-password"

// server is an SMTP server whose answers a test decides.
type server struct {
	mu    sync.Mutex
	mails [][]byte
	rcpts [][]string
	limit int64 // of a mail's size
	mail  func(from string) error
	rcpt  func(to string) error
	data  func() error
	hold  chan struct{}
	here  chan struct{}
	host  string
	port  int
	ca    string // file of its certificate
}

type session struct {
	s      *server
	authed bool
	to     []string
	tls    bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != "w" || pass != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "authentication failed for " + pass}
		}
		s.authed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.authed || !s.tls {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}
	}
	if s.s.mail != nil {
		return s.s.mail(from)
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.s.rcpt != nil {
		if err := s.s.rcpt(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.s.hold != nil {
		s.s.here <- struct{}{}
		<-s.s.hold
	}
	if s.s.data != nil {
		if err := s.s.data(); err != nil {
			return err
		}
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.mails, s.s.rcpts = append(s.s.mails, data), append(s.s.rcpts, s.to)
	return nil
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

// serve starts the server on loopback with a certificate of its own.
func serve(t *testing.T, s *server, withTLS bool) *server {
	t.Helper()
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, ok := c.TLSConnectionState()
		return &session{s: s, tls: ok}, nil
	}))
	if withTLS {
		srv.TLSConfig, s.ca = certificate(t)
	}
	srv.MaxMessageBytes = s.limit
	srv.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	s.host, s.port = "127.0.0.1", addr.Port
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificate(t *testing.T) (*tls.Config, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smtp test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

func open(t *testing.T, s *server, env notify.Env, change ...func(*Settings)) *Email {
	t.Helper()
	settings := Settings{SMTP: SMTP{Host: s.host, Port: s.port, User: "w", Password: password, CAFile: s.ca}, From: "Watcher <watcher@example.org>", To: []string{"desk@example.org"}}
	for _, c := range change {
		c(&settings)
	}
	env.Receiver = "mail"
	e, err := New(settings, env)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func send(t *testing.T, e *Email, m notify.Message) (notify.Receipt, error) {
	t.Helper()
	r, err := e.Send(t.Context(), m)
	if err != nil && strings.Contains(err.Error(), password) || strings.Contains(r.Answer, password) {
		t.Errorf("the password is in %v, %s", err, r.Answer)
	}
	return r, err
}

// parts gives the headers, the text and the HTML of a mail.
func parts(t *testing.T, data []byte) (netmail.Header, string, string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %s, %v", kind, err)
	}
	var bodies []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, p.Header.Get("Content-Type")+"\n"+string(body))
	}
	if len(bodies) != 2 || !strings.HasPrefix(bodies[0], "text/plain") || !strings.HasPrefix(bodies[1], "text/html") {
		t.Fatalf("%d bodies", len(bodies))
	}
	return m.Header, bodies[0], bodies[1]
}

func TestEveryMessage(t *testing.T) {
	s := serve(t, &server{}, true)
	e := open(t, s, notifytest.Env())
	for i, m := range notify.Samples(notifytest.Now) {
		r, err := send(t, e, m)
		id, list, root := m.ID+"@example.org", "<mail.example.org>", ""
		if m.Digest != nil {
			id, list, root = "morning."+m.Digest.Date+"@example.org", "<morning.example.org>", "<morning@example.org>"
		}
		if err != nil || r.Status != 250 || r.Ref != id {
			t.Fatalf("%s: %+v, %v", m.Type, r, err)
		}
		h, text, html := parts(t, s.mails[i])
		for k, want := range map[string]string{"Message-Id": "<" + id + ">", "List-Id": list, "Auto-Submitted": "auto-generated",
			"List-Unsubscribe": "<mailto:watcher@example.org?subject=unsubscribe%20mail>", "From": `"Watcher" <watcher@example.org>`, "References": root} {
			if got := h.Get(k); got != want {
				t.Errorf("%s: %s %q, want %q", m.Type, k, got, want)
			}
		}
		if m.Story != nil && (!strings.Contains(text, "https://example.org/talks") || !strings.Contains(html, `<a href="https://example.org/talks"`)) {
			t.Errorf("%s: no link in\n%s\n%s", m.Type, text, html)
		}
		if m.Digest != nil && (!strings.Contains(html, "<h1>Sample digest</h1>") || !strings.Contains(text, "1. Envoys")) {
			t.Errorf("the digest's own forms are not sent:\n%s\n%s", text, html)
		}
	}
}

func TestHardMessages(t *testing.T) {
	s := serve(t, &server{limit: 10 << 20}, true)
	for name, m := range notifytest.Hard() {
		if _, err := send(t, open(t, s, notifytest.Env()), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		h, _, html := parts(t, s.mails[len(s.mails)-1])
		subject, _ := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		if subject == "" || len([]rune(subject)) > 200 || strings.ContainsAny(subject, "\n\r\x00\u202e") {
			t.Errorf("%s: subject %q", name, subject)
		}
		if m.Digest == nil && (strings.Contains(html, "<b>R&D") || strings.Contains(html, "<very>") || len(html) > 400<<10) {
			t.Errorf("%s: markup of a headline is in the HTML, or it is large: %d", name, len(html))
		}
	}
}

func TestThreads(t *testing.T) {
	s := serve(t, &server{}, true)
	env := notifytest.Env()
	env.OnUpdate = "thread"
	e := open(t, s, env)
	samples := notify.Samples(notifytest.Now)
	first, err := send(t, e, samples[1])
	if err != nil {
		t.Fatal(err)
	}
	samples[2].Previous = first.Ref
	again, err := send(t, e, samples[2])
	if err != nil || again.Ref != first.Ref {
		t.Fatalf("%+v, %v", again, err)
	}
	h, _, _ := parts(t, s.mails[1])
	if want := "<" + first.Ref + ">"; h.Get("In-Reply-To") != want || h.Get("References") != want || h.Get("Message-Id") == want {
		t.Errorf("%v", h)
	}
}

func TestAnswers(t *testing.T) {
	answer := func(code int, text string) func() error {
		return func() error {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
		}
	}
	at := func(f func() error) func(string) error { return func(string) error { return f() } }
	for name, tt := range map[string]struct {
		s    *server
		open func(*Settings)
		want string
	}{
		"taken":              {&server{}, nil, "ok"},
		"greylisting":        {&server{rcpt: at(answer(451, "greylisted, try later"))}, nil, "retry"},
		"too busy":           {&server{mail: at(answer(421, "too many connections"))}, nil, "retry"},
		"mailbox full":       {&server{rcpt: at(answer(452, "mailbox full"))}, nil, "retry"},
		"unknown user":       {&server{rcpt: at(answer(550, "no such user"))}, nil, "reject"},
		"too large, by SIZE": {&server{limit: 500}, nil, "smaller"},
		"too large, at end":  {&server{data: answer(552, "message too large")}, nil, "smaller"},
		"spam":               {&server{data: answer(554, "looks like spam")}, nil, "reject"},
		"wrong password":     {&server{}, func(s *Settings) { s.SMTP.Password = "wrong" }, "setup"},
		"no login":           {&server{}, func(s *Settings) { s.SMTP.User, s.SMTP.Password = "", "" }, "setup"},
		"unknown authority":  {&server{}, func(s *Settings) { s.SMTP.CAFile = "" }, "retry"},
	} {
		s := serve(t, tt.s, true)
		if tt.open == nil {
			tt.open = func(*Settings) {}
		}
		_, err := send(t, open(t, s, notifytest.Env(), tt.open), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != tt.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, tt.want)
		}
	}
	plain := serve(t, &server{}, false)
	if _, err := send(t, open(t, plain, notifytest.Env()), notify.Sample(notifytest.Now)); notifytest.Meaning(err) != "setup" || len(plain.mails) > 0 {
		t.Errorf("a server without STARTTLS: %v", err)
	}
	plain.port = 1
	if _, err := send(t, open(t, plain, notifytest.Env()), notify.Sample(notifytest.Now)); notifytest.Meaning(err) != "retry" {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestOneBadAddressKeepsNoMailFromTheOthers(t *testing.T) {
	s := serve(t, &server{rcpt: func(to string) error {
		if strings.HasPrefix(to, "gone") {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}}, true)
	r, err := send(t, open(t, s, notifytest.Env(), func(c *Settings) { c.To = []string{"a@example.org", "gone@example.org", "b@example.org"} }), notify.Sample(notifytest.Now))
	if err != nil || r.Answer != "refused for gone@example.org" || len(s.rcpts) != 1 || fmt.Sprint(s.rcpts[0]) != "[a@example.org b@example.org]" {
		t.Errorf("%+v, %v: %v", r, err, s.rcpts)
	}
}

func TestCancelAndTimeout(t *testing.T) {
	s := serve(t, &server{hold: make(chan struct{}), here: make(chan struct{}, 2)}, true)
	defer close(s.hold)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.here; cancel() }()
	if _, err := open(t, s, notifytest.Env()).Send(ctx, notify.Sample(notifytest.Now)); notifytest.Meaning(err) != "retry" {
		t.Errorf("cancelled: %v", err)
	}
	timed, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := open(t, s, notifytest.Env()).Send(timed, notify.Sample(notifytest.Now)); notifytest.Meaning(err) != "retry" {
		t.Errorf("in time: %v", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	s := &server{}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{s: s, tls: true}, nil }))
	conf, ca := certificate(t)
	srv.ErrorLog = quiet{}
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	s.host, s.port, s.ca = "127.0.0.1", l.Addr().(*net.TCPAddr).Port, ca
	if _, err := send(t, open(t, s, notifytest.Env(), func(c *Settings) { c.SMTP.TLS = "ssl" }), notify.Sample(notifytest.Now)); err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	good := Settings{SMTP: SMTP{Host: "smtp.example"}, From: "a@example.org", To: []string{"b@example.org"}}
	for want, change := range map[string]func(*Settings){
		"from:":                  func(s *Settings) { s.From = "nobody" },
		"to[0]:":                 func(s *Settings) { s.To = []string{"x y"} },
		"at least one recipient": func(s *Settings) { s.To = nil },
		"smtp.host is needed":    func(s *Settings) { s.SMTP.Host = "" },
		"smtp.port":              func(s *Settings) { s.SMTP.Port = 70000 },
		"smtp.tls":               func(s *Settings) { s.SMTP.TLS = "maybe" },
		"none sends no password": func(s *Settings) { s.SMTP.TLS, s.SMTP.User, s.SMTP.Password = "none", "w", "p" },
		"a password is needed":   func(s *Settings) { s.SMTP.User = "w" },
	} {
		s := good
		change(&s)
		if _, err := New(s, notifytest.Env()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	var missing *notify.MissingSecret
	s := good
	s.SMTP.User, s.SMTP.PasswordFile = "w", "/nonexistent"
	if _, err := New(s, notifytest.Env()); !errors.As(err, &missing) {
		t.Errorf("%v", err)
	}
}
