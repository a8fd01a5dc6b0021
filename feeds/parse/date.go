package parse

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parseDate reads a date in any form that feeds use. It never guesses: a field
// out of its range, a word that nobody knows or a missing year give the zero
// time, and so does all that cannot be the date of a news item.
func parseDate(s string) time.Time {
	s = asciiDigits(strings.TrimSpace(s))
	if len(s) < 4 || len(s) > 100 {
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

// asciiDigits writes the digits of Arabic and Persian as those of English.
func asciiDigits(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= '٠' && r <= '۹' }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		return r
	}, s)
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
	if c.offset, ok = offset(strings.TrimSpace(s[i:])); !ok {
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
	if err != nil || err2 != nil || len(h) > 2 || len(m) > 2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	return sign * (hours*3600 + minutes*60), true
}

var (
	commentForm = regexp.MustCompile(`\([^()]*\)`)
	// A time of day, with seconds and a fraction where it has them.
	clockForm  = regexp.MustCompile(`(?:^|[^\d:])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?`)
	offsetForm = regexp.MustCompile(`^:?\s*(?:GMT|UTC|UT|Z)?\s*([+-]{1,2}\d{1,2}(?::?\d{2})?(?::?\d{2})?)(?:\D|$)`)
	ianaForm   = regexp.MustCompile(`\b(?:Etc|Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Canada)/[A-Za-z_]+(?:/[A-Za-z_]+)?(?:[+-]\d{1,2})?`)
	cjkForm    = regexp.MustCompile(`(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]`)
	cjkClock   = regexp.MustCompile(`(\d{1,2})\s*[时時시点]\s*(\d{1,2})\s*[分분](?:\s*(\d{1,2})\s*[秒초])?`)
	oldForm    = regexp.MustCompile(`^(?:-(\d\d)-?(\d\d)|(\d\d)-(\d{3}))$`)
	lastOffset = regexp.MustCompile(`\s([+-]\d{4})\s*$`)
	numberForm = regexp.MustCompile(`^\d+$`)
	wordForm   = regexp.MustCompile(`\d+|\pL[\pL\pM']*|[^\s]`)
)

// looseDate reads all other forms: it takes the time of day and the zone out,
// and makes sense of the numbers and the month that are left.
func looseDate(s string) (time.Time, bool) {
	if t, ok := compactDate(s); ok {
		return t, true
	}
	var c clock
	korean := strings.ContainsAny(s, "년월일") || strings.Contains(s, "오전") || strings.Contains(s, "오후")
	s = cjkForm.ReplaceAllString(s, "$1-$2-$3 ")
	s = cjkClock.ReplaceAllStringFunc(s, func(m string) string {
		p := cjkClock.FindStringSubmatch(m)
		if p[3] == "" {
			p[3] = "0"
		}
		return " " + p[1] + ":" + p[2] + ":" + p[3]
	})
	s = commentForm.ReplaceAllString(s, " ")
	zoned := false
	if m := ianaForm.FindStringIndex(s); m != nil {
		zone, err := time.LoadLocation(s[m[0]:m[1]])
		if err != nil {
			return time.Time{}, false
		}
		c.zone, zoned = zone, true
		s = s[:m[0]] + " " + s[m[1]:]
	}
	s, ok := c.clockOut(s, &zoned)
	if !ok {
		return time.Time{}, false
	}
	var rest dateWords
	if !rest.read(&c, s, &zoned) || !rest.date(&c) {
		return time.Time{}, false
	}
	switch rest.half {
	case 1, 2: // am, pm
		if c.hour < 1 || c.hour > 12 {
			if rest.half == 1 || c.hour > 23 || c.hour < 1 { // "15:04 PM" is seen, "00:30 am" too
				if c.hour != 0 {
					return time.Time{}, false
				}
			}
			break
		}
		c.hour = c.hour%12 + 12*(rest.half-1)
	}
	if korean && !zoned {
		c.offset = 9 * 3600
	}
	return c.time()
}

