// Package webhook posts a message as JSON to the user's own endpoint, signed
// as Standard Webhooks asks. The form of the body is notify.Message
// (watcher.webhook.v1); this package owns the headers, the signatures, the
// CloudEvents and template forms, and the limit of 20 KB.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"watcher/notify"
)

// MaxBody is the size under which every body stays.
const MaxBody = 20_000

// Settings is the block of a webhook receiver.
type Settings struct {
	URL         string            `yaml:"url" json:"url" jsonschema:"where messages are posted; private addresses are fine"`
	Secrets     []notify.Secret   `yaml:"secrets" json:"secrets,omitempty" jsonschema:"Standard Webhooks secrets: whsec_ + base64, or whsk_ + base64 for Ed25519; every one signs"`
	SecretsFile string            `yaml:"secrets_file" json:"secrets_file,omitempty" jsonschema:"file with one secret a line"`
	Format      string            `yaml:"format" json:"format,omitempty" jsonschema:"watcher, cloudevents or template (watcher)"`
	Template    string            `yaml:"template" json:"template,omitempty" jsonschema:"Go template that renders JSON, for format: template"`
	Headers     map[string]string `yaml:"headers" json:"headers,omitempty" jsonschema:"headers of your own"`
}

// Webhook is a receiver of kind webhook.
type Webhook struct {
	url      string
	client   *notify.Client
	env      notify.Env
	signers  []signer
	format   string
	template *template.Template
	headers  http.Header
}

// New checks the settings and makes a webhook receiver.
func New(s Settings, env notify.Env) (*Webhook, error) {
	if err := notify.CheckURL("url", s.URL); err != nil {
		return nil, err
	}
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	secrets := slices.Clone(s.Secrets)
	if s.SecretsFile != "" {
		text, err := env.Secret("secrets", "", s.SecretsFile)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text.Reveal()) {
			if line = strings.TrimSpace(line); line != "" {
				secrets = append(secrets, notify.Secret(line))
			}
		}
	}
	w := &Webhook{url: s.URL, env: env, format: s.Format, headers: http.Header{}}
	for i, secret := range secrets {
		sign, err := newSigner(secret)
		if err != nil {
			return nil, fmt.Errorf("secrets[%d]: %w", i, err)
		}
		w.signers = append(w.signers, sign)
	}
	hidden := secrets
	for k, v := range s.Headers {
		if !validHeader(k, v) {
			return nil, fmt.Errorf("headers: %q is no header that may be set", k)
		}
		w.headers.Set(k, v)
		if len(v) > 3 {
			hidden = append(hidden, notify.Secret(v))
		}
	}
	w.client = notify.NewClient(env, hidden...)
	return w, w.setFormat(s)
}

func (w *Webhook) setFormat(s Settings) error {
	switch s.Format {
	case "", "watcher", "cloudevents":
		if s.Template != "" {
			return errors.New("template: it needs format: template")
		}
	case "template":
		t, err := template.New("template").Funcs(template.FuncMap{"json": toJSON}).Option("missingkey=error").Parse(s.Template)
		if err != nil {
			return fmt.Errorf("template: %w", err)
		}
		w.template = t
		for _, sample := range notify.Samples(w.env.Time()) {
			if _, err := w.render(sample); err != nil {
				return fmt.Errorf("template: with a sample of %s: %w", sample.Type, err)
			}
		}
	default:
		return fmt.Errorf("format: %q is unknown: use watcher, cloudevents or template", s.Format)
	}
	return nil
}

// validHeader keeps users' headers from breaking the form or the signature.
func validHeader(k, v string) bool {
	k = textproto.CanonicalMIMEHeaderKey(k)
	switch {
	case k == "", strings.ContainsAny(k, " \r\n:"), strings.ContainsAny(v, "\r\n"):
		return false
	case strings.HasPrefix(k, "Webhook-"), k == "X-Watcher-Attempt", k == "Host", k == "Content-Length", k == "Content-Type", k == "User-Agent":
		return false
	}
	return true
}

// Send posts the message.
func (w *Webhook) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	body, err := w.body(m)
	if err != nil {
		return notify.Receipt{}, err
	}
	h := w.headers.Clone()
	h.Set("Content-Type", "application/json")
	h.Set("X-Watcher-Attempt", strconv.Itoa(max(1, m.Attempt)))
	now := w.env.Time()
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	if len(w.signers) > 0 {
		h.Set("Webhook-Signature", sign(w.signers, m.ID, now, body))
	}
	if w.format == "cloudevents" {
		w.cloudEvent(h, m)
	}
	receipt, _, err := w.client.Post(ctx, http.MethodPost, w.url, h, body)
	return receipt, err
}

func (w *Webhook) body(m notify.Message) ([]byte, error) {
	if w.template != nil {
		return w.render(m)
	}
	body, err := m.EncodeWithin(MaxBody)
	if err != nil {
		return nil, notify.Reject("the message cannot be written as JSON")
	}
	return body, nil
}

// render runs the user's template; what it gives must be JSON.
func (w *Webhook) render(m notify.Message) ([]byte, error) {
	var b bytes.Buffer
	if err := w.template.Execute(&b, m.Clean()); err != nil {
		return nil, notify.Reject("%v", err)
	}
	if !json.Valid(b.Bytes()) {
		return nil, notify.Reject("it does not give valid JSON; write texts as {{json .Story.Title}}")
	}
	return b.Bytes(), nil
}

// cloudEvent adds the headers of a CloudEvent in binary mode.
func (w *Webhook) cloudEvent(h http.Header, m notify.Message) {
	source := w.env.PublicURL
	if source == "" {
		source = "urn:watcher"
	}
	subject := ""
	switch {
	case m.Story != nil:
		subject = m.Story.ID
	case m.Event != nil:
		subject = m.Event.Subject
	case m.Digest != nil:
		subject = m.Digest.ID + "/" + m.Digest.Date
	}
	h.Set("Ce-Specversion", "1.0")
	h.Set("Ce-Id", m.ID)
	h.Set("Ce-Source", headerText(source))
	h.Set("Ce-Type", "watcher."+string(m.Type))
	h.Set("Ce-Time", m.Timestamp.UTC().Format("2006-01-02T15:04:05.999Z07:00"))
	h.Set("Ce-Dataschema", "urn:"+notify.Schema)
	if subject != "" {
		h.Set("Ce-Subject", headerText(subject))
	}
}

// headerText percent-encodes what CloudEvents does not allow in a header.
func headerText(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func toJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(b.String()), err
}
