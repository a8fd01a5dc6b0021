// Package slack tells a message in Slack: by a bot's token, which can edit and
// thread, or by an incoming webhook, which cannot. It owns Slack's blocks, their
// limits and its answers; free text goes out as plain_text, so that nothing in a
// headline becomes markup or a mention.
package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a Slack receiver: token and channel, or url.
type Settings struct {
	Token     notify.Secret `yaml:"token" json:"token,omitempty" jsonschema:"bot token (xoxb-…) with chat:write"`
	TokenFile string        `yaml:"token_file" json:"token_file,omitempty" jsonschema:"file that holds the token"`
	Channel   string        `yaml:"channel" json:"channel,omitempty" jsonschema:"channel name or id, with a token"`
	URL       notify.Secret `yaml:"url" json:"url,omitempty" jsonschema:"incoming webhook, instead of a token"`
	URLFile   string        `yaml:"url_file" json:"url_file,omitempty" jsonschema:"file that holds the incoming webhook"`
	API       string        `yaml:"api" json:"api,omitempty" jsonschema:"address of Slack's API (https://slack.com/api)"`
}

// Slack is a receiver of kind slack.
type Slack struct {
	client  *notify.Client
	pace    *notify.Pace
	env     notify.Env
	hook    string
	api     string
	token   string
	channel string
	update  string
}

// New checks the settings and makes a Slack receiver.
func New(s Settings, env notify.Env) (*Slack, error) {
	token, err := env.Secret("token", s.Token, s.TokenFile)
	if err != nil {
		return nil, err
	}
	hook, err := env.Secret("url", s.URL, s.URLFile)
	if err != nil {
		return nil, err
	}
	sl := &Slack{client: notify.NewClient(env, token, hook), pace: notify.NewPace(env).AtMost(1, time.Second), env: env,
		hook: hook.Reveal(), api: s.API, token: token.Reveal(), channel: s.Channel}
	switch {
	case token != "" && hook != "":
		return nil, errors.New("token and url are both set: keep one")
	case hook != "":
		if s.Channel != "" {
			return nil, errors.New("channel: an incoming webhook has its channel already")
		}
		if sl.update, err = env.Updates(); err != nil {
			return nil, fmt.Errorf("%w; editing and threads need a bot's token", err)
		}
		return sl, notify.CheckURL("url", sl.hook)
	case token == "":
		return nil, &notify.MissingSecret{Key: "token", Err: errors.New("a bot token, or the url of an incoming webhook, is needed")}
	case s.Channel == "":
		return nil, errors.New("channel is needed with a token")
	}
	if sl.api == "" {
		sl.api = "https://slack.com/api"
	}
	if sl.update, err = env.Updates("edit", "thread"); err != nil {
		return nil, err
	}
	return sl, notify.CheckURL("api", sl.api)
}

type post struct {
	Channel string  `json:"channel,omitempty"`
	TS      string  `json:"ts,omitempty"`
	Thread  string  `json:"thread_ts,omitempty"`
	Text    string  `json:"text"`
	Blocks  []block `json:"blocks"`
	Unfurl  *bool   `json:"unfurl_links,omitempty"`
	Media   *bool   `json:"unfurl_media,omitempty"`
}

// Send posts the message, or edits or threads under the one before.
func (s *Slack) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := s.pace.Wait(ctx); err != nil {
		return notify.Receipt{}, err
	}
	no := false
	parts := m.Parts(s.env)
	p := post{Text: escape(parts.HeadlineWithin(maxText, escaped)), Blocks: blocks(parts), Unfurl: &no, Media: &no}
	if s.hook != "" {
		body, _ := json.Marshal(p)
		r, _, err := s.client.Post(ctx, http.MethodPost, s.hook, jsonHeader(), body)
		return r, hookError(r, err)
	}
	channel, ts, _ := strings.Cut(m.Previous, ":")
	if ts != "" && m.Type == notify.StoryUpdated {
		earlier := p
		earlier.Channel = channel
		method := "chat.postMessage"
		switch s.update {
		case "edit":
			method, earlier.TS, earlier.Unfurl, earlier.Media = "chat.update", ts, nil, nil
		case "thread":
			earlier.Thread = ts
		}
		if s.update == "edit" || s.update == "thread" {
			r, err := s.call(ctx, method, earlier)
			if !errors.Is(err, errGone) {
				r.Ref = m.Previous // the first message stays the one to edit or thread under
				return r, err
			}
		}
	}
	p.Channel = s.channel
	return s.call(ctx, "chat.postMessage", p)
}

var errGone = errors.New("the earlier message is gone")

// call calls a method of Slack's API, whose failures come with status 200.
func (s *Slack) call(ctx context.Context, method string, p post) (notify.Receipt, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	h := jsonHeader()
	h.Set("Authorization", "Bearer "+s.token)
	r, answer, err := s.client.Post(ctx, http.MethodPost, strings.TrimSuffix(s.api, "/")+"/"+method, h, body)
	if err != nil {
		return r, err
	}
	var said struct {
		OK      bool
		Error   string
		Channel string
		TS      string
	}
	if json.Unmarshal(answer, &said) != nil {
		return r, notify.Retry(0, errors.New("the answer is not Slack's"))
	}
	if said.OK {
		r.Ref = said.Channel + ":" + said.TS
		return r, nil
	}
	return r, apiError(said.Error)
}

// apiError gives the meaning of an error of Slack's API.
func apiError(code string) error {
	err := fmt.Errorf("slack says %s", notify.Cut(notify.CleanText(code), 60))
	switch code {
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found", "cannot_reply_to_message":
		return fmt.Errorf("%w: %w", errGone, err)
	case "msg_too_long", "msg_blocks_too_long":
		return &notify.RejectError{Smaller: true, Err: err}
	case "invalid_blocks", "invalid_blocks_format", "no_text", "invalid_arguments", "invalid_json", "too_many_attachments":
		return &notify.RejectError{Err: err}
	case "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return notify.Retry(0, err)
	}
	if next := remedy(code); next != "" {
		err = fmt.Errorf("%w: %s", err, next)
	}
	return &notify.RetryError{Fault: notify.Setup, Err: err}
}

// remedy is what to do about a set-up fault.
func remedy(code string) string {
	switch code {
	case "not_in_channel", "channel_not_found":
		return "is the channel's name right, and was the bot invited to it (/invite @bot)?"
	case "is_archived":
		return "the channel is archived"
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return "the token is wrong, or was revoked"
	case "missing_scope", "not_allowed_token_type", "no_permission":
		return "the bot needs the scope chat:write; install its app again after adding it"
	}
	return ""
}

// hookError corrects the meaning of an incoming webhook's statuses: 410 is an
// archived channel and may come back, not a receiver gone for good.
func hookError(r notify.Receipt, err error) error {
	var reject *notify.RejectError
	if errors.As(err, &reject) && reject.Disable && strings.Contains(r.Answer, "channel_is_archived") {
		return &notify.RetryError{Fault: notify.Setup, Err: reject.Err}
	}
	return err
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}
