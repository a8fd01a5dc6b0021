package web

import (
	"strings"
	"testing"

	"watcher/notify"
)

func TestSearchMarksItsWords(t *testing.T) {
	for _, c := range []struct{ text, asked, want string }{
		{"Strait talks resume", "strait", "<mark>Strait</mark> talks resume"},
		{"Talks on straits", "strait* -talks", "Talks on <mark>straits</mark>"},
		{"The strait-talks", `"strait talks"`, "The <mark>strait</mark>-<mark>talks</mark>"},
		{"گفتگوهای تنگه آغاز شد", "تنگه", "گفتگوهای <mark>تنگه</mark> آغاز شد"},
		{"<b>strait", "STRAIT", "&lt;b&gt;<mark>strait</mark>"},
		{"", "x", ""}, {"straits", "strait", "straits"}, {"ß*", "*", "ß*"},
	} {
		if got := string(marked(c.text, "title", wordHits(c.text, "title", c.asked))); got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.asked, c.text, got, c.want)
		}
	}
}

func TestMarkedText(t *testing.T) {
	hit := func(start, end int) notify.Hit { return notify.Hit{Field: "title", Start: start, End: end} }
	for _, c := range []struct {
		text string
		hits []notify.Hit
		want string
	}{
		{"Strait talks <b>", []notify.Hit{hit(7, 12), hit(0, 6)}, "<mark>Strait</mark> <mark>talks</mark> &lt;b&gt;"},
		{"a<script>b", []notify.Hit{hit(1, 9)}, "a<mark>&lt;script&gt;</mark>b"},
		{"talks", []notify.Hit{hit(0, 5), hit(0, 3), hit(2, 99), hit(-1, 2), hit(3, 3)}, "<mark>talks</mark>"},
		{"عمان", []notify.Hit{hit(1, 3)}, "عمان"},
		{"", nil, ""},
	} {
		if got := string(marked(c.text, "title", c.hits)); got != c.want {
			t.Errorf("marked(%q) = %s, want %s", c.text, got, c.want)
		}
	}
	long := strings.Repeat("strait ", 200)
	if got := string(marked(long, "title", []notify.Hit{hit(0, 6), hit(1000, 1006)})); !strings.HasSuffix(got, "…") || strings.Count(got, "<mark>") != 1 {
		t.Errorf("long text: %s", got)
	}
}
