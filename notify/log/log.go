// Package log tells a message as one line on standard output: the receiver
// that needs nothing and shows what the others would be told.
package log

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"watcher/notify"
)

// Settings has no keys of its own.
type Settings struct{}

// Log writes lines.
type Log struct {
	env notify.Env
	mu  sync.Mutex
	out io.Writer
}

// New makes a log receiver.
func New(_ Settings, env notify.Env) (*Log, error) {
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	out := env.Stdout
	if out == nil {
		out = os.Stdout
	}
	return &Log{env: env, out: out}, nil
}

// Send writes the line of a message. A terminal that went away is an error
// that is tried again.
func (l *Log) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return notify.Receipt{}, notify.Retry(0, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.out, l.env.Clock(l.env.Time())+" "+Line(m)+"\n"); err != nil {
		return notify.Receipt{}, notify.Retry(0, fmt.Errorf("write the line: %w", err))
	}
	return notify.Receipt{}, nil
}

// Line is a message in one line: TYPE TOPIC TITLE (n publishers). Behind the
// title of an update stands the headline that is new.
func Line(m notify.Message) string {
	line := string(m.Type)
	switch {
	case m.Story != nil:
		if m.Topic != nil {
			line += " " + m.Topic.ID
		}
		line += " " + m.Story.Title
		if m.Type == notify.StoryUpdated && len(m.Articles) > 0 && m.Articles[0].Title != m.Story.Title {
			line += " · " + m.Articles[0].Title
		}
		line += " (" + count(m.Story.Publishers, "publisher") + ")"
	case len(m.Rollup) > 0:
		var titles []string
		for _, r := range m.Rollup {
			titles = append(titles, r.Title)
		}
		line += " " + m.Heading() + ": " + strings.Join(titles, "; ")
		if more := m.More(); more != "" {
			line += "; " + more
		}
	case m.Event != nil:
		line += " " + m.Event.Subject + " " + m.Event.Title
	case m.Digest != nil:
		line += " " + m.Digest.ID + " " + m.Digest.Title + " (" + count(m.Digest.Stories, "story") + ")"
	}
	var marks []string
	if m.Test {
		marks = append(marks, "test")
	}
	marks = append(marks, m.Marks()...)
	if len(marks) > 0 {
		line += " [" + strings.Join(marks, ", ") + "]"
	}
	return strings.Join(strings.Fields(notify.CleanText(line)), " ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "y") {
		what = strings.TrimSuffix(what, "y") + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
