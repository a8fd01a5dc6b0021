package match

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"watcher/feeds"
	"watcher/match/query"
)

// nameContexts are sentences of each script that a word is put into.
var nameContexts = map[string][]string{
	"":         {"Minister %s spoke to reporters in Geneva", "A letter reached %s on Monday, sources said", "Late on Friday %s and others left the hall"},
	"Cyrillic": {"Министр %s выступил в Женеве", "Письмо получил %s, сообщили источники", "Вечером %s и другие покинули зал"},
	"Arabic":   {"صرح %s في جنيف", "أمس %s و غيره", "نامه به %s رسید"},
	"Hebrew":   {"השר %s אמר בז'נבה", "מכתב אל %s הגיע", "בערב %s יצא"},
	"Other":    {"मंत्री %s बोले", "कल %s पहुंचे", "पत्र %s को मिला"},
}

// contextsOf gives the sentences of a word's script.
func contextsOf(word string) []string {
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			return nameContexts["Cyrillic"]
		case unicode.Is(unicode.Arabic, r):
			return nameContexts["Arabic"]
		case unicode.Is(unicode.Hebrew, r):
			return nameContexts["Hebrew"]
		case r > 0x900 && r < 0xb00:
			return nameContexts["Other"]
		}
	}
	return nameContexts[""]
}

// TestNameSet puts spellings and traps of names and countries into sentences:
// what is met must be meant (precision .99), and what is meant met (recall .97).
func TestNameSet(t *testing.T) {
	entities := []Entity{
		{ID: "araghchi", Name: "Abbas Araghchi", Alone: true}, {ID: "busaidi", Name: "Badr Albusaidi", Alone: true},
		{ID: "witkoff", Name: "Steve Witkoff", Alone: true}, {ID: "pezeshkian", Name: "Masoud Pezeshkian", Alone: true},
		{ID: "netanyahu", Name: "Benjamin Netanyahu", Alone: true}, {ID: "zelensky", Name: "Volodymyr Zelensky", Alone: true},
		{ID: "biden", Name: "Joe Biden", Alone: true}, {ID: "usa", Country: "US"}, {ID: "iran", Country: "IR"}, {ID: "oman", Country: "OM"},
	}
	var topics []Topic
	for _, e := range entities {
		topics = append(topics, Topic{ID: e.ID, Match: query.Source{Text: "@" + e.ID}})
	}
	set, errs, _ := Compile(Config{Topics: topics, Entities: entities})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	m := set.NewMatcher()
	data, err := os.ReadFile("testdata/nameset.txt")
	if err != nil {
		t.Fatal(err)
	}
	var met, missed, trapped, traps int
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		id, list, _ := strings.Cut(line[2:], ": ")
		for _, word := range strings.Split(list, ", ") {
			for _, c := range contextsOf(word) {
				text := strings.Replace(c, "%s", word, 1)
				hit := false
				for _, h := range m.Match(feeds.Item{Title: text}, time.Time{}) {
					hit = hit || h.Topic == id
				}
				switch {
				case line[0] == '+' && hit:
					met++
				case line[0] == '+':
					missed++
					t.Logf("%s is not met: %s", id, text)
				case hit:
					traps++
					trapped++
					t.Logf("%s is met by another word: %s", id, text)
				default:
					traps++
				}
			}
		}
	}
	precision, recall := float64(met)/float64(met+trapped), float64(met)/float64(met+missed)
	t.Logf("%d spellings in context, %d traps: precision %.4f, recall %.4f", met+missed, traps, precision, recall)
	if met+missed < 200 || traps < 200 {
		t.Error("fewer than 200 of each")
	}
	if precision < .99 || recall < .97 {
		t.Error("below precision .99 or recall .97")
	}
}
