// Command poll measures what a poll costs: it serves thousands of feeds on
// loopback with the feed server of $WATCHER_DATA, has the built daemon read
// them in rounds, and prints processor time a feed, wall time, peak memory and
// items a second. It fails when an item is missing or a feed was asked without
// the validators that it had given.
//
// With -peer it drives another reader over the same rounds, in turn with ours,
// and prints the ratios. A peer is a program that is run once a round as
//
//	PEER -db FILE -list URL -n FEEDS
//
// reads the list of addresses at URL (one a line), fetches each once, keeps
// what it must remember in FILE and files beside it, and ends. Its processor
// time and memory are those of the process, children included. Its last line
// on stdout may be a JSON object with "added", the items it stored.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The rounds, in the order in which they are played.
const (
	cold   = "cold"
	same   = "304"
	tenth  = "10 % new"
	body   = "200 same"
	waited = "304 after 50 ms"
)

var rounds = []string{cold, same, tenth, body, waited}

// cost is what one round took.
type cost struct {
	cpu, wall time.Duration
	memory    int64 // peak, bytes
	file      int64 // of it pages of files, the program's own; 0 where it ended before we looked
	items     int   // stored
}

func main() {
	log.SetFlags(0)
	b := &bench{}
	flag.IntVar(&b.feeds, "feeds", 1000, "feeds")
	flag.IntVar(&b.items, "items", 30, "items a feed shows")
	flag.IntVar(&b.hosts, "hosts", 100, "loopback addresses they are spread over")
	flag.IntVar(&b.port, "port", 8900, "of the feed server")
	flag.DurationVar(&b.slot, "slot", 20*time.Second, "between two rounds of the daemon, under a minute; a round must end within it")
	flag.DurationVar(&b.every, "every", 0, "in place of the rounds: how long one poll of each feed takes that come this often, spread over the time")
	flag.StringVar(&b.watcher, "watcher", "../../bin/watcher", "the built daemon")
	flag.StringVar(&b.work, "work", "", "`folder` to work in and leave behind; else a temporary one")
	peer := flag.String("peer", os.Getenv("PEER"), "another reader's program")
	repeat := flag.Int("repeat", 0, "how often all is played (1, with -peer 3)")
	data := flag.String("data", dataFolder(), "folder with bench/feedserver")
	flag.Parse()
	if *repeat == 0 {
		if *repeat = 1; *peer != "" {
			*repeat = 3
		}
	}
	source := filepath.Join(*data, "bench", "feedserver")
	if _, err := os.Stat(source); err != nil {
		log.Fatalf("bench-poll needs the feed server in %s: set WATCHER_DATA to the folder that holds bench/feedserver", source)
	}
	if err := b.run(source, *peer, *repeat); err != nil {
		log.Fatal(err)
	}
}

func dataFolder() string {
	if d := os.Getenv("WATCHER_DATA"); d != "" {
		return d
	}
	return "../../../shared"
}

// results are the costs of each round, one entry a repetition.
type results map[string][]cost

func (b *bench) run(source, peer string, repeat int) (err error) {
	b.dir = b.work
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "bench-poll"); err != nil {
			return err
		}
		defer os.RemoveAll(b.dir)
	}
	stop, err := b.serve(source)
	if err != nil {
		return err
	}
	defer stop()
	if b.every > 0 {
		return b.spread()
	}
	ours, theirs := results{}, results{}
	for i := range repeat {
		if err := b.daemon(ours, i); err != nil {
			return err
		}
		if peer == "" {
			continue
		}
		if err := b.peer(theirs, peer, i); err != nil {
			return fmt.Errorf("%s: %w", peer, err)
		}
	}
	b.print(ours, theirs)
	return nil
}

// serve builds and starts the feed server.
func (b *bench) serve(source string) (stop func(), err error) {
	bin := filepath.Join(b.dir, "feedserver")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir, build.Stderr = source, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build %s: %w", source, err)
	}
	cmd := exec.Command(bin, fmt.Sprintf("-feeds=%d", b.feeds), fmt.Sprintf("-items=%d", b.items), fmt.Sprintf("-hosts=%d", b.hosts), fmt.Sprintf("-port=%d", b.port))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() { cmd.Process.Kill(); cmd.Wait() }
	line := make([]byte, 256)
	if n, err := out.Read(line); err != nil || !strings.HasPrefix(string(line[:n]), "ready") {
		stop()
		return nil, fmt.Errorf("the feed server did not start: %s", line[:n])
	}
	return stop, nil
}

// print writes the table: medians, and beside a peer the ratios.
func (b *bench) print(ours, theirs results) {
	fmt.Printf("%d feeds of %d items\n\n", b.feeds, b.items)
	fmt.Printf("%-16s %12s %9s %8s %8s %9s", "round", "CPU ms/feed", "wall s", "MB", "of files", "items/s")
	if len(theirs) > 0 {
		fmt.Printf(" | %12s %9s %8s %7s", "peer CPU", "wall s", "MB", "ratio")
	}
	fmt.Println()
	for _, r := range rounds {
		c := median(ours[r])
		fmt.Printf("%-16s %12.3f %9.2f %8.0f %8.0f %9.0f", r, b.each(c), c.wall.Seconds(), mb(c), float64(c.file)/1e6, float64(c.items)/c.wall.Seconds())
		if p := median(theirs[r]); len(theirs) > 0 {
			fmt.Printf(" | %12.3f %9.2f %8.0f %7.2f", b.each(p), p.wall.Seconds(), mb(p), b.each(c)/b.each(p))
		}
		fmt.Println()
	}
}

func (b *bench) each(c cost) float64 { return c.cpu.Seconds() * 1000 / float64(b.feeds) }

func mb(c cost) float64 { return float64(c.memory) / 1e6 }

// median takes the middle of each figure by itself.
func median(cs []cost) (m cost) {
	if len(cs) == 0 {
		return m
	}
	mid := func(of func(cost) int64) int64 {
		var vs []int64
		for _, c := range cs {
			vs = append(vs, of(c))
		}
		slices.Sort(vs)
		return vs[len(vs)/2]
	}
	return cost{
		cpu:    time.Duration(mid(func(c cost) int64 { return int64(c.cpu) })),
		wall:   time.Duration(mid(func(c cost) int64 { return int64(c.wall) })),
		memory: mid(func(c cost) int64 { return c.memory }),
		file:   mid(func(c cost) int64 { return c.file }),
		items:  int(mid(func(c cost) int64 { return int64(c.items) })),
	}
}
