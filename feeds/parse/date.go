package parse

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date in any form that feeds use. It never guesses: a field
// out of its range, a word that nobody knows or a missing year give the zero
// time, and so does all that cannot be the date of a news item.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(plainSigns(s))
	if len(s) < 3 || len(s) > 100 {
		return time.Time{}
	}
	t, ok := isoDate(s)
	if !ok {
		t, ok = mailDate(s)
	}
	if !ok {
		t, ok = looseDate(s)
	}
	if !ok || t.Year() < 1900 || t.Year() > 9998 {
		return time.Time{}
	}
	return t
}

// clock is the fields of a date as they are read.
type clock struct {
	year, month, day     int
	hour, minute, second int
	nano                 int
	offset               int // seconds east of UTC
	zone                 *time.Location
}

// time checks every field against its range: no 31 February comes out as
// March.
func (c clock) time() (time.Time, bool) {
	if c.month < 1 || c.month > 12 || c.day < 1 || c.hour < 0 || c.minute < 0 || c.second < 0 {
		return time.Time{}, false
	}
	if c.day > time.Date(c.year, time.Month(c.month)+1, 0, 0, 0, 0, 0, time.UTC).Day() || c.minute > 59 || c.second > 60 {
		return time.Time{}, false
	}
	if c.hour > 24 || c.hour == 24 && (c.minute > 0 || c.second > 0) || c.offset < -24*3600 || c.offset > 24*3600 {
		return time.Time{}, false
	}
	if c.second == 60 {
		c.second = 59
	}
	zone := c.zone
	if zone == nil {
		zone = time.UTC
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nano, zone)
	return t.Add(-time.Duration(c.offset) * time.Second).UTC(), true
}

// digits reads n digits at i.
func digits(s string, i, n int) (int, bool) {
	if i+n > len(s) {
		return 0, false
	}
	v := 0
	for _, c := range []byte(s[i : i+n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// isoDate reads the forms that begin with a year of four digits and a dash, in
// the spelling that nearly all of them have, without looking at anything twice.
func isoDate(s string) (time.Time, bool) {
	c := clock{month: 1, day: 1}
	var ok bool
	if c.year, ok = digits(s, 0, 4); !ok {
		return time.Time{}, false
	}
	if len(s) == 4 {
		return c.time()
	}
	if s[4] != '-' {
		return time.Time{}, false
	}
	if c.month, ok = digits(s, 5, 2); !ok {
		return time.Time{}, false
	}
	if len(s) == 7 {
		return c.time()
	}
	if s[7] != '-' {
		return time.Time{}, false
	}
	if c.day, ok = digits(s, 8, 2); !ok {
		return time.Time{}, false
	}
	if len(s) == 10 {
		return c.time()
	}
	if (s[10] == '+' || s[10] == '-') && len(s) == 16 && s[13] == ':' { // a day of XML Schema: 2026-11-20+01:00
		c.offset, ok = offset(s[10:])
		t, ok2 := c.time()
		return t, ok && ok2
	}
	if s[10] != 'T' && s[10] != 't' && s[10] != ' ' || len(s) < 16 || s[13] != ':' {
		return time.Time{}, false
	}
	c.hour, ok = digits(s, 11, 2)
	var ok2 bool
	c.minute, ok2 = digits(s, 14, 2)
	if !ok || !ok2 {
		return time.Time{}, false
	}
	i := 16
	if i < len(s) && s[i] == ':' {
		if c.second, ok = digits(s, 17, 2); !ok {
			return time.Time{}, false
		}
		i = 19
		if i < len(s) && (s[i] == '.' || s[i] == ',') {
			i++
			for scale := int(1e8); i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
				c.nano += int(s[i]-'0') * scale
				scale /= 10
			}
		}
	}
	rest := s[i:]
	if strings.HasSuffix(rest, "]") { // Java's 2026-11-20T08:15:00+01:00[Europe/Oslo]
		rest, _, _ = strings.Cut(rest, "[")
	}
	if c.offset, ok = offset(strings.TrimSpace(rest)); !ok {
		return time.Time{}, false
	}
	return c.time()
}

// mailDate reads the form of RFC 822 in the spelling that most feeds have:
// "Mon, 23 Nov 2026 08:15:00 +0100".
func mailDate(s string) (time.Time, bool) {
	if i := strings.IndexByte(s, ','); i == 3 {
		s = strings.TrimLeft(s[4:], " ")
	}
	var c clock
	ok := false
	n := 2
	if len(s) > 1 && s[1] == ' ' {
		n = 1
	}
	if c.day, ok = digits(s, 0, n); !ok || len(s) < n+15 || s[n] != ' ' || s[n+4] != ' ' || s[n+9] != ' ' {
		return time.Time{}, false
	}
	if c.month = strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(s[n+1:n+4])); c.month < 0 || c.month%3 != 0 {
		return time.Time{}, false
	}
	c.month = c.month/3 + 1
	if c.year, ok = digits(s, n+5, 4); !ok {
		return time.Time{}, false
	}
	s = s[n+10:]
	hour, ok1 := digits(s, 0, 2)
	minute, ok2 := digits(s, 3, 2)
	if !ok1 || !ok2 || s[2] != ':' {
		return time.Time{}, false
	}
	c.hour, c.minute = hour, minute
	s = s[5:]
	if len(s) > 2 && s[0] == ':' {
		if c.second, ok = digits(s, 1, 2); !ok {
			return time.Time{}, false
		}
		s = s[3:]
	}
	if s = strings.TrimLeft(s, " "); s == "GMT" || s == "UTC" {
		return c.time()
	}
	if c.offset, ok = offset(s); !ok {
		if c.offset, ok = zones[strings.ToLower(s)]; !ok {
			return time.Time{}, false
		}
	}
	return c.time()
}

// offset reads "", "Z", "+02:00", "-0700", "+2", "+5:30".
func offset(s string) (int, bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
	}
	sign := 1
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	s = strings.TrimLeft(s, "+-")
	h, m, colon := strings.Cut(s, ":")
	if !colon {
		switch len(s) {
		case 3, 4:
			h, m = s[:len(s)-2], s[len(s)-2:]
		case 6: // +020000
			h, m = s[:2], s[2:4]
		default:
			m = "0"
		}
	} else if m2, _, seconds := strings.Cut(m, ":"); seconds { // +02:00:00
		m = m2
	}
	hours, err := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if err != nil || err2 != nil || len(h) > 2 || len(m) > 2 || hours*60+minutes > 24*60 || minutes > 59 {
		return 0, false
	}
	return sign * (hours*3600 + minutes*60), true
}

