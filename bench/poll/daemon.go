package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"watcher/bench/process"
)

// subjects are words of which a title of the feed server has one; with a
// common word beside it, about one item in 25 meets one of the 20 topics.
var subjects = strings.Fields(`kubernetes postgres sqlite golang rust linux openssl firefox docker terraform
	kafka redis nginx python android quantum climate battery satellite vaccine`)

// configure writes a configuration with the given keys of polling.
func (b *bench) configure(name, polling, hook, store string) (string, error) {
	var t strings.Builder
	fmt.Fprintf(&t, "version: 1\nstore: sqlite:%s\nserver: {listen: \"\"}\n", store)
	fmt.Fprintf(&t, "polling: {%s, host_gap: 0s, per_host: 4, allow_private: true}\n", polling)
	fmt.Fprintf(&t, "receivers: [{id: hook, type: webhook, url: %q}]\nroutes: [{min_priority: low, to: [hook]}]\ntopics:\n", hook)
	for i, s := range subjects {
		beside := "(report OR release)"
		if i%3 == 0 {
			beside = "report"
		}
		fmt.Fprintf(&t, "  - {id: %s, match: 'title:(%s AND %s)'}\n", s, s, beside)
	}
	t.WriteString("feeds:\n")
	for i := range b.feeds {
		fmt.Fprintf(&t, "  - {id: f%d, url: \"http://127.0.%d.%d:%d/feed/%d\"}\n", i, i%b.hosts/250, 2+i%b.hosts%250, b.port, i)
	}
	path := filepath.Join(b.dir, name)
	return path, os.WriteFile(path, []byte(t.String()), 0o600)
}

// at polls every feed at each slot.
func at(slot time.Duration) string {
	return fmt.Sprintf("schedule: \"@every %s\", adaptive: off", slot)
}

// daemon plays all rounds with the daemon: the first as `watcher once` on an
// empty store, the others at the slots of one that stays up.
func (b *bench) daemon(into results, turn int) error {
	url, stop, err := hook()
	if err != nil {
		return err
	}
	defer stop()
	store := filepath.Join(b.dir, fmt.Sprintf("ours%d.db", turn))
	clear(store)
	first, err := b.configure("cold.yaml", at(24*time.Hour), url, store)
	if err != nil {
		return err
	}
	want, err := b.prepare(cold)
	if err != nil {
		return err
	}
	c, err := b.once(first, want)
	if err != nil {
		return err
	}
	into[cold] = append(into[cold], c)
	if err := b.due(first); err != nil {
		return err
	}
	config, err := b.configure("watcher.yaml", at(b.slot), url, store)
	if err != nil {
		return err
	}
	d, err := b.start(config)
	if err != nil {
		return err
	}
	defer d.stop()
	if _, err := b.prepare(same); err != nil {
		return err
	}
	if _, err := d.round(); err != nil { // what the start itself costs is not a round's
		return err
	}
	stored := want
	for _, round := range rounds[1:] {
		err := b.before(round, func() error { _, err := d.round(); return err })
		if err != nil {
			return err
		}
		added, err := b.prepare(round)
		if err != nil {
			return err
		}
		c, err := d.round()
		if err != nil {
			return fmt.Errorf("%s: %w", round, err)
		}
		if stored += added; added > 0 {
			if err := b.stored(config, stored); err != nil {
				return fmt.Errorf("%s: %w", round, err)
			}
		}
		if err := b.check(round, d.last); err != nil {
			return err
		}
		c.items = added
		into[round] = append(into[round], c)
	}
	return nil
}

// once runs the first round in a process of its own.
func (b *bench) once(config string, want int) (cost, error) {
	c, err := b.onceAgain(config)
	if err != nil {
		return c, err
	}
	c.items = want
	var s stats
	if err := b.ask("/stats", &s); err != nil {
		return c, err
	}
	if err := b.check(cold, s); err != nil {
		return c, err
	}
	return c, b.stored(config, want)
}

// onceAgain has a process of its own poll what is due.
func (b *bench) onceAgain(config string) (cost, error) {
	start := time.Now()
	cmd := exec.Command(b.watcher, "once", "-c", config)
	logs, err := os.Create(filepath.Join(b.dir, "once.log"))
	if err != nil {
		return cost{}, err
	}
	defer logs.Close()
	cmd.Stdout, cmd.Stderr = logs, logs
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("watcher once (%s): %w", logs.Name(), err)
	}
	c := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = ru.Maxrss * 1024
	}
	return c, nil
}

// due makes every feed due at once, while no daemon runs.
func (b *bench) due(config string) error {
	for from := 0; from < b.feeds; from += 1000 {
		args := []string{"feeds", "poll", "-c", config}
		for i := from; i < min(b.feeds, from+1000); i++ {
			args = append(args, "f"+strconv.Itoa(i))
		}
		if out, err := exec.Command(b.watcher, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("feeds poll: %w: %.300s", err, out)
		}
	}
	return nil
}

// stored compares what is kept with what was published.
func (b *bench) stored(config string, want int) error {
	out, err := exec.Command(b.watcher, "db", "stats", "--json", "-c", config).Output()
	if err != nil {
		return fmt.Errorf("db stats: %w", err)
	}
	var s struct {
		Rows struct {
			Items int `json:"items"`
		} `json:"rows"`
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return fmt.Errorf("db stats: %w", err)
	}
	if s.Rows.Items != want {
		return fmt.Errorf("%d items are stored of %d published", s.Rows.Items, want)
	}
	return nil
}

// running is a daemon that stays up.
type running struct {
	b    *bench
	cmd  *exec.Cmd
	logs *os.File
	last stats
}

func (b *bench) start(config string) (*running, error) {
	logs, err := os.Create(filepath.Join(b.dir, "run.log"))
	if err != nil {
		return nil, err
	}
	d := &running{b: b, cmd: exec.Command(b.watcher, "run", "-c", config), logs: logs}
	d.cmd.Stdout, d.cmd.Stderr = logs, logs
	return d, d.cmd.Start()
}

func (d *running) pid() int { return d.cmd.Process.Pid }

func (d *running) stop() {
	d.cmd.Process.Signal(syscall.SIGTERM)
	d.cmd.Wait()
	d.logs.Close()
}

// round waits for the next slot and until every feed was asked once and the
// daemon rests.
func (d *running) round() (cost, error) { return d.within(3*d.b.slot + time.Minute) }

func (d *running) within(limit time.Duration) (cost, error) {
	before, err := process.CPU(d.pid())
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", d.logs.Name(), err)
	}
	process.ForgetPeak(d.pid())
	deadline := time.Now().Add(limit)
	for last := time.Duration(-1); ; {
		time.Sleep(250 * time.Millisecond)
		if err := d.b.ask("/stats", &d.last); err != nil {
			return cost{}, err
		}
		now, err := process.CPU(d.pid())
		if err != nil {
			return cost{}, err
		}
		if d.last.Distinct >= d.b.feeds && now-last < 10*time.Millisecond {
			m := process.MemoryOf(d.pid())
			return cost{cpu: now - before, wall: time.Duration(d.last.Span * float64(time.Second)), memory: m.Peak, file: m.File}, nil
		}
		if last = now; time.Now().After(deadline) {
			return cost{}, fmt.Errorf("%d of %d feeds were asked in time (%s)", d.last.Distinct, d.b.feeds, d.logs.Name())
		}
	}
}
