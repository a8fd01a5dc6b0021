package web

import (
	"context"
	"errors"
	"strings"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/notify"
)

// subject is what a message is about, as people know it.
type subject struct{ Href, Title, Lang, Dir string }

// subjects finds what messages are about by the ids that they carry; a story
// that is no longer kept has no entry.
func (s *site) subjects(ctx context.Context, rd store.Reader, ds []notify.Delivery) (map[string]subject, error) {
	out := map[string]subject{}
	for _, d := range ds {
		if _, known := out[d.Subject]; known {
			continue
		}
		switch {
		case strings.HasPrefix(d.Subject, "st_"):
			sub, ok, err := storySubject(ctx, rd, d.Subject)
			if err != nil {
				return nil, err
			}
			if ok {
				out[d.Subject] = sub
			}
		case d.Type == notify.DigestReady:
			id, date, _ := strings.Cut(d.Subject, "/")
			out[d.Subject] = subject{Href: "/digests/" + d.Subject, Title: s.digestTitle(id) + ", " + day(date), Dir: "ltr"}
		case strings.HasPrefix(string(d.Type), "feed."):
			out[d.Subject] = subject{Href: "/feeds/" + d.Subject, Title: d.Subject, Dir: "auto"}
		}
	}
	return out, nil
}

// storySubject names a story by its headline.
func storySubject(ctx context.Context, rd store.Reader, id string) (subject, bool, error) {
	st, err := rd.Story(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return subject{}, false, nil
	}
	title := feeds.Clip(feeds.OneLine(st.Title), 220)
	if title == "" {
		title = "(no headline)"
	}
	return subject{"/stories/" + id, title, st.Lang, digest.Dir(st.Lang, title)}, err == nil, err
}

// digestTitle finds a digest's name by its id.
func (s *site) digestTitle(id string) string {
	for _, def := range s.Digests {
		if def.ID == id {
			return digestName(def)
		}
	}
	return digest.Title(id)
}
