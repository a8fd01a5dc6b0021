// Command watcher watches news feeds and tells people, once a story, what
// meets their topics. This file holds the root command and how every verb
// ends; each verb has a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // zones where the machine has none

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // roots where the machine has none
	"golang.org/x/term"
)

// version is set by the linker: -X main.version=v1.2.3.
var version = "dev"

// Exit codes, the same for every verb.
const (
	exitOK      = 0
	exitFailed  = 1 // it did not work
	exitUsage   = 2 // the command line or the configuration is wrong
	exitNothing = 3 // nothing found or matched
	exitPartly  = 4 // done in part; stderr says which part
)

// exitError carries an exit code. With a nil err the verb has already said
// what there is to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exit ends a verb with a code and, if err is not nil, a line on stderr.
func exit(code int, err error) error { return &exitError{code, err} }

// usagef is a mistake in the command line: exit 2.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// env is what a verb may touch of the outside: its three streams and the
// flags that every verb has. stdout is data, stderr is talk.
type env struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string

	config    string // -c; empty: search
	json      bool
	quiet     bool
	logFormat string

	stdinRead bool // it is there once

	zone *time.Location // of the configuration, once it is read: times for people
}

// colour tells whether w is a terminal that wants colour.
func (e *env) colour(w io.Writer) bool {
	return e.getenv("NO_COLOR") == "" && !e.quiet && isTerminal(w)
}

// progress tells whether long work may draw a bar on stderr.
func (e *env) progress() bool { return !e.quiet && !e.json && isTerminal(e.stderr) }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func rootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:               "watcher",
		Short:             "watch news feeds and be told once a story",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, args []string) error {
			return cmd.Help()
		},
	}
	f := root.PersistentFlags()
	f.StringVarP(&e.config, "config", "c", "", "configuration `FILE` (else $WATCHER_CONFIG, ./config.yaml, /etc/watcher/config.yaml)")
	f.BoolVar(&e.json, "json", false, "JSON on stdout: one object, or JSON Lines")
	f.BoolVar(&e.quiet, "quiet", false, "no colour, no progress bars")
	f.StringVar(&e.logFormat, "log-format", "text", "log as `text|json`")
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &exitError{exitUsage, nearFlag(cmd, err)} })
	e.zone = time.UTC
	root.AddCommand(verbs(e)...)
	refuseUnknown(root)
	return root
}

// run is main without the process: arguments in, exit code out.
func run(ctx context.Context, e *env, args []string) int {
	root := rootCommand(e)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var ee *exitError
	if !errors.As(err, &ee) {
		// What cobra itself refuses (unknown verb, wrong number of arguments) is usage.
		ee = &exitError{exitFailed, err}
		if s := err.Error(); strings.HasPrefix(s, "unknown command") || strings.HasPrefix(s, "required flag") {
			ee.code = exitUsage
		}
	}
	if ee.err != nil {
		fmt.Fprintln(e.stderr, "watcher: "+ee.err.Error())
	}
	return ee.code
}

func main() {
	e := &env{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(run(context.Background(), e, os.Args[1:]))
}
