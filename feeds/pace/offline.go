package pace

import (
	"sync"
	"time"
)

const (
	offlineWindow = 2 * time.Minute // results that speak for the network of now
	offlineHosts  = 3               // fewer hosts than this prove nothing
	hostMemory    = 24 * time.Hour
)

// Offline judges whose fault network failures are. When more than half of the
// hosts tried of late fail without an answer, the fault is ours: nothing is
// counted against any feed. The first failures after a silence, before any
// other host has been tried, are unclear and tried again. Few hosts prove
// nothing, unless nothing left this machine and no host answers: then the fault
// is ours too. An Offline may be used from many goroutines.
type Offline struct {
	mu    sync.Mutex
	hosts map[string]seen
	total int
	down  bool
}

type seen struct {
	at time.Time
	ok bool
}

// Expect says how many hosts the configured feeds live on, so that the first
// round after a start can be judged too.
func (d *Offline) Expect(hosts int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total = hosts
}

// Note takes the outcome of one poll and gives it with its Blame set. began
// and ended say that with it the network was found down, or back.
func (d *Offline) Note(o Outcome, doubted bool, now time.Time) (out Outcome, began, ended bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.Class == Held || o.Class == Refused && o.Status == 0 {
		return o, false, false // nothing was sent: says nothing of the network
	}
	if d.hosts == nil {
		d.hosts = map[string]seen{}
	}
	ok := o.Class != Network
	d.hosts[o.Host] = seen{now, ok}
	if ok && !d.down {
		return o, false, false
	}
	known, good, bad := d.count(now)
	if ok {
		ended = d.down && bad <= good
		if ended {
			d.down = false
		}
		return o, false, ended
	}
	switch {
	case o.Local && good == 0, known >= offlineHosts && bad >= offlineHosts && bad > good:
		o.Blame = Ours
		began = !d.down
		d.down = true
	case o.Local && !doubted: // a moment ago others answered: the name server may have died since
		o.Blame = Unclear
	case known < offlineHosts || good > 0 || doubted && !d.down:
		o.Blame = Theirs
	default:
		o.Blame = Unclear
	}
	return o, began, false
}

// Down tells whether the network counts as down.
func (d *Offline) Down() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.down
}

func (d *Offline) count(now time.Time) (known, good, bad int) {
	for key, s := range d.hosts {
		switch age := now.Sub(s.at); {
		case age > hostMemory:
			delete(d.hosts, key)
			continue
		case age > offlineWindow:
		case s.ok:
			good++
		default:
			bad++
		}
		known++
	}
	return max(known, d.total), good, bad
}
