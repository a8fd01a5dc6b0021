package digest

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

// official lists what official sources said in the window, newest first.
func (b *builder) official(found []Story) {
	for _, s := range found {
		for _, it := range b.items[s.ID] {
			if it.FeedKind == feeds.Official && b.inside(it) {
				b.doc.Official = append(b.doc.Official, b.article(it, s.ID))
			}
		}
	}
	slices.SortFunc(b.doc.Official, func(x, y Article) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.ID, y.ID)) })
	b.doc.Official = b.doc.Official[:min(len(b.doc.Official), maxOfficial)]
}

// readStars lists the stories that were starred since the issue before, then
// those that were noted.
func (b *builder) readStars(ctx context.Context) error {
	marks, err := b.AllMarks(ctx, b.from, b.now)
	if err != nil {
		return err
	}
	notes := map[string]string{}
	for _, m := range marks {
		if m.Kind == store.Note {
			notes[m.Story] = feeds.Clip(feeds.OneLine(m.Text), titleBytes)
		}
	}
	slices.SortStableFunc(marks, func(x, y store.Mark) int { return btoi(y.Kind == store.Starred) - btoi(x.Kind == store.Starred) })
	for _, m := range marks {
		if m.Kind != store.Starred && m.Kind != store.Note || slices.ContainsFunc(b.doc.Starred, func(s Starred) bool { return s.ID == m.Story }) {
			continue
		}
		row, ok, err := b.shown(ctx, m.Story)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		s := Starred{Ref: b.ref(row.ID, row.Title, row.Lang), Day: m.At.In(b.zone).Format(time.DateOnly), Note: notes[m.Story]}
		if m.Kind == store.Note {
			s.Mark = "note"
		}
		for _, it := range b.items[row.ID] {
			if b.inside(it) {
				s.Articles++
			}
		}
		for _, t := range b.doc.Stories() {
			if t.ID == row.ID {
				s.Ref = t.Ref
			}
		}
		b.doc.Starred = append(b.doc.Starred, s)
	}
	return nil
}

// shown reads a story that a section wants to name; not ok when it is of no
// topic of the digest, muted or gone.
func (b *builder) shown(ctx context.Context, id string) (store.Story, bool, error) {
	row, err := b.Story(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return row, false, nil
	}
	return row, err == nil && b.wanted(row.Topics) && !row.Muted && !b.hidden[row.ID], err
}

// readCorrections lists headlines that were changed in the window.
func (b *builder) readCorrections(ctx context.Context) error {
	revs, err := b.Revisions(ctx, store.RevisionFilter{From: b.from, To: b.to, Titles: true, Limit: 200})
	if err != nil {
		return err
	}
	for _, r := range revs {
		was, is := feeds.OneLine(r.Title), feeds.OneLine(r.NewTitle)
		if strings.ContainsRune(was+is, '\uFFFD') {
			continue // letters were lost on the way: no newsroom corrected this
		}
		if r.Story == "" || was == is || was == "" || len(b.doc.Corrections) == maxCorrections {
			continue
		}
		row, ok, err := b.shown(ctx, r.Story)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		f := b.feeds[r.Feed]
		b.doc.Corrections = append(b.doc.Corrections, Correction{
			Story: row.ID, Item: store.ItemID(r.Item), Outlet: cmp.Or(f.outlet, r.Feed),
			Old: feeds.Clip(was, titleBytes), New: feeds.Clip(is, titleBytes), Lang: f.lang, Dir: Dir(f.lang, is), At: r.At.UTC(),
		})
	}
	return nil
}

// readTopics compares each topic with its last 14 days.
func (b *builder) readTopics(ctx context.Context) error {
	for i := range b.doc.Topics {
		t := &b.doc.Topics[i]
		volume, err := b.TopicVolume(ctx, t.ID, b.from.AddDate(0, 0, -14), b.from)
		if err != nil {
			return err
		}
		t.Median = median(volume, b.from)
		if t.Median == nil || *t.Median == 0 && t.New < 3 {
			continue
		}
		usual := max(*t.Median, 1)
		// A window of two days is measured against two usual days.
		days := max(1, math.Round(b.to.Sub(b.from).Hours()/24))
		ratio := math.Round(float64(t.New)/(usual*days)*10) / 10
		if ratio >= 2 || ratio <= 0.5 && *t.Median >= 2 {
			b.doc.Changes.Topics = append(b.doc.Changes.Topics, TopicChange{ID: t.ID, Name: t.Name, Ratio: ratio})
		}
	}
	return nil
}

// median is the usual number of new stories in the 24 hours before an instant,
// over up to 14 days, of those since the topic's first story; nil when that
// are fewer than three.
func median(volume []store.Volume, until time.Time) *float64 {
	var days [14]int
	known := 0
	for _, v := range volume {
		back := int(until.Sub(v.Hour) / (24 * time.Hour))
		if back < 0 || back >= len(days) {
			continue
		}
		days[back] += v.Stories
		if v.Stories > 0 || v.Hits > 0 {
			known = max(known, back+1)
		}
	}
	if known < 3 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(days[:known]))
	m := float64(sorted[known/2])
	if known%2 == 0 {
		m = (m + float64(sorted[known/2-1])) / 2
	}
	return &m
}

// readQuiet finds the stories of the period before that brought nothing more.
func (b *builder) readQuiet(ctx context.Context) error {
	before := b.from.Add(-b.to.Sub(b.from))
	if b.prev.To.Equal(b.from) {
		before = b.prev.From
	}
	rows, err := b.Stories(ctx, store.StoryFilter{From: before, To: b.from, Limit: maxRows})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.MergedInto != "" || row.Muted || !b.wanted(row.Topics) || b.items[row.ID] != nil {
			continue
		}
		b.doc.Changes.Quiet++
		if len(b.doc.Changes.WentQuiet) < maxQuiet && row.Publishers > 1 {
			b.doc.Changes.WentQuiet = append(b.doc.Changes.WentQuiet, b.ref(row.ID, row.Title, row.Lang))
		}
	}
	return nil
}
