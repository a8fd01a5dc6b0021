package names

import (
	"strings"
	"unicode/utf8"
)

// formsIn gives what a language regularly makes of a country's name: its cases,
// what is written onto it, its adjectives. A form that is no word of the language
// meets nothing, so a rule need not know the exceptions; those that it misses are
// in countries.txt.
func formsIn(lang, name string) (out []string) {
	word := strings.ToLower(name)
	single := !strings.ContainsAny(name, " -،,")
	onto := func(base, ends string) {
		for _, end := range strings.Fields(ends) {
			out = append(out, base+end)
		}
	}
	switch lang {
	case "ar":
		return arabicForms(name, single && utf8.RuneCountInString(name) >= 3)
	case "he":
		return hebrewForms(name, single)
	}
	if !single {
		return nil
	}
	for _, r := range inflections[lang] {
		base, ok := strings.CutSuffix(word, r.end)
		if ok && utf8.RuneCountInString(base) >= r.least {
			onto(base, r.forms)
			break
		}
	}
	if lang == "tr" {
		onto(name, turkishOf(word))
	}
	return out
}

// An inflection takes an end off a name that keeps so many letters, and puts
// others on. The first that fits is the one.
type inflection struct {
	end   string
	least int
	forms string
}

var inflections = map[string][]inflection{
	"ru": {
		{"ия", 3, "ии ию ией ийск* иец ийц*"},
		{"а", 3, "ы и у ой е ск* ьск* ийск* ец ц*"},
		{"я", 3, "и ю ей е йск*"},
		{"ь", 4, "я ю ем е ск* ьск*"},
		{"й", 3, "я ю ем е йск* ец"},
		{"и", 3, ""}, {"о", 3, ""}, {"у", 3, ""}, {"ы", 3, ""}, {"е", 3, ""},
		{"", 3, "а у ом ем е ск* ец ц*"},
	},
	"uk": {
		{"ія", 3, "ії ію ією ійськ* ієць ійц*"},
		{"а", 3, "и у ою і ськ* ійськ*"},
		{"ь", 4, "ю ем і ськ* ьськ*"},
		{"й", 3, "ю єм ї йськ*"},
		{"і", 3, ""}, {"о", 3, ""}, {"у", 3, ""}, {"и", 3, ""}, {"е", 3, ""},
		{"", 3, "у ом ем і ові ськ* ець"},
	},
	"bg": {{"ия", 3, "ийск* ийц*"}, {"а", 3, "ск* нск*"}, {"", 4, "ск*"}},
	"sr": {{"ија", 3, "ије ији ију ијом ијск* ијац"}, {"а", 3, "е и у ом ск*"}, {"", 4, "а у ом ск*"}},
	"pl": {
		{"ja", 3, "ji ję ją jsk*"},
		{"ia", 3, "ii ię ią yjsk* ijsk*"},
		{"n", 3, "nu nem nie nowi ńsk*"},
		{"a", 3, "y i ę ą ie sk* ńsk* ijsk*"},
		{"y", 3, ""}, {"e", 3, ""}, {"o", 3, ""}, {"i", 3, ""},
		{"", 4, "u em ie owi sk* ijsk*"},
	},
	"cs": {
		{"ie", 3, "ii ií ijsk* sk*"}, {"o", 4, "a u em"}, {"a", 4, "y u ou sk*"},
		{"", 4, "u em sk*"},
	},
	"de": {
		{"ien", 2, "ienisch* isch* ianisch*"}, {"a", 3, "anisch* isch*"}, {"", 4, "isch*"},
	},
	"fr": {
		{"ie", 3, "ien ienne iens iennes"}, {"ia", 3, "ian iane ians ianes"}, {"e", 3, "ais aise aises ois oise oises ien ienne iens iennes"},
		{"a", 3, "ais aise aises ien ienne iens iennes"}, {"", 4, "ais aise aises ien ienne iens iennes"},
	},
	"es": {
		{"ia", 3, "iano iana ianos ianas"}, {"a", 4, "ano ana anos anas eño eña eños eñas"}, {"", 4, "ano ana anos anas eño eña eños eñas"},
	},
	"it": {{"ia", 3, "iano iana iani iane"}, {"", 4, "iano iana iani iane ese esi"}},
	"pt": {{"ia", 3, "iano iana ianos ianas"}, {"", 4, "iano iana ianos ianas ano ana anos anas"}},
	"el": {
		{"ία", 2, "ίας ικ* ός οί ών ού ούς"},
		{"α", 4, "ας"}, {"ος", 3, "ου ο"}, {"ό", 4, "ού"}, {"ο", 4, "ου"},
	},
	"fa": {{"ا", 3, "ایی اییها"}, {"و", 3, "ویی"}, {"ه", 3, "ه‌ای"}, {"", 3, "ی یها یان"}},
	"hi": {{"", 3, "ी ई"}},
	"bn": {{"া", 3, "ার াকে ায় ান ানরা"}, {"", 3, "ের র কে তে ে ি"}},
	"gu": {{"", 3, "ના ની નું નો માં ને થી એ ે ી"}},
	"ko": {{"", 2, "은 는 이 가 을 를 의 에 에서 에게 와 과 도 로 으로 만 군 인 측 산 산의 인의 정부 대통령 총리 외무장관"}},
}

