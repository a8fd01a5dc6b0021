package match

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/match/matchtest"
)

var named = []Entity{
	{ID: "araghchi", Name: "Abbas Araghchi", Alone: true},
	{ID: "busaidi", Name: "Badr Albusaidi", Alone: true},
	{ID: "salman", Name: "Mohammed bin Salman", Alone: true},
	{ID: "rice", Name: "Condoleezza Rice", Alone: true},
	{ID: "hoekstra", Name: "Wopke Hoekstra", Alone: false},
	{ID: "abdollahian", Name: "Hossein Amir-Abdollahian", Alone: true},
	{ID: "strict", Name: "Abbas Araghchi", Spelling: "strict", Alone: true},
	{ID: "not", Name: "Abbas Araghchi", Not: []string{"Araqchi"}, Alone: true},
	{ID: "iran", Country: "IR"},
	{ID: "oman", Country: "OM", Alias: list("Muscat")},
	{ID: "us", Country: "US"},
	{ID: "chad", Country: "TD"},
}

func namedSet(t testing.TB, rule string) *Set {
	t.Helper()
	s, errs, _ := Compile(Config{Topics: []Topic{{ID: "t", Match: src(rule)}}, Entities: named})
	if errs != nil {
		t.Fatalf("%s: %v", rule, Join(errs))
	}
	return s
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		rule, title, want string // want: the spans' texts and forms
	}{
		{"@araghchi", "Araqchi flies to Muscat", "Araqchi name"},
		{"@araghchi", "Arakçi Maskat'ta", "Arakçi name"},
		{"@araghchi", "Глава МИД Аракчи прибыл", "Аракчи name"},
		{"@araghchi", "عراقچی وارد مسقط شد", "عراقچی name"},
		{"@araghchi", "وزير الخارجية وعراقجي", "وعراقجي name"},
		{"@araghchi", "विदेश मंत्री अराघची ने कहा", "अराघची name"},
		{"@araghchi", "Mr Abbas Araqchi said", "Abbas Araqchi name, Araqchi name"},
		{"@araghchi", "ABBAS ARAGHCHI SPEAKS", "ABBAS ARAGHCHI name, ARAGHCHI name"},
		// Another name, an ordinary word, the given name alone.
		{"@araghchi", "Araghi of Aragon", ""},
		{"@araghchi", "the araqchi of old", ""},
		{"@araghchi", "وزير الخارجية العراقي", ""},
		{"@araghchi", "Mahmoud Abbas speaks", ""},
		{"@strict", "Araghchi", "Araghchi name"},
		{"@strict", "Арагчий", ""},
		{"@not", "Araqchi and Aragchi", "Aragchi name"},
		// Articles, joins, particles.
		{"@busaidi", "Badr al-Busaidi", "Badr al-Busaidi name, Busaidi name"},
		{"@busaidi", "Sayyid Badr Al Bu Saidi said", "Bu Saidi name"},
		{"@busaidi", "البوسعيدي يستقبل", "البوسعيدي name"},
		{"@busaidi", "بوسعیدی گفت", "بوسعیدی name"},
		{"@salman", "Mohammed bin Salman receives", "bin Salman name"},
		{"@salman", "King Salman receives", ""},
		{"@salman", "محمد بن سلمان", "بن سلمان name"},
		{"@abdollahian", "Amir-Abdollahian met", "Abdollahian name, Amir-Abdollahian name"},
		{"@abdollahian", "امیرعبداللهیان گفت", "امیرعبداللهیان name"},
		{"@abdollahian", "Abdollahian met", "Abdollahian name"},
		// A word of the language takes the full name.
		{"@rice", "Rice prices rise", ""},
		{"@rice", "Condoleezza Rice speaks", "Condoleezza Rice name"},
		// alone: no takes the given name, a title, or both side by side.
		{"@hoekstra", "Hoekstra speaks", ""},
		{"@hoekstra", "Minister Hoekstra speaks", "Hoekstra name"},
		{"@hoekstra", "Wopke Hoekstra speaks", "Wopke Hoekstra name, Hoekstra name"},
		{"@hoekstra", "Hoekstra, whose first name is Wopke", "Hoekstra name"},
		// Countries.
		{"@iran", "Iranian talks", "Iranian country"},
		{"@iran", "İran'dan açıklama", "İran country"},
		{"@iran", "ईरान और ईरानी", "ईरान country, ईरानी country"},
		{"@iran", "Iraq and Ira Levin", ""},
		{"@iran", "Ираном и Ирина", "Ираном country"},
		{"@oman", "Oman, Omani and Muscat", "Oman country, Omani country, Muscat alias"},
		{"@oman", "a woman, Osman and a yeoman", ""},
		{"@oman", "Romania, Ottoman Osmani, Omaha's Roman women and the Omanhene", ""},
		{"@araghchi", "Araghi, Aragón, Arago, Araghian and Iraqi", ""},
		{"@araghchi", "اراکی و عراقی گفتند", ""},
		{"@us", "tell us more of the use", ""},
		{"@us", "Us and them: join us, let's, bus, Usa the town, campus", ""},
		{"@us", "US and U.S. and USA", "US country, USA country, U.S. country"},
		{"@us", "the United States of America", "United States country, America country, United States of America country"},
		{"@us", "Vereinigte Staaten, EE.UU. y Estados Unidos", "Estados Unidos country, Vereinigte Staaten country, EE.UU country"},
		{"@us", "केंद्र ने अमेरिका से कहा", "अमेरिका country"},
	} {
		s := namedSet(t, c.rule)
		var got []string
		for _, h := range s.NewMatcher().Match(feeds.Item{Title: c.title}, time.Time{}) {
			for _, sp := range h.Hits {
				got = append(got, sp.Text+" "+sp.Form)
			}
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s in %q: %s, want %s", c.rule, c.title, g, c.want)
		}
	}
}

