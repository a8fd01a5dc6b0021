package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/config"
	"watcher/internal/ingest"
	"watcher/internal/store"
	"watcher/notify"
	"watcher/notify/route"
)

// TestFastGrowthRaisesPriority: ten articles in an hour make a normal story
// high; older ones, and what stood in a feed before it was watched, do not.
func TestFastGrowthRaisesPriority(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		fresh, old, baseline int
		want                 notify.Priority
	}{
		"ten in an hour":          {10, 0, 0, notify.High},
		"nine":                    {9, 0, 0, notify.Normal},
		"nine and older ones":     {9, 20, 0, notify.Normal},
		"nine and a first poll's": {9, 0, 20, notify.Normal},
	} {
		t.Run(name, func(t *testing.T) {
			s, ctx := outboxStore(t), t.Context()
			p := &planner{now: func() time.Time { return now }}
			p.set(&Compiled{Routes: &route.Config{Receivers: []route.Receiver{{ID: "desk"}}}})
			err := s.Update(ctx, func(tx store.Tx) error {
				var items []*store.Item
				for i := range tt.fresh + tt.old + tt.baseline {
					it := &store.Item{Item: feeds.Item{Feed: "f", GUID: fmt.Sprint(i), Title: "Talks"}, FirstSeen: now.Add(-30 * time.Minute), Story: "st_1", StoryKind: "same",
						Baseline: i >= tt.fresh+tt.old}
					feeds.Normalize(&it.Item)
					if i >= tt.fresh && !it.Baseline {
						it.FirstSeen = now.Add(-2 * time.Hour)
					}
					items = append(items, it)
				}
				if err := tx.InsertItems(ctx, items); err != nil {
					return err
				}
				ds, _, err := p.Story(ctx, tx, ingest.Change{Story: store.Story{ID: "st_1", Title: "Talks", Articles: len(items), Publishers: 2}, Fresh: true, Now: now,
					Topics: []ingest.Topic{{ID: "talks", Priority: notify.Normal, On: "story"}}})
				if err == nil && (len(ds) != 1 || ds[0].Priority != tt.want) {
					t.Errorf("%+v, want priority %s", ds, tt.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestEventsThatAreNone: a pattern that meets no event is said, with the nearest.
func TestEventsThatAreNone(t *testing.T) {
	c := &config.Config{File: "c.yaml", Routes: []config.Route{
		{Events: []string{"feed.*", "*", "story.quiet", "receiver.disabled"}},
		{Pos: config.Pos{Line: 7, Column: 3}, Events: []string{"feed.fialing", "story.new", "news.*"}}}}
	_, ps := routes(c, time.UTC)
	var got []string
	for _, p := range ps {
		text, _, _ := strings.Cut(fmt.Sprintf("%d:%d: %v %s: %s", p.Line, p.Column, p.Warning, p.Path, p.Msg), ";")
		got = append(got, text)
	}
	want := `7:3: true routes[1].events: no event is called "feed.fialing", did you mean "feed.failing"?|` +
		`7:3: true routes[1].events: no event is called "story.new"|7:3: true routes[1].events: no event is called "news.*"`
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}