// turkishOf is who comes from there, by the name's last vowel.
func turkishOf(word string) string {
	i := strings.LastIndexAny(word, "aıâeiouöü")
	if i < 0 {
		return ""
	}
	switch r, _ := utf8.DecodeRuneInString(word[i:]); r {
	case 'e', 'i':
		return "li liler"
	case 'o', 'u':
		return "lu lular"
	case 'ö', 'ü':
		return "lü lüler"
	}
	return "lı lılar"
}

// arabicForms are a name behind what Arabic writes onto it (and, in, to),
// and the adjectives of a name that is one word.
func arabicForms(name string, single bool) (out []string) {
	join := func(form string) {
		for _, p := range []string{"و", "ب", "ل", "وب", "ول"} {
			if rest, ok := strings.CutPrefix(form, "ال"); ok && strings.HasSuffix(p, "ل") {
				out = append(out, p+"ل"+rest) // to the: one alef less
			} else {
				out = append(out, p+form)
			}
		}
	}
	join(name)
	base := strings.TrimPrefix(name, "ال")
	for _, end := range []string{"يا", "ا", "ة"} {
		if b, ok := strings.CutSuffix(base, end); ok && utf8.RuneCountInString(b) >= 3 {
			base = b
			break
		}
	}
	if !single || utf8.RuneCountInString(base) < 3 || strings.HasSuffix(base, "ي") {
		return out
	}
	for _, end := range []string{"ي", "ية", "يين", "يون"} {
		out = append(out, base+end, "ال"+base+end)
		join("ال" + base + end)
	}
	return out
}

// medial are the letters that Hebrew writes otherwise at the end of a word.
var medial = strings.NewReplacer("ם", "מ", "ן", "נ", "ך", "כ", "ף", "פ", "ץ", "צ")

// hebrewForms are a name behind what Hebrew writes onto it, and the adjectives.
// Of a short name they would be other words: קובי of Cuba is a man.
func hebrewForms(name string, single bool) (out []string) {
	short := utf8.RuneCountInString(name) < 4
	for _, p := range strings.Fields("ב ל ו מ ש כ ה") {
		if short && p != "ב" && p != "ל" {
			break
		}
		out = append(out, p+name)
	}
	base, land := strings.CutSuffix(name, "יה")
	base = strings.TrimSuffix(base, "ה")
	if n := utf8.RuneCountInString(base); !single || n < 3 || n < 4 && !land {
		return out
	}
	base = medial.Replace(base)
	for _, end := range strings.Fields("י ית ים") {
		out = append(out, base+end, "ה"+base+end)
	}
	return out
}
