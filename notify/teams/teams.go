// Package teams tells a message to a Teams channel by a webhook of Workflows
// (or an old connector), as an Adaptive Card. It owns the envelope, without
// which Teams answers 200 and shows nothing, the limits of 28 KB and four
// messages a second, and failures that come with status 200.
package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a Teams receiver.
type Settings struct {
	URL     notify.Secret `yaml:"url" json:"url,omitempty" jsonschema:"the webhook's address"`
	URLFile string        `yaml:"url_file" json:"url_file,omitempty" jsonschema:"file that holds it"`
}

// Teams is a receiver of kind teams.
type Teams struct {
	client *notify.Client
	pace   *notify.Pace
	env    notify.Env
	url    string
}

const maxBody = 28 << 10

// New checks the settings and makes a Teams receiver.
func New(s Settings, env notify.Env) (*Teams, error) {
	hook, err := env.Secret("url", s.URL, s.URLFile)
	if err != nil {
		return nil, err
	}
	if err := notify.CheckURL("url", hook.Reveal()); err != nil {
		return nil, err
	}
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	return &Teams{client: notify.NewClient(env, hook), pace: notify.NewPace(env).AtMost(4, time.Second), env: env, url: hook.Reveal()}, nil
}

type envelope struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string  `json:"contentType"`
	ContentURL  *string `json:"contentUrl"`
	Content     card    `json:"content"`
}

type card struct {
	Schema  string    `json:"$schema"`
	Type    string    `json:"type"`
	Version string    `json:"version"`
	Body    []element `json:"body"`
	Actions []action  `json:"actions,omitempty"`
	Teams   width     `json:"msteams"`
}

type width struct {
	Width string `json:"width"`
}

type element struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
	Wrap   bool   `json:"wrap"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Send posts the message.
func (t *Teams) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := t.pace.Wait(ctx); err != nil {
		return notify.Receipt{}, err
	}
	r, answer, err := t.client.Post(ctx, http.MethodPost, t.url, http.Header{"Content-Type": {"application/json"}}, Body(m.Parts(t.env)))
	if err != nil {
		return r, off(r, err)
	}
	return r, wrong(string(answer))
}

// off corrects the meaning of a 400 that says nothing of the message: the
// workflow is switched off, or its owner is gone.
func off(r notify.Receipt, err error) error {
	if r.Status == http.StatusBadRequest && strings.Contains(r.Answer, "WorkflowTriggerIsNotEnabled") {
		return &notify.RetryError{Fault: notify.Setup, Err: errors.New("the workflow is switched off: " + err.Error())}
	}
	return err
}

// Body is the message in its envelope, at most 28 KB: whole items are left out.
func Body(p notify.Parts) []byte {
	items, body := p.Items, 6000
	for {
		q := p
		q.Items = items
		if left := len(p.Items) - len(items); left > 0 {
			q.More = p.MoreOf(left)
		}
		q.Body = notify.CutTo(p.Body, body, notify.Bytes)
		data := encode(lay(q))
		switch {
		case len(data) <= maxBody:
			return data
		case len(items) > 1:
			items = items[:len(items)*3/4]
		default:
			items, body = nil, body/2
		}
	}
}

func encode(c card) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(envelope{Type: "message", Attachments: []attachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: c}}}) // strings alone
	return b.Bytes()
}

func lay(p notify.Parts) card {
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Teams: width{"Full"}}
	text := func(s string, change func(*element)) {
		if s == "" {
			return
		}
		e := element{Type: "TextBlock", Text: s, Wrap: true}
		if change != nil {
			change(&e)
		}
		c.Body = append(c.Body, e)
	}
	subtle := func(e *element) { e.Subtle = true }
	text(escape(notify.Cut(p.Topic, 200)), subtle)
	title := p.Title
	if p.Marks != "" {
		title += " (" + p.Marks + ")"
	}
	text(escape(notify.Cut(title, 600)), func(e *element) { e.Size, e.Weight = "Large", "Bolder" })
	text(escape(notify.Cut(strings.Join(p.Lines, "\n"), 1500)), subtle)
	text(escape(p.Body), nil)
	var items []string
	for _, it := range p.Items {
		line := escape(notify.Cut(it.Label, 100))
		if it.URL != "" {
			line = "[" + line + "](" + strings.NewReplacer("(", "%28", ")", "%29").Replace(it.URL) + ")"
		}
		if it.Title != "" {
			line += " " + escape(notify.Cut(it.Title, 300))
		}
		items = append(items, "- "+line)
	}
	if p.More != "" {
		items = append(items, "- "+p.More)
	}
	text(strings.Join(items, "\n"), nil)
	if p.URL != "" {
		c.Actions = append(c.Actions, action{"Action.OpenUrl", "Open", p.URL})
	}
	for _, l := range p.Links {
		c.Actions = append(c.Actions, action{"Action.OpenUrl", l.Text, l.URL})
	}
	return c
}

// escape takes the meaning from the markdown of a text block.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\*_[]~`|", r), strings.ContainsRune("#>-+", r) && notify.LineStart(s[:i]):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '\n':
			b.WriteString("\n\n")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var httpError = regexp.MustCompile(`(?i)HTTP error (\d{3})`)

// wrong reads a failure from an answer with status 200: "Webhook message
// delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 …".
func wrong(answer string) error {
	code := 0
	if m := httpError.FindStringSubmatch(answer); m != nil {
		code, _ = strconv.Atoi(m[1])
	}
	said := errors.New("answered 200, but: " + notify.Cut(notify.CleanText(answer), 200))
	lower := strings.ToLower(answer)
	switch {
	case code == 413:
		return &notify.RejectError{Smaller: true, Err: said}
	case code == 429:
		return notify.Retry(time.Minute, said)
	case code/100 == 4 && code != 408:
		return &notify.RejectError{Err: said}
	case code != 0, strings.Contains(lower, "delivery failed"):
		return notify.Retry(0, said)
	case strings.Contains(lower, "bad payload"), strings.Contains(lower, "summary or text is required"), strings.Contains(lower, "invalid webhook request"):
		return &notify.RejectError{Err: said}
	}
	return nil
}
