package app_test

import (
	"bufio"
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/app"
	"watcher/notify"
)

// labelled is an item of the desk's own labelling.
type labelled struct {
	ID, Title, Summary, Lang, Source, Published, Label string
	Oman                                               bool
}

// tally counts one topic's hits against the labels.
type tally struct{ hit, false, missed, other int }

func (t tally) precision() float64 { return float64(t.hit) / math.Max(1, float64(t.hit+t.false)) }
func (t tally) recall() float64    { return float64(t.hit) / math.Max(1, float64(t.hit+t.missed)) }
func (t tally) f1() float64 {
	p, r := t.precision(), t.recall()
	return 2 * p * r / math.Max(1e-9, p+r)
}

func (t *tally) add(want, got bool) {
	switch {
	case want && got:
		t.hit++
	case want:
		t.missed++
	case got:
		t.false++
		t.other++
	default:
		t.other++
	}
}

// TestShippedTopics measures the topics of the example on labelled items, whole
// and in five parts by week: how far apart those are is what to expect of weeks
// that no one has seen.
func TestShippedTopics(t *testing.T) {
	c, ps, err := app.Load("../../config.example.yaml", func(string) (string, bool) { return "", false }, notify.Env{}, nil)
	if err != nil {
		t.Fatal(err, ps)
	}
	m := c.Set.NewMatcher()
	var talks, oman tally
	var parts [5]tally
	for _, it := range labelledItems(t) {
		if it.Label == "borderline" {
			continue
		}
		hit := map[string]bool{}
		for _, h := range m.Match(feeds.Item{GUID: it.ID, Title: it.Title, Summary: it.Summary, Lang: it.Lang, Source: it.Source}, time.Now()) {
			hit[h.Topic] = true
		}
		talks.add(it.Label == "talks", hit["iran-us-talks"])
		oman.add(it.Oman, hit["oman-mediation"])
		parts[partOf(it)].add(it.Label == "talks", hit["iran-us-talks"])
	}
	t.Logf("iran-us-talks: precision %.3f, recall %.3f, %.1f false in 1,000 others", talks.precision(), talks.recall(), 1000*float64(talks.false)/float64(talks.other))
	t.Logf("oman-mediation: precision %.3f, recall %.3f, F1 %.3f", oman.precision(), oman.recall(), oman.f1())
	for i, p := range parts {
		t.Logf("part %d: precision %.3f, recall %.3f, %+v", i, p.precision(), p.recall(), p)
	}
	if talks.precision() < .90 || talks.recall() < .92 || 1000*talks.false > 20*talks.other || oman.f1() < .90 {
		t.Error("below desk quality: precision .90, recall .92, 20 false in 1,000; F1 .90")
	}
}

// partOf puts the items of one week into one part.
func partOf(it labelled) int {
	day := it.Published
	if at, err := time.Parse(time.DateOnly, day[:min(len(day), 10)]); err == nil {
		y, w := at.ISOWeek()
		day = time.Date(y, 1, 1+7*w, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	h := fnv.New32a()
	h.Write([]byte(day))
	return int(h.Sum32() % 5)
}

func labelledItems(t *testing.T) (out []labelled) {
	root := os.Getenv("WATCHER_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	var f *os.File
	var err error
	for _, dir := range []string{filepath.Join(root, "data"), root} {
		if f, err = os.Open(filepath.Join(dir, "iran-oman", "dev.jsonl")); err == nil {
			break
		}
	}
	if err != nil {
		t.Skip("no labelled items: set WATCHER_DATA to the folder that holds iran-oman/dev.jsonl")
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var it labelled
		if err := json.Unmarshal(sc.Bytes(), &it); err != nil {
			t.Fatal(err)
		}
		out = append(out, it)
	}
	return out
}
