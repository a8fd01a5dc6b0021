// Package schedule says when: the slots of a cron text, and the wall-clock
// instants of digests and quiet hours. It reads no clock; callers bring the
// time. It is the only importer of robfig/cron, whose runner is not used: due
// times live in the store.
package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Slots are the instants of a cron text.
type Slots struct {
	text string
	cron cron.Schedule
}

// fields is the form of a cron text: five fields, descriptors and @every.
var fields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// Parse reads a cron text: five fields, @hourly and its like, or "@every 30s"
// (a second at the least). CRON_TZ=Zone in front names its zone; without it,
// zone is used. A text that never fires is an error.
func Parse(text string, zone *time.Location) (Slots, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Slots{}, fmt.Errorf(`empty schedule: write five fields such as "*/10 * * * *", or "@every 30s"`)
	}
	if rest, ok := strings.CutPrefix(text, "@every "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		switch {
		case err != nil:
			return Slots{}, fmt.Errorf("schedule %q: %q is no duration (30s, 10m, 1h30m)", text, rest)
		case d < time.Second:
			return Slots{}, fmt.Errorf("schedule %q: shorter than the shortest interval, 1s", text)
		case d%time.Second != 0:
			return Slots{}, fmt.Errorf("schedule %q: whole seconds only", text)
		}
		return Slots{text, every(d)}, nil
	}
	full := text
	if zone != nil && !strings.HasPrefix(text, "CRON_TZ=") && !strings.HasPrefix(text, "TZ=") {
		full = "CRON_TZ=" + zone.String() + " " + text
	}
	if n := len(strings.Fields(text)); !strings.ContainsAny(text, "@=") && n != 5 {
		hint := ""
		if n == 6 {
			hint = " (seconds are not among them)"
		}
		return Slots{}, fmt.Errorf("schedule %q: %d fields where five are due: minute hour day month weekday%s", text, n, hint)
	}
	s, err := fields.Parse(full)
	if err != nil {
		return Slots{}, fmt.Errorf("schedule %q: %s", text, strings.TrimPrefix(err.Error(), "cron: "))
	}
	// robfig/cron looks five years ahead; 30 February never comes.
	if s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Slots{}, fmt.Errorf("schedule %q never comes: there is no such day", text)
	}
	return Slots{text, s}, nil
}

// Next is the first slot after t.
func (s Slots) Next(t time.Time) time.Time {
	if s.cron == nil {
		return time.Time{}
	}
	return s.cron.Next(t).UTC()
}

// Gap is the time from the first slot after t to the one after it.
func (s Slots) Gap(t time.Time) time.Duration {
	a := s.Next(t)
	return s.Next(a).Sub(a)
}

// String gives the text that was parsed.
func (s Slots) String() string { return s.text }

// every has its slots at whole multiples of the interval since the Unix epoch,
// so that they stay where they are over a restart.
type every time.Duration

func (d every) Next(t time.Time) time.Time {
	step := int64(time.Duration(d) / time.Second)
	return time.Unix((t.Unix()/step+1)*step, 0).UTC()
}
