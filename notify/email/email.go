// Package email tells a message by SMTP, as text and HTML in one mail. It owns
// the mail's headers (threading, List-Id, List-Unsubscribe, Auto-Submitted),
// its two bodies, and what the answers of an SMTP server mean; go-mail owns
// MIME and the protocol.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"watcher/notify"
)

// Settings is the block of an email receiver.
type Settings struct {
	SMTP SMTP     `yaml:"smtp" json:"smtp" jsonschema:"the server that takes mail for us"`
	From string   `yaml:"from" json:"from" jsonschema:"sender: watcher@example.org, or Name <watcher@example.org>"`
	To   []string `yaml:"to" json:"to" jsonschema:"recipients"`
}

// SMTP is the server.
type SMTP struct {
	Host         string        `yaml:"host" json:"host" jsonschema:"name of the server"`
	Port         int           `yaml:"port" json:"port,omitempty" jsonschema:"587 (STARTTLS), 465 (TLS) or 25"`
	User         string        `yaml:"user" json:"user,omitempty" jsonschema:"name to log in with"`
	Password     notify.Secret `yaml:"password" json:"password,omitempty" jsonschema:"better password_file"`
	PasswordFile string        `yaml:"password_file" json:"password_file,omitempty" jsonschema:"file that holds password"`
	TLS          string        `yaml:"tls" json:"tls,omitempty" jsonschema:"starttls, ssl or none (starttls; ssl on port 465); none sends no password"`
	CAFile       string        `yaml:"ca_file" json:"ca_file,omitempty" jsonschema:"PEM file of a certificate authority of your own"`
}

// Email is a receiver of kind email.
type Email struct {
	env      notify.Env
	smtp     SMTP
	password string
	roots    *x509.CertPool
	from     *netmail.Address
	to       []string
	domain   string
	thread   bool

	mu   sync.Mutex
	half map[string]*half // by Message-ID: mails that some have yet to take
}

// New checks the settings and makes an email receiver.
func New(s Settings, env notify.Env) (*Email, error) {
	e := &Email{env: env, smtp: s.SMTP, half: map[string]*half{}}
	var err error
	if e.from, err = netmail.ParseAddress(s.From); err != nil {
		return nil, fmt.Errorf("from: %q is no mail address", s.From)
	}
	_, e.domain, _ = strings.Cut(e.from.Address, "@")
	for i, to := range s.To {
		a, err := netmail.ParseAddress(to)
		if err != nil {
			return nil, fmt.Errorf("to[%d]: %q is no mail address", i, to)
		}
		e.to = append(e.to, a.Address)
	}
	if len(e.to) == 0 {
		return nil, errors.New("to: at least one recipient is needed")
	}
	update, err := env.Updates("thread")
	if err != nil {
		return nil, err
	}
	e.thread = update == "thread"
	return e, e.server()
}

// server checks the settings of the server.
func (e *Email) server() error {
	s := &e.smtp
	if s.Port == 0 {
		s.Port = 587
	}
	if s.TLS == "" {
		s.TLS = "starttls"
		if s.Port == 465 {
			s.TLS = "ssl"
		}
	}
	password, err := e.env.Secret("smtp.password", s.Password, s.PasswordFile)
	if err != nil {
		return err
	}
	e.password = password.Reveal()
	switch {
	case s.Host == "":
		return errors.New("smtp.host is needed")
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("smtp.port: %d is no port", s.Port)
	case s.TLS != "starttls" && s.TLS != "ssl" && s.TLS != "none":
		return fmt.Errorf("smtp.tls: %q is unknown: use starttls, ssl or none", s.TLS)
	case s.TLS == "none" && s.User != "":
		return errors.New("smtp.tls: none sends no password: remove smtp.user, or use starttls")
	case s.User != "" && e.password == "":
		return &notify.MissingSecret{Key: "smtp.password", Err: errors.New("a password is needed for smtp.user")}
	}
	if s.CAFile != "" {
		pem, err := e.env.Secret("smtp.ca", "", s.CAFile)
		if err != nil {
			return err
		}
		e.roots = x509.NewCertPool()
		if !e.roots.AppendCertsFromPEM([]byte(pem.Reveal())) {
			return fmt.Errorf("smtp.ca_file: %s holds no PEM certificate", s.CAFile)
		}
	}
	return nil
}

