package digest

import (
	"testing"
	"time"

	"watcher/internal/schedule"
	"watcher/internal/store"
)

func ids() func() string {
	n := 0
	return func() string { n++; return "msg_" + string(rune('0'+n)) }
}

// A year of days, both clock changes among them, some slept through: windows
// touch, no date comes twice.
func TestWindowsTouchOverAYear(t *testing.T) {
	for _, clock := range []schedule.Daily{{Hour: 7}, {Hour: 2, Minute: 30}, {Hour: 0}, {Hour: 7, Days: [7]bool{1: true, 3: true, 5: true}}} {
		clock.Zone = berlin(t)
		def := definition(t)
		def.At = clock
		f := &fake{}
		f.add("st_x", []string{"strait-talks"}, 0, line{time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), "tide", "Long before", ""})
		newID := ids()
		now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
		for i := 0; now.Year() < 2027; i++ {
			_, next, err := Run(t.Context(), fakeStore{fake: f}, def, now, newID)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err = Run(t.Context(), fakeStore{fake: f}, def, now, newID); err != nil {
				t.Fatal(err)
			}
			now = next
			switch i % 9 {
			case 4:
				now = now.Add(3 * time.Hour) // late, within catch_up
			case 7:
				now = now.Add(9 * time.Hour) // too late
			}
		}
		dates := map[string]bool{}
		for i, d := range f.digests {
			if dates[d.Date] {
				t.Errorf("%s came twice", d.Date)
			}
			dates[d.Date] = true
			if i > 0 && !d.From.Equal(f.digests[i-1].To) {
				t.Errorf("%s begins at %s, the issue before ended at %s", d.Date, d.From, f.digests[i-1].To)
			}
		}
		if n := len(f.digests); n < 130 || len(f.deliveries) != 2*n {
			t.Errorf("%02d:%02d: %d issues, %d deliveries", clock.Hour, clock.Minute, n, len(f.deliveries))
		}
	}
}

func TestCatchUp(t *testing.T) {
	def := definition(t)
	def.CatchUp = 2 * time.Hour
	old := store.Digest{ID: "morning", Date: "2026-02-05", From: at(-42, 0), To: at(-18, 0)}
	for _, c := range []struct {
		name string
		now  time.Time
		due  bool
		from time.Time
	}{
		{"on time", at(6, 0), true, at(-18, 0)},
		{"an hour late", at(7, 0), true, at(-18, 0)},
		{"too late", at(8, 1), false, time.Time{}},
		{"the day after holds both", at(30, 0), true, at(-18, 0)},
	} {
		f := &fake{digests: []store.Digest{old}}
		slot, due, next, err := Due(t.Context(), f, def, c.now)
		if err != nil || due != c.due || due && !slot.From.Equal(c.from) {
			t.Errorf("%s: due %v from %s (%v), want %v from %s", c.name, due, slot.From, err, c.due, c.from)
		}
		if !next.After(c.now) {
			t.Errorf("%s: next %s is not after %s", c.name, next, c.now)
		}
	}
}

// A daemon that starts for the first time at noon missed nothing; one that had
// gathered news before seven did.
func TestFirstIssue(t *testing.T) {
	f := &fake{}
	if _, due, _, _ := Due(t.Context(), f, definition(t), at(9, 0)); due {
		t.Error("an empty store is due at once")
	}
	f.add("st_a", nil, 0, line{at(9, 0), "beacon", "First poll, after seven", ""})
	if _, due, _, _ := Due(t.Context(), f, definition(t), at(9, 0)); due {
		t.Error("due though nothing was gathered before seven")
	}
	f.items[0].FirstSeen = at(5, 0)
	if _, due, _, _ := Due(t.Context(), f, definition(t), at(9, 0)); !due {
		t.Error("not due though news had been gathered by seven")
	}
}

func TestResend(t *testing.T) {
	f := day()
	newID := ids()
	def := definition(t)
	f.deliveries = nil
	made, _, err := Run(t.Context(), fakeStore{fake: f}, def, at(30, 0), newID)
	if err != nil || !made || len(f.deliveries) != 2 {
		t.Fatalf("made %v, %d deliveries, %v", made, len(f.deliveries), err)
	}
	n, err := Resend(t.Context(), f, def, "2026-02-07", []string{"mail"}, at(31, 0), newID)
	if err != nil || n != 1 || f.deliveries[2].Sequence != 2 || f.deliveries[2].Receiver != "mail" {
		t.Errorf("resent %d, %v: %+v", n, err, f.deliveries)
	}
}
