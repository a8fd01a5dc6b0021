package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"watcher/internal/store/pgtest"
	"watcher/internal/store/storetest"
)

// judge counts, and says what went past the promise.
func (tr trial) judge(t *testing.T, room *newsroom, r *replicas) outcome {
	o := outcome{name: tr.name, most: room.most, stall: r.stall}
	// What was asked and not kept was asked again: a poll too many.
	o.polls, o.twice, o.again = r.polls(room)
	for _, at := range room.asked {
		for i := 1; i < len(at); i++ {
			gap := at[i].Sub(at[i-1])
			o.late = max(o.late, gap-tr.schedule)
		}
	}
	// A request that was kept waiting on its way arrives late, and so the next
	// one seems to come soon after it.
	shortest := tr.gap*9/10 - 2*o.stall
	for _, at := range room.starts {
		for i := 1; i < len(at); i++ {
			if at[i].Sub(at[i-1]) < shortest {
				o.tooSoon++
			}
		}
	}
	ids, told := map[string]string{}, map[string]bool{}
	for _, p := range room.accepted() {
		told[p.body.Story.ID] = true
		key := fmt.Sprintf("%s/%d", p.body.Story.ID, p.body.Sequence)
		switch id, ok := ids[key]; {
		case !ok:
			ids[key] = p.id
		case id == p.id:
			o.repeats++
		default:
			o.ids++
		}
	}
	_, stories := r.kept()
	o.items = len(stories)
	for _, id := range stories {
		if !told[id] {
			o.lost++
		}
	}
	if o.lost > 0 || o.ids > 0 {
		t.Errorf("%s: %d alerts lost, %d told under two ids", tr.name, o.lost, o.ids)
	}
	if o.repeats > 4*tr.killed {
		t.Errorf("%s: %d repeats, want at most 4 in flight for each of %d kills", tr.name, o.repeats, tr.killed)
	}
	if o.again > tr.killed { // polled twice in an interval
		t.Errorf("%s: %d polls of one feed were done and not kept, after %d kills", tr.name, o.again, tr.killed)
	}
	if hosts := len(room.starts); o.twice > hosts*tr.killed { // one at a time at a host
		t.Errorf("%s: %d polls were done and not kept, want at most those in flight at %d hosts for each of %d kills", tr.name, o.twice, hosts, tr.killed)
	}
	if o.most > 1+min(tr.killed, 1) { // the host does not know that who asked is dead
		t.Errorf("%s: %d requests at once at one host", tr.name, o.most)
	}
	if o.tooSoon > tr.killed {
		t.Errorf("%s: %d requests sooner than %s after the last, the host's gap is %s", tr.name, o.tooSoon, shortest, tr.gap)
	}
	if limit := tr.late + 5*o.stall; o.late > limit {
		t.Errorf("%s: a poll came %s late, want at most %s", tr.name, o.late, limit)
	}
	return o
}

func report(t *testing.T, rows []outcome) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "trial\tpolls\tnot kept\tof one feed\tlatest\tmachine stalled\tat once at a host\ttoo soon\tstories\tlost\trepeats\ttwo ids\t")
	for _, o := range rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f s\t%.1f s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", o.name, o.polls, o.twice, o.again, o.late.Seconds(), o.stall.Seconds(), o.most, o.tooSoon, o.items, o.lost, o.repeats, o.ids)
	}
	w.Flush()
	t.Logf("replicas on PostgreSQL\n%s", &b)
}

// TestReplicas kills one of two and stops the other while items flow.
func TestReplicas(t *testing.T) {
	report(t, []outcome{trial{name: "kill -9, then SIGTERM", replicas: 2, items: 40, flow: 8 * time.Second, schedule: 4 * time.Second, gap: 500 * time.Millisecond,
		killed: 1, late: 12 * time.Second, befall: func(r *replicas) {
			time.Sleep(2 * time.Second)
			r.all[0].kill()
			r.start()
			time.Sleep(3 * time.Second)
			r.all[1].stop()
		}}.run(t)})
}

