package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/notify"
)

func notifyCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "notify", Short: "see whether alerts arrive"}
	cmd.AddCommand(notifyTestCommand(e))
	return cmd
}

// tested is how a sample fared.
type tested struct {
	Receiver string `json:"receiver"`
	Type     string `json:"type"`
	OK       bool   `json:"ok"`
	Status   int    `json:"status"`
	MS       int64  `json:"ms"`
	Answer   string `json:"answer"`
	Error    string `json:"error"`
}

func notifyTestCommand(e *env) *cobra.Command {
	var allow bool
	cmd := &cobra.Command{
		Use:   "test [RECEIVER...]",
		Short: "send a marked sample to receivers; to all when none is named",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.compiled(allow)
			if err != nil {
				return err
			}
			wanted, err := receiversNamed(c.Config, args)
			if err != nil {
				return err
			}
			failed := 0
			for _, r := range wanted {
				t := sendSample(cmd.Context(), c, r)
				if !t.OK {
					failed++
				}
				if err := e.showTested(t); err != nil {
					return err
				}
			}
			switch {
			case failed == 0:
				return nil
			case failed < len(wanted):
				return exit(exitPartly, fmt.Errorf("%d of %d receivers did not take the sample", failed, len(wanted)))
			}
			return exit(exitFailed, nil)
		},
	}
	cmd.Flags().BoolVar(&allow, "allow-command", false, "receivers of type command may run programs")
	return cmd
}

// compiled reads the configuration with its receivers; their lines go where
// talk goes when stdout is JSON.
func (e *env) compiled(allow bool) (*app.Compiled, error) {
	file, err := config.Find(e.config, e.getenv)
	if err != nil {
		return nil, exit(exitUsage, err)
	}
	out := e.stdout
	if e.json {
		out = e.stderr
	}
	c, _, err := app.Load(file, e.lookup, notify.Env{Version: version, Stdout: out, AllowCommand: allow}, nil)
	if err != nil {
		return nil, e.configFailed(err)
	}
	return c, nil
}

func receiversNamed(c *config.Config, names []string) ([]config.Receiver, error) {
	if len(c.Receivers) == 0 {
		return nil, exit(exitNothing, fmt.Errorf("no receivers: name one under receivers: in the configuration"))
	}
	if len(names) == 0 {
		return c.Receivers, nil
	}
	var out []config.Receiver
	for _, name := range names {
		found := false
		var known []string
		for _, r := range c.Receivers {
			known = append(known, r.ID)
			if r.ID == name {
				out, found = append(out, r), true
			}
		}
		if !found {
			return nil, usagef("no receiver %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return out, nil
}

// sendSample sends the sample past the outbox: what it says is seen at once,
// and a receiver that is paused or disabled is tried as well.
func sendSample(ctx context.Context, c *app.Compiled, r config.Receiver) tested {
	t := tested{Receiver: r.ID, Type: r.Type}
	for _, made := range c.Receivers {
		if made.ID != r.ID {
			continue
		}
		m := notify.Sample(time.Now())
		m.ID, m.Attempt = app.NewDeliveryID(), 1
		ctx, cancel := context.WithTimeout(ctx, max(made.Timeout, time.Second))
		defer cancel()
		begun := time.Now()
		receipt, err := made.Notifier.Send(ctx, m)
		t.OK, t.Status, t.Answer, t.MS = err == nil, receipt.Status, receipt.Answer, time.Since(begun).Milliseconds()
		if err != nil {
			t.Error = err.Error() + next(c.Config, r, err)
		}
		return t
	}
	t.Error = "it cannot be used as it is set up"
	if err := c.Unmade(r.ID); err != nil {
		t.Error = err.Error()
	}
	return t
}

// next says what to look at after a sample that was not taken.
func next(c *config.Config, r config.Receiver, err error) string {
	var retry *notify.RetryError
	hint := "look at its keys"
	switch {
	case errors.As(err, &retry) && retry.Fault == notify.Moved:
		hint = "write the new address there"
	case errors.As(err, &retry) && retry.Fault == notify.Setup:
		hint = "look at its address, its token and who may post there"
	case errors.As(err, &retry) && retry.After > 0:
		hint = "it asks to wait " + retry.After.Round(time.Second).String() + ", and alerts would; then try again"
	case r.Type == "command":
		hint = "alerts would be tried again for three days"
	case errors.As(err, &retry):
		hint = "is the service up, and its address right? Alerts would be tried again for three days"
	}
	return fmt.Sprintf(" (%s:%d: %s)", c.File, r.Pos.Line, hint)
}

func (e *env) showTested(t tested) error {
	if e.json {
		return e.writeJSON(t)
	}
	if t.OK {
		status := ""
		if t.Status != 0 {
			status = fmt.Sprintf(" (%d)", t.Status)
		}
		_, err := fmt.Fprintf(e.stdout, "%s: ok%s, %d ms\n", t.Receiver, status, t.MS)
		return err
	}
	_, err := fmt.Fprintf(e.stderr, "%s: failed: %s\n", t.Receiver, t.Error)
	return err
}
