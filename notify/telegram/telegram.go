// Package telegram tells a message by a Telegram bot. It owns the HTML that
// Telegram understands, its limit of 4096 UTF-16 units, its rates for chats and
// groups, and editing or answering the earlier message.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a Telegram receiver.
type Settings struct {
	Token     notify.Secret `yaml:"token" json:"token,omitempty" jsonschema:"the bot's token"`
	TokenFile string        `yaml:"token_file" json:"token_file,omitempty" jsonschema:"file that holds the token"`
	Chat      string        `yaml:"chat" json:"chat" jsonschema:"chat id, or @name of a channel"`
	Thread    int64         `yaml:"message_thread_id" json:"message_thread_id,omitempty" jsonschema:"topic of a forum group"`
	API       string        `yaml:"api" json:"api,omitempty" jsonschema:"address of the Bot API (https://api.telegram.org)"`
}

// Telegram is a receiver of kind telegram.
type Telegram struct {
	client *notify.Client
	pace   *notify.Pace
	env    notify.Env
	base   string
	token  string
	chat   string
	thread int64
	update string
}

const maxText = 4096 // UTF-16 units, after the HTML was read

// New checks the settings and makes a Telegram receiver.
func New(s Settings, env notify.Env) (*Telegram, error) {
	token, err := env.Secret("token", s.Token, s.TokenFile)
	if err != nil {
		return nil, err
	}
	switch {
	case token == "":
		return nil, &notify.MissingSecret{Key: "token", Err: errors.New("a bot's token is needed (from @BotFather)")}
	case strings.ContainsAny(token.Reveal(), "/?# \n"):
		return nil, errors.New("token: that is no bot's token")
	case s.Chat == "":
		return nil, errors.New("chat is needed: a chat's id, or @name of a channel")
	}
	api := s.API
	if api == "" {
		api = "https://api.telegram.org"
	}
	if err := notify.CheckURL("api", api); err != nil {
		return nil, err
	}
	t := &Telegram{client: notify.NewClient(env, token), pace: notify.NewPace(env).AtMost(1, time.Second), env: env,
		base: strings.TrimSuffix(api, "/") + "/bot" + token.Reveal() + "/", token: token.Reveal(), chat: s.Chat, thread: s.Thread}
	if strings.HasPrefix(s.Chat, "-") || strings.HasPrefix(s.Chat, "@") {
		t.pace.AtMost(20, time.Minute) // groups and channels
	}
	t.update, err = env.Updates("edit", "thread")
	return t, err
}

type call struct {
	Chat    string   `json:"chat_id"`
	Message int64    `json:"message_id,omitempty"`
	Thread  int64    `json:"message_thread_id,omitempty"`
	Text    string   `json:"text"`
	Mode    string   `json:"parse_mode"`
	Preview preview  `json:"link_preview_options"`
	Reply   *replyTo `json:"reply_parameters,omitempty"`
}

type preview struct {
	Disabled bool `json:"is_disabled"`
}

type replyTo struct {
	Message int64 `json:"message_id"`
	Without bool  `json:"allow_sending_without_reply"`
}

// Send sends the message, or edits or answers the one before.
func (t *Telegram) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := t.pace.Wait(ctx); err != nil {
		return notify.Receipt{}, err
	}
	c := call{Chat: t.chat, Text: Text(m.Parts(t.env)), Mode: "HTML", Preview: preview{true}}
	earlier, _ := strconv.ParseInt(m.Previous, 10, 64)
	if earlier != 0 && m.Type == notify.StoryUpdated && t.update == "edit" {
		edit := c
		edit.Message = earlier
		r, err := t.call(ctx, "editMessageText", edit)
		if !errors.Is(err, errGone) {
			r.Ref = m.Previous
			return r, err
		}
	}
	c.Thread = t.thread
	if earlier != 0 && m.Type == notify.StoryUpdated && t.update == "thread" {
		c.Reply = &replyTo{earlier, true}
	}
	r, err := t.call(ctx, "sendMessage", c)
	if err == nil && c.Reply != nil {
		r.Ref = m.Previous // answers hang on the first message
	}
	return r, err
}

var errGone = errors.New("the earlier message cannot be edited")

