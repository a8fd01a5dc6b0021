package route

import (
	"fmt"
	"time"

	"watcher/internal/schedule"
	"watcher/notify"
)

// Window is a stretch of wall-clock time on some days of the week. It belongs
// to the day on which it begins, may cross midnight, and lasts a whole day when
// From and To are the same.
type Window struct {
	Days     [7]bool // by time.Weekday; none set: every day
	From, To Clock
	Zone     *time.Location
}

// Clock is a time of day.
type Clock struct{ Hour, Minute int }

// String writes it as 22:30.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// NewWindow reads a window as it stands in the file.
func NewWindow(days []string, from, to string, zone *time.Location) (Window, error) {
	w := Window{Zone: zone}
	var err error
	if w.Days, err = schedule.ParseDays(days); err != nil {
		return w, err
	}
	if w.From.Hour, w.From.Minute, err = schedule.ParseClock(from); err != nil {
		return w, err
	}
	w.To.Hour, w.To.Minute, err = schedule.ParseClock(to)
	return w, err
}

// At gives the occurrence that holds an instant, [start, end). On the days
// when clocks change, a time that does not exist is the first instant after
// the gap, and one that comes twice is the first of the two.
func (w Window) At(t time.Time) (start, end time.Time, ok bool) {
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := t.In(zone)
	for back := range 2 {
		y, m, d := local.AddDate(0, 0, -back).Date()
		if w.Days != [7]bool{} && !w.Days[time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday()] {
			continue
		}
		last := d
		if w.To.Hour*60+w.To.Minute <= w.From.Hour*60+w.From.Minute {
			last++
		}
		start = schedule.Instant(zone, y, m, d, w.From.Hour, w.From.Minute)
		end = schedule.Instant(zone, y, m, last, w.To.Hour, w.To.Minute)
		if !t.Before(start) && t.Before(end) {
			return start, end, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// Until gives the end of the stretch in which t lies, following windows that
// join on (a weekend of whole days); ok is false outside.
func (w Window) Until(t time.Time) (end time.Time, ok bool) {
	for range 8 {
		_, e, in := w.At(t)
		if !in {
			break
		}
		end, ok, t = e, true, e
	}
	return end, ok
}

// Quiet is when receivers are left in peace.
type Quiet struct {
	Receivers    []string // none: all
	Window       Window
	Digest       bool            // what comes goes into the digest; else it is held and told at the end
	BreakThrough notify.Priority // empty: nothing breaks through
}

func (q Quiet) meets(receiver string, p notify.Priority) bool {
	if q.BreakThrough != "" && p.Rank() >= q.BreakThrough.Rank() {
		return false
	}
	return len(q.Receivers) == 0 || contains(q.Receivers, receiver)
}
