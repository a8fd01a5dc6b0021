package ingest

import (
	"context"
	"fmt"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

const (
	renamedFew  = 3   // fewer new ids than this prove nothing
	renamedLook = 500 // newest items of the feed that are compared with
)

// trust sorts a document's items by their ids, or by link and title where ids
// proved to be worth nothing: one id stands for several articles, or most
// entries come with a new id and a title that is known.
func (in *Ingest) trust(ctx context.Context, f feeds.Feed, st *feeds.State, doc reading, now time.Time) (*sorted, error) {
	items := doc.Items
	var old []store.Item
	if !st.Untrusted {
		ambiguous := untrusted(items)
		s, err := in.sort(ctx, f, *st, items, now)
		if err != nil || !ambiguous && (!st.Baseline || len(s.fresh) < renamedFew || 2*len(s.fresh) <= len(items)+len(doc.cut)) {
			return s, err
		}
		old, err = in.newest(ctx, f)
		if err != nil || !ambiguous && 2*renamed(s.fresh, old) <= len(items)+len(doc.cut) {
			return s, err
		}
		st.Untrusted = true
	}
	trustLinks(items)
	s, err := in.sort(ctx, f, *st, items, now)
	if err != nil || !st.Baseline || len(s.fresh) == 0 {
		return s, err
	}
	if old == nil { // one may come back that was away when ids lost their trust
		if old, err = in.newest(ctx, f); err != nil {
			return s, err
		}
	}
	recognise(s, old)
	return s, nil
}

func trustLinks(items []feeds.Item) {
	for i := range items {
		feeds.TrustLink(&items[i])
	}
}

func (in *Ingest) newest(ctx context.Context, f feeds.Feed) (old []store.Item, err error) {
	err = in.Store.View(ctx, func(r store.Reader) error {
		old, err = r.Items(ctx, store.ItemFilter{Feed: f.ID, Limit: renamedLook})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up titles of %s: %w", f.ID, err)
	}
	return old, nil
}

// untrusted tells whether one id stands for several articles in one document.
func untrusted(items []feeds.Item) bool {
	link := map[feeds.Key]string{}
	for _, it := range items {
		if it.GUID == "" || it.Canonical == "" {
			continue
		}
		if l, ok := link[it.Key]; ok && l != it.Canonical {
			return true
		}
		link[it.Key] = it.Canonical
	}
	return false
}

// renamed counts the items with an id that is new and a title that is not.
func renamed(fresh []*candidate, old []store.Item) (n int) {
	titles := map[string]bool{}
	for _, it := range old {
		titles[it.Title] = true
	}
	for _, c := range fresh {
		if c.item.GUID != "" && c.item.Title != "" && titles[c.item.Title] {
			n++
		}
	}
	return n
}

// recognise takes out of the new items those that were kept by their id before
// ids lost their trust: they get their new key, and are no news.
func recognise(s *sorted, old []store.Item) {
	byText := map[feeds.Key]store.Item{}
	for _, it := range old {
		was := it
		feeds.TrustLink(&it.Item)
		if _, ok := byText[it.Key]; !ok {
			byText[it.Key] = was
		}
	}
	fresh := s.fresh[:0:0]
	for _, c := range s.fresh {
		was, ok := byText[c.item.Key]
		if !ok {
			fresh = append(fresh, c)
			continue
		}
		c.was = store.Known{ID: was.ID, Key: c.item.Key, AltKey: c.item.AltKey, RawHash: c.item.RawHash, ContentHash: was.ContentHash, Title: was.Title}
		s.again = append(s.again, c.was)
		if was.ContentHash != c.item.ContentHash {
			s.revised = append(s.revised, c)
		}
		s.known = true
	}
	s.fresh = fresh
}
