package story

import (
	"regexp"
	"testing"
	"time"
)

// TestStoryIDs: ids are in the order of the hours in which stories start, and
// differ within one.
func TestStoryIDs(t *testing.T) {
	form := regexp.MustCompile(`^st_[a-z2-7]{16}$`)
	last := ""
	for _, at := range []int64{-5, 0, 3600, 1 << 20, noon.Unix(), noon.Add(time.Hour).Unix(), noon.AddDate(50, 0, 0).Unix()} {
		id := storyID(hourOf(at), "a\x001")
		if !form.MatchString(id) || id[:7] < last {
			t.Errorf("%s of %d after %s", id, at, last)
		}
		last = id[:7]
		if other := storyID(hourOf(at), "a\x002"); other == id || other[:7] != last {
			t.Errorf("%s and %s", id, other)
		}
		if part := idWithin(id, "split"); !form.MatchString(part) || part == id || part[:7] != last {
			t.Errorf("a part of %s is %s", id, part)
		}
	}
	if a, b := hourOf(noon.Unix()), hourOf(noon.Add(time.Hour).Unix()); a >= b {
		t.Errorf("%s, and %s an hour later", a, b)
	}
	if id := idWithin("st_1", "split"); !form.MatchString(id) {
		t.Errorf("a part of a story with a short id is %s", id)
	}
}
