package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"watcher/notify"
)

func schemaCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "schema", Short: "JSON Schemas, for editors and receivers"}
	cmd.AddCommand(&cobra.Command{
		Use:   "webhook",
		Short: "the JSON Schema of what a webhook gets",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := notify.JSONSchema()
			if err != nil {
				return err
			}
			enc := json.NewEncoder(e.stdout)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(s)
		},
	})
	return cmd
}
