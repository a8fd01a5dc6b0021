package story

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// labelled is an item of a measured set with the story that people gave it.
type labelled struct {
	ID, TS, Title, Body, Story, Source, URL string
}

func (l labelled) item() Item {
	t, _ := time.Parse(time.RFC3339, l.TS)
	return Item{ID: l.ID, Publisher: l.Source, Source: l.Source, Title: l.Title, Text: l.Body, Published: t, Seen: t}
}

func loadSet(t testing.TB, path string) []labelled {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	var out []labelled
	for sc.Scan() {
		var l labelled
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// bcubed compares two groupings item by item, over the items of the stories
// wanted: precision, recall and F1.
func bcubed(gold, got []string, wanted func(story string) bool) (p, r, f float64) {
	a, b, c := map[string]float64{}, map[string]float64{}, map[[2]string]float64{}
	for i := range gold {
		a[got[i]]++
		b[gold[i]]++
		c[[2]string{got[i], gold[i]}]++
	}
	n := 0.0
	for i := range gold {
		if wanted(gold[i]) {
			both := c[[2]string{got[i], gold[i]}]
			p += both / a[got[i]]
			r += both / b[gold[i]]
			n++
		}
	}
	p, r = p/n, r/n
	return p, r, 2 * p * r / (p + r)
}

// grouping is how well a set was grouped. An alert is an item of kind new,
// related or update: what a person is told at once. missed is the share of
// stories whose first item was none; repeated are the alerts of a story after
// its first item, by story, and by kind below.
type grouping struct {
	p, r, f, missed, repeated, fresh, related, updates float64
}

func (m grouping) String() string {
	return fmt.Sprintf("B3 P %.3f R %.3f F1 %.3f, first story missed %.3f, repeated alerts %.3f a story (new %.3f, related %.3f, update %.3f)", m.p, m.r, m.f, m.missed, m.repeated, m.fresh, m.related, m.updates)
}

func measure(set []labelled) grouping {
	return measureOf(set, func(string) bool { return true })
}

// measureOf groups a set and judges the items of the stories wanted; the others
// are there to mislead.
func measureOf(set []labelled, wanted func(story string) bool) grouping {
	g := New(Default())
	gold, got := make([]string, len(set)), make([]string, len(set))
	seen := map[string]bool{}
	var m grouping
	for i, l := range set {
		d := g.Add(l.item())
		g.Commit()
		gold[i], got[i] = l.Story, d.Story
		if !wanted(l.Story) {
			continue
		}
		switch alert := d.Kind == First || d.Kind == Related || d.Kind == Update; {
		case !seen[l.Story] && !alert:
			m.missed++
		case seen[l.Story] && alert:
			m.repeated++
			*map[Kind]*float64{First: &m.fresh, Related: &m.related, Update: &m.updates}[d.Kind]++
		}
		seen[l.Story] = true
	}
	n := float64(len(seen))
	for _, x := range []*float64{&m.missed, &m.repeated, &m.fresh, &m.related, &m.updates} {
		*x /= n
	}
	m.p, m.r, m.f = bcubed(gold, got, wanted)
	return m
}

// TestFloors prints how well the dev sets are grouped, and fails where that
// falls below what was reached.
func TestFloors(t *testing.T) {
	dir := dataDir(t)
	for _, c := range []struct {
		name             string
		floor            float64
		missed, repeated float64
	}{{"allsides_dev", .913, .06, .31}, {"neus_dev", .787, .12, .68}, {"uci_dev", .84, .21, 2}} {
		t.Run(c.name, func(t *testing.T) {
			if raced && c.name != "allsides_dev" {
				t.Skip("too slow with the race detector; go test without -race measures it")
			}
			m := measure(loadSet(t, filepath.Join(dir, "story", c.name+".jsonl")))
			t.Log(m)
			if m.f < c.floor || m.missed > c.missed || m.repeated > c.repeated {
				t.Errorf("want F1 %.3f or more, missed %.3f and repeated %.3f or less", c.floor, c.missed, c.repeated)
			}
		})
	}
}

func TestPairs(t *testing.T) {
	f, err := os.Open(filepath.Join(dataDir(t), "story", "headline_pairs_dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tp, fp, fn := 0, 0, 0
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var p struct {
			A, B string
			Same bool
		}
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		switch same, _ := Pair(p.A, p.B); {
		case same && p.Same:
			tp++
		case same:
			fp++
		case p.Same:
			fn++
		}
	}
	p, r := float64(tp)/float64(tp+fp), float64(tp)/float64(tp+fn)
	f1 := 2 * p * r / (p + r)
	t.Logf("headline pairs: P %.3f R %.3f F1 %.3f", p, r, f1)
	if f1 < .805 {
		t.Errorf("F1 %.3f, want at least .805", f1)
	}
}

// TestSyndication reads groups of items that different sites took from one
// agency: each group is one story.
func TestSyndication(t *testing.T) {
	f, err := os.Open(filepath.Join(dataDir(t), "iran-oman", "syndication-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g := New(Default())
	var gold, got []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var group struct {
			Group string
			Items []struct{ Title, Summary, Source, Lang, Published, Link string }
		}
		if err := json.Unmarshal(sc.Bytes(), &group); err != nil {
			t.Fatal(err)
		}
		for _, it := range group.Items {
			at := anyTime(t, it.Published)
			d := g.Add(Item{ID: it.Link, Publisher: it.Source, Source: it.Source, Lang: it.Lang, Title: it.Title, Text: it.Summary, Published: at, Seen: at})
			gold, got = append(gold, group.Group), append(got, d.Story)
		}
	}
	p, r, f1 := bcubed(gold, got, func(string) bool { return true })
	t.Logf("syndicated copies: B3 P %.3f R %.3f F1 %.3f", p, r, f1)
	if f1 < .97 {
		t.Errorf("F1 %.3f, want at least .97", f1)
	}
}

// anyTime reads a date as any of its sites wrote it.
func anyTime(t *testing.T, date string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05-07:00", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, date); err == nil {
			return at
		}
	}
	t.Fatalf("what date is %q?", date)
	return time.Time{}
}

func benchmark(b *testing.B, set []labelled) {
	b.ReportAllocs()
	g := New(Default())
	items := make([]Item, len(set))
	for i, l := range set {
		items[i] = l.item()
	}
	at := noon
	n := 0
	for b.Loop() {
		it := items[n%len(items)]
		it.ID = fmt.Sprint(n)
		at = at.Add(10 * time.Second)
		it.Published, it.Seen = at, at
		g.Add(it)
		g.Changes()
		g.Commit()
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
	stories, prints := g.Active()
	b.ReportMetric(float64(stories), "stories")
	b.ReportMetric(float64(prints), "prints")
}

func BenchmarkSummaries(b *testing.B) {
	benchmark(b, loadSet(b, filepath.Join(dataDir(b), "story", "neus_dev.jsonl")))
}

func BenchmarkArticles(b *testing.B) { benchmark(b, longTexts(b, 1200)) }

func BenchmarkPair(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Pair("Ferry capsizes off Veland, at least 12 dead", "Twelve people die after ferry overturns off Veland coast")
	}
}

// TestHeadlinesWithTimes gives the headlines of uci_dev times within two days:
// what two headlines must share to be one story is more than where they have
// none, as a topic's items all share its words.
func TestHeadlinesWithTimes(t *testing.T) {
	set := loadSet(t, filepath.Join(dataDir(t), "story", "uci_dev.jsonl"))
	if raced {
		set = set[:800]
	}
	for i := range set {
		set[i].TS = noon.Add(time.Duration(i) * time.Minute).Format(time.RFC3339)
	}
	m := measure(set)
	t.Log(m)
	if m.p < .94 {
		t.Errorf("precision %.3f, want at least .94", m.p)
	}
}

// TestTopic reads headlines of one topic: they share its words and tell
// different news.
func TestTopic(t *testing.T) {
	g := New(Default())
	for i, title := range []string{
		"Pilots and Oman's airline resume pay talks", "Oman mediates between nuclear envoys in a Muscat palace", "Oman and Yemen open talks on fishing quotas",
		"Museum lends frankincense jars after talks with Oman", "Oman wins cricket series against Nepal", "Heavy rain closes schools in Oman", "Oman and India sign trade deal after talks",
	} {
		if d := g.Add(Item{ID: fmt.Sprint(i), Title: title, Published: noon, Seen: noon}); d.Kind != First && d.Kind != Related {
			t.Errorf("%q: %s, score %.2f, terms %q", title, d.Kind, d.Score, d.Why.Terms)
		}
	}
}
