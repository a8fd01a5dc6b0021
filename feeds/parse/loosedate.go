package parse

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// plainSigns writes digits of other scripts, blanks that do not break and the
// sign of minus as ASCII has them.
func plainSigns(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		for _, zero := range "٠۰०০０" {
			if r >= zero && r <= zero+9 {
				return r - zero + '0'
			}
		}
		switch {
		case r == '−':
			return '-'
		case r == '：':
			return ':'
		case r == '،', r == '，':
			return ','
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200e', r == '\u200f', r == '\ufeff':
			return -1 // marks of direction
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
	lastOffset = regexp.MustCompile(`\s([+-]\d{4})\s*$`)
	// "10h30", "10 h 30"; "klo 9.05", "um 9.05", and behind a year "9.05" too.
	hourForm   = regexp.MustCompile(`(?i)\b(\d{1,2})\s?h\s?(\d{2})?\b`)
	dottedForm = regexp.MustCompile(`(?i)((?:^|\s)(?:kl|klo|um|at|à|ore|alle|\S*\d{4},?)\.?\s+)(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(\s|$)`)
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
	if !strings.Contains(s, ":") {
		s = strings.Replace(hourForm.ReplaceAllString(s, "$1:$2 "), ": ", ":00 ", 1)
		s = strings.Replace(dottedForm.ReplaceAllString(s, "$1$2:$3:$4 $5"), ": ", ":00 ", 1)
	}
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
	if strings.HasSuffix(before, "T-") {
		return "", false
	}
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
	off, ok := zones[w]
	last := i == len(tokens)-1 && len(tokens) > 3 && tokens[i] == strings.ToUpper(tokens[i])
	if last && !ok {
		off, ok = lastZones[w]
	}
	switch {
	case ok && i > 0: // "PT" is a zone at the end and a weekday at the start
		if !*zoned {
			c.offset += off
			*zoned = true
		}
		return true
	case weekdayNames[w] || fillers[w]:
		return true
	}
	if last && len(w) >= 3 && len(w) <= 5 && !*zoned {
		return true // a zone nobody knows
	}
	// A weekday in a language that is not in the table: the first word, with a
	// comma or a full stop behind it, or a number.
	return i == 0 && len(tokens) > 1 && (tokens[1] == "," || tokens[1] == ".") && len(w) < 30
}
