package digest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

var pages = Links{Base: "https://watcher.example/"}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and read the difference\n%s", path, got)
	}
}

func TestForms(t *testing.T) {
	doc := written(t)
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "day.json", string(data)+"\n")
	golden(t, "day.txt", doc.Text(pages))
	golden(t, "day.md", doc.Markdown(pages))
	mail, err := doc.HTML(pages)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "day.mail.html", mail)
	fragment, err := doc.Fragment(pages)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "day.fragment.html", fragment)
	golden(t, "day.nopages.txt", doc.Text(Links{}))
}

// Every form shows the same stories in the same order, and survives being stored.
func TestFormsAgree(t *testing.T) {
	doc := written(t)
	data, err := doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	doc, err = Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	mail, _ := doc.HTML(pages)
	fragment, _ := doc.Fragment(pages)
	for name, form := range map[string]string{"mail": mail, "fragment": fragment, "markdown": doc.Markdown(pages), "text": doc.Text(pages)} {
		// The lists begin behind what changed and what was starred.
		_, lists, ok := strings.Cut(strings.ToLower(form), "top stories")
		if !ok {
			t.Fatalf("%s has no top stories", name)
		}
		if name == "text" {
			continue // its links are numbered: the golden file shows their order
		}
		pos := 0
		for _, s := range doc.Stories() {
			i := strings.Index(lists[pos:], "/stories/"+s.ID)
			if i < 0 {
				t.Fatalf("%s: %s is missing or out of order", name, s.ID)
			}
			pos += i
		}
	}
}

func TestTextKeepsToItsColumns(t *testing.T) {
	doc := written(t)
	for _, l := range strings.Split(doc.Text(pages), "\n") {
		if textWidth(l) > columns && !strings.HasPrefix(l, "[") {
			t.Errorf("%d columns: %s", textWidth(l), l)
		}
	}
}

func TestNothingRuns(t *testing.T) {
	doc := written(t)
	mail, _ := doc.HTML(pages)
	fragment, _ := doc.Fragment(pages)
	for name, form := range map[string]string{"mail": mail, "fragment": fragment} {
		for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "javascript:alert(1)\"", "src="} {
			if strings.Contains(form, bad) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
	}
	if md := doc.Markdown(pages); strings.Contains(md, "<script") || strings.Contains(md, "[a](java") {
		t.Error("markdown lets markup through")
	}
}

func TestWindowsTakeEachItemOnce(t *testing.T) {
	f := &fake{}
	for m := range 48 * 4 {
		f.add("st_"+string(rune('a'+m%26))+string(rune('a'+m/26)), []string{"strait-talks"}, 0, line{at(0, 15*m), "beacon", "Headline", ""})
	}
	def := definition(t)
	total := 0
	for _, w := range [][2]time.Time{{at(0, 0), at(7, 0)}, {at(7, 0), at(31, 7)}, {at(31, 7), at(48, 0)}} {
		doc, err := Build(t.Context(), f, def, w[0], w[1], w[1])
		if err != nil {
			t.Fatal(err)
		}
		total += doc.Head.Articles
	}
	if total != 48*4 {
		t.Errorf("three windows hold %d articles, want %d", total, 48*4)
	}
}

// An item whose poll began before the window's end and committed after the
// build is in the next issue, and only there.
func TestLateCommit(t *testing.T) {
	f := &fake{}
	def := definition(t)
	f.add("st_a", []string{"strait-talks"}, 0, line{at(29, 50), "beacon", "In time", ""})
	first, err := Build(t.Context(), f, def, at(6, 0), at(30, 0), at(30, 0))
	if err != nil {
		t.Fatal(err)
	}
	data, _ := first.Encode()
	f.digests = []store.Digest{{ID: "morning", Date: first.Date, From: first.From, To: first.To, Document: data}}
	f.add("st_b", []string{"strait-talks"}, 0, line{at(29, 59), "tide", "Too late for the build", ""})
	second, err := Build(t.Context(), f, def, at(30, 0), at(54, 0), at(54, 0))
	if err != nil {
		t.Fatal(err)
	}
	if got := second.Stories(); len(got) != 0 && got[0].ID != "st_b" || second.Head.Articles != 1 {
		t.Errorf("second issue: %d articles, %+v", second.Head.Articles, got)
	}
}

// An article that its feed dates before the window, and that came within it, is
// in this issue, though its story's row stands under the date; one that came
// before is not.
func TestDatedBeforeTheWindow(t *testing.T) {
	f := &fake{}
	topics := []string{"strait-talks"}
	f.add("st_late", topics, 0, line{at(31, 0), "beacon", "Written before the issue, fetched after it", ""})
	f.add("st_old", topics, 0, line{at(29, 0), "tide", "Written and fetched before it", ""})
	f.add("st_muted", topics, 0, line{at(28, 0), "tide", "Muted, and of the day before", ""})
	f.items[0].Published = at(29, 0)
	f.stories[0].FirstSeen, f.stories[0].LastSeen = at(29, 0), at(29, 0)
	f.stories[2].Muted = true
	for _, w := range []struct {
		from, to time.Time
		want     string
		muted    int
	}{{at(6, 0), at(30, 0), "st_old", 1}, {at(30, 0), at(54, 0), "st_late", 0}, {at(54, 0), at(78, 0), "", 0}} {
		doc, err := Build(t.Context(), f, definition(t), w.from, w.to, w.to)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range doc.Stories() {
			got = append(got, s.ID)
		}
		if strings.Join(got, " ") != w.want || doc.Left.Muted != w.muted {
			t.Errorf("issue of %s: stories %q, %d muted; want %q, %d", w.to, got, doc.Left.Muted, w.want, w.muted)
		}
	}
}

