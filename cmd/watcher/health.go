package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/web/api"
)

// daemon asks the running daemon; the answer's body is closed by the caller.
func (e *env) daemon(ctx context.Context, c *config.Config, method, path string, body io.Reader) (*http.Response, error) {
	run, err := app.ReadRunFile(app.RunPath(c))
	if err != nil {
		return nil, err
	}
	if run.Address == "" {
		return nil, fmt.Errorf("the daemon (pid %d) listens on no address: server.listen is empty", run.PID)
	}
	address := run.Address
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("localhost", port)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+run.Token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	// Never by a proxy: the token is this machine's own.
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return nil, notAnswering(c, run, err)
	}
	return resp, nil
}

// notAnswering says why the daemon of a run file could not be asked.
func notAnswering(c *config.Config, run app.RunFile, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" && !op.Timeout() && gone(run.PID) {
		when := ""
		if at := app.LastWrite(c); !at.IsZero() {
			when = " after " + at.UTC().Format(time.RFC3339) + ", when it last wrote to its store"
		}
		return fmt.Errorf("the daemon is not running: process %d was killed or crashed%s; `watcher run` starts it and goes on from what was kept", run.PID, when)
	}
	return fmt.Errorf("the daemon (pid %d) does not answer on %s: %w; while it starts or stops try again, else look at its log", run.PID, run.Address, err)
}

// gone tells whether no process of this machine has an id.
func gone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true // Windows opens it
	}
	defer p.Release()
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

func healthCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "is the daemon well? For containers: exit 0 or 1",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 5*time.Second)
			defer cancel()
			resp, err := e.daemon(ctx, c, http.MethodGet, "/readyz", nil)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
			if resp.StatusCode != http.StatusOK {
				return exit(exitFailed, fmt.Errorf("not ready: %s", text))
			}
			if e.json {
				return e.writeJSON(map[string]string{"status": "ok"})
			}
			_, err = fmt.Fprintln(e.stdout, "ok")
			return err
		},
	}
}

func statusCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "what the running daemon is doing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			resp, err := e.daemon(cmd.Context(), c, http.MethodGet, "/status?format=json", nil)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return exit(exitFailed, fmt.Errorf("the daemon answered %s", resp.Status))
			}
			var s api.Status
			if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
				return exit(exitFailed, fmt.Errorf("the daemon's answer (%s): %w", resp.Status, err))
			}
			if e.json {
				return e.writeJSON(s)
			}
			fmt.Fprintf(e.stdout, "%s: %s\n", s.State, s.Line)
			for _, r := range s.Reasons {
				fmt.Fprintln(e.stdout, "  "+r)
			}
			return nil
		},
	}
}

func reloadCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "have the running daemon read its configuration again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			resp, err := e.daemon(cmd.Context(), c, http.MethodPost, "/api/v1/reload", nil)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
			if resp.StatusCode >= 300 {
				var p api.Problem
				if json.Unmarshal(text, &p) != nil || p.Error == "" {
					p.Error = "the daemon answered " + resp.Status
				}
				return exit(exitUsage, fmt.Errorf("refused, the running configuration stays: %s", p.Error))
			}
			return e.done(map[string]bool{"reloaded": true}, "reloaded")
		},
	}
}
