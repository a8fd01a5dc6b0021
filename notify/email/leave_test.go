package email

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"watcher/notify"
	"watcher/notify/notifytest"
)

// leaving is an Env whose links and opt-outs a test can see.
func leaving(left ...string) notify.Env {
	env := notifytest.Env()
	env.LeaveURL = func(_ context.Context, receiver, address string) (string, error) {
		return "https://w.example/unsubscribe/" + receiver + "-" + address, nil
	}
	env.Left = func(context.Context, string) ([]string, error) { return left, nil }
	return env
}

func three(c *Settings) {
	c.To = []string{"a@example.org", "b@example.org", "Gone@example.org"}
}

// TestOneClickUnsubscribe: each reader has a mail with a link of their own, in
// the headers of RFC 8058 and to be seen, and who left has none.
func TestOneClickUnsubscribe(t *testing.T) {
	s := serve(t, &server{}, true)
	for _, m := range notify.Samples(notifytest.Now) {
		s.mails, s.rcpts = nil, nil
		if _, err := send(t, open(t, s, leaving("gone@example.org"), three), m); err != nil {
			t.Fatalf("%s: %v", m.Type, err)
		}
		if fmt.Sprint(s.rcpts) != "[[a@example.org] [b@example.org]]" {
			t.Fatalf("%s: mails to %v", m.Type, s.rcpts)
		}
		var ids []string
		for i, a := range []string{"a", "b"} {
			h, text, html := parts(t, s.mails[i])
			link := "https://w.example/unsubscribe/mail-" + a + "@example.org"
			if got := h.Get("List-Unsubscribe"); got != "<"+link+">, <mailto:watcher@example.org?subject=unsubscribe%20mail>" {
				t.Errorf("%s: List-Unsubscribe %q", m.Type, got)
			}
			if got := h.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
				t.Errorf("%s: List-Unsubscribe-Post %q", m.Type, got)
			}
			if !strings.Contains(text, "Unsubscribe: "+link) || !strings.Contains(html, `<a href="`+link+`"`) || strings.Contains(html, "</body>") && !strings.Contains(html[strings.Index(html, link):], "</body>") {
				t.Errorf("%s: no link to be seen in\n%s\n%s", m.Type, text, html)
			}
			if h.Get("To") != "<"+a+"@example.org>" {
				t.Errorf("%s: To %q", m.Type, h.Get("To"))
			}
			ids = append(ids, h.Get("Message-Id"))
		}
		if ids[0] != ids[1] {
			t.Errorf("%s: Message-Ids %v", m.Type, ids)
		}
	}
	s.rcpts = nil
	_, err := send(t, open(t, s, leaving("a@example.org", "b@example.org", "gone@example.org"), three), notify.Sample(notifytest.Now))
	if err == nil || !strings.Contains(err.Error(), "every recipient has unsubscribed: `watcher receivers enable mail --address") || len(s.rcpts) != 0 {
		t.Errorf("%v; mails to %v", err, s.rcpts)
	}
}

// TestOneClickNeedsHTTPS: a page without TLS is linked, but no mail program is
// asked to post to it.
func TestOneClickNeedsHTTPS(t *testing.T) {
	s := serve(t, &server{}, true)
	env := leaving()
	env.LeaveURL = func(context.Context, string, string) (string, error) {
		return "http://10.0.0.7:8377/unsubscribe/x", nil
	}
	if _, err := send(t, open(t, s, env), notify.Sample(notifytest.Now)); err != nil {
		t.Fatal(err)
	}
	h, _, _ := parts(t, s.mails[0])
	if !strings.HasPrefix(h.Get("List-Unsubscribe"), "<http://10.0.0.7:8377/unsubscribe/x>, <mailto:") || h.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("List-Unsubscribe %q, List-Unsubscribe-Post %q", h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"))
	}
}

// TestGreylistingOfOneRepeatsNothingToTheOthers: what one reader's server puts
// off is tried again for that reader alone.
func TestGreylistingOfOneRepeatsNothingToTheOthers(t *testing.T) {
	busy := true
	s := serve(t, &server{rcpt: func(to string) error {
		switch {
		case to == "a@example.org" && busy:
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, come back"}
		case to == "Gone@example.org":
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}}, true)
	e := open(t, s, leaving(), three)
	m := notify.Sample(notifytest.Now)
	if _, err := send(t, e, m); err == nil || !strings.Contains(err.Error(), "greylisted") {
		t.Fatalf("the first try: %v", err)
	}
	busy = false
	if r, err := send(t, e, m); err != nil || r.Status != 250 || r.Answer != "refused for Gone@example.org" {
		t.Fatalf("the second try: %+v, %v", r, err)
	}
	if fmt.Sprint(s.rcpts) != "[[b@example.org] [a@example.org]]" {
		t.Errorf("mails to %v", s.rcpts)
	}
	m.ID = "msg_next"
	if _, err := send(t, e, m); err != nil || len(s.rcpts) != 4 {
		t.Errorf("the next message: %v, mails to %v", err, s.rcpts)
	}
}

// TestRefusedOnTwoTriesIsNotTold: one reader is refused for good at the first
// try, the other put off and refused at the second: nobody has the mail.
func TestRefusedOnTwoTriesIsNotTold(t *testing.T) {
	code := 451
	s := serve(t, &server{rcpt: func(to string) error {
		if to == "a@example.org" {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "not a"}
		}
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}}, true)
	e := open(t, s, leaving(), func(c *Settings) { c.To = []string{"a@example.org", "b@example.org"} })
	m := notify.Sample(notifytest.Now)
	if _, err := send(t, e, m); err == nil {
		t.Fatal("the first try: taken")
	}
	code = 550
	if r, err := send(t, e, m); err == nil || !strings.Contains(err.Error(), "not a") {
		t.Errorf("the second try: %+v, %v", r, err)
	}
	if len(s.rcpts) != 0 {
		t.Errorf("mails to %v", s.rcpts)
	}
}
