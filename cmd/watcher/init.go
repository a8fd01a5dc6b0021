package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds/discover"
	"watcher/internal/config"
	"watcher/internal/ops"
)

func initCommand(e *env) *cobra.Command {
	var a ops.Answers
	var sites []string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "write a first, commented config.yaml",
		Long: `Writes a first config.yaml, every line of it explained. On a terminal it asks
for what no flag says. A feed may be named by the address of its site: the page
is fetched once and its feeds are taken. A file that is there is never touched.`,
		Example: `  watcher init --feed https://example.org/ --match 'oman AND (talks OR mediat*)'
  watcher init -c /etc/watcher/config.yaml --timezone Europe/Berlin`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file := e.config
			if file == "" {
				file = "config.yaml"
			}
			if err := free(file); err != nil {
				return err
			}
			if f, ok := e.stdin.(*os.File); ok && isTerminal(f) && isTerminal(e.stderr) {
				e.interview(cmd, &a, &sites)
			}
			return e.writeFirst(cmd.Context(), file, a, sites)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&sites, "feed", nil, "`ADDRESS` of a feed, or of a site that names one; may be repeated")
	f.StringVar(&a.Match, "match", "", "the `RULE` of a first topic")
	f.StringVar(&a.Zone, "timezone", "", "IANA `NAME` (the machine's)")
	f.StringVar(&a.Listen, "listen", "127.0.0.1:8377", "`ADDRESS` of the page")
	f.StringVar(&a.Webhook, "webhook", "", "`URL` that is told as well")
	return cmd
}

// free refuses to write over what is there.
func free(file string) error {
	if _, err := os.Lstat(file); err == nil {
		return exit(exitUsage, fmt.Errorf("%s is there already and is not touched; `watcher check -c %s` says what it thinks of it", file, file))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return exit(exitFailed, err)
	}
	return nil
}

// interview asks for what no flag says; an empty answer is none.
func (e *env) interview(cmd *cobra.Command, a *ops.Answers, sites *[]string) {
	in := bufio.NewScanner(e.stdin)
	ask := func(flag, question string) string {
		if cmd.Flags().Changed(flag) {
			return ""
		}
		fmt.Fprint(e.stderr, question+" ")
		if !in.Scan() {
			return ""
		}
		return strings.TrimSpace(in.Text())
	}
	*sites = append(*sites, strings.Fields(ask("feed", "Sites or feeds to watch (addresses, blanks between, empty for none yet):"))...)
	if s := ask("match", "Words to watch for (such as: oman AND (talks OR mediat*)):"); s != "" {
		a.Match = s
	}
	if s := ask("timezone", fmt.Sprintf("Time zone [%s]:", machineZone(e.getenv))); s != "" {
		a.Zone = s
	}
}

// machineZone is the zone of the machine by its IANA name, else UTC.
func machineZone(getenv func(string) string) string {
	name := strings.TrimPrefix(getenv("TZ"), ":")
	if name == "" {
		if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
			_, name, _ = strings.Cut(target, "zoneinfo/")
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return "UTC"
	}
	switch name {
	case "Etc/UTC", "Universal", "Zulu", "Etc/Universal", "Etc/Zulu":
		return "UTC"
	}
	return name
}

// writeFirst finds the feeds, proves that the configuration loads, and writes
// it. Sites that gave no feed leave it done in part.
func (e *env) writeFirst(ctx context.Context, file string, a ops.Answers, sites []string) error {
	if a.Zone == "" {
		a.Zone = machineZone(e.getenv)
	}
	a.Version = version
	var without []string
	for _, s := range sites {
		links, err := e.feedsAt(ctx, s)
		if err != nil || len(links) == 0 {
			if err == nil {
				err = fmt.Errorf("%s: no feed is named there", config.Redact(s))
			}
			fmt.Fprintf(e.stderr, "watcher: %v\n", err)
			without = append(without, s)
			continue
		}
		l := links[0] // the site's own first: others are often its comments
		a.Feeds = append(a.Feeds, ops.Feed{URL: l.URL, Name: strings.Join(strings.Fields(l.Title), " ")})
		a.Private = a.Private || typedPrivate(l.URL)
		fmt.Fprintf(e.stderr, "%s: %s\n", config.Redact(s), config.Redact(l.URL))
	}
	text := ops.Config(a)
	if _, ps := config.Parse(file, []byte(text), e.lookup); config.Failed(ps) {
		for _, p := range ps {
			fmt.Fprintf(e.stderr, "watcher: %s\n", p.Msg)
		}
		return usagef("nothing was written")
	}
	if err := create(file, text); err != nil {
		return exit(exitFailed, err)
	}
	if e.json {
		if err := e.writeJSON(map[string]any{"file": file, "feeds": len(a.Feeds)}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(e.stdout, file)
	}
	fmt.Fprintf(e.stderr, "next: watcher check -c %s, then watcher run -c %s\n", file, file)
	if len(without) > 0 {
		return exit(exitPartly, fmt.Errorf("%d of %d addresses gave no feed: %s", len(without), len(sites), strings.Join(without, ", ")))
	}
	return nil
}

func (e *env) feedsAt(ctx context.Context, site string) ([]discover.Link, error) {
	address := site
	if !strings.Contains(site, "://") {
		address = "https://" + site
	}
	d := discovery{e: e}
	return d.fetch(ctx, address)
}

// create writes a new file whole, never over another.
func create(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // it may come to hold secrets
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
