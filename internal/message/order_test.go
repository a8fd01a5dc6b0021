package message

import (
	"testing"
	"time"

	"watcher/internal/store"
)

// TestOrder: a reader of an update sees first what moved the story on, then
// what else is new, then what was told before.
func TestOrder(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	item := func(id int64, after time.Duration, kind string) store.Item {
		var it store.Item
		it.ID, it.FirstSeen, it.StoryKind = id, noon.Add(after), kind
		return it
	}
	items := []store.Item{item(1, 0, "new"), item(2, time.Minute, "update"), item(3, time.Hour, "update"), item(4, time.Hour+time.Minute, "same")}
	for _, c := range []struct {
		name  string
		since time.Time
		want  [4]int64
	}{
		{"an update", noon.Add(30 * time.Minute), [4]int64{3, 4, 2, 1}},
		{"a first message", time.Time{}, [4]int64{1, 4, 3, 2}},
	} {
		var got [4]int64
		for i, it := range order(items, 1, c.since) {
			got[i] = it.ID
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
