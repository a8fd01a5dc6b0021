package log

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watcher/notify"
	"watcher/notify/notifytest"
)

func TestLines(t *testing.T) {
	var out bytes.Buffer
	env := notifytest.Env()
	env.Stdout = &out
	env.Zone = time.FixedZone("", 3600)
	l, err := New(Settings{}, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range notify.Samples(notifytest.Now) {
		m.Test = m.Type == notify.Test
		if _, err := l.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := `08:41 watcher.test sample-topic Envoys meet in Muscat; talks to go on tomorrow (2 publishers) [test]
08:41 story.new sample-topic Envoys meet in Muscat; talks to go on tomorrow (2 publishers)
08:41 story.updated sample-topic Envoys meet in Muscat; talks to go on tomorrow (2 publishers)
08:41 story.rollup 1 more story (quiet hours): Envoys meet in Muscat; talks to go on tomorrow
08:41 digest.ready morning Sample digest (1 story)
08:41 feed.failing sample-feed Feed sample-feed is failing
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestOneLineWhateverComes(t *testing.T) {
	for name, m := range notifytest.Hard() {
		var out bytes.Buffer
		env := notifytest.Env()
		env.Stdout = &out
		l, _ := New(Settings{}, env)
		if _, err := l.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); strings.Count(s, "\n") != 1 || strings.ContainsAny(s, "\x00\x1b\u202e") {
			t.Errorf("%s gave %q", name, s)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestFailures(t *testing.T) {
	env := notifytest.Env()
	env.Stdout = broken{}
	l, _ := New(Settings{}, env)
	var retry *notify.RetryError
	if _, err := l.Send(t.Context(), notify.Sample(notifytest.Now)); !errors.As(err, &retry) {
		t.Errorf("a broken terminal gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Send(ctx, notify.Sample(notifytest.Now)); !errors.As(err, &retry) {
		t.Errorf("a cancelled send gave %v", err)
	}
	env.OnUpdate = "edit"
	if _, err := New(Settings{}, env); err == nil {
		t.Error("a line can be edited?")
	}
}

func TestGolden(t *testing.T) {
	var out string
	for _, m := range notifytest.Messages() {
		out += "=== " + m.Name + "\n" + Line(m.Message) + "\n"
	}
	notifytest.Golden(t, "messages.golden", out)
}