func TestBaselineCountsByItsOwnDate(t *testing.T) {
	f := &fake{}
	f.add("st_base", []string{"strait-talks"}, 0, line{at(29, 0), "beacon", "Came with the first poll, yesterday's", ""},
		line{at(29, 0), "tide", "Came with the first poll, last year's", ""})
	for i := range f.items {
		f.items[i].Baseline = true
	}
	f.items[0].Published, f.items[1].Published = at(8, 0), at(-9000, 0)
	doc, err := Build(t.Context(), f, definition(t), at(6, 0), at(30, 0), at(30, 0))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Head.Articles != 1 {
		t.Errorf("%d articles, want the one of the day", doc.Head.Articles)
	}
}

// The mail stays under what Gmail clips, with long titles in a script of three
// bytes a letter.
func TestMailSize(t *testing.T) {
	f := day()
	long := strings.Repeat("محادثات المضيق ", 12)
	for i := range 60 {
		id := "st_many_" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		f.add(id, []string{"strait-talks"}, 1, line{at(7, i), "khabar", long, long + long}, line{at(8, i), "tide", "The strait, seen from quay " + id, long}, line{at(8, i), "state", "The strait " + id, ""})
	}
	doc, err := Build(t.Context(), f, definition(t), at(6, 0), at(30, 0), at(30, 0))
	if err != nil {
		t.Fatal(err)
	}
	mail, err := doc.HTML(pages)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d stories listed, %d bytes of mail, %d of text, %d of JSON", len(doc.Stories()), len(mail), len(doc.Text(pages)), len(must(doc.Encode())))
	if len(mail) >= 90_000 {
		t.Errorf("mail of %d bytes", len(mail))
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestEmptyDays(t *testing.T) {
	f := &fake{}
	def := definition(t)
	def.Empty = Skip
	n := 0
	newID := func() string { n++; return "msg_" + string(rune('a'+n)) }
	f.add("st_x", []string{"weather"}, 0, line{at(-100, 0), "tide", "Something else", ""})
	var told []int
	now := at(6, 0)
	for d := 1; d <= 7; d++ {
		before := len(f.deliveries)
		made, next, err := Run(t.Context(), fakeStore{fake: f}, def, now, newID)
		if err != nil || !made {
			t.Fatalf("day %d: made %v, %v", d, made, err)
		}
		if len(f.deliveries) > before {
			told = append(told, d)
		}
		now = next
	}
	if len(told) != 2 || told[0] != 3 || told[1] != 6 {
		t.Errorf("a skipped empty digest spoke on days %v, want 3 and 6", told)
	}
	if doc, _ := Decode(f.digests[2].Document); !doc.Alarm || doc.EmptyDays != 3 {
		t.Errorf("third empty day: alarm %v after %d days", doc.Alarm, doc.EmptyDays)
	}
}

func TestDir(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"en", "Talks", "ltr"}, {"fa", "گفت\u200cوگو", "rtl"}, {"fa", "U.S. گفت\u200cوگوهای تنگه", "rtl"}, {"", "محادثات BBC", "rtl"},
		{"fa", "Tehran Times", "ltr"}, {"ar", "123", "rtl"}, {"", "", "ltr"}, {"he-IL", "", "rtl"},
	} {
		if got := Dir(c.lang, c.text); got != c.want {
			t.Errorf("Dir(%q, %q) = %s, want %s", c.lang, c.text, got, c.want)
		}
	}
}

// TestFewReasons: a name spelled in five ways must not hide the other half of
// the rule.
func TestFewReasons(t *testing.T) {
	words := []Reason{{"Harbour", "@port"}, {"quay", "@port"}, {"docks", "@port"}, {"harbor", "@port"}, {"port", "@port"}, {"strike", ""}, {"dockers", "@union"}}
	var got []string
	for _, r := range fewReasons(words) {
		got = append(got, r.Text)
	}
	if want := "Harbour quay docks strike dockers"; strings.Join(got, " ") != want {
		t.Errorf("words shown: %q, want %q", strings.Join(got, " "), want)
	}
	if got := fewReasons(nil); got == nil || len(got) != 0 {
		t.Errorf("no words: %v, want an empty list", got)
	}
}

func TestLanguages(t *testing.T) {
	if got := Languages([]string{"en-us", "fa", "en", "en-gb", ""}); strings.Join(got, " ") != "en fa" {
		t.Errorf("languages %v, want en fa", got)
	}
	if Languages(nil) == nil {
		t.Error("no languages are an empty list, not null")
	}
}
