package story

import (
	"math"
	"slices"
	"strings"
)

// chatter are words that pages put around a story: they are no news.
const chatter = `sign subscribe subscriber subscribers subscription newsletter newsletters briefing inbox advertisement advertising ad ads sponsored continue
reading read reader readers main story stories article articles app download follow following twitter facebook instagram whatsapp telegram youtube tiktok linkedin
click tap here more related watch video videos listen podcast audio live latest breaking alerts alert notifications news delivered daily weekly weekday morning evening
email mail free trial exclusive support journalism donate contribute copyright rights reserved material published broadcast rewritten redistributed permission terms
privacy policy cookies cookie share sharing print comments comment photo photos photograph image images getty file caption credit source contributed reporting editing
writing correspondent staff editor editors desk bureau agency agencies wire associated press reuters afp ap upi dpa ansa efe pap tass irna isna xinhua bloomberg
appeared post posted originally republished license licence updated update gmt utc est edt et pm am bst cet ago minute minutes min mins save bookmark gift link links friend friends
social network networks browser javascript enable play player unavailable loading page website site visit home homepage menu search login log register account today join
community members membership member let know what you your our us we reserved allowed without prior written consent distributed syndicated feed feeds view gallery slideshow
recommended popular trending top headlines coverage full edition digital print access unlimited offer cancel anytime already monday tuesday wednesday thursday friday saturday sunday
washington new york london`

// reporting are words by which a text says that somebody told it.
const reporting = `said says saying told tells announced according officials official police spokesman spokeswoman spokesperson minister ministry authorities prosecutors court judge government sources confirmed reported witnesses`

// eventVerbs are words that say a thing has happened, by what it is: as a
// headline says it (now) and as a text does (then), folded as words are read. A
// story that gains one has moved on.
var eventVerbs = map[string]string{
	"resigns": "resign resigns resigned resignation quits quit steps stepped ousted ousts sacked sacks fired fires dismissed dismisses rucktritt zuruckgetreten dimite dimision demissionne demission dimette dimissioni demissao " +
		"استعفا استقاله يستقيل استقال отставку отставка istifa",
	"dies": "dies died dead death killed kills stirbt gestorben muere meurt mort muore morre " +
		"درگذشت كشته وفاه مقتل умер умерла погиб погибла погибли убит убиты oldu olduruldu",
	"arrested": "arrested arrest arrests detained detains custody captured captures festgenommen verhaftet festnahme detenido detenida arrete arretee arrestato arrestata detido preso gearresteerd zatrzymany aresztowany " +
		"بازداشت دستگير اعتقال يعتقل задержан задержали арестован арестовали gozaltina tutuklandi",
	"charged": "charged charges indicted indicts indictment sued sues lawsuit prosecuted angeklagt anklage acusado inculpe incriminato indiciado aangeklaagd",
	"sentenced": "sentenced sentences convicted convicts conviction guilty acquitted acquits verdict jailed jails pleads pleaded verurteilt schuldig condenado condenada condamne condamnee condannato condannata veroordeeld skazany " +
		"محكوم ادانه приговорен приговорил приговорили осужден",
	"ruled":    "rules ruled ruling overturns overturned upholds upheld blocks blocked strikes",
	"agreed":   "agrees agreed agreement deal signs signed accord treaty ceasefire truce pact einigung abkommen acuerdo accord accordo acordo akkoord توافق اتفاق هدنه соглашение перемирие anlasma ateskes",
	"rejected": "rejects rejected refuses refused vetoes vetoed denies denied suspends suspended cancels cancelled canceled withdraws withdrew",
	"elected":  "elected elects wins won reelected sworn inaugurated appointed appoints nominated nominates confirmed gewahlt elegido elegida elu elue eletto eletta eleito gekozen",
	"approved": "approves approved passes passed adopts adopted",
	"found": "found rescued rescues freed frees released releases recovered recovers gerettet befreit freigelassen freilassung rescatado liberado libere liberato " +
		"افراج освобожден освобождены освободили",
	"claims":    "claims claimed responsibility confesses confessed admits admitted apologizes apologised apologized",
	"attacks":   "attacks attacked invades invaded bombs bombed retaliates retaliated launches launched",
	"collapses": "collapses collapsed bankrupt bankruptcy fails failed explodes exploded crashes crashed",
	"mediates":  "mediate mediates mediated mediation mediator mediators vermittelt vermittlung vermittler mediacion mediateur mediazione ميانجيگري وساطه посредник посредничество arabuluculuk",
	"summons":   "summons summoned expels expelled recalls recalled einbestellt einberufen ausgewiesen احضار استدعاء يستدعي",
	"hospital":  "hospital hospitals hospitalised hospitalized krankenhaus klinik hospitalizado hospitalise ricoverato بيمارستان مستشفي больница больницу больнице госпитализирован hastaneye",
}

