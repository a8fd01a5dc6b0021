package main

import (
	"encoding/json"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"watcher/internal/config"
	"watcher/notify"
	"watcher/notify/all"
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
			return e.writeSchema(s)
		},
	}, &cobra.Command{
		Use:   "config",
		Short: "the JSON Schema of config.yaml, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var kinds []config.Kind
			for _, k := range all.Kinds() {
				kinds = append(kinds, config.Kind{Name: k.Name, Settings: k.Settings})
			}
			return e.writeSchema(config.Schema(kinds))
		},
	})
	return cmd
}

func (e *env) writeSchema(s *jsonschema.Schema) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(s)
}