// date makes a day of the numbers and the month.
func (d *dateWords) date(c *clock) bool {
	var v [3]int
	for i, n := range d.nums {
		if len(n) > 4 {
			return false
		}
		v[i], _ = strconv.Atoi(n)
	}
	if d.month > 0 {
		if len(d.nums) == 1 && len(d.nums[0]) == 4 { // "November 2026", as 2026-11 is
			c.year, c.month, c.day = v[0], d.month, 1
			return true
		}
		if len(d.nums) != 2 {
			return false
		}
		c.month = d.month
		switch {
		case len(d.nums[0]) == 4:
			c.year, c.day = v[0], v[1]
		case len(d.nums[1]) == 4:
			c.day, c.year = v[0], v[1]
		case len(d.nums[1]) == 2 && len(d.nums[0]) <= 2:
			c.day, c.year = v[0], century(v[1])
		default:
			return false
		}
		return true
	}
	if len(d.nums) != 3 {
		return false
	}
	switch {
	case len(d.nums[0]) == 4 && len(d.nums[1]) <= 2 && len(d.nums[2]) <= 2:
		c.year, c.month, c.day = v[0], v[1], v[2]
		return true
	case len(d.nums[0]) > 2 || len(d.nums[1]) > 2 || len(d.nums[2]) != 4 && len(d.nums[2]) != 2:
		return false
	}
	c.year = v[2]
	if len(d.nums[2]) == 2 {
		c.year = century(v[2])
	}
	c.day, c.month = v[0], v[1]
	if d.seps[1] == '-' && len(d.nums[2]) == 2 && v[1] >= 1 && v[1] <= 12 && v[2] >= 1 && v[2] <= 31 { // 03-12-31
		c.year, c.day = century(v[0]), v[2]
		return true
	}
	american := d.seps[1] == '/' && d.half > 0 // 1/2/2006 3:04 PM
	if c.month > 12 || american && v[0] <= 12 {
		c.day, c.month = v[1], v[0]
	}
	return true
}
