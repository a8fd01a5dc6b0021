package app

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watcher/internal/digest"
	"watcher/internal/feedtest"
	"watcher/internal/store"
	"watcher/notify"
)

// TestNothingIsDroppedInSilence plays a night in which one receiver's stories
// wait for the morning and another's go into the digest, an hour over its
// budget, a silence and a muted story: each has a row that says why, a metric,
// and the next message, or the digest, says what was held.
func TestNothingIsDroppedInSilence(t *testing.T) {
	inWeek(t, time.Date(2026, 11, 2, 18, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		desk := w.serve("desk.example", "The Desk", "Nothing but weather")
		w.write(`store: sqlite:./w.db
server: {listen: ""}
polling: {schedule: "*/10 * * * *", adaptive: off, allow_private: true}
feeds:
  - {id: desk, url: "http://desk.example/feed"}
topics:
  - {id: oman, match: oman AND talks}
receivers:
  - {id: holds, type: log}
  - {id: gives, type: log}
  - {id: busy, type: log, max_per_hour: 1}
quiet_hours:
  - {receivers: [holds], from: "22:00", to: "06:00"}
  - {receivers: [gives], from: "22:00", to: "06:00", then: digest}
digests:
  - {id: morning, at: "07:00", to: [holds]}
`)
		w.start()
		actions := w.app.actions(w.app.now.Load(), nil)
		sleepUntil(time.Date(2026, 11, 3, 1, 0, 0, 0, time.UTC)) // of the night
		desk.Add(feedtest.Item(headlines[0], time.Now()))
		time.Sleep(20 * time.Minute)
		desk.Add(feedtest.Item(headlines[3], time.Now())) // over the budget of busy
		sleepUntil(time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC))

		rows := w.rows()
		for key, want := range map[string]string{
			"holds " + headlines[0]: "superseded: told in msg_ (quiet hours until 06:00)",
			"holds " + headlines[3]: "superseded: told in msg_ (quiet hours until 06:00)",
			"gives " + headlines[0]: "expired: quiet hours until 06:00: goes into the digest",
			"busy " + headlines[0]:  "delivered:",
			"busy " + headlines[3]:  "delivered:",
		} {
			if got := rows[key]; !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		for _, want := range []string{"06:00 story.rollup 2 stories during quiet hours, since 01:00: ",
			"02:00 story.new oman " + headlines[3] + " (1 publisher) [held: budget of 1 an hour]"} {
			if !strings.Contains(w.told.String(), want) {
				t.Errorf("nobody was told %q:\n%s", want, w.told.String())
			}
		}
		issue := w.issue("morning")
		if n := len(issue.Single); n != 2 {
			t.Errorf("%d stories of one source in the digest", n)
		}
		for _, s := range issue.Single {
			if !s.Late {
				t.Errorf("the digest says not that %q comes late", s.Title)
			}
		}
		if n := issue.Coverage.Held["expired"]; n != 2 {
			t.Errorf("the digest counts %v held", issue.Coverage.Held)
		}

		id, err := actions.AddSilence(t.Context(), store.Silence{Receivers: []string{"holds"}, Until: time.Now().Add(3 * time.Hour), Author: "ana", Reason: "summit live blog"})
		if err != nil || id == 0 {
			t.Fatal(err)
		}
		desk.Add(feedtest.Item(headlines[4], time.Now()))
		time.Sleep(15 * time.Minute)
		if got := w.rows()["holds "+headlines[4]]; !strings.HasPrefix(got, "held: silence 1 until 11:00: summit live blog") {
			t.Errorf("in a silence: %q", got)
		}
		time.Sleep(3 * time.Hour)
		if want := "11:00 story.rollup held 1 story since 08:00 (reason: summit live blog): " + headlines[4]; !strings.Contains(w.told.String(), want) {
			t.Errorf("nobody was told %q:\n%s", want, w.told.String())
		}

		rec := httptest.NewRecorder()
		w.app.Metrics.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		for _, want := range []string{`watcher_suppressed_total{reason="quiet hours",receiver="holds"} 2`, `watcher_suppressed_total{reason="quiet hours",receiver="gives"} 2`,
			`watcher_suppressed_total{reason="budget",receiver="busy"} 1`, `watcher_suppressed_total{reason="silence",receiver="holds"} 1`} {
			if !strings.Contains(rec.Body.String(), want) {
				t.Errorf("no %s", want)
			}
		}
	})
}

// rows gives what became of each story's delivery, by receiver and title.
func (w *week) rows() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := w.app.store.View(context.Background(), func(r store.Reader) error {
		ds, err := r.Deliveries(context.Background(), store.DeliveryFilter{Types: []notify.Type{notify.StoryNew}})
		for _, d := range ds {
			s, err := r.Story(context.Background(), d.Subject)
			if err != nil {
				return err
			}
			note := d.Note
			if i := strings.Index(note, "msg_"); i >= 0 {
				note = note[:i+4] + note[strings.IndexByte(note[i:], ' ')+i:]
			}
			out[d.Receiver+" "+s.Title] = string(d.State) + ": " + note
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// issue is the newest issue of a digest.
func (w *week) issue(id string) digest.Document {
	w.t.Helper()
	var doc digest.Document
	err := w.app.store.View(context.Background(), func(r store.Reader) error {
		all, err := r.Digests(context.Background(), id, "", 1)
		if err != nil || len(all) == 0 {
			return err
		}
		d, err := r.Digest(context.Background(), id, all[0].Date)
		if err == nil {
			doc, err = digest.Decode(d.Document)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return doc
}
