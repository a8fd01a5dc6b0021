// Package apprise tells a message by the user's own Apprise API server, which
// reaches the services that watcher does not know itself.
package apprise

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"watcher/notify"
)

// Settings is the block of an Apprise receiver.
type Settings struct {
	URL      string          `yaml:"url" json:"url" jsonschema:"https://apprise.example/notify/KEY, or …/notify with urls"`
	URLs     []notify.Secret `yaml:"urls" json:"urls,omitempty" jsonschema:"Apprise addresses to tell, when the server keeps none"`
	URLsFile string          `yaml:"urls_file" json:"urls_file,omitempty" jsonschema:"file with one Apprise address a line"`
	Tag      string          `yaml:"tag" json:"tag,omitempty" jsonschema:"tag of the server's addresses to tell"`
}

// Apprise is a receiver of kind apprise.
type Apprise struct {
	client *notify.Client
	env    notify.Env
	url    string
	urls   string
	tag    string
}

const maxText = 8 << 10 // Apprise cuts it for each service

// New checks the settings and makes an Apprise receiver.
func New(s Settings, env notify.Env) (*Apprise, error) {
	if err := notify.CheckURL("url", s.URL); err != nil {
		return nil, err
	}
	file, err := env.Secret("urls", "", s.URLsFile)
	if err != nil {
		return nil, err
	}
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	var urls []string
	var hidden []notify.Secret
	for _, u := range append(s.URLs, notify.Secret(file)) {
		for line := range strings.Lines(u.Reveal()) {
			if line = strings.TrimSpace(line); line != "" {
				urls = append(urls, line)
				hidden = append(hidden, notify.Secret(line))
			}
		}
	}
	return &Apprise{client: notify.NewClient(env, hidden...), env: env, url: s.URL, urls: strings.Join(urls, ","), tag: s.Tag}, nil
}

type post struct {
	Title  string `json:"title"`
	Body   string `json:"body"`
	Type   string `json:"type"`
	Format string `json:"format"`
	URLs   string `json:"urls,omitempty"`
	Tag    string `json:"tag,omitempty"`
}

// Send posts the message.
func (a *Apprise) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	p := m.Parts(a.env)
	out := post{Title: p.HeadlineWithin(250, notify.Runes), Body: p.Text(maxText, notify.Bytes), Type: "info", Format: "text", URLs: a.urls, Tag: a.tag}
	if p.URL != "" && len(p.Items) == 0 { // else it is the first item's
		out.Body = strings.TrimSpace(out.Body + "\n" + p.URL)
	}
	if out.Body == "" {
		out.Body = out.Title // a body is needed
	}
	if p.Urgency == notify.Critical {
		out.Type = "warning"
	}
	body, err := json.Marshal(out)
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	r, _, err := a.client.Post(ctx, http.MethodPost, a.url, http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}, body)
	var reject *notify.RejectError
	switch {
	case err == nil && r.Status == http.StatusNoContent:
		return r, &notify.RetryError{Fault: notify.Setup, Err: errors.New("apprise answered 204: it keeps no addresses under this key")}
	case errors.As(err, &reject) && r.Status == http.StatusFailedDependency:
		return r, notify.Retry(0, errors.New("apprise could not reach one of its services: "+reject.Error()))
	}
	return r, err
}
