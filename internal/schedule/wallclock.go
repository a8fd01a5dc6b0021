package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Daily is a wall-clock time on some days of the week in a zone: when a digest
// is due, when quiet hours begin. Unlike a cron text it never skips a day on
// which the clocks change and never comes twice.
type Daily struct {
	Hour, Minute int
	Days         [7]bool // by time.Weekday; none set: every day
	Zone         *time.Location
}

// ParseDaily reads "07:00" and days such as mon, tue (none: every day).
func ParseDaily(at string, days []string, zone *time.Location) (Daily, error) {
	h, m, err := ParseClock(at)
	if err != nil {
		return Daily{}, err
	}
	set, err := ParseDays(days)
	if err != nil {
		return Daily{}, err
	}
	if zone == nil {
		zone = time.UTC
	}
	return Daily{Hour: h, Minute: m, Days: set, Zone: zone}, nil
}

// ParseClock reads a time of day, "7:05" or "22:30".
func ParseClock(s string) (hour, minute int, err error) {
	t, err := time.Parse("15:04", strings.TrimSpace(s))
	if err != nil {
		return 0, 0, fmt.Errorf("%q is no time of day (write 07:00 or 22:30)", s)
	}
	return t.Hour(), t.Minute(), nil
}

// ParseDays reads days of the week by their first three letters or whole.
func ParseDays(names []string) ([7]bool, error) {
	var set [7]bool
	for _, name := range names {
		found := false
		for d := time.Sunday; d <= time.Saturday; d++ {
			full := strings.ToLower(d.String())
			if n := strings.ToLower(strings.TrimSpace(name)); n == full || n == full[:3] {
				set[d], found = true, true
			}
		}
		if !found {
			return set, fmt.Errorf("%q is no day of the week (write mon, tue, wed, thu, fri, sat or sun)", name)
		}
	}
	return set, nil
}

// Next is the first instant after t.
func (d Daily) Next(t time.Time) time.Time {
	local := t.In(d.zone())
	for i := -1; i <= 8; i++ {
		if at, ok := d.on(local, i); ok && at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// Last is the newest instant that is not after t.
func (d Daily) Last(t time.Time) time.Time {
	local := t.In(d.zone())
	for i := 1; i >= -8; i-- {
		if at, ok := d.on(local, i); ok && !at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// Date is the local date that an instant of d belongs to. On a day whose wall
// clock skips the instant over midnight, that is the day it was meant for.
func (d Daily) Date(instant time.Time) string {
	local := instant.In(d.zone())
	for i := -1; i <= 0; i++ {
		if at, ok := d.on(local, i); ok && at.Equal(instant) {
			return local.AddDate(0, 0, i).Format(time.DateOnly)
		}
	}
	return local.Format(time.DateOnly)
}

// on gives the instant on the day that lies i days from local's.
func (d Daily) on(local time.Time, i int) (time.Time, bool) {
	// Noon UTC stands for the calendar day: adding days to it meets no clock change.
	day := time.Date(local.Year(), local.Month(), local.Day()+i, 12, 0, 0, 0, time.UTC)
	if d.Days != ([7]bool{}) && !d.Days[day.Weekday()] {
		return time.Time{}, false
	}
	return Instant(d.zone(), day.Year(), day.Month(), day.Day(), d.Hour, d.Minute), true
}

func (d Daily) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

// Instant is the moment at which a zone's clocks show a time. A time that is
// shown twice is its first; one that is skipped is the first moment after the gap.
func Instant(zone *time.Location, year int, month time.Month, day, hour, minute int) time.Time {
	wall := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	_, before := wall.Add(-26 * time.Hour).In(zone).Zone()
	_, after := wall.Add(26 * time.Hour).In(zone).Zone()
	_, here := time.Date(year, month, day, hour, minute, 0, 0, zone).Zone()

	var first, latest time.Time
	for _, offset := range []int{before, here, after} {
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Day() == day && at.Hour() == hour && at.Minute() == minute && (first.IsZero() || at.Before(first)) {
			first = at
		}
		if at.After(latest) {
			latest = at
		}
	}
	if !first.IsZero() {
		return first
	}
	// Read with the offset of before the gap, the time lies behind it: the gap's
	// end is where that zone's clock time began.
	start, _ := latest.ZoneBounds()
	return start
}
