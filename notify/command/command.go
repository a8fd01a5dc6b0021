// Package command hands a message to a program of the user's, as JSON on its
// standard input. It is off unless the daemon was started with leave to run
// programs. It owns the program's life and what its exit code means.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"watcher/notify"
)

// Settings is the block of a command receiver.
type Settings struct {
	Argv []string `yaml:"command" json:"command" jsonschema:"program and its arguments; no shell reads them"`
	Dir  string   `yaml:"dir" json:"dir,omitempty" jsonschema:"where it runs (the folder of the configuration)"`
}

// Command is a receiver of kind command.
type Command struct {
	env  notify.Env
	argv []string
	dir  string
}

// New checks the settings and makes a command receiver.
func New(s Settings, env notify.Env) (*Command, error) {
	if len(s.Argv) == 0 || s.Argv[0] == "" {
		return nil, errors.New("command is needed: a program and its arguments as a list")
	}
	if _, err := env.Updates(); err != nil {
		return nil, err
	}
	if !env.AllowCommand {
		return nil, &notify.MissingSecret{Key: "command", Err: errors.New("receivers of type command are off: start watcher with --allow-command to let them run programs")}
	}
	dir := s.Dir
	if dir == "" {
		dir = env.Dir
	}
	return &Command{env: env, argv: s.Argv, dir: dir}, nil
}

// The exit codes of sysexits.h that say more than "failed".
const (
	exitUsage  = 64
	exitData   = 65
	exitNoPerm = 77
	exitConfig = 78
)

// Send runs the program. Exit 0: taken; 64 and 65: refused for good; 77 and
// 78: a set-up fault; anything else is tried again. The program does not see
// watcher's environment, where secrets may be.
func (c *Command) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	body, err := m.Clean().Encode()
	if err != nil {
		return notify.Receipt{}, notify.Reject("the message cannot be written as JSON")
	}
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Stdin = c.dir, bytes.NewReader(append(body, '\n'))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "WATCHER_ID=" + m.ID, "WATCHER_TYPE=" + string(m.Type),
		"WATCHER_ATTEMPT=" + strconv.Itoa(m.Attempt)}
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipes open holds us up no longer
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	r := notify.Receipt{Answer: notify.CleanText(strings.ToValidUTF8(string(out.data), "�"))}
	return r, meaning(ctx, err, r.Answer)
}

func meaning(ctx context.Context, err error, answer string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return notify.Retry(0, fmt.Errorf("the program was stopped: %w", ctx.Err()))
	case !errors.As(err, &exit):
		return &notify.RetryError{Fault: notify.Setup, Err: fmt.Errorf("the program cannot be run: %w", err)}
	}
	said := fmt.Errorf("the program ended with %s", exit)
	if line := notify.Cut(strings.Join(strings.Fields(answer), " "), 200); line != "" {
		said = fmt.Errorf("%w: %s", said, line)
	}
	switch exit.ExitCode() {
	case exitUsage, exitData:
		return &notify.RejectError{Err: said}
	case exitNoPerm, exitConfig:
		return &notify.RetryError{Fault: notify.Setup, Err: said}
	}
	return notify.Retry(0, said) // 75 (try again) and the rest
}

// tail keeps the first 2 KB of what a program says.
type tail struct{ data []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 2 << 10
	if room := most - len(t.data); room > 0 {
		t.data = append(t.data, p[:min(room, len(p))]...)
	}
	return len(p), nil
}