// Send hands the mail to the server, one for each recipient where they can
// leave with one click. It has the same Message-ID on each try. An error is of
// those who did not take it yet.
func (e *Email) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	id := messageID(name(m), e.domain)
	parcels, err := e.parcels(ctx)
	if err != nil {
		return notify.Receipt{}, err
	}
	h := e.begun(id)
	var failed error
	for _, p := range parcels {
		if h.settled(p.to) {
			continue
		}
		gone, err := e.hand(ctx, m, id, p)
		var dial *dialError
		switch {
		case err != nil && len(gone) == len(p.to):
			h.refuse(err, gone)
		case err == nil:
			h.take(p.to, gone)
		case ctx.Err() != nil || errors.As(err, &dial):
			return e.failure(ctx, err)
		default:
			failed = err
		}
	}
	var reject *notify.RejectError
	switch {
	case errors.As(failed, &reject):
		return notify.Receipt{}, failed
	case failed != nil:
		return e.failure(ctx, failed)
	}
	e.told(id)
	if len(h.took) == 0 {
		return e.failure(ctx, h.last)
	}
	r := notify.Receipt{Status: 250, Ref: id}
	if e.thread && m.Previous != "" {
		r.Ref = m.Previous // the thread hangs on its first mail
	}
	if len(h.refused) > 0 {
		r.Answer = "refused for " + strings.Join(h.refused, ", ")
	}
	return r, nil
}

// hand offers one mail. Addresses that are refused keep no mail from the
// others; an error where all are, or where the server says anything else.
func (e *Email) hand(ctx context.Context, m notify.Message, id string, p parcel) (refused []string, err error) {
	for {
		msg, err := e.compose(m, id, p)
		if err != nil {
			return nil, notify.Reject("the mail cannot be written: %v", err)
		}
		if err = e.deliver(ctx, msg); err == nil {
			return refused, nil
		}
		left, gone := withoutRefused(err, p.to)
		refused = append(refused, gone...)
		if len(gone) == 0 || len(left) == 0 {
			return refused, err
		}
		p.to = left
	}
}

// deliver speaks SMTP; once the server took the mail, how the connection ends
// does not matter.
func (e *Email) deliver(ctx context.Context, msg *gomail.Msg) error {
	timeout := 15 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(time.Until(deadline), time.Millisecond)
	}
	stop := func() bool { return true }
	conf := &tls.Config{ServerName: e.smtp.Host, MinVersion: tls.VersionTLS12, RootCAs: e.roots}
	opts := []gomail.Option{gomail.WithPort(e.smtp.Port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(conf), gomail.WithHELO(helo(e.domain)), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(dial context.Context, network, address string) (net.Conn, error) {
			conn, err := notify.Dialer().DialContext(dial, network, address)
			if err != nil {
				return nil, err
			}
			stop = context.AfterFunc(ctx, func() { conn.Close() }) // a cancelled send returns at once
			if e.smtp.TLS == "ssl" {
				return tls.Client(conn, conf), nil
			}
			return conn, nil
		})}
	switch e.smtp.TLS {
	case "ssl": // the connection is TLS already, as our dialler made it
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if e.smtp.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(e.smtp.User), gomail.WithPassword(e.password))
	}
	client, err := gomail.NewClient(e.smtp.Host, opts...)
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		stop()
		return &dialError{err}
	}
	defer func() {
		_ = client.CloseWithSMTPClient(conn)
		stop()
	}()
	return client.SendWithSMTPClient(conn, msg)
}

func helo(domain string) string {
	if domain == "" {
		return "localhost"
	}
	return domain
}

// name is what a mail's Message-ID is made of: the message's id, or for a
// digest its own name and day, so that a reader can find it.
func name(m notify.Message) string {
	if m.Digest == nil {
		return m.ID
	}
	id := listName(m.Digest.ID) + "." + listName(m.Digest.Date)
	if m.Sequence > 1 {
		id += "." + strconv.Itoa(m.Sequence) // sent again: another mail
	}
	return id
}

func messageID(id, domain string) string { return id + "@" + helo(domain) }
