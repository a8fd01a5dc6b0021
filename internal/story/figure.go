package story

import (
	"math"
	"strconv"
	"strings"
)

// A figure is a number of a text and what it counts. Clock times and dates are
// none.
type figure struct {
	narrow uint32 // hash of the word on either side
	wide   uint32 // hash of two words on either side
	noun   uint32 // what it counts, 0 when unclear
	class  bool   // noun is a class of counted
	value  float64
	at     int32 // byte where it starts; not kept
	word   int32 // its token; not kept
}

const maxFigures = 48

// counted are words by which news counts, each with the class it belongs to:
// "12 dead", "12 people were killed" and "killing 12" are one figure.
var counted = map[string]string{
	"dead": "dead", "death": "dead", "deaths": "dead", "die": "dead", "died": "dead", "dies": "dead", "dying": "dead", "kill": "dead", "killed": "dead", "killing": "dead", "kills": "dead",
	"killings": "dead", "fatalities": "dead", "fatality": "dead", "bodies": "dead", "toll": "dead", "lives": "dead", "perished": "dead", "slain": "dead",
	"muertos": "dead", "muertes": "dead", "muere": "dead", "mueren": "dead", "fallecidos": "dead", "morts": "dead", "tues": "dead", "tot": "dead", "tote": "dead", "toten": "dead", "getotet": "dead",
	"morti": "dead", "mortos": "dead", "doden": "dead", "zabitych": "dead", "zginelo": "dead", "olu": "dead", "oldu": "dead", "погибших": "dead", "погибли": "dead", "загинули": "dead", "قتيلا": "dead", "قتلى": "dead", "كشته": "dead",
	"injured": "hurt", "injure": "hurt", "injuries": "hurt", "injuring": "hurt", "wounded": "hurt", "wounding": "hurt", "wounds": "hurt", "hurt": "hurt", "hospitalized": "hurt", "hospitalised": "hurt",
	"heridos": "hurt", "blesses": "hurt", "verletzte": "hurt", "verletzt": "hurt", "feriti": "hurt", "feridos": "hurt", "rannych": "hurt", "yarali": "hurt", "раненых": "hurt", "ранены": "hurt", "جريحا": "hurt", "جرحى": "hurt",
	"missing": "missing", "unaccounted": "missing", "desaparecidos": "missing", "disparus": "missing", "vermisste": "missing", "dispersi": "missing",
	"arrested": "held", "arrests": "held", "arrest": "held", "detained": "held", "arresting": "held", "detenidos": "held", "arretes": "held",
	"cases": "cases", "infections": "cases", "infected": "cases",
	"homeless": "displaced", "displaced": "displaced", "evacuated": "displaced", "fled": "displaced", "evacuees": "displaced",
	"rescued": "rescued", "survivors": "rescued", "hostages": "hostages",
	"percent": "percent", "pct": "percent", "per cent": "percent",
	"magnitude": "magnitude", "votes": "votes", "jobs": "jobs", "houses": "homes", "homes": "homes",
}

// numberWords are the numbers that news writes out. "One" is left out: it is
// mostly no number, and so are words that another language has for something
// else ("once", "sept", "sei").
var numberWords = map[string]float64{
	"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
	"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
	"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12, "hundred": 100, "thousand": 1000,
	"zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12,
	"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12,
	"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
	"tre": 3, "quattro": 4, "cinque": 5, "sette": 7, "otto": 8, "nove": 9, "dieci": 10, "undici": 11, "dodici": 12, "quatro": 4, "sete": 7, "oito": 8,
	"twee": 2, "drie": 3, "vijf": 5, "zes": 6, "zeven": 7, "negen": 9, "tien": 10, "twaalf": 12, "dwie": 2, "trzy": 3, "cztery": 4, "piec": 5, "szesc": 6, "siedem": 7, "osiem": 8,
}

var scales = map[string]float64{
	"thousand": 1e3, "million": 1e6, "millions": 1e6, "mln": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12, "hundred": 100, "millones": 1e6, "millionen": 1e6, "milliards": 1e9, "lakh": 1e5, "crore": 1e7,
}

var months = "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec " +
	"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre " +
	"januar februar marz juni juli oktober dezember gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre " +
	"stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia ocak subat nisan mayis haziran temmuz agustos eylul ekim kasim aralik " +
	"января февраля марта апреля мая июня июля августа сентября октября ноября декабря يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر"

var clockWords = "am pm a.m p.m gmt est edt et pst pdt utc ist cet bst updated published ago min mins minutes hrs oclock copyright monday tuesday wednesday thursday friday saturday sunday page photo image edition read comments views"

// lexicon holds the word lists above by hash.
type lexicon struct {
	counted map[uint32]uint32
	numbers map[uint32]float64
	scales  map[uint32]float64
	months  map[uint32]bool
	clock   map[uint32]bool
	days    map[uint32]bool
	weekday map[uint32]weekdays
	reports map[uint32]bool
	chatter map[uint32]bool
	verbs   map[uint32]string // the event that a word tells
}

