package command

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

func open(t *testing.T, argv ...string) notify.Notifier {
	t.Helper()
	env := notifytest.Env()
	env.AllowCommand, env.Dir = true, t.TempDir()
	c, err := New(Settings{Argv: argv}, env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMessageOnStandardInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "got")
	t.Setenv("WATCHER_HOOK_SECRET", "s3cret")
	c := open(t, "/bin/sh", "-c", `cat > "$1"; env >&2; echo taken`, "sh", file)
	for name, m := range notifytest.Hard() {
		r, err := c.Send(t.Context(), m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		data, _ := os.ReadFile(file)
		var got notify.Message
		if err := json.Unmarshal(data, &got); err != nil || got.ID != m.ID {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(r.Answer, "s3cret") || !strings.Contains(r.Answer, "WATCHER_ID="+m.ID) || len(r.Answer) > 2<<10 {
			t.Errorf("%s: the program saw or said %q", name, r.Answer)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for script, want := range map[string]string{
		"exit 0": "ok", "exit 1": "retry", "exit 75": "retry", "exit 64": "reject", "exit 65": "reject", "exit 77": "setup", "exit 78": "setup", "kill -9 $$": "retry",
		"yes | head -c 100000; exit 1": "retry",
	} {
		r, err := open(t, "/bin/sh", "-c", script).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%s: %s (%v), want %s", script, got, err, want)
		}
		if len(r.Answer) > 2<<10 {
			t.Errorf("%d bytes are kept", len(r.Answer))
		}
	}
	if _, err := open(t, "/nonexistent/program").Send(t.Context(), notify.Sample(notifytest.Now)); notifytest.Meaning(err) != "setup" {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fifo := filepath.Join(t.TempDir(), "started")
	go func() {
		for {
			if _, err := os.Stat(fifo); err == nil {
				cancel()
				return
			}
		}
	}()
	_, err := open(t, "/bin/sh", "-c", `touch "$1"; exec sleep 600`, "sh", fifo).Send(ctx, notify.Sample(notifytest.Now))
	if notifytest.Meaning(err) != "retry" {
		t.Errorf("%v", err)
	}
}

func TestOffUnlessAllowed(t *testing.T) {
	var off *notify.MissingSecret
	if _, err := New(Settings{Argv: []string{"true"}}, notifytest.Env()); !errors.As(err, &off) || !strings.Contains(err.Error(), "--allow-command") {
		t.Errorf("%v", err)
	}
	if _, err := New(Settings{}, notifytest.Env()); err == nil {
		t.Error("no command is needed")
	}
}

func TestGolden(t *testing.T) {
	var out strings.Builder
	for _, m := range notifytest.Messages()[:3] {
		file := filepath.Join(t.TempDir(), "got")
		m.Attempt = 1
		if _, err := open(t, "/bin/sh", "-c", `{ env | grep ^WATCHER_ | sort; cat; } > "$1"`, "sh", file).Send(t.Context(), m.Message); err != nil {
			t.Fatal(err)
		}
		data, _ := os.ReadFile(file)
		env, body, _ := strings.Cut(string(data), "{")
		out.WriteString("=== " + m.Name + "\n" + env + notifytest.Request{Body: []byte("{" + body)}.String())
	}
	notifytest.Golden(t, "messages.golden", strings.ReplaceAll(out.String(), " \n\n{", "{"))
}
