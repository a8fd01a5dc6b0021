package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
)

func dbCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "the store: figures, damage, retention, moving it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return usagef("db: name one of stats, check, prune, copy") },
	}
	cmd.AddCommand(dbStatsCommand(e), dbCheckCommand(e), dbPruneCommand(e), dbCopyCommand(e))
	return cmd
}

func dbStatsCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "stats",
		Short: "sizes and counts",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := e.openStore(cmd.Context(), app.Read)
			if err != nil {
				return noStore(err)
			}
			defer s.Close()
			st, err := s.Stats(cmd.Context())
			if err != nil {
				return exit(exitFailed, err)
			}
			return e.writeStats(st, "")
		},
	}
}

// noStore says 3, nothing found, where there is no store yet.
func noStore(err error) error {
	var x *exitError
	if !errors.As(err, &x) && errors.Is(err, fs.ErrNotExist) {
		return exit(exitNothing, err)
	}
	return err
}

func dbCheckCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "read the whole store for damage",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, s, err := e.openStore(cmd.Context(), app.AsIs)
			if err != nil {
				return noStore(err)
			}
			defer s.Close()
			if err := s.Check(cmd.Context()); err != nil {
				return exit(exitFailed, err)
			}
			if e.json {
				return e.writeJSON(map[string]any{"ok": true, "store": config.Redact(c.Store)})
			}
			_, err = fmt.Fprintln(e.stdout, "ok")
			return err
		},
	}
}

func dbPruneCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "prune",
		Short: "remove, a little at a time, what is older than the configured retention",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			if !app.StoreExists(c) { // pruning makes no store
				return exit(exitNothing, noStoreYet(c, "there is nothing to remove"))
			}
			s, err := app.OpenStore(ctx, c, app.Write)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer s.Close()
			n, err := store.PruneAll(ctx, s, app.Keep(c), time.Now(), 20*time.Millisecond)
			if err != nil {
				return exit(exitFailed, fmt.Errorf("%d rows removed, then: %w", n, err))
			}
			if e.json {
				return e.writeJSON(map[string]int{"removed": n})
			}
			_, err = fmt.Fprintf(e.stdout, "%d rows removed\n", n)
			return err
		},
	}
}

func dbCopyCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "copy [FROM] TO",
		Short: "move the store into an empty database: sqlite:FILE or postgres://…",
		Long: "db copy writes everything that FROM holds (without FROM: the configuration's store) into TO, which must be empty: all of it or nothing. " +
			"Stop the daemon first, copy, then name the new store in store:.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			from, err := e.copySource(cmd, args)
			if err != nil {
				return err
			}
			defer from.Close()
			address := args[len(args)-1]
			to, err := app.OpenAddress(ctx, address, app.Write)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer to.Close()
			bar := e.bar(-1, "copy")
			rows := map[string]int64{}
			err = store.Copy(ctx, from, to, func(table string, done int64) {
				bar.Describe(table)
				bar.Add64(done - rows[table])
				rows[table] = done
			})
			bar.Finish()
			if err != nil {
				return exit(exitFailed, fmt.Errorf("%s: %w", config.Redact(address), err))
			}
			total := int64(0)
			for _, n := range rows {
				total += n
			}
			if e.json {
				return e.writeJSON(map[string]any{"to": config.Redact(address), "rows": rows})
			}
			fmt.Fprintf(e.stdout, "%d rows are now in %s, %d of them items\n", total, config.Redact(address), rows["items"])
			return nil
		},
	}
}

func (e *env) copySource(cmd *cobra.Command, args []string) (store.Store, error) {
	if len(args) == 2 {
		s, err := app.OpenAddress(cmd.Context(), args[0], app.Read)
		if err != nil {
			return nil, exit(exitFailed, err)
		}
		return s, nil
	}
	_, s, err := e.openStore(cmd.Context(), app.Read)
	return s, err
}
