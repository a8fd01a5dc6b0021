package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/ops"
	"watcher/internal/store"
	"watcher/notify"
)

func doctorCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "look at the surroundings: what is wrong, and what next",
		Long: `Looks at the configuration, the store and its disk, the clock, the time zone,
names and proxies, the daemon and its page, the feeds and the receivers, and
says of each what is wrong and what to do. It changes nothing and sends nothing.

Exit: 0 well or only warnings, 1 something fails, 2 the configuration is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x := &examination{env: e}
			err := x.all(cmd.Context())
			if perr := x.print(); perr != nil {
				return perr
			}
			return err
		},
	}
}

// examination is one run of doctor.
type examination struct {
	*env
	checks []ops.Check
}

func (x *examination) add(name string, state ops.State, next, format string, args ...any) {
	x.checks = append(x.checks, ops.Check{Name: name, State: state, Text: fmt.Sprintf(format, args...), Next: next})
}

func (x *examination) print() error {
	if x.json {
		return x.writeJSON(map[string]any{"state": ops.Worst(x.checks), "checks": x.checks})
	}
	for _, c := range x.checks {
		fmt.Fprintf(x.stdout, "%-4s %-10s %s\n", c.State, c.Name, c.Text)
		if c.Next != "" {
			fmt.Fprintf(x.stdout, "     %-10s → %s\n", "", c.Next)
		}
	}
	return nil
}

func (x *examination) all(ctx context.Context) error {
	c := x.configuration()
	if c == nil {
		return exit(exitUsage, nil)
	}
	x.zone(c)
	x.folder(c)
	x.proxies(c)
	var urls []string
	for _, f := range c.Feeds {
		urls = append(urls, f.URL)
	}
	x.checks = append(x.checks, ops.Names(ctx, net.DefaultResolver, urls, 50))
	x.stored(ctx, c)
	x.daemonAnswers(ctx, c)
	x.public(ctx, c)
	if ops.Worst(x.checks) == ops.Fail {
		return exit(exitFailed, nil)
	}
	return nil
}

func (x *examination) configuration() *config.Config {
	file, err := config.Find(x.config, x.getenv)
	if err != nil {
		x.add("config", ops.Fail, "watcher init", "%v", err)
		return nil
	}
	compiled, ps, err := app.Load(file, x.lookup, notify.Env{Version: version, Stdout: io.Discard}, nil)
	if err != nil {
		x.add("config", ops.Fail, "watcher check -c "+file, "%s: %s, the first: %s", file, app.Count(len(app.Errors(ps)), "mistake"), app.Errors(ps)[0].Msg)
		return nil
	}
	if err := compiled.NotReady(); err != nil {
		x.add("config", ops.Fail, "set it, then watcher check -c "+file, "%s: %v", file, err)
	} else if len(ps) > 0 {
		x.add("config", ops.Warn, "watcher check -c "+file, "%s: %s", file, app.Count(len(ps), "warning"))
	} else {
		x.add("config", ops.OK, "", "%s: %s, %s, %s", file, app.Count(len(compiled.Config.Feeds), "feed"), app.Count(len(compiled.Config.Topics), "topic"),
			app.Count(len(compiled.Config.Receivers), "receiver"))
	}
	return compiled.Config
}

func (x *examination) zone(c *config.Config) {
	x.add("timezone", ops.OK, "", "%s: it is %s there", c.Timezone, time.Now().In(c.Zone()).Format("15:04"))
}

// folder looks at where the store stands, or will.
func (x *examination) folder(c *config.Config) {
	path := app.StorePath(c)
	if path == "" {
		return
	}
	dir := filepath.Dir(path)
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir) // it will be made
	}
	f, err := os.CreateTemp(dir, ".watcher-doctor-*")
	if err != nil {
		x.add("store", ops.Fail, fmt.Sprintf("chown -R %d %s, or give store: another place", os.Getuid(), dir), "%s cannot be written by uid %d: %v", dir, os.Getuid(), errors.Unwrap(err))
	} else {
		f.Close()
		os.Remove(f.Name())
		x.add("store", ops.OK, "", "%s can be written", dir)
	}
	if free, ok := diskFree(dir); ok {
		x.checks = append(x.checks, ops.Disk(dir, free))
	}
}

func (x *examination) proxies(c *config.Config) {
	var set []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"} {
		if x.getenv(name) != "" || x.getenv(strings.ToLower(name)) != "" {
			set = append(set, name)
		}
	}
	switch {
	case c.Polling.Proxy != "":
		x.add("proxy", ops.OK, "", "feeds go through polling.proxy, %s", config.Redact(c.Polling.Proxy))
	case len(set) > 0:
		x.add("proxy", ops.Warn, "for feeds, write polling.proxy", "%s set: feeds do not go by the environment", strings.Join(set, ", "))
	}
}

// stored looks at what the store knows of feeds and receivers.
func (x *examination) stored(ctx context.Context, c *config.Config) {
	if !app.StoreExists(c) {
		x.checks = append(x.checks, ops.Clock(time.Now().In(x.env.zone), time.Time{}))
		x.add("database", ops.OK, "", "none yet: the first start makes it")
		return
	}
	s, err := app.OpenStore(ctx, c, app.Read)
	if err != nil {
		x.checks = append(x.checks, ops.Clock(time.Now().In(x.env.zone), time.Time{}))
		x.add("database", ops.Fail, "", "%v", err)
		return
	}
	defer s.Close()
	if stats, err := s.Stats(ctx); err == nil {
		x.add("database", ops.OK, "", "%s: %s", config.Redact(c.Store), ops.Size(uint64(stats.Bytes)))
	}
	err = s.View(ctx, func(r store.Reader) error {
		if err := x.feeds(ctx, r); err != nil {
			return err
		}
		receivers, err := r.Receivers(ctx)
		if err != nil {
			return err
		}
		counts, err := r.CountDeliveries(ctx, store.DeliveryFilter{})
		if err != nil {
			return err
		}
		x.receivers(c, receivers, counts)
		return nil
	})
	if err != nil {
		x.add("database", ops.Fail, "", "%v", err)
	}
}

func (x *examination) feeds(ctx context.Context, r store.Reader) error {
	var newest time.Time
	all, failing := 0, 0
	err := store.EachFeed(ctx, r, store.FeedFilter{}, func(r store.FeedRow) {
		all++
		if r.State.LastPoll.After(newest) {
			newest = r.State.LastPoll
		}
		if r.State.Phase != feeds.BackOff && r.State.Phase != feeds.Gone {
			return
		}
		failing++
		if failing <= 10 {
			x.add("feed", ops.Warn, "watcher feeds show "+r.Feed.ID, "%s: %s (%s)", r.Feed.ID, r.State.LastError, lastOK("read", "never read", r.State.LastOK, time.Now()))
		}
	})
	if err != nil {
		return err
	}
	x.checks = append(x.checks, ops.Clock(time.Now().In(x.env.zone), newest))
	switch {
	case failing > 0 && failing == all:
		x.add("feeds", ops.Fail, "look at the network: all fail alike", "none of %d feeds can be read", all)
	case failing > 0:
		x.add("feeds", ops.Warn, "watcher feeds list", "%d of %d feeds cannot be read", failing, all)
	default:
		x.add("feeds", ops.OK, "", "%d feeds, none fails", all)
	}
	return nil
}

func (x *examination) receivers(c *config.Config, states []notify.ReceiverState, counts map[string]map[notify.DeliveryState]int) {
	by := map[string]notify.ReceiverState{}
	for _, s := range states {
		by[s.ID] = s
	}
	now := time.Now()
	for _, r := range c.Receivers {
		st, waiting := by[r.ID], counts[r.ID][notify.Pending]
		dead := counts[r.ID][notify.Dead]
		switch {
		case st.Disabled != "":
			x.add("receiver", ops.Fail, "put it right, then watcher receivers enable "+r.ID, "%s is disabled: %s; %d wait", r.ID, st.Disabled, waiting)
		case st.Paused:
			x.add("receiver", ops.Warn, "watcher receivers resume "+r.ID, "%s is paused; %d wait", r.ID, waiting)
		case st.Fails > 0:
			x.add("receiver", ops.Warn, "watcher deliveries list --receiver "+r.ID, "%s has failed %d times since %s; %d wait", r.ID, st.Fails, ago(st.FirstFail, now), waiting)
		case dead > 0:
			x.add("receiver", ops.Warn, "watcher deliveries list --receiver "+r.ID, "%s: %d messages were given up", r.ID, dead)
		default:
			x.add("receiver", ops.OK, "", "%s: %s", r.ID, lastOK("took a message", "was told nothing yet", st.LastOK, now))
		}
	}
}

// daemonAnswers asks the daemon, and if none runs whether its address is free.
func (x *examination) daemonAnswers(ctx context.Context, c *config.Config) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	run, err := app.ReadRunFile(app.RunPath(c))
	if err != nil {
		x.notRunning(c, "no daemon runs")
		return
	}
	if run.Address == "" {
		x.add("daemon", ops.OK, "", "pid %d; server.listen is empty, so it cannot be asked", run.PID)
		return
	}
	resp, err := x.daemon(ctx, c, http.MethodGet, "/readyz", nil)
	if err != nil {
		x.notRunning(c, fmt.Sprintf("it was killed: process %d does not answer", run.PID))
		return
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode != http.StatusOK {
		x.add("daemon", ops.Fail, "", "pid %d is not ready: %s", run.PID, strings.TrimSpace(string(text)))
		return
	}
	x.add("daemon", ops.OK, "", "pid %d is ready; page: http://%s/", run.PID, run.Address)
}

func (x *examination) notRunning(c *config.Config, why string) {
	if c.Server.Listen == "" {
		x.add("daemon", ops.Warn, "watcher run", "%s", why)
		return
	}
	l, err := net.Listen("tcp", c.Server.Listen)
	if err != nil {
		x.add("daemon", ops.Fail, "choose another server.listen, or end what holds it", "%s, and %s is taken: %v", why, c.Server.Listen, errors.Unwrap(err))
		return
	}
	l.Close()
	x.add("daemon", ops.Warn, "watcher run", "%s; %s is free", why, c.Server.Listen)
}

// public asks the address that links in messages lead to.
func (x *examination) public(ctx context.Context, c *config.Config) {
	base := strings.TrimRight(c.Server.PublicURL, "/")
	if base == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/livez", nil)
	if err != nil {
		x.add("public", ops.Fail, "", "server.public_url: %v", err)
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		x.add("public", ops.Warn, "links in messages lead nowhere: look at the proxy in front", "%s does not answer from here", config.Redact(base))
		return
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		x.add("public", ops.Warn, "links in messages may lead nowhere: look at the proxy in front", "%s/livez answers %s", config.Redact(base), resp.Status)
		return
	}
	x.add("public", ops.OK, "", "%s answers", config.Redact(base))
}

// lastOK says when something last went well, or that it never did.
func lastOK(did, never string, t, now time.Time) string {
	if t.IsZero() {
		return never
	}
	return did + " " + ago(t, now)
}
