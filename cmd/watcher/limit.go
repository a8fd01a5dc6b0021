package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

// limitFlag gives a verb --limit, of 0 (all) or more.
func limitFlag(cmd *cobra.Command, n *int, usual int, usage string) {
	*n = usual
	cmd.Flags().Var((*limit)(n), "limit", usage)
}

type limit int

func (l *limit) String() string { return strconv.Itoa(int(*l)) }
func (l *limit) Type() string   { return "int" }

func (l *limit) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("write a number, 0 for all")
	}
	*l = limit(n)
	return nil
}