// compactDate reads forms without any separator: 20031231, 031231, 2003335,
// 20031231T101455Z, 2003-335, 2003-012-31T…, seconds since 1970.
func compactDate(s string) (time.Time, bool) {
	c := clock{month: 1, day: 1}
	day, clockPart, hasClock := strings.Cut(s, "T")
	if i := strings.IndexByte(s, 'T'); hasClock && (i < 4 || s[i-1] < '0' || s[i-1] > '9') {
		return time.Time{}, false
	}
	if y, rest, ok := strings.Cut(day, "-"); ok && len(y) == 4 && numberForm.MatchString(y) {
		if m, d, ok := strings.Cut(rest, "-"); ok && len(m) == 3 && m[0] == '0' && len(d) == 2 {
			return isoDate(y + "-" + m[1:] + "-" + d + s[len(day):])
		}
		if len(rest) == 3 && numberForm.MatchString(rest) {
			day = y + rest
		}
	} else if m := oldForm.FindStringSubmatch(day); m != nil {
		switch {
		case m[1] != "": // -0312, -03-12
			c.year, c.month = century(atoi(m[1])), atoi(m[2])
			return c.time()
		case m[3] != "": // 03-335
			day = m[3] + m[4]
		}
	}
	if !numberForm.MatchString(day) {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(day, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	ordinal := 0
	switch len(day) {
	case 14: // 20031231101455
		day, clockPart, hasClock, n = day[:8], day[8:], true, n/1e6
		fallthrough
	case 8:
		c.year, c.month, c.day = int(n/10000), int(n/100%100), int(n%100)
	case 7:
		c.year, ordinal = int(n/1000), int(n%1000)
	case 6:
		c.year, c.month, c.day = century(int(n/10000)), int(n/100%100), int(n%100)
	case 5:
		c.year, ordinal = century(int(n/1000)), int(n%1000)
	case 10, 13:
		if len(day) == 13 {
			n /= 1000
		}
		t := time.Unix(n, 0).UTC()
		return t, !hasClock && t.Year() >= 1990 && t.Year() < 2100
	default:
		return time.Time{}, false
	}
	if ordinal > 0 {
		t := time.Date(c.year, 1, ordinal, 0, 0, 0, 0, time.UTC)
		if t.Year() != c.year {
			return time.Time{}, false
		}
		c.month, c.day = int(t.Month()), t.Day()
	}
	if hasClock {
		digitsEnd := strings.IndexFunc(clockPart, func(r rune) bool { return r != ':' && (r < '0' || r > '9') })
		if digitsEnd < 0 {
			digitsEnd = len(clockPart)
		}
		hms := strings.ReplaceAll(clockPart[:digitsEnd], ":", "")
		if len(hms) != 4 && len(hms) != 6 {
			return time.Time{}, false
		}
		c.hour, _ = digits(hms, 0, 2)
		c.minute, _ = digits(hms, 2, 2)
		if len(hms) == 6 {
			c.second, _ = digits(hms, 4, 2)
		}
		var ok bool
		if c.offset, ok = offset(clockPart[digitsEnd:]); !ok {
			return time.Time{}, false
		}
	}
	return c.time()
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

// clockOut takes the time of day and an offset behind it out of a date.
func (c *clock) clockOut(s string, zoned *bool) (string, bool) {
	m := clockForm.FindStringSubmatchIndex(s)
	if m == nil {
		if strings.Contains(s, ":") && !strings.HasSuffix(strings.TrimSpace(s), ":") {
			return "", false // hours that are no numbers
		}
		return s, true
	}
	part := func(k int) int {
		if m[2*k] < 0 {
			return 0
		}
		n, _ := strconv.Atoi(s[m[2*k]:m[2*k+1]])
		return n
	}
	c.hour, c.minute, c.second = part(1), part(2), part(3)
	if m[8] >= 0 {
		frac := (s[m[8]:m[9]] + "000000000")[:9]
		c.nano, _ = strconv.Atoi(frac)
	}
	before, after := s[:m[2]], s[m[1]:]
	if o := offsetForm.FindStringSubmatchIndex(after); o != nil {
		var ok bool
		text := after[o[2]:o[3]]
		if strings.HasPrefix(text, "--") || strings.HasPrefix(text, "+-") || strings.HasPrefix(text, "-+") || strings.HasPrefix(text, "++") {
			text = text[1:]
		}
		if c.offset, ok = offset(text); !ok {
			return "", false
		}
		*zoned = true
		after = after[o[3]:]
	} else if strings.HasPrefix(after, ":00") { // "15:04:05:00"
		after = after[3:]
	}
	if o := lastOffset.FindStringSubmatchIndex(after); o != nil && !*zoned { // "15:04 02.01.2006 -0700"
		var ok bool
		if c.offset, ok = offset(after[o[2]:o[3]]); !ok {
			return "", false
		}
		*zoned = true
		after = after[:o[0]]
	}
	if strings.Contains(after, ":") {
		return "", false
	}
	return before + " " + after, true
}

// dateWords is what is left of a date without its time of day.
type dateWords struct {
	nums  []string
	seps  []byte // what stands before each number
	month int    // by name
	at    int    // numbers before the month's name
	half  int    // 1 am, 2 pm
}

func (d *dateWords) read(c *clock, s string, zoned *bool) bool {
	sep := byte(' ')
	tokens := wordForm.FindAllString(s, 40)
	for i, tok := range tokens {
		r := []rune(tok)[0]
		switch {
		case r >= '0' && r <= '9':
			if len(d.nums) == 3 {
				if tok == "00" { // "… 15:04:05 00"
					continue
				}
				return false
			}
			d.nums = append(d.nums, tok)
			d.seps = append(d.seps, sep)
			sep = ' '
		case unicode.IsLetter(r):
			if !d.word(c, strings.ToLower(tok), i, tokens, zoned) {
				return false
			}
		case tok == "/" || tok == "-" || tok == ".":
			sep = tok[0]
		case tok == "," || tok == "'" || tok == "º" || tok == "°" || tok == "|" || tok == "–" || tok == "@" || tok == "·":
		default:
			return false
		}
	}
	return true
}

func (d *dateWords) word(c *clock, w string, i int, tokens []string, zoned *bool) bool {
	if m, ok := monthNames[w]; ok && d.month == 0 && !(i == 0 && weekdayNames[w] && len(tokens) > 1 && (tokens[1] == "," || tokens[1] == ".")) {
		d.month, d.at = m, len(d.nums)
		return true
	}
	switch w {
	case "am", "오전", "上午", "午前":
		d.half = 1
		return true
	case "pm", "오후", "下午", "午後":
		d.half = 2
		return true
	case "a", "p": // a.m., p.m.
		if i+2 < len(tokens) && tokens[i+1] == "." && strings.EqualFold(tokens[i+2], "m") {
			d.half = 1 + strings.IndexByte("ap", w[0])
			return true
		}
	case "m":
		if d.half > 0 {
			return true
		}
	case "st", "nd", "rd", "th", "er", "t":
		return i > 0 && tokens[i-1][0] >= '0' && tokens[i-1][0] <= '9'
	}
	if weekdayNames[w] || fillers[w] {
		return true
	}
	if off, ok := zones[w]; ok {
		if !*zoned {
			c.offset += off
			*zoned = true
		}
		return true
	}
	if i == len(tokens)-1 && len(tokens) > 3 && len(w) >= 3 && len(w) <= 5 && tokens[i] == strings.ToUpper(tokens[i]) && !*zoned {
		return true // a zone nobody knows
	}
	// A weekday in a language that is not in the table: the first word, with a
	// comma or a full stop behind it, or a number.
	return i == 0 && len(tokens) > 1 && (tokens[1] == "," || tokens[1] == ".") && len(w) < 30
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