func newLexicon() *lexicon {
	l := &lexicon{counted: map[uint32]uint32{}, numbers: map[uint32]float64{}, scales: map[uint32]float64{}}
	for w, class := range counted {
		l.counted[hashWord(w)] = hashWord("#" + class)
	}
	for w, n := range numberWords {
		l.numbers[hashWord(w)] = n
	}
	for w, n := range scales {
		l.scales[hashWord(w)] = n
	}
	set := func(words string) map[uint32]bool {
		m := map[uint32]bool{}
		for w := range strings.FieldsSeq(words) {
			m[hashWord(w)] = true
		}
		return m
	}
	l.months, l.clock, l.chatter = set(months), set(clockWords), set(chatter)
	l.reports = set(reporting)
	l.days = set("monday tuesday wednesday thursday friday saturday sunday")
	l.weekday = map[uint32]weekdays{}
	for line := range strings.Lines(weekdayNames) {
		for i, w := range strings.Fields(line) {
			l.weekday[hashWord(w)] |= 1 << i
		}
	}
	l.verbs = map[uint32]string{}
	for class, words := range eventVerbs {
		for w := range strings.FieldsSeq(words) {
			l.verbs[hashWord(w)] = class
		}
	}
	return l
}

// figuresOf reads the figures of a text.
func (l *lexicon) figuresOf(dst []figure, text string, toks []token) []figure {
	for i := range toks {
		if len(dst) >= maxFigures {
			break
		}
		v, ok := l.value(text, toks[i])
		if !ok || l.isDate(text, toks, i) {
			continue
		}
		next := i + 1
		if next < len(toks) {
			if s := l.scales[toks[next].raw]; s != 0 {
				v *= s
				next++
			}
		}
		if i > 0 && l.numbers[toks[i-1].raw] != 0 && toks[i].flags&isNumber == 0 { // "twenty five" counts once
			continue
		}
		noun, class := l.noun(toks, i, next)
		dst = append(dst, figure{value: v, noun: noun, class: class, narrow: around(toks, i, next, 1), wide: around(toks, i, next, 2), at: toks[i].start, word: int32(i)})
	}
	return dst
}

// around hashes n words on either side of toks[i:next]; 0 at the edge of a text.
func around(toks []token, i, next, n int) uint32 {
	if i < n || next+n > len(toks) {
		return 0
	}
	h := uint32(n)
	for k := 1; k <= n; k++ {
		h = mix(h*31 + toks[i-k].raw)
		h = mix(h*37 + toks[next+k-1].raw)
	}
	return h
}

func (l *lexicon) value(text string, t token) (float64, bool) {
	if t.flags&isNumber == 0 {
		v := l.numbers[t.raw]
		return v, v != 0
	}
	var b strings.Builder
	w := text[t.start:t.end]
	for i := 0; i < len(w); i++ {
		if c := w[i]; c >= '0' && c <= '9' || c == '.' {
			b.WriteByte(c)
		} else if c != ',' {
			break
		}
	}
	v, err := strconv.ParseFloat(strings.TrimRight(b.String(), "."), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, false
	}
	switch strings.TrimLeft(strings.ToLower(w), "0123456789.,") {
	case "m", "mn":
		v *= 1e6
	case "bn", "b":
		v *= 1e9
	case "k":
		v *= 1e3
	case "st", "nd", "rd", "th":
		return 0, false
	}
	return v, true
}

// isDate tells a number that says when, not how many.
func (l *lexicon) isDate(text string, toks []token, i int) bool {
	t := toks[i]
	if t.flags&isClock != 0 || isYear(text[t.start:t.end]) {
		return true
	}
	for k := max(0, i-2); k < min(len(toks), i+3); k++ {
		if k != i && l.months[toks[k].raw] && (k >= i-2 || k == i+1) {
			return true
		}
	}
	if i+1 < len(toks) && l.clock[toks[i+1].raw] || i > 0 && l.clock[toks[i-1].raw] {
		return true
	}
	if int(t.end)+1 < len(text) && text[t.end] == '-' && i+1 < len(toks) && hashWord("year") == toks[i+1].raw { // an age
		return true
	}
	return false
}

func isYear(w string) bool {
	return len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && w[2] >= '0' && w[2] <= '9' && w[3] >= '0' && w[3] <= '9'
}

// noun says what toks[i:next] counts: the nearest word by which news counts,
// else the next word that carries meaning.
func (l *lexicon) noun(toks []token, i, next int) (noun uint32, class bool) {
	for d := range 5 {
		if k := next + d; k < len(toks) && (d == 0 || toks[k].flags&isFirst == 0) {
			if c := l.counted[toks[k].raw]; c != 0 {
				return c, true
			}
		}
		if k := i - 1 - d; k >= 0 && d < 4 && toks[k+1].flags&isFirst == 0 {
			if c := l.counted[toks[k].raw]; c != 0 {
				return c, true
			}
		}
	}
	for k := next; k < min(len(toks), next+3); k++ {
		if toks[k].flags&isFirst != 0 {
			break
		}
		if toks[k].stem != 0 && toks[k].flags&isNumber == 0 {
			return toks[k].stem, false
		}
	}
	return 0, false
}

// weekdays is a set of days of the week.
type weekdays uint8

// weekdayNames from Monday to Sunday, folded, a language a line.
const weekdayNames = `monday tuesday wednesday thursday friday saturday sunday
lunes martes miercoles jueves viernes sabado domingo
lundi mardi mercredi jeudi vendredi samedi dimanche
montag dienstag mittwoch donnerstag freitag samstag sonntag
lunedi martedi mercoledi giovedi venerdi sabato domenica
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
poniedzialek wtorek sroda czwartek piatek sobota niedziela
pazartesi sali carsamba persembe cuma cumartesi pazar
понедельник вторник среда четверг пятница суббота воскресенье
понеділок вівторок середа четвер пятниця субота неділя
senin selasa rabu kamis jumat sabtu minggu
`

// weekdaysOf gives the days of the week that words name.
func (l *lexicon) weekdaysOf(toks []token) (days weekdays) {
	for _, t := range toks {
		days |= l.weekday[t.raw]
	}
	return days
}