func (t *Telegram) call(ctx context.Context, method string, c call) (notify.Receipt, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	r, answer, err := t.client.Post(ctx, http.MethodPost, t.base+method, http.Header{"Content-Type": {"application/json"}}, body)
	var said struct {
		OK          bool
		Description string
		Result      struct {
			ID int64 `json:"message_id"`
		}
		Parameters struct {
			RetryAfter int64 `json:"retry_after"`
			MigrateTo  int64 `json:"migrate_to_chat_id"`
		}
	}
	known := json.Unmarshal(answer, &said) == nil
	switch {
	case err == nil && known && said.OK:
		if said.Result.ID != 0 {
			r.Ref = strconv.FormatInt(said.Result.ID, 10)
		}
		return r, nil
	case err == nil:
		return r, notify.Retry(0, errors.New("the answer is not Telegram's"))
	case !known || said.Description == "":
		return r, err
	}
	err = saying(err, notify.Mask(said.Description, t.token))
	switch {
	case said.Parameters.RetryAfter > 0:
		return r, notify.Retry(time.Duration(said.Parameters.RetryAfter)*time.Second, err)
	case said.Parameters.MigrateTo != 0:
		return r, setup(fmt.Errorf("the group has become a supergroup: set chat to %d", said.Parameters.MigrateTo))
	}
	text := strings.ToLower(said.Description)
	switch {
	case strings.Contains(text, "message is not modified"):
		return r, nil
	case strings.Contains(text, "message to edit not found"), strings.Contains(text, "message can't be edited"), strings.Contains(text, "message_id_invalid"):
		return r, fmt.Errorf("%w: %w", errGone, err)
	case strings.Contains(text, "message is too long"):
		return r, &notify.RejectError{Smaller: true, Err: err}
	case strings.Contains(text, "chat not found"):
		return r, setup(fmt.Errorf("%w: is the chat's id right, and is the bot in it?", err))
	case strings.Contains(text, "message thread not found"), strings.Contains(text, "not enough rights"),
		strings.Contains(text, "have no rights"), strings.Contains(text, "write_forbidden"), strings.Contains(text, "topic_closed"):
		return r, setup(err)
	}
	return r, err
}

// saying is an error with Telegram's own words in place of its whole answer;
// what it asks for stays.
func saying(err error, description string) error {
	words := errors.New("telegram says: " + notify.Cut(notify.CleanText(description), 200))
	var retry *notify.RetryError
	var reject *notify.RejectError
	switch {
	case errors.As(err, &retry):
		again := *retry
		again.Err = words
		return &again
	case errors.As(err, &reject):
		again := *reject
		again.Err = words
		return &again
	}
	return words
}

// setup makes a set-up fault of what the status alone would call refused.
func setup(err error) error {
	return &notify.RetryError{Fault: notify.Setup, Err: errors.New(err.Error())}
}

// Text lays a message out in Telegram's HTML, within its limit: whole items
// are left out, and no tag is ever cut.
func Text(p notify.Parts) string {
	title := notify.CutTo(p.Title, 500, notify.UTF16)
	var b strings.Builder
	size := 0
	add := func(html string, visible string) {
		b.WriteString(html)
		size += notify.UTF16(visible)
	}
	if p.Topic != "" {
		topic := notify.CutTo(p.Topic, 200, notify.UTF16)
		add(esc(topic)+"\n", topic+"\n")
	}
	if p.URL != "" {
		add(`<b><a href="`+esc(p.URL)+`">`+esc(title)+"</a></b>", title)
	} else {
		add("<b>"+esc(title)+"</b>", title)
	}
	if p.Marks != "" {
		add(" ("+p.Marks+")", " ("+p.Marks+")")
	}
	for _, line := range p.Lines {
		line = "\n" + notify.CutTo(line, 600, notify.UTF16)
		add(esc(line), line)
	}
	links, visible := "", ""
	for i, l := range p.Links {
		between := " · "
		if i == 0 {
			between = "\n\n"
		}
		links += between + `<a href="` + esc(l.URL) + `">` + l.Text + "</a>"
		visible += between + l.Text
	}
	room := maxText - notify.UTF16(visible) - 40
	if p.Body != "" {
		body := "\n\n" + notify.CutTo(p.Body, max(0, room-size-2), notify.UTF16)
		add(esc(body), body)
	}
	if len(p.Items) > 0 {
		add("\n", "\n")
	}
	for i, it := range p.Items {
		label, rest := notify.CutTo(it.Label, 100, notify.UTF16), ""
		if it.Title != "" {
			rest = ": " + notify.CutTo(it.Title, 300, notify.UTF16)
		}
		if size+notify.UTF16("\n• "+label+rest) > room {
			more := "\n" + p.MoreOf(len(p.Items)-i)
			add(more, more)
			p.More = ""
			break
		}
		line := esc(label)
		if it.URL != "" {
			line = `<a href="` + esc(it.URL) + `">` + esc(label) + "</a>"
		}
		add("\n• "+line+esc(rest), "\n• "+label+rest)
	}
	if p.More != "" {
		add("\n"+p.More, "\n"+p.More)
	}
	return strings.TrimSpace(b.String() + links)
}

// esc escapes text for Telegram's HTML, which knows only the named entities
// for &, <, > and ".
func esc(s string) string {
	return strings.NewReplacer("&#34;", "&quot;", "&#39;", "'").Replace(html.EscapeString(s))
}
