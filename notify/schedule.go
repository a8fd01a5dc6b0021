package notify

import "time"

// gaps are the waits before each try of a delivery, each from the try before.
var gaps = [...]time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

const (
	jitter        = 0.2
	probeGap      = 5 * time.Minute
	probeSlack    = 30 * time.Second // a probe that is later than this is lost
	probeAfter    = 3                // failures in a row: one delivery probes the receiver
	openAfter     = 10               // failures in a row: the others wait for the probe
	setupTries    = 3
	disableAfter  = 72 * time.Hour
	maxRetryAfter = 24 * time.Hour
)

// retryGap is the wait before the next try of a delivery that was tried
// attempts times and became due age ago; ok is false when its schedule is
// over: after as many tries as it has steps, whatever the jitter. Tries that
// probed a receiver, or were made before a resend, use nothing up: a step
// counts only when enough time has gone by as well, and who made more tries has
// until the receiver would be disabled. rnd is in [0, 1).
func retryGap(attempts int, age time.Duration, rnd float64) (gap time.Duration, ok bool) {
	step, at := 0, time.Duration(0)
	for step < len(gaps) {
		at += gaps[step]
		if time.Duration(float64(at)*(1-jitter)*0.95) > age {
			break
		}
		step++
	}
	step = max(1, min(attempts, step))
	if step >= len(gaps) {
		if attempts == len(gaps) || age > disableAfter+3*time.Hour {
			return 0, false
		}
		step = len(gaps) - 1
	}
	return time.Duration(float64(gaps[step]) * (1 + jitter*(2*rnd-1))), true
}

// probeWait is the wait before a probe: never more than probeGap, so that what
// waits is told within it of the receiver's return.
func probeWait(rnd float64) time.Duration {
	return time.Duration(float64(probeGap) * (1 - jitter*rnd))
}

// since is when the schedule of a delivery began.
func (d Delivery) since() time.Time {
	if d.NotBefore.After(d.Created) {
		return d.NotBefore
	}
	return d.Created
}