// A development is what an item adds to a known story.
type development struct {
	figures []change
	lead    string
	events  []string // the words that tell them, as they stand in the headline
}

func (d development) any() bool { return len(d.figures) > 0 || d.lead != "" || len(d.events) > 0 }

type change struct {
	text string // "19 dead", as it stands in the item
	was  []float64
	fig  figure
}

// ofCopy finds what a copy changed: a figure that stands among the same words
// with another value, or a first paragraph that the texts copied do not have.
func (g *Grouper) ofCopy(d *document, m match, s *cluster) development {
	var dev development
	if len(m.all) == 0 {
		m.all = []*print{m.print}
	}
	for _, f := range d.print.figures {
		if s.knows(f) || !d.intact(f, m) || m.share < faithful && !f.class {
			continue
		}
		if was, ok := changed(f, m.all); ok {
			dev.figures = append(dev.figures, change{d.around(f), was, f})
		}
	}
	dev.lead = g.newLead(d, m, s)
	return dev
}

// faithful is the share from which on a text is copied word by word. In one
// that was edited all over only what news counts by is a figure that changed.
const faithful = .85

// intact tells whether the words around a figure are those of the texts found:
// where others were changed too, a number may have been as well.
func (d *document) intact(f figure, m match) bool {
	if f.at < 0 || len(d.words) != len(d.body) {
		return true
	}
	at := int(f.word)
	for i := max(0, at-9); i < min(len(d.shingles), at+8); i++ {
		if i > at-3 && i <= at+1 || d.common[i] {
			continue
		}
		if (sampled(d.shingles[i]) || i < openWords/2) && !m.has(d.shingles[i]) {
			return false
		}
	}
	return true
}

// changed tells whether f stands in the texts found with another value and
// nowhere with its own, and with which.
func changed(f figure, found []*print) (was []float64, ok bool) {
	var narrow, wide, noun []float64
	seen, several := false, false
	for _, p := range found {
		rows := 0
		for _, k := range p.figures {
			if k.value == f.value && k.noun == f.noun {
				return nil, false
			}
			near := k.wide == f.wide && f.wide != 0 || k.narrow == f.narrow && f.narrow != 0
			if near && scaled(k.value, f.value) {
				return nil, false
			}
			if near {
				rows++
			}
			seen = seen || k.value == f.value || scaled(k.value, f.value)
			if k.wide == f.wide && f.wide != 0 {
				wide = append(wide, k.value)
			}
			if k.narrow == f.narrow && f.narrow != 0 {
				narrow = append(narrow, k.value)
			}
			if f.class && k.class && k.noun == f.noun {
				several = several || len(noun) > 0 && noun[0] != k.value
				noun = append(noun, k.value)
			}
		}
		if rows > tableRows {
			return nil, false
		}
	}
	switch {
	case slices.Contains(wide, f.value):
		return nil, false
	case len(wide) > 0:
		was = wide
	case seen:
		return nil, false
	case len(narrow) > 0:
		was = narrow
	case !several:
		was = noun
	}
	was = slices.DeleteFunc(was, func(v float64) bool { return !oneCount(v, f.value) })
	slices.Sort(was)
	return slices.Compact(was), len(was) > 0
}

// tableRows is how often a text may put numbers between the same words: where
// it does so more often it is a table, and the words do not say what changed.
const tableRows = 3

// oneCount tells two counts that can be of one thing, as more of it is known.
func oneCount(a, b float64) bool {
	return min(a, b) > 0 && max(a, b) <= 50*min(a, b)
}

// scaled tells two readings of one number, of which one missed its "million".
func scaled(a, b float64) bool {
	r := max(a, b) / min(a, b)
	for _, scale := range [...]float64{1e3, 1e6, 1e9, 1e12} {
		if math.Abs(r/scale-1) < 1e-9 {
			return true
		}
	}
	return false
}

const leadWords = 7 // fewer words in front of a known text are a dateline, a byline or an edit

// newLead gives the words that stand before the part that d shares with the
// texts found, when they are news: neither known nor the chatter of a page.
func (g *Grouper) newLead(d *document, m match, s *cluster) string {
	all := d.shingles
	from, stray := d.sharedFrom(m)
	if from < leadWords || from > 150 || stray*8 > from {
		return ""
	}
	known, unknown := 0, 0
	for j := from; j < min(len(all), from+12); j++ {
		if m.has(all[j]) {
			known++
		}
	}
	for _, h := range all[:from] {
		if sampled(h) && !m.has(h) {
			unknown++
		}
	}
	if unknown == 0 || unknown < 3 && known < 7 { // the gap itself must be known to be unknown, more so where only samples speak for what follows
		return ""
	}
	lead := d.words[:from]
	for i := from - 1; i > from-leadWords; i-- {
		if lead[i].flags&isLine != 0 { // so few words of a line are how the known text begins, edited
			lead = lead[:i]
			break
		}
	}
	if len(lead) < leadWords || edited(lead, m) || !g.isNews(d, lead, s) {
		return ""
	}
	return clip(d.text[lead[0].start:lead[len(lead)-1].end], 120)
}