// TestSoakReplicas is the long form: two and three replicas, and all that may
// befall them.
func TestSoakReplicas(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to kill, freeze and cut off replicas")
	}
	base := trial{items: 300, flow: time.Minute, schedule: 10 * time.Second, gap: time.Second, replicas: 2, late: 5 * time.Second}
	with := func(name string, change func(*trial)) trial { tr := base; tr.name = name; change(&tr); return tr }
	trials := []trial{
		with("nothing happens, 2 replicas", func(tr *trial) {}),
		with("nothing happens, 3 replicas", func(tr *trial) { tr.replicas = 3 }),
		with("kill -9, 10 times, 3 replicas", func(tr *trial) {
			tr.replicas, tr.killed, tr.late = 3, 10, 12*time.Second
			tr.befall = func(r *replicas) {
				for i := range 10 {
					time.Sleep(time.Duration(2000+rand.IntN(3000)) * time.Millisecond)
					r.all[i].kill()
					r.start()
				}
			}
		}),
		with("rolling restart by SIGTERM", func(tr *trial) {
			tr.befall = func(r *replicas) {
				for i := range 6 {
					time.Sleep(4 * time.Second)
					r.start()
					time.Sleep(3 * time.Second)
					r.all[i].stop()
				}
			}
		}),
		with("rolling upgrade to a newer schema", func(tr *trial) {
			tr.befall = func(r *replicas) {
				newer := newerBuild(r.t)
				time.Sleep(5 * time.Second)
				for i := range 2 {
					p := r.startAs(newer)
					wait(r.t, "the newer replica", time.Minute, func() bool { return strings.Contains(p.log.String(), "msg=page") })
					if i == 0 { // the old ones are at work on the newer schema; no old one starts on it
						time.Sleep(12 * time.Second)
						late := r.start()
						if late.cmd.Wait(); late.cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(late.log.String(), "newer version of watcher") {
							r.t.Errorf("an old replica on the newer schema: exit %d\n%s", late.cmd.ProcessState.ExitCode(), late.log)
						}
					}
					r.all[i].stop()
				}
			}
		}),
		with("frozen past the rescue time", func(tr *trial) {
			tr.flow, tr.killed, tr.late = 2*time.Minute, 1, 75*time.Second
			tr.befall = func(r *replicas) {
				time.Sleep(5 * time.Second)
				r.all[0].cmd.Process.Signal(syscall.SIGSTOP)
				time.Sleep(100 * time.Second)
				r.all[0].cmd.Process.Signal(syscall.SIGCONT)
			}
		}),
		with("PostgreSQL killed and started, twice", func(tr *trial) {
			// What was in flight rests 30 s.
			tr.killed, tr.late = 2, 40*time.Second
			tr.befall = func(r *replicas) {
				c := pgtest.Get(r.t)
				if !c.Own() {
					return
				}
				for range 2 {
					time.Sleep(8 * time.Second)
					c.Kill()
					time.Sleep(3 * time.Second)
					if err := c.Start(); err != nil {
						r.t.Error(err)
					}
				}
			}
		}),
		with("cut off from the database for 10 s", func(tr *trial) {
			tr.killed, tr.late = 1, 45*time.Second
			tr.befall = func(r *replicas) {
				time.Sleep(8 * time.Second)
				r.cut(true)
				time.Sleep(10 * time.Second)
				r.cut(false)
			}
		}),
	}
	var rows []outcome
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) { rows = append(rows, tr.run(t)) })
	}
	report(t, rows)
}

// newerBuild builds the program of the next version: the same, with a migration
// more.
func newerBuild(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("../../internal/store/postgres/migrations")
	if err != nil {
		t.Fatal(err)
	}
	have, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil || len(have) == 0 {
		t.Fatalf("no migrations in %s: %v", folder, err)
	}
	dir := t.TempDir()
	sql, overlay, program := filepath.Join(dir, "next.sql"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "newer")
	files, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(folder, fmt.Sprintf("%04d_next.sql", len(have)+1)): sql}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{sql: storetest.Next(), overlay: string(files)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the next version: %v\n%s", err, out)
	}
	return program
}
