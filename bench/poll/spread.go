package main

import (
	"fmt"
	"path/filepath"
)

// spread measures a daemon whose feeds are due all the time: they are read
// once, then each is asked again after the interval, give or take a tenth. One
// poll of each is what an interval costs.
func (b *bench) spread() error {
	url, stop, err := hook()
	if err != nil {
		return err
	}
	defer stop()
	store := filepath.Join(b.dir, "ours.db")
	clear(store)
	config, err := b.configure("watcher.yaml", fmt.Sprintf(`schedule: "@every 1m", adaptive: {min: %s, max: %s}`, b.every, b.every), url, store)
	if err != nil {
		return err
	}
	want, err := b.prepare(cold)
	if err != nil {
		return err
	}
	first, err := b.once(config, want)
	if err != nil {
		return err
	}
	fmt.Printf("%d feeds of %d items, each every %s\n\n", b.feeds, b.items, b.every)
	fmt.Printf("cold: %.3f ms of CPU a feed, %.0f s, %.0f MB\n", b.each(first), first.wall.Seconds(), mb(first))
	if _, err := b.prepare(same); err != nil {
		return err
	}
	again, err := b.onceAgain(config)
	if err != nil {
		return err
	}
	fmt.Printf("a start, nothing due: %.2f s of CPU, %.0f MB\n", again.cpu.Seconds(), mb(again))
	d, err := b.start(config)
	if err != nil {
		return err
	}
	defer d.stop()
	c, err := d.within(first.wall + 2*b.every)
	if err != nil {
		return err
	}
	fmt.Printf("an interval: %.3f ms of CPU a poll, %.2f %% of a core, %.0f MB, of them %.0f of files; %d polls, %d answered 304\n", b.each(c),
		100*c.cpu.Seconds()/b.every.Seconds(), mb(c), float64(c.file)/1e6, d.last.Requests, d.last.S304)
	return b.check(same, d.last)
}
