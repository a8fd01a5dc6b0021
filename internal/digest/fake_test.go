package digest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// fake is a store in memory: what digests read and write of it. The rest of
// the interface is nil and would panic.
type fake struct {
	store.Tx
	stories    []store.Story
	items      []store.Item
	hits       map[int64][]store.Hit
	revisions  []store.Revision
	volume     map[string][]store.Volume
	feeds      []store.FeedRow
	deliveries []notify.Delivery
	marks      []store.Mark
	digests    []store.Digest
}

type fakeStore struct {
	store.Store
	*fake
}

func (f fakeStore) View(ctx context.Context, fn func(store.Reader) error) error { return fn(f.fake) }

// Update undoes what fn wrote when it fails.
func (f fakeStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	digests, ds := slices.Clone(f.digests), slices.Clone(f.deliveries)
	err := fn(f.fake)
	if err != nil {
		f.digests, f.deliveries = digests, ds
	}
	return err
}

func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}

func (f *fake) Stories(_ context.Context, q store.StoryFilter) ([]store.Story, error) {
	var out []store.Story
	for _, s := range f.stories {
		if within(s.LastSeen, q.From, q.To) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(x, y store.Story) int { return y.LastSeen.Compare(x.LastSeen) })
	return out, nil
}

func (f *fake) Story(_ context.Context, id string) (store.Story, error) {
	for _, s := range f.stories {
		if s.ID == id {
			return s, nil
		}
	}
	return store.Story{}, store.ErrNotFound
}

func (f *fake) StoryItems(_ context.Context, id string) ([]store.Item, error) {
	var out []store.Item
	for _, it := range f.items {
		if it.Story == id {
			out = append(out, it)
		}
	}
	return out, nil
}

func (f *fake) Items(_ context.Context, q store.ItemFilter) ([]store.Item, error) {
	var out []store.Item
	for _, it := range f.items {
		if within(it.FirstSeen, q.From, q.To) {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(x, y store.Item) int {
		if q.Oldest {
			return cmp.Compare(x.ID, y.ID)
		}
		return cmp.Compare(y.ID, x.ID)
	})
	return out[:min(len(out), q.Limit)], nil
}

func (f *fake) HitsOf(context.Context, []int64) (map[int64][]store.Hit, error) { return f.hits, nil }

func (f *fake) Revisions(_ context.Context, q store.RevisionFilter) ([]store.Revision, error) {
	var out []store.Revision
	for _, r := range f.revisions {
		if within(r.At, q.From, q.To) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f *fake) TopicVolume(_ context.Context, topic string, from, to time.Time) ([]store.Volume, error) {
	var out []store.Volume
	for _, v := range f.volume[topic] {
		if within(v.Hour, from, to) {
			out = append(out, v)
		}
	}
	return out, nil
}

func (f *fake) Feeds(context.Context, store.FeedFilter) ([]store.FeedRow, error) { return f.feeds, nil }

func (f *fake) Deliveries(_ context.Context, q store.DeliveryFilter) ([]notify.Delivery, error) {
	var out []notify.Delivery
	for _, d := range f.deliveries {
		if within(d.Created, q.From, q.To) && (q.Subject == "" || q.Subject == d.Subject) {
			out = append(out, d)
		}
	}
	return out, nil
}

func (f *fake) Marks(_ context.Context, ids []string) (map[string][]store.Mark, error) {
	out := map[string][]store.Mark{}
	for _, m := range f.marks {
		if slices.Contains(ids, m.Story) {
			out[m.Story] = append(out[m.Story], m)
		}
	}
	return out, nil
}

func (f *fake) AllMarks(_ context.Context, from, to time.Time) ([]store.Mark, error) {
	var out []store.Mark
	for _, m := range f.marks {
		if within(m.At, from, to) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (f *fake) Digest(_ context.Context, id, date string) (store.Digest, error) {
	for _, d := range f.digests {
		if d.ID == id && d.Date == date {
			return d, nil
		}
	}
	return store.Digest{}, store.ErrNotFound
}

func (f *fake) Digests(_ context.Context, id, before string, limit int) ([]store.Digest, error) {
	var out []store.Digest
	for _, d := range f.digests {
		if d.ID == id && (before == "" || d.Date < before) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(x, y store.Digest) int { return strings.Compare(y.Date, x.Date) })
	return out[:min(len(out), limit)], nil
}

func (f *fake) OpenDigest(ctx context.Context, d store.Digest) (bool, error) {
	if _, err := f.Digest(ctx, d.ID, d.Date); err == nil {
		return false, nil
	}
	f.digests = append(f.digests, d)
	return true, nil
}

func (f *fake) SaveDigest(_ context.Context, d store.Digest) error {
	for i := range f.digests {
		if f.digests[i].ID == d.ID && f.digests[i].Date == d.Date {
			f.digests[i] = d
		}
	}
	return nil
}

func (f *fake) Enqueue(_ context.Context, ds []notify.Delivery) error {
	for _, d := range ds {
		if !slices.ContainsFunc(f.deliveries, func(o notify.Delivery) bool {
			return o.Receiver == d.Receiver && o.Subject == d.Subject && o.Sequence == d.Sequence
		}) {
			f.deliveries = append(f.deliveries, d)
		}
	}
	return nil
}
