package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/internal/web/auth"
)

type silencesPage struct {
	Rows    []silenceLine
	Ended   bool
	Topics  []topic
	New     silenceForm
	Lengths []string
	Failed  string
}

type silenceForm struct{ Topics, Feeds, Pubs, Receivers, Story, Text, For, Reason string }

type silenceLine struct {
	ID                   int64
	What, Reason, Author string
	Story                subject
	Until                moment
	Over                 bool
}

// silences lists them, with a form that a link may have filled in part.
func (s *site) silences(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.silencesPage(w, r, silenceForm{Topics: q.Get("topic"), Feeds: q.Get("feed"), Story: q.Get("story"), For: "4h"}, "")
}

func (s *site) silencesPage(w http.ResponseWriter, r *http.Request, form silenceForm, failed string) error {
	p := silencesPage{Ended: r.URL.Query().Get("ended") == "1", Topics: s.Topics, New: form, Failed: failed, Lengths: []string{"1h", "4h", "12h", "1d", "3d", "7d", "30d"}}
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		list, err := rd.Silences(ctx, s.Now(), p.Ended)
		for _, x := range list[:min(len(list), 100)] {
			line := silenceLine{ID: x.ID, What: whatSilent(x), Reason: feeds.OneLine(x.Reason), Author: cmp.Or(x.Author, "local"), Until: s.moment(x.Until), Over: !x.Ended.IsZero() || !x.Until.After(s.Now())}
			if x.Story != "" {
				var bad error
				if line.Story, _, bad = storySubject(ctx, rd, x.Story); bad != nil {
					return bad
				}
			}
			p.Rows = append(p.Rows, line)
		}
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if failed != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.draw(w, r, status, page{Title: "Silences", Nav: "/silences"}, "silences", p)
}

// whatSilent says what a silence meets.
func whatSilent(x store.Silence) string {
	var parts []string
	for _, m := range []struct {
		word string
		of   []string
	}{{"topic", x.Topics}, {"feed", x.Feeds}, {"publisher", x.Pubs}, {"to", x.Receivers}} {
		if len(m.of) > 0 {
			parts = append(parts, m.word+" "+strings.Join(m.of, ", "))
		}
	}
	if x.Story != "" {
		parts = append(parts, "story "+x.Story)
	}
	if x.Text != "" {
		parts = append(parts, "“"+feeds.OneLine(x.Text)+"” in the title")
	}
	return strings.Join(parts, " · ")
}

func (s *site) addSilence(w http.ResponseWriter, r *http.Request) error {
	f := silenceForm{}
	for name, into := range map[string]*string{"topics": &f.Topics, "feeds": &f.Feeds, "publishers": &f.Pubs, "receivers": &f.Receivers, "story": &f.Story, "text": &f.Text, "for": &f.For, "reason": &f.Reason} {
		*into = strings.TrimSpace(r.PostFormValue(name))
	}
	wish, err := api.NewSilence{Topics: words(f.Topics), Feeds: words(f.Feeds), Pubs: words(f.Pubs), Receivers: words(f.Receivers), Story: f.Story, Text: f.Text, For: f.For, Reason: f.Reason}.Silence(s.Now().UTC())
	if err == nil {
		wish.Author = auth.User(r.Context())
		_, err = s.Actions.AddSilence(r.Context(), wish)
	}
	if err != nil {
		return s.silencesPage(w, r, f, sentence(api.Message(err)))
	}
	return back(w, r, "/silences", "silenced")
}

// words cuts a list at commas and blanks.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}
