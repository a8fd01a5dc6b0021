package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/internal/feedtest"
	"watcher/internal/store"
	"watcher/notify"
)

// TestStoryEvents: a story that was told and has had nothing new for a day is
// said to have gone quiet, once, to who was told of it and asks for that; one
// that grows may go quiet again; a merge by hand is told where it is asked for.
// Both say which story they are about.
func TestStoryEvents(t *testing.T) {
	inWeek(t, time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		desk := w.serve("desk.example", "The Desk", "Nothing but weather")
		slow := w.serve("slow.example", "The Slow", "Nothing but tides")
		w.write(`store: sqlite:./w.db
server: {listen: ""}
polling: {schedule: "*/30 * * * *", adaptive: off, allow_private: true}
feeds:
  - {id: desk, url: "http://desk.example/feed"}
  - {id: slow, url: "http://slow.example/feed"}
topics:
  - {id: oman, name: Oman, match: oman AND talks}
  - {id: sport, match: football OR camel}
receivers:
  - {id: terminal, type: log}
  - {id: sports, type: log}
routes:
  - {topics: [oman], to: [terminal], continue: true}
  - {topics: [sport], to: [sports], continue: true}
  - {events: ["story.*"], to: [terminal, sports]}
`)
		w.start()
		time.Sleep(time.Hour)
		desk.Add(feedtest.Item(headlines[0], time.Now())) // to the terminal
		desk.Add(feedtest.Item(headlines[4], time.Now())) // to both
		time.Sleep(23 * time.Hour)
		if told := w.told.String(); strings.Contains(told, "story.quiet") {
			t.Errorf("quiet too early:\n%s", told)
		}
		time.Sleep(3 * time.Hour)
		want := []string{"sports Camel breeders", "terminal Camel breeders", "terminal Oman lends"}
		if got := w.events(notify.StoryQuiet); !slices.Equal(got, want) {
			t.Errorf("went quiet: %q, want %q", got, want)
		}
		w.stop()
		w.start()
		if err := w.app.quietStories(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := w.events(notify.StoryQuiet); !slices.Equal(got, want) {
			t.Errorf("said again: %q", got)
		}
		slow.Add(feedtest.Item(headlines[0], time.Now().Add(-30*time.Hour))) // a day after it was written
		time.Sleep(23 * time.Hour)
		if got := w.events(notify.StoryQuiet); !slices.Equal(got, want) {
			t.Errorf("quiet too early after a late article: %q", got)
		}
		time.Sleep(3 * time.Hour)
		if got := w.events(notify.StoryQuiet); len(got) != 4 {
			t.Errorf("after it grew: %q", got)
		}
		if !strings.Contains(w.told.String(), "story.quiet oman Oman lends frankincense jars") {
			t.Errorf("told:\n%s", w.told.String())
		}

		var ids []string
		if err := w.app.store.View(t.Context(), func(r store.Reader) error {
			ss, err := r.Stories(t.Context(), store.StoryFilter{})
			for _, s := range ss {
				ids = append(ids, s.ID)
			}
			return err
		}); err != nil || len(ids) != 2 {
			t.Fatalf("stories %q: %v", ids, err)
		}
		if err := w.app.actions(w.app.now.Load(), nil).MergeStories(t.Context(), ids[0], ids[1]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := w.events(notify.StoryCorrected); len(got) != 2 {
			t.Errorf("corrected: %q", got)
		}
	})
}

// events lists the deliveries of one type that were taken: receiver and first
// words of the title of the story that they name.
func (w *week) events(typ notify.Type) (out []string) {
	w.t.Helper()
	err := w.app.store.View(context.Background(), func(r store.Reader) error {
		ds, err := r.Deliveries(context.Background(), store.DeliveryFilter{Types: []notify.Type{typ}})
		for _, d := range ds {
			if d.State != notify.Delivered {
				w.t.Errorf("%s to %s is %s: %s %s", d.Subject, d.Receiver, d.State, d.Note, d.LastError)
				continue
			}
			s, err := r.Story(context.Background(), d.Event.Subject)
			if err != nil || !strings.Contains(string(d.Payload), fmt.Sprintf(`"story":{"id":%q`, s.ID)) {
				w.t.Errorf("%s says not which story it is about: %v\n%s", d.ID, err, d.Payload)
			}
			out = append(out, d.Receiver+" "+strings.Join(strings.Fields(s.Title)[:2], " "))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
