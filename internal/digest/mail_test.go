package digest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"watcher/notify"
	"watcher/notify/email"
)

// mailbox is an SMTP server that keeps one mail.
type mailbox struct{ data []byte }

func (m *mailbox) Mail(string, *smtp.MailOptions) error { return nil }
func (m *mailbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (m *mailbox) Reset()                               {}
func (m *mailbox) Logout() error                        { return nil }
func (m *mailbox) Data(r io.Reader) (err error) {
	m.data, err = io.ReadAll(r)
	return err
}

// The digest as a reader's mail program gets it: two parts that are the stored
// document's text and HTML to the letter, threaded, listed, automatic.
func TestMailReadBack(t *testing.T) {
	doc := written(t)
	note, err := doc.Announce(pages)
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return box, nil }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })

	e, err := email.New(email.Settings{From: "watcher@example.org", To: []string{"desk@example.org"}, SMTP: email.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "none"}}, notify.Env{Receiver: "mail"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Send(t.Context(), notify.Message{Schema: notify.Schema, Type: notify.DigestReady, ID: "msg_1", Sequence: 1, Digest: note}); err != nil {
		t.Fatal(err)
	}

	m, err := netmail.ReadMessage(bytes.NewReader(box.data))
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{"Message-Id": "<morning.2026-02-07@example.org>", "References": "<morning@example.org>", "List-Id": "<morning.example.org>", "Auto-Submitted": "auto-generated"} {
		if got := m.Header.Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	media, p, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("%s, %v", media, err)
	}
	var bodies []string
	for mr := multipart.NewReader(m.Body, p["boundary"]); ; {
		part, err := mr.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n")))
	}
	if len(bodies) != 2 || !strings.HasPrefix(bodies[0], strings.TrimSpace(note.Text)) || bodies[1] != strings.TrimSpace(strings.ReplaceAll(note.HTML, "\r\n", "\n")) {
		t.Errorf("%d parts; the text or the HTML is not the document's", len(bodies))
	}
}
