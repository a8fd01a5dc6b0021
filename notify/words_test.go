package notify_test

import (
	"testing"
	"time"

	"watcher/notify"
)

func TestWords(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	env := notify.Env{Zone: berlin}
	now := time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)
	for first, want := range map[time.Time]string{
		now.Add(-90 * time.Minute):    "2 publishers, 3 articles, first 07:00",
		now.Add(-8 * time.Hour):       "2 publishers, 3 articles, first 00:30", // of today, in Berlin
		now.Add(-9 * time.Hour):       "2 publishers, 3 articles, first Sat 23:30",
		now.Add(-20 * 24 * time.Hour): "2 publishers, 3 articles, first 2 Nov 08:30",
	} {
		m := notify.Sample(now)
		m.Story.FirstSeen = first
		if got := m.Facts(env); got != want {
			t.Errorf("%s: %q, want %q", first, got, want)
		}
	}
	for title, want := range map[string]string{
		"Talks go on":  "Talks · Talks go on (late)",
		"مذاکرات شد؟":  "Talks · \u2068مذاکرات شد؟\u2069 (late)",
		"שיחות במסקט!": "Talks · \u2068שיחות במסקט!\u2069 (late)",
	} {
		if got := (notify.Parts{Topic: "Talks", Title: title, Marks: "late"}).Headline(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