func TestNamesInRules(t *testing.T) {
	for _, c := range []struct {
		rule, title string
		want        bool
	}{
		{"@araghchi NEAR/3 @busaidi", "Abbas Araghchi met Badr Albusaidi", true},
		{"@araghchi NEAR/1 @busaidi", "Araghchi met, of all the people there, Albusaidi", false},
		{"@hoekstra NEAR/2 talks", "Hoekstra talks", false},
		{"@hoekstra NEAR/2 talks", "Hoekstra talks, Wopke does", true},
		{"ATLEAST/2 @araghchi", "Abbas Araghchi", false},
		{"ATLEAST/2 @araghchi", "Araghchi and Araqchi", true},
		{"@iran NOT @us", "Iran", true},
		{"@iran NOT @us", "Iran and America", false},
		{"title:(@iran) AND @us", "Iran, the U.S.", true},
	} {
		if got := len(namedSet(t, c.rule).NewMatcher().Match(feeds.Item{Title: c.title}, time.Time{})) > 0; got != c.want {
			t.Errorf("%s in %q: %v", c.rule, c.title, got)
		}
	}
}

func TestNameErrors(t *testing.T) {
	for _, c := range []struct {
		e    Entity
		want string
	}{
		{Entity{ID: "x", Country: "Iran"}, "did you mean IR"},
		{Entity{ID: "x", Country: "XX"}, `unknown country "XX"`},
		{Entity{ID: "x", Name: "阿拉格齐"}, "give its spellings as alias"},
		{Entity{ID: "x", Name: "Abbas Araghchi", Spelling: "wild"}, "strict, normal or loose"},
	} {
		_, errs, _ := Compile(Config{Topics: []Topic{{ID: "t", Match: src("@x")}}, Entities: []Entity{c.e}})
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.e, errs, c.want)
		}
	}
}

func TestWhy(t *testing.T) {
	entities := append([]Entity{{ID: "side", Alias: list("Tehran", "@araghchi")}}, named...)
	set, errs, _ := Compile(Config{Topics: []Topic{{ID: "t", Match: src("@side")}}, Entities: entities})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	for _, via := range []string{"@araghchi", "@side"} {
		if got := set.Why(via, "Araqchi"); !strings.HasPrefix(got, "@araghchi: Araqchi is Araghchi at 0.0") {
			t.Errorf("%s, Araqchi: %q", via, got)
		}
		if got := set.Why(via, "Aragon"); got != "" {
			t.Errorf("%s, Aragon: %q", via, got)
		}
	}
}

func TestAloneWarns(t *testing.T) {
	_, errs, warnings := Compile(Config{Topics: []Topic{{ID: "t", Match: src("@smith OR @no OR @araghchi")}}, Entities: []Entity{
		{ID: "smith", Name: "John Smith", Alone: true}, {ID: "no", Name: "John Smith"}, {ID: "araghchi", Name: "Abbas Araghchi", Alone: true}}})
	if errs != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Error.Msg, "name John Smith") {
		t.Errorf("%v %v", errs, warnings)
	}
}

// BenchmarkNames compares the newswire met by 1,000 rules with and without 1,000
// names of people beside them.
func BenchmarkNames(b *testing.B) {
	corpus := matchtest.Corpus(b)
	items := matchtest.Limit(newsItems(corpus))
	topics := ruleTopics(matchtest.NewGen(corpus, seed).Rules(1000))
	people := Config{Topics: topics}
	rng := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ba ra ti mo sen kov ski lar din shah mir zad pour gan tel bek ul han dze vic nor ves quin tor mal")
	word := func(n int) (w string) {
		for range n {
			w += syllables[rng.IntN(len(syllables))]
		}
		return strings.ToUpper(w[:1]) + w[1:]
	}
	for i := range 1000 {
		id := fmt.Sprint("p", i)
		people.Entities = append(people.Entities, Entity{ID: id, Name: word(2) + " " + word(3), Alone: true})
		people.Topics = append(people.Topics, Topic{ID: id, Match: src("@" + id)})
	}
	alone, beside := mustCompile(b, topics).NewMatcher(), mustSet(b, people).NewMatcher()
	for _, it := range items { // every distinct word once
		alone.Topics(it, time.Time{})
		beside.Topics(it, time.Time{})
	}
	b.ReportAllocs()
	matchtest.Compare(b, len(items), "alone", func(i int) { alone.Topics(items[i], time.Time{}) }, func(i int) { beside.Topics(items[i], time.Time{}) })
}

// TestPronounInCapitals: in a title all in capitals US may be either word: it
// counts, and the explanation says that it may be the pronoun.
func TestPronounInCapitals(t *testing.T) {
	m := namedSet(t, "@us").NewMatcher()
	for title, want := range map[string]string{"TELL US MORE": "may be the plain word", "US tells more": "", "TELL THE USA MORE": ""} {
		x, _ := m.Explain("t", feeds.Item{Title: title}, time.Time{})
		if notes := strings.Join(x.Notes, "; "); !x.Match || !strings.Contains(notes, want) || want == "" && notes != "" {
			t.Errorf("%s: match %v, notes %q, want %q", title, x.Match, notes, want)
		}
	}
}

func TestExplainNames(t *testing.T) {
	s := namedSet(t, "@araghchi AND @oman")
	m := s.NewMatcher()
	it := feeds.Item{Title: "Araqchi flies to Muscat"}
	x, _ := m.Explain("t", it, time.Time{})
	if !x.Match || len(x.Notes) == 0 || !strings.Contains(x.Notes[0], "Araqchi is Araghchi at") {
		t.Errorf("%+v", x)
	}
}
