package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/demo"
)

// demoGap is the time between two items of the sample day: the day takes a
// minute.
const demoGap = 2200 * time.Millisecond

func demoCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "a sample day in a minute: no network, no configuration",
		Long: `Plays a day of six small outlets, packed in the program and served on loopback,
through the real daemon: polls, rules, stories, alerts and the digest of the
evening. Alerts are lines; the page is at the address of the first line. The
page stays up after the day is over, until Ctrl-C. Nothing is kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			return e.demo(ctx)
		},
	}
}

func (e *env) demo(ctx context.Context) (err error) {
	log, err := e.demoLog()
	if err != nil {
		return err
	}
	day := demo.New()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return exit(exitFailed, fmt.Errorf("the sample feeds need a port on loopback: %w", err))
	}
	srv := &http.Server{Handler: day, ReadHeaderTimeout: 10 * time.Second}
	go srv.Serve(l)
	defer srv.Close()

	dir, err := os.MkdirTemp("", "watcher-demo-")
	if err != nil {
		return exit(exitFailed, fmt.Errorf("the demo needs a folder for its store: %w", err))
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(demo.Config("http://"+l.Addr().String())), 0o600); err != nil {
		return exit(exitFailed, err)
	}
	page := make(chan string, 1)
	a, err := app.New(ctx, app.Options{Config: file, Version: version, Getenv: e.lookup, Stdout: e.stdout, Log: log, Now: day.Now,
		Listening: func(address string) {
			fmt.Fprintf(e.stdout, "page: http://%s/\n", address)
			fmt.Fprintln(e.stderr, "A sample day, an hour in four seconds. Ctrl-C ends it; nothing is kept.")
			page <- address
		}})
	if err != nil {
		return e.configFailed(err)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	played := make(chan struct{})
	go func() {
		defer close(played)
		select {
		case address := <-page:
			e.playDay(ctx, day, a, address, log)
		case <-ctx.Done():
		}
	}()
	err = a.Run(ctx)
	cancel()
	<-played
	return err
}

func (e *env) playDay(ctx context.Context, day *demo.Day, a *app.App, address string, log *slog.Logger) {
	err := day.Play(ctx, demoGap, func() {
		if err := a.ClockSet(ctx); err != nil {
			log.Error("the clock jumped", "err", err)
		}
	})
	if err != nil {
		return
	}
	fmt.Fprintf(e.stderr, "The day is over: %d items of six outlets. Its digest: http://%s/digests/%s/%s\nThe page stays up until Ctrl-C.\n",
		demo.Items(), address, demo.Digest, day.Date())
}

// demoLog shows what goes wrong and nothing else.
func (e *env) demoLog() (*slog.Logger, error) {
	o := &slog.HandlerOptions{Level: slog.LevelError}
	switch e.logFormat {
	case "json":
		return slog.New(slog.NewJSONHandler(e.stderr, o)), nil
	case "text", "":
		return slog.New(slog.NewTextHandler(e.stderr, o)), nil
	}
	return nil, usagef("--log-format %s: write text or json", e.logFormat)
}
