package main

import "github.com/spf13/cobra"

// verbs lists every verb.
func verbs(e *env) []*cobra.Command {
	return []*cobra.Command{
		runCommand(e),
		storiesCommand(e),
		topicsCommand(e),
		searchCommand(e),
		demoCommand(e),
		initCommand(e),
		doctorCommand(e),
		completionCommand(e),
		manCommand(e),
		configCommand(e),
		backtestCommand(e),
		suggestCommand(e),
		onceCommand(e),
		checkCommand(e),
		reloadCommand(e),
		statusCommand(e),
		healthCommand(e),
		feedsCommand(e),
		importCommand(e),
		exportCommand(e),
		parseCommand(e),
		discoverCommand(e),
		matchCommand(e),
		explainCommand(e),
		groupCommand(e),
		namesCommand(e),
		digestCommand(e),
		notifyCommand(e),
		deliveriesCommand(e),
		receiversCommand(e),
		routesCommand(e),
		silenceCommand(e),
		backupCommand(e),
		restoreCommand(e),
		dbCommand(e),
		authCommand(e),
		schemaCommand(e),
		versionCommand(e),
	}
}
