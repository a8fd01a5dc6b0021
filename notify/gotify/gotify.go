// Package gotify tells a message to an application of a Gotify server.
package gotify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"watcher/notify"
)

// Settings is the block of a Gotify receiver.
type Settings struct {
	URL       string        `yaml:"url" json:"url" jsonschema:"address of the server"`
	Token     notify.Secret `yaml:"token" json:"token,omitempty" jsonschema:"token of the application"`
	TokenFile string        `yaml:"token_file" json:"token_file,omitempty" jsonschema:"file that holds the token"`
}

// Gotify is a receiver of kind gotify.
type Gotify struct {
	client *notify.Client
	env    notify.Env
	url    string
	token  string
}

const (
	maxMessage = 8 << 10 // bytes: what a phone shows well; Gotify names no limit
	maxTitle   = 250
)

// New checks the settings and makes a Gotify receiver.
func New(s Settings, env notify.Env) (*Gotify, error) {
	if err := notify.CheckURL("url", s.URL); err != nil {
		return nil, err
	}
	token, err := env.Secret("token", s.Token, s.TokenFile)
	if err != nil {
		return nil, err
	}
	if token == "" {
		return nil, &notify.MissingSecret{Key: "token", Err: errors.New("the token of an application is needed")}
	}
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	return &Gotify{client: notify.NewClient(env, token), env: env, url: strings.TrimSuffix(s.URL, "/") + "/message", token: token.Reveal()}, nil
}

var priorities = map[notify.Priority]int{notify.Low: 2, notify.Normal: 5, notify.High: 8, notify.Critical: 10}

type post struct {
	Title    string         `json:"title"`
	Message  string         `json:"message"`
	Priority int            `json:"priority"`
	Extras   map[string]any `json:"extras"`
}

// Send posts the message.
func (g *Gotify) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	p := m.Parts(g.env)
	out := post{Title: p.HeadlineWithin(maxTitle, notify.Runes), Message: p.Text(maxMessage, notify.Bytes), Priority: priorities[p.Urgency],
		Extras: map[string]any{"client::display": map[string]string{"contentType": "text/plain"}}}
	if p.URL != "" {
		out.Extras["client::notification"] = map[string]any{"click": map[string]string{"url": p.URL}}
	}
	if out.Message == "" {
		out.Message = out.Title // a message is needed
	}
	body, err := json.Marshal(out)
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	r, answer, err := g.client.Post(ctx, http.MethodPost, g.url, http.Header{"Content-Type": {"application/json"}, "X-Gotify-Key": {g.token}}, body)
	var said struct{ ID int64 }
	if err == nil && (json.Unmarshal(answer, &said) != nil || said.ID == 0) {
		return r, &notify.RetryError{Fault: notify.Setup, Err: errors.New("the answer is not Gotify's: is the url that of the server?")}
	}
	if err == nil {
		r.Ref = strconv.FormatInt(said.ID, 10)
	}
	return r, err
}
