package story

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// pageChatter is what pages put around an article, in the words of this test.
// Some of it holds no word that the package lists.
var pageHeads = []string{
	"Share this story. Let friends in your network know what you are reading about. Updated 4:30 pm EST.",
	"You have two free articles left this month. Log in or start a trial for full access.",
	"Our picks of the week arrive every Friday: put your address in the box below and press the orange button.",
	"By our foreign desk, with agencies. Published 12 March 2019, 07:15 GMT. 4 minutes read.",
	"This page works best when scripts are switched on. Choose your region and language above before you go on.",
}

var pageTails = []string{
	"Copyright 2014. All rights reserved. This material may not be published, broadcast, rewritten or redistributed. Read more: related stories. Follow us on Twitter and Facebook and sign up for our newsletter.",
	"Do you know more about this? Write to tips@paper.example in confidence or call 555 0199 at any hour. Our reporters answer each letter that reaches them.",
	"The opinions above are those of their authors. Corrections appear on page 2. Order a print of a photograph in our shop.",
}

type copyItem struct {
	kind     string // of copy; "original", "figure" or "lead" otherwise
	original int
	item     Item
}

// copyStream makes originals, copies of many kinds and updates of them, in an
// order in which each original comes before what is made of it.
func copyStream(docs []labelled, seed uint64) []copyItem {
	r := rand.New(rand.NewPCG(seed, 7))
	var vocabulary []string
	for _, d := range docs[:min(len(docs), 60)] {
		vocabulary = append(vocabulary, strings.Fields(d.Body)...)
	}
	edit := func(s string, p float64) string {
		w := strings.Split(s, " ")
		for i := range w {
			if r.Float64() < p {
				w[i] = vocabulary[r.IntN(len(vocabulary))]
			}
		}
		return strings.Join(w, " ")
	}
	cut := func(s string, share float64) string {
		w := strings.Split(s, " ")
		return strings.Join(w[:int(float64(len(w))*share)], " ")
	}
	first := func(s string, n int) string {
		w := strings.Split(s, " ")
		return strings.Join(w[:min(n, len(w))], " ")
	}
	head := func() string { return pageHeads[r.IntN(len(pageHeads))] }
	tail := func() string { return pageTails[r.IntN(len(pageTails))] }
	kinds := []struct {
		name string
		make func(s string) string
	}{
		{"same", func(s string) string { return s }},
		{"bare", func(s string) string {
			return strings.ToUpper(strings.Map(func(c rune) rune {
				if unicode.IsPunct(c) && c != '\'' && c != '’' && c != '.' && c != ',' {
					return ' '
				}
				return c
			}, s))
		}},
		{"quotes", func(s string) string {
			return strings.NewReplacer("'", "’", "\"", "”", " - ", " — ", "...", "…").Replace(s)
		}},
		{"page around", func(s string) string { return head() + "\n" + s + "\n" + tail() }},
		{"page after", func(s string) string { return s + "\n" + tail() }},
		{"edit 1%", func(s string) string { return edit(s, .01) }},
		{"edit 3%", func(s string) string { return edit(s, .03) }},
		{"edit 10%", func(s string) string { return edit(s, .10) }},
		{"cut to 70%", func(s string) string { return cut(s, .7) }},
		{"cut to 40%", func(s string) string { return cut(s, .4) }},
		{"40 words", func(s string) string { return first(s, 40) }},
		{"halves swapped", func(s string) string {
			w := strings.Split(s, " ")
			return strings.Join(append(append([]string{}, w[len(w)/2:]...), w[:len(w)/2]...), " ")
		}},
		{"mixed", func(s string) string { return head() + "\n" + edit(cut(s, .7), .03) + "\n" + tail() }},
		{"dateline", func(s string) string { return "PORT ALBA, Tuesday (AFP) - " + s }},
	}
	var out []copyItem
	at := time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)
	type timed struct {
		copyItem
		at time.Time
	}
	var all []timed
	add := func(kind string, n int, title, body string, at time.Time) {
		id := fmt.Sprintf("%s-%d", kind, n)
		pub := fmt.Sprintf("paper%d", r.IntN(40))
		all = append(all, timed{copyItem{kind, n, Item{ID: id, Feed: pub, Publisher: pub, Title: title, Text: body, Published: at, Seen: at}}, at})
	}
	for n, d := range docs {
		start := at.Add(time.Duration(r.IntN(15*24*60)) * time.Minute)
		later := func() time.Time { return start.Add(time.Duration(1+r.IntN(3*24*60)) * time.Minute) }
		add("original", n, d.Title, d.Body, start)
		for _, k := range kinds {
			title := d.Title
			if r.IntN(4) == 0 {
				title = first(title, 6)
			}
			add(k.name, n, title, k.make(d.Body), later())
		}
		if body, ok := otherFigure(r, d.Body); ok {
			add("figure", n, d.Title, body, later())
		}
		add("lead", n, d.Title, newLeadFor(r, n, d.Body)+"\n"+d.Body, later())
		if i := strings.IndexAny(d.Body, ".\n"); i > 80 && len(strings.Fields(d.Body[i:])) > 40 {
			add("replaced lead", n, d.Title, newLeadFor(r, n+1, d.Body)+"\n"+d.Body[i+1:], later())
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, t := range all {
		out = append(out, t.copyItem)
	}
	return out
}

var countable = regexp.MustCompile(`\b(\d[\d,]{0,6}) (people|dead|killed|percent|pct|mln|billion|million|jobs|workers|troops|soldiers|votes|members|dlrs|cts|tonnes|shares|countries|states|lawmakers|students|cases|deaths|homes)\b`)

// otherFigure changes the first number that counts something, wherever it
// counts that.
func otherFigure(r *rand.Rand, body string) (string, bool) {
	m := countable.FindStringSubmatchIndex(body)
	if m == nil {
		return "", false
	}
	old := body[m[2]:m[3]]
	v, err := strconv.Atoi(strings.ReplaceAll(old, ",", ""))
	if err != nil {
		return "", false
	}
	v += 1 + r.IntN(v/2+7)
	return body[:m[2]] + strconv.Itoa(v) + body[m[3]:], true
}

// newLeadFor writes a first paragraph about somebody of the text.
func newLeadFor(r *rand.Rand, n int, body string) string {
	var names []string
	w := strings.Fields(body)
	for i := 1; i < len(w); i++ {
		x := strings.Trim(w[i], ",.;:\"'”“()")
		if len(x) > 3 && strings.Count(body, x) > 1 && !strings.HasSuffix(x, "day") && !newLexicon().months[hashWord(strings.ToLower(x))] && unicode.IsUpper(rune(x[0])) && !strings.HasSuffix(w[i-1], ".") {
			names = append(names, strings.TrimSuffix(strings.TrimSuffix(x, "'s"), "’s"))
		}
	}
	if len(names) == 0 {
		names = []string{"Officials"}
	}
	name := func() string { return names[r.IntN(len(names))] }
	leads := []string{
		"%s withdrew the plan late in the evening after talks with %s collapsed, two people close to the matter said.",
		"A judge halted the decision within hours, ruling that %s had gone beyond what the law allows and that %s must answer by next week.",
		"In a sharp turn, %s now backs an inquiry into what happened and wants %s to be questioned under oath before the summer recess begins.",
		"Thousands took to the streets overnight against %s, as unions called a general strike and %s appealed for calm.",
		"%s was taken to hospital on arrival, a spokeswoman confirmed, while %s cut short a visit abroad.",
		"Markets fell sharply after %s signalled a change of course that %s had ruled out only a day before.",
	}
	return fmt.Sprintf(leads[n%len(leads)], name(), name())
}

// longTexts are reports of the newswire corpus and dev sets with enough text,
// none of which shares much with another.
func longTexts(t testing.TB, n int) []labelled {
	dir := dataDir(t)
	var docs []labelled
	f, err := os.Open(filepath.Join(dir, "newswire/corpus.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() && len(docs) < max(1, n*3/4) {
		var l labelled
		if json.Unmarshal(sc.Bytes(), &l) == nil && len(strings.Fields(l.Body)) > 180 {
			l.Body = strings.Join(strings.Fields(l.Body), " ")
			docs = append(docs, l)
		}
	}
	for _, l := range loadSet(t, filepath.Join(dir, "story/allsides_dev.jsonl")) {
		if len(docs) < n && len(strings.Fields(l.Body)) > 60 {
			docs = append(docs, l)
		}
	}
	var keep []labelled
	ps := newPrints(1 << 40)
	ls := newLanguages()
	tk := tokenizer{lang: ls.byName["en"]}
	for i, d := range docs {
		all := shinglesOf(tk.append(nil, d.Body))
		p := &print{number: int32(i + 1), item: fmt.Sprint(i), story: fmt.Sprint(i), shingles: sample(all)}
		if m, _ := ps.find(all, p, 3, .5); m.share < .2 {
			keep = append(keep, d)
		}
		ps.add(p)
	}
	return keep
}

// TestCopies prints what part of copies and updates is found, and fails where
// it falls below what was reached. WATCHER_SOAK measures on four times as much.
func TestCopies(t *testing.T) {
	n := 75
	if raced {
		n = 12
	}
	if os.Getenv("WATCHER_SOAK") != "" {
		n = 300
	}
	type tally struct{ n, ok int }
	got := map[string]*tally{}
	home := map[int]string{}
	g := New(Default())
	lost, copied, told := 0, 0, 0
	docs, of := longTexts(t, n), map[string]string{} // story -> what the set says its first item tells
	for _, c := range copyStream(docs, 3) {
		d := g.Add(c.item)
		g.Commit()
		k := got[c.kind]
		if k == nil {
			k = &tally{}
			got[c.kind] = k
		}
		k.n++
		if c.kind == "original" {
			home[c.original] = d.Story
			label := docs[c.original].Story
			switch {
			case d.Kind == Copy:
				copied++
			case d.Kind != Same && d.Kind != Update:
				k.ok++
				of[d.Story] = label
			case label != "" && label == of[d.Story]: // another outlet's, and right
				told++
			default:
				lost++
			}
			continue
		}
		want := Copy
		if slices.Contains([]string{"figure", "lead", "replaced lead"}, c.kind) {
			want = Update
		}
		if d.Kind == want && d.Story == home[c.original] {
			k.ok++
		} else if testing.Verbose() {
			t.Logf("%s: %s, want %s: share %.2f, figures %q was %v, lead %q\n%s", c.item.ID, d.Kind, want, d.Why.Share, d.Why.Figures, d.Why.Was, d.Why.Lead, clip(c.item.Text, 160))
		}
	}
	var copies, updates tally
	for _, k := range slices.Sorted(maps.Keys(got)) {
		v := got[k]
		t.Logf("%-16s %4d  %.3f", k, v.n, float64(v.ok)/float64(v.n))
		switch k {
		case "original":
		case "figure", "lead", "replaced lead":
			updates.n, updates.ok = updates.n+v.n, updates.ok+v.ok
		default:
			copies.n, copies.ok = copies.n+v.n, copies.ok+v.ok
		}
	}
	recall, updated := float64(copies.ok)/float64(copies.n), float64(updates.ok)/float64(updates.n)
	t.Logf("copies %.4f of %d, updates %.4f of %d, originals taken for a copy %d, put into the story that they tell %d, into another %d of %d", recall, copies.n, updated, updates.n, copied, told, lost, got["original"].n)
	if raced {
		return // too few to judge
	}
	if recall < .995 || updated < .95 || copied > 0 {
		t.Errorf("copies found %.4f, want .995; updates told %.4f, want .95; originals taken for a copy %d, want none", recall, updated, copied)
	}
}
