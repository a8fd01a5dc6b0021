package match

import (
	"time"

	"watcher/feeds"
)

// filter is what must hold of an item before a topic's words are looked at.
type filter struct {
	feeds   []uint64 // bits by feed; nil: all
	langs   []string
	sources []string
	age     time.Duration
}

// pass tells whether an item passes, and if not, why. An item of a feed that
// the configuration does not have passes every feed filter; so does one
// without language or date for those.
func (f *filter) pass(s *Set, it *feeds.Item, now time.Time) (why string) {
	if f.feeds != nil {
		if i, ok := s.feedIndex[it.Feed]; ok && f.feeds[i/64]>>(i%64)&1 == 0 {
			return "feeds"
		}
	}
	if f.langs != nil && it.Lang != "" {
		ok := false
		for _, l := range f.langs {
			ok = ok || speaks(l, it.Lang)
		}
		if !ok {
			return "where lang"
		}
	}
	if f.sources != nil {
		ok := false
		for _, p := range f.sources {
			ok = ok || glob(p, it.Source) || glob(p, it.Feed)
		}
		if !ok {
			return "where source"
		}
	}
	if f.age > 0 && !it.Published.IsZero() && now.Sub(it.Published) > f.age {
		return "where max_age"
	}
	return ""
}
