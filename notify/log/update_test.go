package log

import (
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

// TestUpdateTellsWhatIsNew: the story's headline is known, that of the article
// which brought it on is not.
func TestUpdateTellsWhatIsNew(t *testing.T) {
	for _, m := range notify.Samples(notifytest.Now) {
		if m.Type != notify.StoryUpdated {
			continue
		}
		m.Test = false
		m.Articles = append([]notify.Article{{Title: "Envoys sign in Muscat"}}, m.Articles...)
		if got, want := Line(m), "story.updated sample-topic Envoys meet in Muscat; talks to go on tomorrow · Envoys sign in Muscat (2 publishers)"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		m.Type = notify.StoryNew
		if got, want := Line(m), "story.new sample-topic Envoys meet in Muscat; talks to go on tomorrow (2 publishers)"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		return
	}
	t.Fatal("no sample of an update")
}
