package feeds

import (
	"strings"
	"testing"
	"time"
)

func TestCanonicalLink(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"https://Example.org/a/?utm_source=rss&b=2&a=1#top", "https://example.org/a?a=1&b=2"},
		{"http://www.example.org:80/a", "https://example.org/a"},
		{"https://amp.example.org/amp/story.amp?fbclid=x", "https://example.org/story"},
		{"https://example.org:8443/a", "https://example.org:8443/a"},
		{"https://m.example.org/x?id=7&at_medium=RSS", "https://example.org/x?id=7"},
		{"https://www.google.com/url?q=1&url=https%3A%2F%2Fnews.example%2Fs%3Fgclid%3D1", "https://news.example/s"},
		{"https://example.org/%D8%A7?x=%20", "https://example.org/%D8%A7?x=%20"},
		{"urn:uuid:1", ""},
		{"/relative", ""},
		{"javascript:alert(1)", ""},
		{"", ""},
	} {
		got := CanonicalLink(c.in)
		if got != c.want {
			t.Errorf("CanonicalLink(%q) = %q, want %q", c.in, got, c.want)
		}
		if again := CanonicalLink(got); got != "" && again != got {
			t.Errorf("CanonicalLink twice: %q then %q", got, again)
		}
	}
}

func TestNormalizeTwiceIsOnce(t *testing.T) {
	zone := time.FixedZone("x", 3600)
	for _, it := range []Item{
		{GUID: " tag:a,1 ", Title: "A \u202e title\n two", Lang: "en_GB", Published: time.Date(2026, 2, 6, 1, 2, 3, 0, zone)},
		{Link: "http://www.example.org/a?utm_source=x", Title: "é"},
		{Title: "only a title"},
		{GUID: "https://example.org/n#2", Link: "https://example.org/n"},
	} {
		once := it
		Normalize(&once)
		twice := once
		Normalize(&twice)
		if once.Key != twice.Key || once.AltKey != twice.AltKey || once.Title != twice.Title || once.Canonical != twice.Canonical || !once.Published.Equal(twice.Published) {
			t.Errorf("once %+v, twice %+v", once, twice)
		}
	}
}

func TestKeys(t *testing.T) {
	key := func(it Item) Item { Normalize(&it); return it }
	a := key(Item{GUID: "http://www.example.org/n?utm_source=rss", Title: "x"})
	b := key(Item{GUID: "https://example.org/n", Title: "x"})
	if a.Key == b.Key || a.AltKey != b.AltKey {
		t.Error("http and tracking parameters must share the second key only")
	}
	if c, d := key(Item{GUID: "https://example.org/n#0"}), key(Item{GUID: "https://example.org/n#1"}); c.AltKey == d.AltKey {
		t.Error("editions of an article are items of their own")
	}
	when := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if e, f := key(Item{GUID: "1", Published: when}), key(Item{GUID: "1"}); e.Key != f.Key {
		t.Error("a date must not be part of an item's identity")
	}
	g, h := key(Item{Title: "x"}), key(Item{Title: "x", Published: when})
	if g.Key == h.Key {
		t.Error("without id and link, title and date are all there is")
	}
}

func TestClip(t *testing.T) {
	if got := Clip("one two three four", 12); got != "one two…" {
		t.Errorf("got %q", got)
	}
	if got := Clip(strings.Repeat("é", 50), 11); len(got) > 11 || !strings.HasSuffix(got, "…") {
		t.Errorf("got %q", got)
	}
	if got := Clip("short", 10); got != "short" {
		t.Errorf("got %q", got)
	}
}

func TestPacingKey(t *testing.T) {
	for in, want := range map[string]string{
		"https://feeds.bbci.co.uk/news": "bbci.co.uk",
		"https://a.blogspot.com/x":      "blogspot.com",
		"https://b.c.github.io/":        "github.io",
		"http://127.0.0.1:8900/feed":    "127.0.0.1:8900",
		"http://[::1]/feed":             "[::1]:80",
		"https://localhost/":            "localhost:443",
		"https://Example.ORG./":         "example.org",
	} {
		if got := PacingKey(in); got != want {
			t.Errorf("PacingKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestReadItems(t *testing.T) {
	in := "\ufeff{\"id\":\"1\",\"title\":\"A\",\"published\":\"2026-02-06 11:12:00+00:00\",\"authors\":[\"N. N.\"],\"x\":1}\n\n{\"id\":\"2\",\"authors\":[{\"name\":\"M\"}]}\n"
	var got []Item
	if err := ReadItems(strings.NewReader(in), func(_ int, it Item) error { got = append(got, it); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Published.Hour() != 11 || got[0].Authors[0].Name != "N. N." || got[1].Authors[0].Name != "M" {
		t.Errorf("got %+v", got)
	}
	err := ReadItems(strings.NewReader("{}\n{bad\n"), func(int, Item) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}

func TestLenientTime(t *testing.T) {
	for in, want := range map[string]string{
		"2023-05-08 12:33:47+00:00":       "2023-05-08T12:33:47Z",
		"2023-05-08T12:33:47+02:00":       "2023-05-08T10:33:47Z",
		"2023-05-08 12:33":                "2023-05-08T12:33:00Z",
		"2023-05-08":                      "2023-05-08T00:00:00Z",
		"2023-05-08 12:33:47 UTC":         "2023-05-08T12:33:47Z",
		"Fri, 06 Feb 2026 11:12:00 +0400": "2026-02-06T07:12:00Z",
		"yesterday":                       "",
		"2023-02-31 12:00:00":             "",
		"":                                "",
	} {
		if got := FormatTime(LenientTime(in)); got != want {
			t.Errorf("LenientTime(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	seen := time.Date(2026, 2, 6, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct{ published, seen, want time.Time }{
		{seen.Add(-time.Hour), seen, seen.Add(-time.Hour)},
		{seen.Add(time.Minute), seen, seen},
		{time.Time{}, seen, seen},
		{seen.Add(-Believed), seen, seen.Add(-Believed)},
		{seen.AddDate(-1, 0, 0), seen, seen.Add(-Believed)},
		{seen, time.Time{}, seen},
		{},
	} {
		if got := Moment(c.published, c.seen); !got.Equal(c.want) {
			t.Errorf("dated %v and seen %v: %v, want %v", c.published, c.seen, got, c.want)
		}
	}
}
