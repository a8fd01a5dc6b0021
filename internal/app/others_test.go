package app

import (
	"context"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/feedtest"
	"watcher/internal/store"
)

// TestOthersWrite: a daemon without a server sees within seconds what a verb
// wrote to its store, whatever it would look for by itself.
func TestOthersWrite(t *testing.T) {
	inWeek(t, time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC), func(t *testing.T, w *week) {
		w.serve("desk.example", "The Desk", "Nothing but weather")
		host := &asks{feed: feedtest.NewFeed("Park", feedtest.Policy{}, feedtest.Item("Nothing", time.Now()))}
		w.web.Handle("park.example", host)
		w.write("store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"0 * * * *\", adaptive: off, allow_private: true}\n" +
			"feeds:\n  - {id: desk, url: \"http://desk.example/feed\"}\nreceivers:\n  - {id: terminal, type: log}\n")
		w.start()
		time.Sleep(10*time.Minute + 100*time.Millisecond)
		began := time.Now()
		s, err := OpenStore(context.Background(), w.app.now.Load().Config, Write)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Update(context.Background(), func(tx store.Tx) error {
			return tx.SaveFeed(context.Background(), feeds.Feed{ID: "park", URL: "http://park.example/feed", Stored: true, Notify: true})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := host.since(began); len(got) != 1 {
			t.Errorf("the new feed was polled after %v, want once within 5 s", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
