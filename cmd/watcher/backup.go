package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/store"
)

func backupCommand(e *env) *cobra.Command {
	var dir string
	var keep int
	cmd := &cobra.Command{
		Use:   "backup [FILE]",
		Short: "a whole, checked copy of the store, while the daemon runs",
		Long: "backup writes a copy of the store to FILE, or to a file named for the present time in data_dir (or `backups` beside the store), " +
			"reads it back, and only then removes the oldest so that --keep are left. It prints the file's name.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keep < 0 {
				return usagef("--keep %d: write how many backups are left, 0 for all", keep)
			}
			ctx, stop := stopOnSignal(cmd.Context(), e)
			defer stop()
			c, s, err := e.openStore(ctx, app.AsIs) // before an upgrade, too
			if err != nil {
				return err
			}
			defer s.Close()
			var path string
			if len(args) == 1 {
				path = args[0]
				err = app.Backup(ctx, s, path)
			} else {
				if dir == "" {
					dir = app.BackupDir(c)
				}
				path, err = app.Rotate(ctx, s, dir, keep, time.Now())
			}
			if err != nil {
				return exit(exitFailed, err)
			}
			size := int64(0)
			if info, err := os.Stat(path); err == nil {
				size = info.Size()
			}
			if e.json {
				return e.writeJSON(map[string]any{"path": path, "bytes": size})
			}
			_, err = fmt.Fprintln(e.stdout, path)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`FOLDER` for backups")
	cmd.Flags().IntVar(&keep, "keep", 7, "how many backups are left in the folder; 0: all")
	return cmd
}

func restoreCommand(e *env) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "restore [--check] FILE",
		Short: "read a backup for damage, or put it in the store's place",
		Long: "restore --check reads the whole of a backup and says what it holds; it changes nothing and needs no configuration. " +
			"restore without it puts the backup in the store's place while no daemon runs; the present store is set aside.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			file := strings.TrimPrefix(args[0], "sqlite:")
			s, err := app.OpenAddress(ctx, "sqlite:"+file, app.AsIs)
			if err != nil {
				return exit(exitFailed, err)
			}
			defer s.Close()
			if err := s.Check(ctx); err != nil {
				return exit(exitFailed, err)
			}
			if check {
				st, err := s.Stats(ctx)
				if err != nil {
					return exit(exitFailed, err)
				}
				return e.writeStats(st, "ok: every page was read\n")
			}
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			aside, err := app.Restore(ctx, c, file, time.Now())
			if err != nil {
				return exit(exitFailed, err)
			}
			if e.json {
				return e.writeJSON(map[string]string{"store": app.StorePath(c), "aside": aside})
			}
			fmt.Fprintf(e.stdout, "%s is now what %s holds\n", app.StorePath(c), file)
			if aside != "" {
				fmt.Fprintf(e.stdout, "what was there before is %s\n", aside)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "read the backup and change nothing")
	return cmd
}

// statsForm is a store in figures.
type statsForm struct {
	Kind      string           `json:"kind"`
	Path      string           `json:"path"`
	Schema    int              `json:"schema"`
	Bytes     int64            `json:"bytes"`
	FreeBytes int64            `json:"free_bytes"`
	Rows      map[string]int64 `json:"rows"`
	Oldest    *time.Time       `json:"oldest_item"`
	Newest    *time.Time       `json:"newest_item"`
}

func (e *env) writeStats(st store.Stats, head string) error {
	f := statsForm{Kind: st.Kind, Path: st.Path, Schema: st.Schema, Bytes: st.Bytes, FreeBytes: st.FreeBytes, Rows: st.Rows}
	if !st.OldestItem.IsZero() {
		f.Oldest, f.Newest = &st.OldestItem, &st.NewestItem
	}
	if e.json {
		return e.writeJSON(f)
	}
	fmt.Fprintf(e.stdout, "%s%s %s, schema %d, %s (%s free to be used again)\n", head, f.Kind, f.Path, f.Schema, bytesText(f.Bytes), bytesText(f.FreeBytes))
	if f.Oldest != nil {
		fmt.Fprintf(e.stdout, "items first seen from %s to %s\n", e.when(*f.Oldest), e.when(*f.Newest))
	}
	var rows [][]string
	for _, t := range store.Tables() {
		rows = append(rows, []string{t, fmt.Sprint(f.Rows[t])})
	}
	table(e.stdout, []string{"TABLE", "ROWS"}, rows)
	return nil
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
}
