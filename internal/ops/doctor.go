package ops

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// State of a check.
type State string

// The states: Warn asks for a look, Fail keeps watcher from its work.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Check is one thing that a doctor looked at.
type Check struct {
	Name  string `json:"check"`
	State State  `json:"state"`
	Text  string `json:"text"`
	Next  string `json:"next,omitempty"` // what to do
}

// Worst is the worst state of all.
func Worst(cs []Check) State {
	for _, s := range []State{Fail, Warn} {
		if slices.ContainsFunc(cs, func(c Check) bool { return c.State == s }) {
			return s
		}
	}
	return OK
}

// LowDisk is the free space under which a doctor worries, and a tenth of it
// the one under which watcher will soon stop.
const LowDisk = 1 << 30

// Disk judges free space.
func Disk(dir string, free uint64) Check {
	c := Check{Name: "disk", State: OK, Text: fmt.Sprintf("%s: %s free", dir, Size(free))}
	switch {
	case free < LowDisk/10:
		c.State, c.Next = Fail, "free some space: what cannot be kept is not told"
	case free < LowDisk:
		c.State, c.Next = Warn, "shorten retention:, or free some space"
	}
	return c
}

// Size writes bytes for people.
func Size(n uint64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// Clock judges the machine's clock by what is known to be past: the newest
// thing that was written. It is told in the zone of now.
func Clock(now, newest time.Time) Check {
	c := Check{Name: "clock", State: OK, Text: now.Format("2006-01-02 15:04:05Z07:00")}
	if ahead := newest.Sub(now); ahead > time.Minute {
		c.State = Fail
		c.Text += fmt.Sprintf(", but the store was written %s later", ahead.Round(time.Minute))
		c.Next = "set the clock (timedatectl set-ntp true): polls wait until it has caught up"
	}
	return c
}

// Resolver is what Names asks: net.DefaultResolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

var _ Resolver = net.DefaultResolver

// Names looks up the hosts of addresses, at most limit of them.
func Names(ctx context.Context, r Resolver, addresses []string, limit int) Check {
	var hosts []string
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil {
			continue
		}
		_, err = netip.ParseAddr(u.Hostname())
		if h := u.Hostname(); err != nil && h != "" && !slices.Contains(hosts, h) && len(hosts) < limit {
			hosts = append(hosts, h)
		}
	}
	if len(hosts) == 0 {
		return Check{Name: "dns", State: OK, Text: "no name to look up"}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	bad := make([]string, len(hosts))
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for i, h := range hosts {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if _, err := r.LookupNetIP(ctx, "ip", h); err != nil {
				bad[i] = h
			}
		})
	}
	wg.Wait()
	bad = slices.DeleteFunc(bad, func(h string) bool { return h == "" })
	switch {
	case len(bad) == len(hosts):
		return Check{Name: "dns", State: Fail, Text: "no name of a feed can be looked up", Next: "look at /etc/resolv.conf, or at the network; feeds are asked again by themselves"}
	case len(bad) > 0:
		return Check{Name: "dns", State: Warn, Text: fmt.Sprintf("%d of %d names cannot be looked up: %s", len(bad), len(hosts), list(bad, 5))}
	}
	return Check{Name: "dns", State: OK, Text: fmt.Sprintf("%d names looked up", len(hosts))}
}

func list(all []string, n int) string {
	if len(all) <= n {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:n], ", ") + fmt.Sprintf(" and %d more", len(all)-n)
}
