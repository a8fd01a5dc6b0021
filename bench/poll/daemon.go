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
)

// subjects are words of which a title of the feed server has one; with a
// common word beside it, about one item in 25 meets one of the 20 topics.
var subjects = strings.Fields(`kubernetes postgres sqlite golang rust linux openssl firefox docker terraform
	kafka redis nginx python android quantum climate battery satellite vaccine`)

// configure writes a configuration with the given schedule.
func (b *bench) configure(name, schedule, hook, store string) (string, error) {
	var t strings.Builder
	fmt.Fprintf(&t, "version: 1\nstore: sqlite:%s\nserver: {listen: \"\"}\n", store)
	fmt.Fprintf(&t, "polling: {schedule: %q, adaptive: off, host_gap: 0s, per_host: 4, allow_private: true}\n", schedule)
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
	first, err := b.configure("cold.yaml", "@every 24h", url, store)
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
	config, err := b.configure("watcher.yaml", "@every "+b.slot.String(), url, store)
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

// once runs one round in a process of its own.
func (b *bench) once(config string, want int) (cost, error) {
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
	c := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), items: want}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = ru.Maxrss * 1024
	}
	var s stats
	if err := b.ask("/stats", &s); err != nil {
		return c, err
	}
	if err := b.check(cold, s); err != nil {
		return c, err
	}
	return c, b.stored(config, want)
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

func (d *running) stop() {
	d.cmd.Process.Signal(syscall.SIGTERM)
	d.cmd.Wait()
	d.logs.Close()
}

// round waits for the next slot and until every feed was asked once and the
// daemon rests.
func (d *running) round() (cost, error) {
	before, err := d.cpu()
	if err != nil {
		return cost{}, err
	}
	d.forgetPeak()
	deadline := time.Now().Add(3*d.b.slot + time.Minute)
	for last := time.Duration(-1); ; {
		time.Sleep(250 * time.Millisecond)
		if err := d.b.ask("/stats", &d.last); err != nil {
			return cost{}, err
		}
		now, err := d.cpu()
		if err != nil {
			return cost{}, err
		}
		if d.last.Distinct >= d.b.feeds && now-last < 10*time.Millisecond {
			return cost{cpu: now - before, wall: time.Duration(d.last.Span * float64(time.Second)), memory: d.peak()}, nil
		}
		if last = now; time.Now().After(deadline) {
			return cost{}, fmt.Errorf("%d of %d feeds were asked in time (%s)", d.last.Distinct, d.b.feeds, d.logs.Name())
		}
	}
}

// cpu is the daemon's user and system time.
func (d *running) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("the daemon ended (%s): %w", d.logs.Name(), err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, nil // ticks of 1/100 s
}

// forgetPeak starts the peak of the memory anew.
func (d *running) forgetPeak() {
	os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", d.cmd.Process.Pid), []byte("5"), 0)
}

func (d *running) peak() int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kb * 1024
}
