// Package pagerduty pages for critical stories by PagerDuty's Events API v2: one
// incident a story. What is not critical is taken and not paged, and the
// receipt says so.
package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a PagerDuty receiver.
type Settings struct {
	Key     notify.Secret `yaml:"routing_key" json:"routing_key,omitempty" jsonschema:"integration key of an Events API v2 service"`
	KeyFile string        `yaml:"routing_key_file" json:"routing_key_file,omitempty" jsonschema:"file that holds the key"`
	URL     string        `yaml:"url" json:"url,omitempty" jsonschema:"address of the API (https://events.pagerduty.com/v2/enqueue; EU: https://events.eu.pagerduty.com/v2/enqueue)"`
}

// PagerDuty is a receiver of kind pagerduty.
type PagerDuty struct {
	client *notify.Client
	env    notify.Env
	url    string
	key    string
}

const maxSummary = 1024

// New checks the settings and makes a PagerDuty receiver.
func New(s Settings, env notify.Env) (*PagerDuty, error) {
	key, err := env.Secret("routing_key", s.Key, s.KeyFile)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, &notify.MissingSecret{Key: "routing_key", Err: errors.New("an integration key is needed")}
	}
	if s.URL == "" {
		s.URL = "https://events.pagerduty.com/v2/enqueue"
	}
	if err := notify.CheckURL("url", s.URL); err != nil {
		return nil, err
	}
	if _, err := env.Updates("edit"); err != nil {
		return nil, err
	}
	return &PagerDuty{client: notify.NewClient(env, key), env: env, url: s.URL, key: key.Reveal()}, nil
}

type event struct {
	Key       string   `json:"routing_key"`
	Action    string   `json:"event_action"`
	Dedup     string   `json:"dedup_key"`
	Payload   *payload `json:"payload,omitempty"`
	Client    string   `json:"client,omitempty"`
	ClientURL string   `json:"client_url,omitempty"`
	Links     []link   `json:"links,omitempty"`
}

type payload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"`
	Timestamp string         `json:"timestamp,omitempty"`
	Component string         `json:"component,omitempty"`
	Class     string         `json:"class"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

type link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// Send triggers, or with story.quiet resolves, the incident of a story. An
// update has its story's dedup_key, so it is logged on the same incident.
func (p *PagerDuty) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	e, ok := p.event(m)
	if !ok {
		return notify.Receipt{Status: http.StatusOK, Answer: "not critical: nobody was paged"}, nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	r, answer, err := p.client.Post(ctx, http.MethodPost, p.url, http.Header{"Content-Type": {"application/json"}}, body)
	var said struct {
		Status string
		Errors []string
	}
	known := json.Unmarshal(answer, &said) == nil
	if r.Status == http.StatusBadRequest && strings.Contains(strings.Join(said.Errors, " "), "routing_key") {
		return r, &notify.RetryError{Fault: notify.Setup, Err: errors.New(err.Error())} // the key is wrong, not the event
	}
	if err != nil {
		return r, err
	}
	if !known || said.Status != "success" {
		return r, notify.Retry(0, errors.New("the answer is not PagerDuty's"))
	}
	r.Ref = e.Dedup
	return r, nil
}

func (p *PagerDuty) event(m notify.Message) (event, bool) {
	parts := m.Parts(p.env)
	e := event{Key: p.key, Action: "trigger", Client: "watcher", ClientURL: p.env.PublicURL}
	pl := &payload{Summary: parts.HeadlineWithin(maxSummary, notify.Runes), Source: "watcher", Severity: "critical", Class: string(m.Type)}
	switch {
	case m.Test:
		e.Dedup, pl.Severity = m.ID, "info"
	case m.Story != nil && m.Type == notify.StoryQuiet:
		e.Dedup, e.Action = m.Story.ID, "resolve"
	case m.Story != nil && m.Urgency() == notify.Critical:
		e.Dedup = m.Story.ID
	case len(m.Rollup) > 0 && m.Urgency() == notify.Critical: // a critical story was held
		e.Dedup = m.ID
	case m.Event != nil && len(m.Rollup) == 0: // a route named it
		e.Dedup, pl.Severity = notify.CutTo(string(m.Type)+"/"+m.Event.Subject, 255, notify.Bytes), "warning"
	default:
		return event{}, false
	}
	if e.Dedup == "" {
		e.Dedup = m.ID
	}
	if !m.Timestamp.IsZero() {
		pl.Timestamp = m.Timestamp.UTC().Format(time.RFC3339)
	}
	pl.Component = notify.Cut(parts.Topic, 200)
	pl.Details = map[string]any{"text": parts.Text(16<<10, notify.Bytes), "id": m.ID, "reason": m.Reason}
	for _, l := range append([]notify.Link{{Text: "Open", URL: parts.URL}}, parts.Links...) {
		if l.URL != "" {
			e.Links = append(e.Links, link{l.URL, l.Text})
		}
	}
	if e.Action != "resolve" {
		e.Payload = pl
	}
	return e, true
}
