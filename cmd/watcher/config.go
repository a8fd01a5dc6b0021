package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func configCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "the configuration"}
	cmd.AddCommand(&cobra.Command{
		Use:   "show",
		Short: "the effective configuration, defaults filled in and secrets masked",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			if e.json {
				return e.writeJSON(map[string]string{"file": c.File, "hash": c.Hash, "config": c.Masked()})
			}
			_, err = fmt.Fprint(e.stdout, c.Masked())
			return err
		},
	})
	return cmd
}
