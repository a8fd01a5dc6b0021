// Package all is the list of the kinds of receiver: the one place that knows
// them. Each decodes its own settings; what a kind does is its own affair.
package all

import (
	"fmt"
	"slices"
	"strings"

	"watcher/notify"
	"watcher/notify/apprise"
	"watcher/notify/command"
	"watcher/notify/discord"
	"watcher/notify/email"
	"watcher/notify/gotify"
	"watcher/notify/log"
	"watcher/notify/ntfy"
	"watcher/notify/pagerduty"
	"watcher/notify/slack"
	"watcher/notify/teams"
	"watcher/notify/telegram"
	"watcher/notify/webhook"
)

// Kind is one kind of receiver.
type Kind struct {
	Name     string
	Settings any      // the zero value of its block, for the JSON Schema
	Updates  []string // what on_update may say besides new and none
	Open     func(decode func(any) error, env notify.Env) (notify.Notifier, error)
}

// kind joins a package's Settings and New into a Kind.
func kind[S any, N notify.Notifier](name string, open func(S, notify.Env) (N, error), updates ...string) Kind {
	var zero S
	return Kind{Name: name, Settings: zero, Updates: updates, Open: func(decode func(any) error, env notify.Env) (notify.Notifier, error) {
		var s S
		if err := decode(&s); err != nil {
			return nil, err
		}
		n, err := open(s, env)
		if err != nil {
			return nil, err // not n: a typed nil would look like a receiver
		}
		return n, nil
	}}
}

// Kinds gives every kind, in the order in which the documentation shows them.
func Kinds() []Kind {
	return []Kind{
		kind("log", log.New),
		kind("webhook", webhook.New),
		kind("email", email.New, "thread"),
		kind("slack", slack.New, "edit", "thread"),
		kind("discord", discord.New, "edit"),
		kind("telegram", telegram.New, "edit", "thread"),
		kind("ntfy", ntfy.New, "edit"),
		kind("gotify", gotify.New),
		kind("teams", teams.New),
		kind("pagerduty", pagerduty.New, "edit"),
		kind("apprise", apprise.New),
		kind("command", command.New),
	}
}

// Names gives the names of the kinds.
func Names() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// New makes the receiver id of a kind. decode decodes the receiver's block,
// without the keys that all receivers share, and refuses unknown keys.
// An error that wraps *notify.MissingSecret is a warning while the receiver is
// not used.
func New(name, id string, decode func(any) error, env notify.Env) (notify.Notifier, error) {
	kinds := Kinds()
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("type: %q is no kind of receiver: use %s", name, strings.Join(Names(), ", "))
	}
	env.Receiver = id
	return kinds[i].Open(decode, env)
}
