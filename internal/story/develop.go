package story

import (
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

// eventVerbs are words that say a thing has happened, by what it is. A story
// that gains one has moved on.
var eventVerbs = map[string]string{
	"resigns":   "resign resigns resigned resignation quits quit steps stepped ousted sacked fired dismissed",
	"dies":      "dies died dead death killed kills",
	"arrested":  "arrested arrest arrests detained custody captured",
	"charged":   "charged charges indicted indictment sued lawsuit prosecuted",
	"sentenced": "sentenced convicted conviction guilty acquitted verdict jailed pleads pleaded",
	"ruled":     "rules ruled ruling overturns overturned upholds upheld blocks blocked strikes",
	"agreed":    "agrees agreed agreement deal signs signed accord treaty ceasefire truce pact",
	"rejected":  "rejects rejected refuses refused vetoes vetoed denies denied suspends suspended cancels cancelled canceled withdraws withdrew",
	"elected":   "elected wins won reelected sworn inaugurated appointed nominated confirmed",
	"approved":  "approves approved passes passed adopts adopted",
	"found":     "found rescued freed released recovered",
	"claims":    "claims claimed responsibility confesses confessed admits admitted apologizes apologised apologized",
	"attacks":   "attacks attacked invades invaded bombs bombed retaliates retaliated launches launched",
	"collapses": "collapses collapsed bankrupt bankruptcy fails failed explodes exploded crashes crashed",
}

// A development is what an item adds to a known story.
type development struct {
	figures []change
	lead    string
	events  []string
}

func (d development) any() bool { return len(d.figures) > 0 || d.lead != "" || len(d.events) > 0 }

type change struct {
	text string // "19 dead", as it stands in the item
	was  []float64
	fig  figure
}

// ofCopy finds what a copy changed: a figure that stands among the same words
// with another value, or a first paragraph that the text copied does not have.
func (g *Grouper) ofCopy(d *document, m match, s *cluster) development {
	var dev development
	for _, f := range d.print.figures {
		if was, ok := changed(f, m.print.figures); ok && !s.knows(f) {
			dev.figures = append(dev.figures, change{d.around(f), was, f})
		}
	}
	dev.lead = g.newLead(d, m.print)
	return dev
}

// changed tells whether f stands in known with another value, and with which.
func changed(f figure, known []figure) (was []float64, ok bool) {
	var narrow, wide, noun []float64
	seen, multiple := false, false
	for _, k := range known {
		seen = seen || k.value == f.value
		if k.wide == f.wide && f.wide != 0 {
			wide = append(wide, k.value)
		}
		if k.narrow == f.narrow && f.narrow != 0 {
			narrow = append(narrow, k.value)
		}
		if k.class == f.class && f.class {
			if k.noun == f.noun {
				multiple = multiple || len(noun) > 0 && noun[0] != k.value
				noun = append(noun, k.value)
			}
		}
	}
	switch {
	case slices.Contains(wide, f.value):
		return nil, false
	case len(wide) > 0:
		return wide, true
	case seen:
		return nil, false
	case len(narrow) > 0:
		return narrow, true
	case len(noun) > 0 && !multiple:
		return noun, true
	}
	return nil, false
}

const leadWords = 7 // fewer words in front of a known text are a dateline, a byline or an edit

// newLead gives the words that stand before the part that d shares with p when
// they are news: neither known nor the chatter of a page.
func (g *Grouper) newLead(d *document, p *print) string {
	all := d.shingles
	from := -1
	for i, h := range all {
		if d.common[i] || i >= openWords && !sampled(h) || !p.has(h) {
			continue
		}
		known, unknown := 0, 0
		for j := i; j < min(len(all), i+12); j++ {
			switch {
			case p.has(all[j]):
				known++
			case sampled(all[j]):
				unknown++
			}
		}
		if known >= 2 && unknown <= 1 || known >= 5 {
			from = i
			if known < 7 && i >= leadWords { // nothing but samples: the gap itself must be known to be unknown
				if unknownSamples(all[:i], p) < 2 {
					return ""
				}
			}
			break
		}
	}
	if from < leadWords || from > 150 {
		return ""
	}
	lead := d.words[:from]
	if g.isChatter(lead) || g.isRepeated(d, all[:from], p) {
		return ""
	}
	text := d.text[lead[0].start:lead[len(lead)-1].end]
	return clip(text, 120)
}

func unknownSamples(all []uint32, p *print) int {
	n := 0
	for _, h := range all {
		if sampled(h) && !p.has(h) {
			n++
		}
	}
	return n
}

// isChatter tells words that a page puts around a story. What is news says so
// in words of its own.
func (g *Grouper) isChatter(words []token) bool {
	own, idle := 0, 0
	for _, t := range words {
		switch {
		case g.lex.chatter[t.raw] || g.lex.clock[t.raw] || g.lex.months[t.raw] || t.flags&isClock != 0:
			idle++
		case t.flags&isNumber != 0:
		case t.stem != 0:
			own++
		}
	}
	return own < 4 || float64(idle) >= .9*float64(own)
}

// isRepeated tells words that stand in other stories too.
func (g *Grouper) isRepeated(d *document, lead []uint32, p *print) bool {
	n, repeated := 0, 0
	for i, h := range lead {
		n++
		if d.common[i] {
			repeated++
			continue
		}
		var other [2]string
		k := 0
		g.prints.carriers(h, d.print.at, func(q *print) bool {
			if id := g.alias(q.story); id != g.alias(p.story) && (k == 0 || other[0] != id) {
				other[k] = id
				k++
			}
			return k < 2
		})
		if k == 2 {
			repeated++
		}
	}
	return n > 0 && repeated*2 >= n
}

// ofStory finds what an item in its own words adds to a story: a count that
// went on, or an event that the story did not have.
func (g *Grouper) ofStory(d *document, s *cluster) development {
	var dev development
	for _, f := range d.heads {
		if !f.class {
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
		for _, t := range d.title {
			if v := g.lex.verbs[t.raw]; v != "" && !slices.Contains(s.events, v) && !slices.Contains(dev.events, v) {
				dev.events = append(dev.events, v)
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
