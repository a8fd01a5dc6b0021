package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"watcher/internal/app"
	"watcher/match/query"
)

func completionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "a script that completes verbs and flags in your shell",
		Example: `  source <(watcher completion bash)
  watcher completion zsh > "${fpath[1]}/_watcher"
  watcher completion fish > ~/.config/fish/completions/watcher.fish`,
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args:      cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(e.stdout, true)
			case "zsh":
				return root.GenZshCompletion(e.stdout)
			case "fish":
				return root.GenFishCompletion(e.stdout, true)
			}
			return usagef("completion %s: write bash, zsh or fish", args[0])
		},
	}
}

// refuseUnknown has a verb that only groups others refuse what it does not
// know, and name what may have been meant; and every verb say how it is written
// when it is given too little or too much.
func refuseUnknown(c *cobra.Command) {
	for _, sub := range c.Commands() {
		refuseUnknown(sub)
	}
	if wanted := c.Args; wanted != nil && !c.HasSubCommands() {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := wanted(cmd, args)
			if err != nil && strings.Contains(err.Error(), "arg(s)") {
				given := "no argument"
				if len(args) > 0 {
					given = app.Count(len(args), "argument")
				}
				return usagef("%q is given %s; write: %s", cmd.CommandPath(), given, cmd.UseLine())
			}
			return err
		}
	}
	if !c.HasSubCommands() || c.Args != nil {
		return
	}
	c.SuggestionsMinimumDistance = 2
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += fmt.Sprintf(", did you mean %q?", near[0])
		} else {
			text += fmt.Sprintf("; `%s --help` says what there is", cmd.CommandPath())
		}
		return usagef("%s", text)
	}
	if !c.Runnable() {
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}

// nearFlag adds to the refusal of an unknown flag the one that may be meant.
func nearFlag(cmd *cobra.Command, err error) error {
	var no *pflag.NotExistError
	if !errors.As(err, &no) || len(no.GetSpecifiedName()) < 2 {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	hint := query.DidYouMean("--"+no.GetSpecifiedName(), names)
	if hint == "" {
		hint = fmt.Sprintf("; `%s --help` lists those there are", cmd.CommandPath())
	}
	return fmt.Errorf("%w%s", err, hint)
}
