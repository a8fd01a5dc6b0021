package main

import "github.com/spf13/cobra"

// verbs lists every verb.
func verbs(e *env) []*cobra.Command {
	return []*cobra.Command{
		parseCommand(e),
		groupCommand(e),
		versionCommand(e),
	}
}
