package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/internal/web/auth"
)

// actionRoutes are the forms of the pages. Each ends in a redirect, so that
// going back or reloading acts no second time.
func (s *site) actionRoutes(page func(pattern string, h func(w http.ResponseWriter, r *http.Request) error)) {
	page("POST /marks", s.mark)
	page("POST /silences", s.addSilence)
	page("POST /feeds", s.addFeed)
	act := func(pattern, to, word string, do func(r *http.Request, id string) error) {
		page("POST "+pattern, func(w http.ResponseWriter, r *http.Request) error {
			id := r.PathValue("id")
			if err := do(r, id); err != nil {
				return err
			}
			return back(w, r, strings.ReplaceAll(to, "{id}", url.PathEscape(id)), word)
		})
	}
	a := s.Actions
	page("POST /stories/{id}/mute", s.mute)
	page("POST /stories/{id}/split", s.split)
	act("/stories/{id}/merge", "/stories/{id}", "merged", func(r *http.Request, id string) error {
		from := strings.TrimSpace(r.PostFormValue("from"))
		return a.MergeStories(r.Context(), id, from[strings.LastIndex(from, "/")+1:])
	})
	page("POST /stories/{id}/note", func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		err := a.Mark(r.Context(), store.Mark{Story: id, Kind: store.Note, Text: r.PostFormValue("text"), By: auth.User(r.Context()), At: s.Now().UTC(), Where: r.PostFormValue("where")})
		if err != nil {
			return err
		}
		return back(w, r, cameFrom(r, id), "noted")
	})
	act("/feeds/{id}/poll", "/feeds/{id}", "polled", func(r *http.Request, id string) error { return a.PollFeed(r.Context(), id) })
	act("/feeds/{id}/pause", "/feeds/{id}", "paused", func(r *http.Request, id string) error { return a.PauseFeed(r.Context(), id, true) })
	act("/feeds/{id}/resume", "/feeds/{id}", "resumed", func(r *http.Request, id string) error { return a.PauseFeed(r.Context(), id, false) })
	act("/feeds/{id}/remove", "/feeds", "removed", func(r *http.Request, id string) error { return a.RemoveFeed(r.Context(), id) })
	act("/deliveries/{id}/resend", "/deliveries/{id}", "resent", func(r *http.Request, id string) error { return a.ResendDelivery(r.Context(), id) })
	act("/deliveries/{id}/drop", "/deliveries/{id}", "dropped", func(r *http.Request, id string) error { return a.DropDelivery(r.Context(), id) })
	page("POST /deliveries/{id}/replay", s.replay)
	act("/receivers/{id}/enable", "/deliveries", "enabled", func(r *http.Request, id string) error { return a.EnableReceiver(r.Context(), id) })
	act("/receivers/{id}/pause", "/deliveries", "paused", func(r *http.Request, id string) error { return a.PauseReceiver(r.Context(), id, true) })
	act("/receivers/{id}/resume", "/deliveries", "resumed", func(r *http.Request, id string) error { return a.PauseReceiver(r.Context(), id, false) })
	act("/silences/{id}/end", "/silences", "ended", func(r *http.Request, id string) error {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return fmt.Errorf("silence %q: %w", id, store.ErrNotFound)
		}
		return a.EndSilence(r.Context(), n)
	})
	act("/reload", "/status", "reloaded", func(r *http.Request, _ string) error { return a.Reload(r.Context()) })
	page("POST /digests/{id}/{date}/send", s.sendDigest)
}

// back leads to a page of ours and says there what was done.
func back(w http.ResponseWriter, r *http.Request, to, word string) error {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, "\\") {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Del("done")
	if word != "" {
		q.Set("done", word)
	}
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
	return nil
}

// mark sets or takes back one mark: the pressed button's value is "kind story".
func (s *site) mark(w http.ResponseWriter, r *http.Request) error {
	set, unset := r.PostFormValue("set"), r.PostFormValue("unset")
	kind, story, ok := strings.Cut(set+unset, " ")
	if !ok || set != "" && unset != "" {
		return fmt.Errorf("%w: the button said nothing", api.ErrBad)
	}
	m := store.Mark{Story: story, Kind: store.MarkKind(kind), By: auth.User(r.Context()), At: s.Now().UTC(), Where: r.PostFormValue("where")}
	var err error
	if set != "" {
		err = s.Actions.Mark(r.Context(), m)
	} else {
		err = s.Actions.Unmark(r.Context(), story, m.Kind)
	}
	if err != nil {
		return err
	}
	if !wantsJSON(r) {
		return back(w, r, cameFrom(r, story), "")
	}
	out := struct {
		Marks []store.MarkKind `json:"marks"`
	}{[]store.MarkKind{}}
	if err := s.Store.View(r.Context(), func(rd store.Reader) error {
		st, err := rd.Story(r.Context(), story)
		if err != nil {
			return err
		}
		all, err := rd.Marks(r.Context(), []string{st.ID})
		now, _ := standing(all[st.ID], st.LastSeen)
		for _, m := range now {
			out.Marks = append(out.Marks, m.Kind)
		}
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

func (s *site) mute(w http.ResponseWriter, r *http.Request) error {
	id, muted := r.PathValue("id"), r.PostFormValue("muted") != "0"
	if err := s.Actions.MuteStory(r.Context(), id, muted); err != nil {
		return err
	}
	word := "muted"
	if !muted {
		word = "unmuted"
	}
	return back(w, r, cameFrom(r, id), word)
}

// cameFrom is the page whose form was sent, at its row of the story, or the
// story's own page.
func cameFrom(r *http.Request, story string) string {
	if to := r.PostFormValue("back"); to != "" {
		return strings.SplitN(to, "#", 2)[0] + "#" + url.PathEscape(story)
	}
	return "/stories/" + url.PathEscape(story)
}

func (s *site) split(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: the form cannot be read", api.ErrBad)
	}
	var items []int64
	for _, v := range r.PostForm["item"] {
		id, err := store.ParseItemID(v)
		if err != nil {
			return fmt.Errorf("%w: %w", api.ErrBad, err)
		}
		items = append(items, id)
	}
	if len(items) == 0 {
		return fmt.Errorf("%w: tick the articles that are not of this story", api.ErrBad)
	}
	fresh, err := s.Actions.SplitStory(r.Context(), r.PathValue("id"), items)
	if err != nil {
		return err
	}
	return back(w, r, "/stories/"+fresh, "split")
}

func (s *site) addFeed(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Actions.AddFeed(r.Context(), api.NewFeed{URL: strings.TrimSpace(r.PostFormValue("url")), Name: strings.TrimSpace(r.PostFormValue("name")),
		Publisher: strings.TrimSpace(r.PostFormValue("publisher")), Kind: r.PostFormValue("kind"), Tags: words(r.PostFormValue("tags"))})
	if err != nil {
		return err
	}
	return back(w, r, "/feeds/"+url.PathEscape(f.ID), "added")
}

func (s *site) replay(w http.ResponseWriter, r *http.Request) error {
	id, err := s.Actions.ReplayDelivery(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return back(w, r, "/deliveries/"+url.PathEscape(id), "replayed")
}

func (s *site) sendDigest(w http.ResponseWriter, r *http.Request) error {
	id, date := r.PathValue("id"), r.PathValue("date")
	if _, err := s.Actions.SendDigest(r.Context(), id, date); err != nil {
		return err
	}
	return back(w, r, "/digests/"+url.PathEscape(id)+"/"+url.PathEscape(date), "sent")
}
