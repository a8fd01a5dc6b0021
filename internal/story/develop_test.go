package story

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEventWords: a word that is not written as words are read is never met.
func TestEventWords(t *testing.T) {
	seen := map[string]string{}
	for event, words := range eventVerbs {
		for w := range strings.FieldsSeq(words) {
			var folded []rune
			for _, r := range w {
				folded = foldInto(folded, r)
			}
			if string(folded) != w {
				t.Errorf("%s: %s is read as %s", event, w, string(folded))
			}
			if other := seen[w]; other != "" && other != event {
				t.Errorf("%s stands for %s and for %s", w, other, event)
			}
			seen[w] = event
		}
	}
}

// TestDevelopsInHeadlines follows a ship that was seized: what comes of it is
// told in the present tense, in the story's own language, and told once.
func TestDevelopsInHeadlines(t *testing.T) {
	for _, c := range []struct {
		lang   string
		seized []string // three texts of the first hour
		then   []string // hours later; the second of each pair tells it again
		events []string // the word of every other one of then that tells it
	}{
		{"en", []string{
			"Iran seizes freighter Aurelia in Strait of Hormuz|The container ship Aurelia was boarded near Larak and taken to Bandar Abbas with 21 sailors, its owner Nordwacht said.",
			"Freighter Aurelia taken by Iranian forces near Larak|The Aurelia of the Hamburg firm Nordwacht was boarded in the Strait of Hormuz; 21 sailors are in Bandar Abbas.",
			"Nordwacht: freighter Aurelia boarded near Larak|Iranian forces took the Aurelia to Bandar Abbas, the owner Nordwacht said of its freighter with 21 sailors.",
		}, []string{
			"Germany summons Iran's ambassador over freighter Aurelia|Berlin wants the Aurelia of Nordwacht and her 21 sailors back from Bandar Abbas.",
			"Berlin summons Iranian envoy over the freighter Aurelia|The Aurelia of Nordwacht lies in Bandar Abbas with 21 sailors.",
			"Oman offers to mediate over freighter Aurelia|Muscat spoke to Iran and Germany on the Aurelia of Nordwacht and her sailors in Bandar Abbas.",
			"Oman's mediation over freighter Aurelia begins|The Aurelia of Nordwacht lies in Bandar Abbas; her sailors wait.",
			"Iran releases sailors of freighter Aurelia|The 21 sailors of the Aurelia left Bandar Abbas, Nordwacht said.",
			"Iran frees 21 sailors of freighter Aurelia|The sailors of the Aurelia of Nordwacht flew out of Bandar Abbas.",
		}, []string{"summons", "mediate", "releases"}},
		{"fa", []string{
			"ایران کشتی اورلیا را در تنگه هرمز توقیف کرد|کشتی کانتینری اورلیا در نزدیکی لارک متوقف و با ۲۱ دریانورد به بندرعباس برده شد، شرکت نوردواخت گفت.",
			"کشتی اورلیا با ۲۱ دریانورد در نزدیکی لارک توقیف شد|کشتی اورلیا متعلق به شرکت نوردواخت به بندرعباس برده شد.",
			"نوردواخت: کشتی اورلیا در تنگه هرمز توقیف شده است|شرکت نوردواخت گفت کشتی اورلیا با ۲۱ دریانورد در بندرعباس است.",
		}, []string{
			"میانجیگری عمان برای کشتی اورلیا|کشتی اورلیا و ۲۱ دریانورد شرکت نوردواخت در بندرعباس هستند.",
			"عمان از میانجیگری برای کشتی اورلیا گفت|کشتی اورلیا متعلق به شرکت نوردواخت در بندرعباس است.",
		}, []string{"میانجیگری"}},
		{"de", []string{
			"Iran setzt Frachter Aurelia in der Straße von Hormus fest|Das Containerschiff Aurelia wurde bei Larak gestoppt und mit 21 Seeleuten nach Bandar Abbas gebracht, teilte die Reederei Nordwacht mit.",
			"Frachter Aurelia bei Larak gestoppt|Die Aurelia der Reederei Nordwacht wurde mit 21 Seeleuten nach Bandar Abbas gebracht.",
			"Reederei Nordwacht: Frachter Aurelia liegt in Bandar Abbas|Der Frachter Aurelia wurde bei Larak in der Straße von Hormus gestoppt, an Bord sind 21 Seeleute.",
		}, []string{
			"Iranischer Botschafter wegen Frachter Aurelia einbestellt|Die Aurelia der Reederei Nordwacht liegt mit 21 Seeleuten in Bandar Abbas.",
			"Wegen Frachter Aurelia: Botschafter in Berlin einbestellt|Die 21 Seeleute der Aurelia der Reederei Nordwacht sind in Bandar Abbas.",
		}, []string{"einbestellt"}},
	} {
		t.Run(c.lang, func(t *testing.T) {
			g := New(Default())
			add := func(text string, after time.Duration) Decision {
				title, body, _ := strings.Cut(text, "|")
				at := noon.Add(after)
				return g.Add(Item{ID: title, Feed: title, Publisher: title, Lang: c.lang, Title: title, Text: body, Published: at, Seen: at})
			}
			story := ""
			for i, text := range c.seized {
				d := add(text, time.Duration(i)*10*time.Minute)
				if story == "" {
					story = d.Story
				}
				if d.Story != story {
					t.Fatalf("%q is put apart: %+v", text, d)
				}
			}
			for i, text := range c.then {
				d := add(text, 3*time.Hour+time.Duration(i)*20*time.Minute)
				want, events := Same, []string(nil)
				if i%2 == 0 {
					want, events = Update, []string{c.events[i/2]}
				}
				if d.Story != story || d.Kind != want || !slices.Equal(d.Why.Events, events) {
					t.Errorf("%q: %s in %s %v, want %s in %s %v; score %.2f", text, d.Kind, d.Story, d.Why.Events, want, story, events, d.Score)
				}
			}
		})
	}
}
