// Package ntfy tells a message to a topic of ntfy.sh or a server of one's own.
// It owns ntfy's headers, its limit of 4096 bytes and updating by sequence id.
package ntfy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"watcher/notify"
)

// Settings is the block of an ntfy receiver.
type Settings struct {
	URL          string        `yaml:"url" json:"url" jsonschema:"server and topic: https://ntfy.sh/mytopic"`
	Token        notify.Secret `yaml:"token" json:"token,omitempty" jsonschema:"access token"`
	TokenFile    string        `yaml:"token_file" json:"token_file,omitempty" jsonschema:"file that holds the token"`
	User         string        `yaml:"user" json:"user,omitempty" jsonschema:"user name, instead of a token"`
	Password     notify.Secret `yaml:"password" json:"password,omitempty" jsonschema:"better password_file"`
	PasswordFile string        `yaml:"password_file" json:"password_file,omitempty" jsonschema:"file that holds password"`
	Tags         string        `yaml:"tags" json:"tags,omitempty" jsonschema:"tags or emoji short codes, with commas"`
}

// Ntfy is a receiver of kind ntfy.
type Ntfy struct {
	client *notify.Client
	env    notify.Env
	url    string
	auth   string
	tags   string
	update string
}

const (
	maxMessage = 4096 // bytes; a longer one would become an attachment
	maxTitle   = 250
)

// New checks the settings and makes an ntfy receiver.
func New(s Settings, env notify.Env) (*Ntfy, error) {
	if err := notify.CheckURL("url", s.URL); err != nil {
		return nil, err
	}
	if u, err := url.Parse(s.URL); err != nil || strings.Trim(u.Path, "/") == "" {
		return nil, errors.New("url: the topic is missing: write https://ntfy.example.org/TOPIC")
	}
	token, err := env.Secret("token", s.Token, s.TokenFile)
	if err != nil {
		return nil, err
	}
	password, err := env.Secret("password", s.Password, s.PasswordFile)
	if err != nil {
		return nil, err
	}
	n := &Ntfy{env: env, url: s.URL, tags: s.Tags}
	basic := base64.StdEncoding.EncodeToString([]byte(s.User + ":" + password.Reveal()))
	switch {
	case token != "" && s.User != "":
		return nil, errors.New("token and user are both set: keep one")
	case token != "":
		n.auth = "Bearer " + token.Reveal()
	case s.User != "":
		n.auth = "Basic " + basic
	}
	n.client = notify.NewClient(env, token, password, notify.Secret(basic))
	n.update, err = env.Updates("edit")
	return n, err
}

var priorities = map[notify.Priority]string{notify.Low: "2", notify.Normal: "3", notify.High: "4", notify.Critical: "5"}

// Send publishes the message; with on_update edit all about one story share a
// sequence id, and the newest takes the place of the one before.
func (n *Ntfy) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	p := m.Parts(n.env)
	h := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	h.Set("X-Title", mime.BEncoding.Encode("utf-8", p.HeadlineWithin(maxTitle, notify.Bytes)))
	h.Set("X-Priority", priorities[p.Urgency])
	if p.URL != "" {
		h.Set("X-Click", p.URL)
	}
	if n.tags != "" {
		h.Set("X-Tags", n.tags)
	}
	if n.auth != "" {
		h.Set("Authorization", n.auth)
	}
	sequence := ""
	if n.update == "edit" && m.Story != nil && m.Story.ID != "" {
		sequence = m.Story.ID
		h.Set("X-Sequence-ID", sequence)
	}
	body := p.Text(maxMessage, notify.Bytes)
	if body == "" {
		body = string(m.Type)
	}
	r, answer, err := n.client.Post(ctx, http.MethodPost, n.url, h, []byte(body))
	if err != nil {
		return r, err
	}
	var said struct{ ID string }
	if json.Unmarshal(answer, &said) != nil || said.ID == "" {
		return r, &notify.RetryError{Fault: notify.Setup, Err: errors.New("the answer is not ntfy's: is the url that of a topic?")}
	}
	r.Ref = said.ID
	if sequence != "" {
		r.Ref = sequence
	}
	return r, nil
}