// sharedFrom gives the word at which the text shared with m begins, -1 when it
// does not, and how many shingles before it are known.
func (d *document) sharedFrom(m match) (from, stray int) {
	all := d.shingles
	for i, h := range all {
		if d.common[i] || i >= openWords && !sampled(h) || !m.has(h) {
			continue
		}
		known, unknown := 0, 0
		for j := i; j < min(len(all), i+12); j++ {
			switch {
			case m.has(all[j]):
				known++
			case sampled(all[j]):
				unknown++
			}
		}
		if known >= 2 && unknown <= 1 || known >= 5 {
			return i, stray
		}
		stray++
	}
	return -1, stray
}

// edited tells a first paragraph that is the old one with other words in it.
func edited(lead []token, m match) bool {
	for _, p := range m.all {
		n, old := 0, 0
		for _, t := range lead {
			if t.stem != 0 {
				n++
				if _, ok := slices.BinarySearch(p.opening, t.stem); ok {
					old++
				}
			}
		}
		if old*2 >= n {
			return true
		}
	}
	return false
}

// isNews tells the first words of a story from those that a page puts in front
// of it. What is common to pages is made of the words of pages, or comes again
// before other stories and neither names anybody of this one nor reports.
func (g *Grouper) isNews(d *document, words []token, s *cluster) bool {
	own, idle, names, reports, topical := 0, 0, 0, 0, 0
	for _, t := range words {
		switch {
		case g.lex.chatter[t.raw] || g.lex.clock[t.raw] || g.lex.months[t.raw] || t.flags&isClock != 0:
			idle++
		case t.flags&isNumber != 0:
		case t.stem != 0:
			own++
			if s.vec.get(t.stem) > 0 {
				topical++
				if t.flags&isCapital != 0 {
					names++
				}
			}
		}
		if g.lex.reports[t.raw] {
			reports++
		}
	}
	if own < 4 || float64(idle) >= .8*float64(own) {
		return false
	}
	if names+reports > 0 && idle*2 < own {
		return true
	}
	return (names+reports > 0 || topical >= 2) && !g.isRepeated(d, len(words))
}

// isRepeated tells first words that stand in two other stories.
func (g *Grouper) isRepeated(d *document, words int) bool {
	repeated := 0
	for i, h := range d.shingles[:words] {
		if d.common[i] {
			repeated++
			continue
		}
		first, own := "", g.alias(d.print.story)
		g.prints.carriers(h, d.print.at, func(q *print) bool {
			id := g.alias(q.story)
			switch {
			case id == own || id == first:
				return true
			case first == "":
				first = id
				return true
			}
			repeated++
			return false
		})
	}
	return repeated*2 >= words
}

// eventsOf adds the events that words tell, each once.
func (l *lexicon) eventsOf(dst []string, toks []token) []string {
	for _, t := range toks {
		if v := l.verbs[t.raw]; v != "" && !slices.Contains(dst, v) {
			dst = append(dst, v)
		}
	}
	return dst
}

// growing are the classes of counted whose figures grow as more is known. Two
// percentages of one story are of two things.
var growing = func() map[uint32]bool {
	m := map[uint32]bool{}
	for _, class := range []string{"dead", "hurt", "missing", "held", "cases", "displaced", "rescued", "hostages", "homes"} {
		m[hashWord("#"+class)] = true
	}
	return m
}()

// ofStory finds what an item in its own words adds to a story: a count that
// went on, or a headline's event that none of its texts had told.
func (g *Grouper) ofStory(d *document, s *cluster) development {
	var dev development
	for _, f := range d.heads {
		if !growing[f.noun] {
			continue
		}
		var was []float64
		grown := true
		for _, k := range s.figures {
			if k.noun == f.noun {
				was = append(was, k.value)
				grown = grown && f.value > k.value
			}
		}
		if len(was) > 0 && grown && f.value <= 50*slices.Max(was) {
			slices.Sort(was)
			dev.figures = append(dev.figures, change{d.around(f), slices.Compact(was), f})
		}
	}
	if s.size >= 3 && d.print.at-s.first >= int64(2*3600) {
		told := s.events[:len(s.events):len(s.events)]
		for _, t := range d.title {
			if v := g.lex.verbs[t.raw]; v != "" && !slices.Contains(told, v) {
				told = append(told, v)
				dev.events = append(dev.events, d.item.Title[t.start:t.end])
			}
		}
	}
	return dev
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := strings.LastIndexByte(s[:n], ' ')
	if cut < n/2 {
		cut = n
		for cut > 0 && s[cut]&0xc0 == 0x80 {
			cut--
		}
	}
	return s[:cut] + "…"
}
