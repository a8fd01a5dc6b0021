package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"watcher/internal/web/auth"
)

func authCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "auth", Short: "who may look at the pages"}
	cmd.AddCommand(&cobra.Command{
		Use:   "hash",
		Short: "a password's hash, for server.auth.password_hash_file",
		Long: "Reads a password from standard input (asked for twice, unseen, on a terminal) and writes its argon2id\n" +
			"hash: watcher auth hash > /run/secrets/watcher-password",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			password, err := e.readPassword()
			if err != nil {
				return exit(exitUsage, err)
			}
			hash, err := auth.Hash(password)
			if err != nil {
				return exit(exitUsage, err)
			}
			if e.json {
				return e.writeJSON(map[string]string{"hash": hash})
			}
			_, err = fmt.Fprintln(e.stdout, hash)
			return err
		},
	})
	return cmd
}

// readPassword asks on a terminal, and else takes the first line.
func (e *env) readPassword() (string, error) {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(e.stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(e.stderr, what)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.stderr)
		return string(text), err
	}
	first, err := ask("password: ")
	if err != nil {
		return "", err
	}
	again, err := ask("once more: ")
	if err == nil && first != again {
		err = errors.New("the two are not the same")
	}
	return first, err
}
