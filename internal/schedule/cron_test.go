package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ text, after, want string }{
		{"*/10 * * * *", "2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z"},
		{"*/10 * * * *", "2026-03-01T12:03:04Z", "2026-03-01T12:10:00Z"},
		{"@every 30s", "2026-03-01T12:00:07Z", "2026-03-01T12:00:30Z"},
		{"@every 2s", "2026-03-01T12:00:07Z", "2026-03-01T12:00:08Z"},
		{"0 7 * * *", "2026-03-01T12:00:00Z", "2026-03-02T06:00:00Z"}, // 07:00 in Berlin
		{"CRON_TZ=Asia/Muscat 0 7 * * *", "2026-03-01T12:00:00Z", "2026-03-02T03:00:00Z"},
		{"30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"}, // 29 March has no 02:30
		{"@hourly", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},    // over the gap
	} {
		s, err := Parse(c.text, berlin)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := s.Next(at(c.after)); !got.Equal(at(c.want)) {
			t.Errorf("%q after %s: got %s, want %s", c.text, c.after, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "empty schedule",
		"* * * *":                "4 fields where five are due",
		"0 * * * * *":            "6 fields where five are due: minute hour day month weekday (seconds are not among them)",
		"@every 500ms":           "shortest interval",
		"@every 1500ms":          "whole seconds",
		"@every soon":            "no duration",
		"61 * * * *":             "61",
		"0 0 30 2 *":             "never comes",
		"@fortnightly":           "fortnightly",
		"CRON_TZ=Mars 0 7 * * *": "Mars",
	} {
		_, err := Parse(text, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", text, err, want)
		}
	}
}
