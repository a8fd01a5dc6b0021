package parse

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

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
		clockPart, hasClock, n = day[8:], true, n/1e6
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
	} else { // "15:04:05:00"
		after = strings.TrimPrefix(after, ":00")
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
