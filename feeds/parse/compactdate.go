package parse

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	yearDayForm = regexp.MustCompile(`^(\d{4}|\d\d)-?(\d{3})$`)
	weekForm    = regexp.MustCompile(`^(\d{4})-?W(\d\d)(?:-?([1-7]))?$`)
	oldForm     = regexp.MustCompile(`^-(\d\d)(?:-?(\d\d))?$`)
	longForm    = regexp.MustCompile(`^(\d{4})-0(\d\d)-(\d\d)$`)
	numberForm  = regexp.MustCompile(`^\d+(?:\.\d+)?$`)
	shortClock  = regexp.MustCompile(`^(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?`)
)

// compactDate reads the forms of ISO 8601 that have few signs or none, with a
// time of day behind them or without: 20031231, 031231, 2003-335, 2003335,
// 2003-W52-3, 20031231T101455Z, -0312, and its neighbours in the field:
// 2003-012-31, 20031231101455, seconds and milliseconds since 1970.
func compactDate(s string) (time.Time, bool) {
	day, hms := s, ""
	if i := strings.IndexAny(s, "T "); i > 3 && s[i-1] >= '0' && s[i-1] <= '9' {
		day, hms = s[:i], s[i+1:]
		if hms == "" {
			return time.Time{}, false
		}
	}
	c := clock{month: 1, day: 1}
	switch {
	case len(day) == 10 && day[4] == '-' && day[7] == '-': // only its time of day is odd
		year, ok1 := digits(day, 0, 4)
		month, ok2 := digits(day, 5, 2)
		date, ok3 := digits(day, 8, 2)
		if !ok1 || !ok2 || !ok3 {
			return time.Time{}, false
		}
		c.year, c.month, c.day = year, month, date
	case longForm.MatchString(day):
		m := longForm.FindStringSubmatch(day)
		c.year, c.month, c.day = atoi(m[1]), atoi(m[2]), atoi(m[3])
	case weekForm.MatchString(day):
		m := weekForm.FindStringSubmatch(day)
		if !c.week(atoi(m[1]), atoi(m[2]), max(1, atoi(m[3]))) {
			return time.Time{}, false
		}
	case yearDayForm.MatchString(day):
		m := yearDayForm.FindStringSubmatch(day)
		c.year = atoi(m[1])
		if len(m[1]) == 2 {
			c.year = century(c.year)
		}
		if !c.yearDay(atoi(m[2])) {
			return time.Time{}, false
		}
	case oldForm.MatchString(day):
		m := oldForm.FindStringSubmatch(day)
		c.year = century(atoi(m[1]))
		if m[2] != "" {
			c.month = atoi(m[2])
		}
	case numberForm.MatchString(day):
		whole, _, _ := strings.Cut(day, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || len(whole) < len(day) && len(whole) != 10 {
			return time.Time{}, false
		}
		switch len(whole) {
		case 6:
			c.year, c.month, c.day = century(int(n/10000)), int(n/100%100), int(n%100)
		case 12, 14: // 200312311014, 20031231101455
			day, hms = whole[:8], whole[8:]+strings.TrimSpace(hms)
			n = int64(atoi(day))
			fallthrough
		case 8:
			c.year, c.month, c.day = int(n/10000), int(n/100%100), int(n%100)
		case 10, 13:
			if len(whole) == 13 {
				n /= 1000
			}
			t := time.Unix(n, 0).UTC()
			return t, hms == "" && t.Year() >= 1990 && t.Year() < 2100
		default:
			return time.Time{}, false
		}
	default:
		return time.Time{}, false
	}
	if hms != "" && !c.shortClock(hms) {
		return time.Time{}, false
	}
	return c.time()
}

// shortClock reads a time of day and its offset: "10", "1014", "10:14:55.5Z".
func (c *clock) shortClock(s string) bool {
	m := shortClock.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	c.hour, c.minute, c.second = atoi(m[1]), atoi(m[2]), atoi(m[3])
	c.nano = atoi((m[4] + "000000000")[:9])
	rest := strings.TrimSpace(s[len(m[0]):])
	var ok bool
	if c.offset, ok = offset(rest); !ok {
		c.offset, ok = zones[strings.ToLower(rest)]
	}
	return ok
}

// yearDay sets the n-th day of the year.
func (c *clock) yearDay(n int) bool {
	t := time.Date(c.year, 1, n, 0, 0, 0, 0, time.UTC)
	c.month, c.day = int(t.Month()), t.Day()
	return n > 0 && t.Year() == c.year
}

// week sets a day, 1 for Monday, of a week as ISO 8601 counts them.
func (c *clock) week(year, week, day int) bool {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in the first week
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	t := monday.AddDate(0, 0, 7*(week-1)+day-1)
	c.year, c.month, c.day = t.Year(), int(t.Month()), t.Day()
	y, w := t.ISOWeek()
	return y == year && w == week
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// century completes a year of two digits.
func century(y int) int {
	if y < 69 {
		return 2000 + y
	}
	return 1900 + y
}
