// Package discord tells a message by a Discord webhook, as one embed. It owns
// the embed's limits, the escaping of Discord's markdown and editing by PATCH;
// no message of ours ever mentions anybody.
package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a Discord receiver.
type Settings struct {
	URL     notify.Secret `yaml:"url" json:"url,omitempty" jsonschema:"the channel's webhook address"`
	URLFile string        `yaml:"url_file" json:"url_file,omitempty" jsonschema:"file that holds it"`
	Thread  string        `yaml:"thread_id" json:"thread_id,omitempty" jsonschema:"thread of the channel to post in"`
}

// Discord is a receiver of kind discord.
type Discord struct {
	client *notify.Client
	pace   *notify.Pace
	env    notify.Env
	url    *url.URL
	update string
}

// The limits that Discord documents, counted in UTF-16 units to be safe.
const (
	maxTitle       = 256
	maxDescription = 4096
	maxAll         = 6000
)

// New checks the settings and makes a Discord receiver.
func New(s Settings, env notify.Env) (*Discord, error) {
	hook, err := env.Secret("url", s.URL, s.URLFile)
	if err != nil {
		return nil, err
	}
	if err := notify.CheckURL("url", hook.Reveal()); err != nil {
		return nil, err
	}
	update, err := env.Updates("edit")
	if err != nil {
		return nil, err
	}
	u, _ := url.Parse(hook.Reveal()) // CheckURL parsed it
	q := u.Query()
	q.Set("wait", "true") // the answer is the message, with its id
	if s.Thread != "" {
		q.Set("thread_id", s.Thread)
	}
	u.RawQuery = q.Encode()
	return &Discord{client: notify.NewClient(env, hook), pace: notify.NewPace(env).AtMost(5, 2*time.Second), env: env, url: u, update: update}, nil
}

type embed struct {
	Title       string `json:"title"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
	Color       int    `json:"color,omitempty"`
	Timestamp   string `json:"timestamp,omitempty"`
}

type post struct {
	Embeds          []embed         `json:"embeds"`
	AllowedMentions allowedMentions `json:"allowed_mentions"`
}

type allowedMentions struct {
	Parse []string `json:"parse"`
}

// Send posts the message, or edits the one before.
func (d *Discord) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := d.pace.Wait(ctx); err != nil {
		return notify.Receipt{}, err
	}
	body, err := json.Marshal(post{Embeds: []embed{card(m, d.env)}, AllowedMentions: allowedMentions{Parse: []string{}}})
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	if d.update == "edit" && m.Previous != "" && m.Type == notify.StoryUpdated {
		u := *d.url
		u.Path = strings.TrimSuffix(u.Path, "/") + "/messages/" + url.PathEscape(m.Previous)
		r, err := d.call(ctx, http.MethodPatch, u.String(), body)
		var retry *notify.RetryError
		if !errors.As(err, &retry) || r.Status != http.StatusNotFound || !strings.Contains(r.Answer, "10008") {
			r.Ref = m.Previous
			return r, err
		} // 10008: the earlier message was deleted
	}
	return d.call(ctx, http.MethodPost, d.url.String(), body)
}

func (d *Discord) call(ctx context.Context, method, target string, body []byte) (notify.Receipt, error) {
	r, answer, err := d.client.Post(ctx, method, target, http.Header{"Content-Type": {"application/json"}}, body)
	var said struct {
		ID         string
		RetryAfter float64 `json:"retry_after"`
	}
	_ = json.Unmarshal(answer, &said) // an answer in another form has no id
	if r.Header.Get("X-RateLimit-Remaining") == "0" {
		d.pace.Rest(notify.RetryAfter(r.Header.Get("X-RateLimit-Reset-After"), d.env.Time()))
	}
	var retry *notify.RetryError
	if errors.As(err, &retry) && r.Status == http.StatusTooManyRequests && retry.After == 0 && said.RetryAfter > 0 {
		return r, notify.Retry(time.Duration(said.RetryAfter*float64(time.Second)), retry.Err)
	}
	if err == nil {
		r.Ref = said.ID
	}
	return r, err
}

var colors = map[notify.Priority]int{notify.Low: 0x95a5a6, notify.Normal: 0x3498db, notify.High: 0xe67e22, notify.Critical: 0xe74c3c}

// card makes the embed of a message.
func card(m notify.Message, env notify.Env) embed {
	p := m.Parts(env)
	e := embed{Title: escape(p.HeadlineWithin(maxTitle, escaped)), URL: p.URL, Color: colors[p.Urgency]}
	if e.Title == "" {
		e.Title = string(m.Type)
	}
	if !m.Timestamp.IsZero() {
		e.Timestamp = m.Timestamp.UTC().Format(time.RFC3339)
	}
	room := min(maxDescription, maxAll-notify.UTF16(e.Title)) - 100
	var links []string
	for _, l := range p.Links {
		links = append(links, "["+l.Text+"]("+parens(l.URL)+")")
	}
	tail := "\n\n" + strings.Join(links, " · ")
	room -= notify.UTF16(tail)
	head := notify.CutTo(escape(strings.Join(p.Lines, "\n")), room/2, notify.UTF16)
	if p.Body != "" {
		head += "\n\n" + notify.CutTo(escape(p.Body), (room-notify.UTF16(head))*2/3, notify.UTF16)
	}
	if len(p.Items) > 0 {
		head += "\n"
	}
	for i, it := range p.Items {
		line := "\n• " + escape(notify.Cut(it.Label, 100))
		if it.URL != "" {
			line = "\n• [" + escape(notify.Cut(it.Label, 100)) + "](" + parens(it.URL) + ")"
		}
		if it.Title != "" {
			line += " " + escape(notify.Cut(it.Title, 300))
		}
		if notify.UTF16(head)+notify.UTF16(line)+40 > room {
			head += "\n" + p.MoreOf(len(p.Items)-i)
			p.More = ""
			break
		}
		head += line
	}
	if p.More != "" {
		head += "\n" + p.More
	}
	e.Description = strings.TrimSpace(head + tail)
	return e
}

// emoji is what a colon may begin, or an address.
var emoji = regexp.MustCompile(`^:(?:[A-Za-z0-9_~]+:|//)`)

// escape takes the meaning from Discord's markdown.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r == ':' && !emoji.MatchString(s[i:]) {
			b.WriteRune(r) // a time of day stays one where previews show no markdown
			continue
		}
		if strings.ContainsRune("\\*_~`|[]<:@", r) || strings.ContainsRune(">#-", r) && notify.LineStart(s[:i]) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escaped is the length of a text when it is escaped.
func escaped(s string) int { return notify.UTF16(escape(s)) }

// parens keeps a link's own brackets from ending it.
func parens(u string) string { return strings.NewReplacer("(", "%28", ")", "%29").Replace(u) }
