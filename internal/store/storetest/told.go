package storetest

import (
	"fmt"
	"sort"
	"testing"

	"watcher/internal/store"
)

// Told lists a store's stories by their items, and its alerts by their story,
// so that two stores that were told the same compare alike whatever ids they
// gave; times says when as well, for stores that lived by one clock.
func Told(t *testing.T, s store.Store, times bool) (stories, alerts []string) {
	t.Helper()
	ctx := t.Context()
	view(t, s, func(r store.Reader) error {
		all, err := r.Stories(ctx, store.StoryFilter{})
		if err != nil {
			return err
		}
		of := map[string]string{}
		for _, st := range all {
			items, err := r.StoryItems(ctx, st.ID)
			if err != nil {
				return err
			}
			var ids []string
			for _, it := range items {
				ids = append(ids, it.Feed+" "+it.GUID+" "+it.StoryKind)
			}
			sort.Strings(ids)
			of[st.ID] = ids[0]
			stories = append(stories, fmt.Sprint(ids, st.Title, st.Topics, st.Articles, st.Outlets, st.Publishers, st.Sequence))
		}
		ds, err := r.Deliveries(ctx, store.DeliveryFilter{})
		for _, d := range ds {
			line := fmt.Sprint(d.Receiver, d.Type, of[d.Subject], d.Sequence, d.Topics, d.Reason)
			if times {
				line += fmt.Sprint(d.Created)
			}
			alerts = append(alerts, line)
		}
		return err
	})
	sort.Strings(stories)
	sort.Strings(alerts)
	return stories, alerts
}

// SameTold compares what Told gives of two stores.
func SameTold(t *testing.T, one, three store.Store, times bool) (stories, alerts int) {
	t.Helper()
	s1, a1 := Told(t, one, times)
	s3, a3 := Told(t, three, times)
	for what, pair := range map[string][2][]string{"stories": {s1, s3}, "alerts": {a1, a3}} {
		if len(pair[0]) == 0 {
			t.Errorf("no %s: nothing to compare", what)
		}
		equal(t, what, pair[1], pair[0])
	}
	return len(s1), len(a1)
}
