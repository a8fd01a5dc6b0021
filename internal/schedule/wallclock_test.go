package schedule

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestInstantOnDaysOfClockChanges(t *testing.T) {
	for _, c := range []struct{ name, zone, wall, want string }{
		{"plain", "Europe/Berlin", "2026-02-07 07:00", "2026-02-07T06:00:00Z"},
		{"skipped", "Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:00:00Z"},
		{"start of the gap", "Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00Z"},
		{"end of the gap", "Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
		{"after the gap", "Europe/Berlin", "2026-03-29 07:00", "2026-03-29T05:00:00Z"},
		{"twice", "Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"},
		{"after twice", "Europe/Berlin", "2026-10-25 07:00", "2026-10-25T06:00:00Z"},
		{"skipped, west", "America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z"},
		{"twice, west", "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"},
		{"half an hour", "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"},
		{"half an hour, twice", "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"},
		{"gap at midnight", "America/Santiago", "2026-09-06 00:30", "2026-09-06T04:00:00Z"},
		{"no summer time", "Asia/Tehran", "2026-03-22 00:30", "2026-03-21T21:00:00Z"},
		{"a day that never was", "Pacific/Apia", "2011-12-30 07:00", "2011-12-30T10:00:00Z"},
	} {
		w, err := time.Parse("2006-01-02 15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		got := Instant(zone(t, c.zone), w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute())
		if s := got.UTC().Format(time.RFC3339); s != c.want {
			t.Errorf("%s: %s in %s = %s, want %s", c.name, c.wall, c.zone, s, c.want)
		}
	}
}

// Every day has one instant: no gap, no double, in zones of all kinds.
func TestDailyOnceADay(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "UTC"} {
		for _, at := range []string{"00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "07:00", "23:59"} {
			d, err := ParseDaily(at, nil, zone(t, name))
			if err != nil {
				t.Fatal(err)
			}
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, d.Zone)
			day := now.AddDate(0, 0, -1)
			for i := range 366 {
				next := d.Next(now)
				if i == 0 {
					day = next
				}
				want := time.Date(day.Year(), day.Month(), day.Day()+i, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
				if got := d.Date(next); got != want {
					t.Fatalf("%s %s: after %s comes %s, of %s, want %s", name, at, now, next, got, want)
				}
				if last := d.Last(next); !last.Equal(next) {
					t.Fatalf("%s %s: Last(%s) = %s", name, at, next, last)
				}
				if last := d.Last(next.Add(time.Hour)); !last.Equal(next) {
					t.Fatalf("%s %s: Last(%s + 1h) = %s", name, at, next, last)
				}
				now = next
			}
		}
	}
}

func TestDailyKeepsToItsDays(t *testing.T) {
	d, err := ParseDaily("06:30", []string{"Mon", "friday"}, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 2, 7, 12, 0, 0, 0, time.UTC) // a Saturday
	for _, want := range []string{"Mon 9", "Fri 13", "Mon 16"} {
		at = d.Next(at)
		if got := at.Format("Mon 2"); got != want {
			t.Errorf("next is %s, want %s", got, want)
		}
	}
	if got := d.Last(time.Date(2026, 2, 8, 0, 0, 0, 0, time.UTC)).Format("Mon 2 15:04"); got != "Fri 6 06:30" {
		t.Errorf("last is %s", got)
	}
}

func TestDailyRefuses(t *testing.T) {
	for _, at := range []string{"", "7", "24:00", "07:60", "7am"} {
		if _, err := ParseDaily(at, nil, nil); err == nil {
			t.Errorf("%q was taken", at)
		}
	}
	if _, err := ParseDaily("07:00", []string{"mo"}, nil); err == nil {
		t.Error("day mo was taken")
	}
}
