package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand(e *env) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "man [VERB...]",
		Short: "the manual page of watcher or of a verb",
		Example: `  watcher man | man -l -
  watcher man feeds add | man -l -
  watcher man --dir /usr/local/share/man/man1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if dir != "" {
				return writeManuals(dir, root)
			}
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("man: unknown command %q", strings.Join(args, " "))
			}
			return manual(e.stdout, c)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write every page into this `FOLDER`")
	return cmd
}

func writeManuals(dir string, c *cobra.Command) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b strings.Builder
	if err := manual(&b, c); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, manName(c)+".1"), []byte(b.String()), 0o644); err != nil {
		return err
	}
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			if err := writeManuals(dir, sub); err != nil {
				return err
			}
		}
	}
	return nil
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// roff writes text so that troff takes it as it is.
func roff(s string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

// manual writes the page of one command.
func manual(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p(`.TH "%s" 1 "" "watcher %s" "watcher"`, strings.ToUpper(manName(c)), roff(version))
	p(".SH NAME\n%s \\- %s", roff(manName(c)), roff(c.Short))
	p(".SH SYNOPSIS\n.B %s", roff(c.UseLine()))
	if c.Long != "" {
		p(".SH DESCRIPTION\n%s", strings.ReplaceAll(roff(c.Long), "\n\n", "\n.PP\n"))
	}
	if c.HasAvailableSubCommands() {
		p(".SH COMMANDS")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				p(".TP\n.B %s\n%s", roff(sub.Use), roff(sub.Short))
			}
		}
	}
	options(p, "OPTIONS", c.NonInheritedFlags())
	options(p, "OPTIONS OF EVERY COMMAND", c.InheritedFlags())
	if c.Example != "" {
		p(".SH EXAMPLES\n.nf\n%s\n.fi", roff(c.Example))
	}
	p(".SH EXIT STATUS\n0 done, 1 failed, 2 usage or configuration, 3 nothing found or matched, 4 done in part (stderr says which part).")
	if c.HasParent() {
		p(".SH SEE ALSO\n%s(1)", roff(manName(c.Parent())))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func options(p func(string, ...any), head string, fs *pflag.FlagSet) {
	if !fs.HasAvailableFlags() {
		return
	}
	p(".SH %s", head)
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		if name != "" {
			text += " " + name
		}
		p(".TP\n.B %s\n%s", roff(text), roff(usage))
	})
}
