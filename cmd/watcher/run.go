package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
)

func runCommand(e *env) *cobra.Command {
	var last string
	var allow bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "the daemon: poll, match, tell, until it is stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// First, so that a signal during the start is not the end of us.
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			hup := make(chan os.Signal, 1)
			signal.Notify(hup, syscall.SIGHUP)
			defer signal.Stop(hup)
			staySmall(daemonGrowth)
			a, err := open(ctx, e, last, func(o *app.Options) { o.AllowCommand = allow })
			if err != nil && ctx.Err() != nil {
				return nil // stopped before it began
			}
			if err != nil {
				return err
			}
			defer a.Close()
			settle()
			var reloads sync.WaitGroup
			reloads.Go(func() {
				for {
					select {
					case <-hup:
						_ = a.Reload(ctx) // it has said what it thinks of the file
					case <-ctx.Done():
						return
					}
				}
			})
			err = a.Run(ctx)
			stop()
			reloads.Wait() // before the store closes
			return err
		},
	}
	notifyLast(cmd, &last)
	cmd.Flags().BoolVar(&allow, "allow-command", false, "receivers of type command may run programs")
	return cmd
}

func onceCommand(e *env) *cobra.Command {
	var last string
	var dry, allow bool
	cmd := &cobra.Command{
		Use:   "once",
		Short: "one round: poll what is due, match, group, send without waiting, stop",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			staySmall(roundGrowth)
			a, err := open(ctx, e, last, func(o *app.Options) { o.DryRun, o.AllowCommand = dry, allow })
			if err != nil {
				return err
			}
			defer a.Close()
			settle()
			sum, err := a.Once(ctx)
			if err != nil {
				return err
			}
			return e.onceDone(sum, dry)
		},
	}
	notifyLast(cmd, &last)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "write nothing, send nothing")
	cmd.Flags().BoolVar(&allow, "allow-command", false, "receivers of type command may run programs")
	return cmd
}

// onceDone prints what a round did. Feeds that could not be read, or not kept,
// and messages that did not arrive make it "done in part".
func (e *env) onceDone(s app.Summary, dry bool) error {
	if e.json {
		if err := e.writeJSON(s); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(e.stdout, "polled %d, unchanged %d, failed %d, new %d, matched %d, told %d\n", s.Polled, s.Unchanged, s.Failed, s.New, s.Matched, s.Told)
		if s.Baselines > 0 {
			fmt.Fprintln(e.stdout, s.Baseline)
		}
		for _, line := range s.Would {
			fmt.Fprintln(e.stdout, "would tell "+line)
		}
		if dry {
			fmt.Fprintln(e.stdout, "dry run: nothing was kept, nothing was sent")
		}
	}
	var left []error
	if s.Failed > 0 {
		where := "`watcher feeds list` says why"
		if dry { // which keeps no state to list
			where = "the log says why"
		}
		left = append(left, fmt.Errorf("%d of %d feeds could not be read; %s", s.Failed, s.Polled, where))
	}
	if s.Unkept > 0 {
		left = append(left, fmt.Errorf("what %d of %d feeds brought could not be kept, as the log says; the next round asks again", s.Unkept, max(s.Polled, s.Unkept)))
	}
	if s.Unsent > 0 {
		left = append(left, fmt.Errorf("messages that did not arrive: %d; `watcher deliveries list` says why and when the next try is", s.Unsent))
	}
	if len(left) > 0 {
		return exit(exitPartly, errors.Join(left...))
	}
	return nil
}

func notifyLast(cmd *cobra.Command, last *string) {
	cmd.Flags().StringVar(last, "notify-last", "", "tell items of a first poll that were published in the last `DURATION` (2h)")
}

// open makes a daemon of the configuration that -c names.
func open(ctx context.Context, e *env, last string, more func(*app.Options)) (*app.App, error) {
	file, err := config.Find(e.config, e.getenv)
	if err != nil {
		return nil, exit(exitUsage, err)
	}
	log, err := e.logger()
	if err != nil {
		return nil, err
	}
	o := app.Options{Config: file, Version: version, Stdout: e.stdout, Log: log, Getenv: e.lookup}
	if last != "" {
		d, err := config.ParseDuration(last)
		if err != nil {
			return nil, usagef("--notify-last: %v", err)
		}
		o.NotifyLast = d.D()
	}
	if more != nil {
		more(&o)
	}
	a, err := app.New(ctx, o)
	if err != nil {
		return nil, e.configFailed(err)
	}
	return a, nil
}

// configFailed prints the problems of a configuration and gives exit 2, and
// exit 1 for anything else.
func (e *env) configFailed(err error) error {
	var ce *app.ConfigError
	if !errors.As(err, &ce) {
		return exit(exitFailed, err)
	}
	for _, p := range ce.Problems {
		fmt.Fprintln(e.stderr, p.Error())
		if p.Caret != "" {
			fmt.Fprintln(e.stderr, p.Caret)
		}
	}
	return exit(exitUsage, nil)
}

// lookup is getenv that tells unset from empty.
func (e *env) lookup(name string) (string, bool) {
	v := e.getenv(name)
	return v, v != ""
}

func (e *env) logger() (*slog.Logger, error) {
	switch e.logFormat {
	case "text", "":
		return slog.New(slog.NewTextHandler(e.stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(e.stderr, nil)), nil
	}
	return nil, usagef("--log-format %s: write text or json", e.logFormat)
}

// stopOnSignal ends the context at SIGTERM or SIGINT; a second signal exits at
// once.
func stopOnSignal(ctx context.Context, e *env) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	sig := make(chan os.Signal, 2)
	signal.Notify(sig, syscall.SIGTERM, syscall.SIGINT)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case s := <-sig:
			fmt.Fprintf(e.stderr, "watcher: %s: stopping, a second one ends at once\n", s)
			cancel()
		case <-done:
			return
		}
		select {
		case <-sig:
			os.Exit(exitFailed)
		case <-done:
		}
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(sig)
		cancel()
		close(done)
		<-ended
	})
}

// loadConfig reads the configuration that -c names, for verbs other than the
// daemon. Its warnings are not shown.
func (e *env) loadConfig() (*config.Config, error) {
	file, err := config.Find(e.config, e.getenv)
	if err != nil {
		return nil, exit(exitUsage, err)
	}
	c, ps := config.Load(file, e.lookup)
	if c == nil || config.Failed(ps) {
		return nil, e.configFailed(&app.ConfigError{Problems: app.Errors(ps)})
	}
	e.zone = c.Zone()
	return c, nil
}

// openStore opens the store that the configuration names.
func (e *env) openStore(ctx context.Context, access app.Access) (*config.Config, store.Store, error) {
	c, err := e.loadConfig()
	if err != nil {
		return nil, nil, err
	}
	s, err := app.OpenStore(ctx, c, access)
	return c, s, err
}

// ago writes how long ago something was, for tables.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return fmt.Sprintf("%dd ago", int(d.Hours()/24))
}
