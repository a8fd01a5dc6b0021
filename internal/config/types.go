package config

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time: Go's units and d, w and y (365 days).
type Duration time.Duration

// Days is a duration of n days of 24 hours.
func Days(n int) Duration { return Duration(time.Duration(n) * 24 * time.Hour) }

// D is the duration as the standard library has it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes whole days as such.
func (d Duration) String() string {
	day := Days(1)
	if d != 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// ParseDuration reads 90s, 15m, 1h30m, 180d, 2w, 2y; never negative.
func ParseDuration(s string) (Duration, error) {
	bad := fmt.Errorf("%q is no duration: write 90s, 15m, 1h30m, 180d or 2y", s)
	if s == "0" {
		return 0, nil
	}
	for unit, hours := range map[string]float64{"d": 24, "w": 168, "y": 8760} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			f, err := strconv.ParseFloat(n, 64)
			if err != nil || !(f >= 0) || f*hours > math.MaxInt64/float64(time.Hour)/2 {
				return 0, bad
			}
			return Duration(f * hours * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, bad
	}
	return Duration(d), nil
}

// Adaptive is the bounds of the adaptive gap between two polls, or off.
type Adaptive struct {
	Off bool     `yaml:"-"`
	Min Duration `yaml:"min" doc:"polled not more often"`
	Max Duration `yaml:"max" doc:"polled at least so often"`
}

// UpdateWhen says which growth of a story is told.
type UpdateWhen struct {
	Publishers  []int `yaml:"publishers" doc:"told when the story reaches so many; without update_when 3, 6 and 12"`
	NewKind     bool  `yaml:"new_kind" doc:"told when a new kind of publisher joins; without update_when it is"`
	TitleChange bool  `yaml:"title_change" doc:"told when the headline changed its meaning"`
}

// Rate is "N/unit": so many in a unit of time. Zero: no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// String writes the rate as it is read.
func (r Rate) String() string {
	if r.N == 0 {
		return ""
	}
	unit := map[time.Duration]string{time.Minute: "m", time.Hour: "h", 24 * time.Hour: "d"}[r.Per]
	return fmt.Sprintf("%d/%s", r.N, unit)
}

func parseRate(s string) (Rate, error) {
	n, unit, _ := strings.Cut(s, "/")
	per := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[strings.TrimSpace(unit)]
	i, err := strconv.Atoi(strings.TrimSpace(n))
	if err != nil || i < 1 || per == 0 {
		return Rate{}, fmt.Errorf("%q is no rate: write 1/d, 4/h or 1/m", s)
	}
	return Rate{i, per}, nil
}

// Clock reads "HH:MM" as minutes after midnight.
func Clock(s string) (minutes int, err error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf(`%q is no time of day: write "07:00", in quotes`, s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// Weekdays reads mon … sun; none are all.
func Weekdays(days []string) ([]time.Weekday, error) {
	if len(days) == 0 {
		return []time.Weekday{0, 1, 2, 3, 4, 5, 6}, nil
	}
	var out []time.Weekday
	for _, d := range days {
		i := strings.Index("sun mon tue wed thu fri sat", strings.ToLower(d))
		if len(d) != 3 || i < 0 || i%4 != 0 {
			return nil, fmt.Errorf("%q is no day: mon, tue, wed, thu, fri, sat or sun", d)
		}
		out = append(out, time.Weekday(i/4))
	}
	return out, nil
}

// Redact cuts user, password and query out of an address, for logs.
func Redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "***"
	}
	if u.User != nil {
		u.User = url.User("***")
	}
	if u.RawQuery != "" {
		u.RawQuery = "***"
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", "***")
}
