package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/notify"
)

func checkCommand(e *env) *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "every mistake and warning of a configuration at once",
		Long: `Reads the configuration, compiles its rules, runs their inline tests and looks
at its receivers. Where there is history, it forecasts from the last two weeks how
many messages a day each topic means. Nothing is sent, fetched or written.
Problems are lines file:line:column on stdout; what is right but without effect
is a note on stderr.

Exit: 0 clean or only warnings (with --strict: 4), 2 any error.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := config.Find(e.config, e.getenv)
			if err != nil {
				return exit(exitUsage, err)
			}
			c, ps, err := app.Load(file, e.lookup, notify.Env{Version: version, Stdout: io.Discard}, nil)
			if err == nil {
				more, ferr := e.forecast(cmd.Context(), c)
				if ferr != nil {
					fmt.Fprintf(e.stderr, "no forecast: %v\n", ferr)
				}
				ps = append(ps, more...)
				config.Sort(ps)
			}
			if werr := e.writeProblems(ps); werr != nil {
				return werr
			}
			if err == nil {
				for _, p := range c.Finer(time.Now()) {
					fmt.Fprintf(e.stderr, "note: %s\n", p.Error())
				}
			}
			switch {
			case err != nil:
				return exit(exitUsage, nil)
			case len(ps) > 0 && strict:
				return exit(exitPartly, nil)
			case len(ps) == 0 && !e.json:
				fmt.Fprintf(e.stderr, "%s: no problem found\n", file)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings exit 4")
	return cmd
}

func (e *env) writeProblems(ps []config.Problem) error {
	for _, p := range ps {
		if e.json {
			level := "error"
			if p.Warning {
				level = "warning"
			}
			if err := e.writeJSON(map[string]any{"file": p.File, "line": p.Line, "column": p.Column, "path": p.Path, "level": level, "message": p.Msg}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(e.stdout, p.Error())
		if p.Caret != "" {
			fmt.Fprintln(e.stdout, p.Caret)
		}
	}
	return nil
}
