package match

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watcher/feeds"
)

// Hit says that a topic holds for an item, and why. It is the record that
// alerts, `match --json` and the API show.
type Hit struct {
	ID        string   `json:"id"`
	Topic     string   `json:"topic"`
	Match     bool     `json:"match"`
	Score     float64  `json:"score"`
	Threshold float64  `json:"threshold"`
	Hits      []Span   `json:"hits"`
	Missing   []string `json:"missing"`
	Truncated bool     `json:"truncated,omitempty"` // the item holds more words than are read
	Cut       bool     `json:"cut,omitempty"`       // a regular expression read a field in part

	Index   int    `json:"-"` // of the topic in the set
	Nearest string `json:"-"` // where the score falls short: the part that lacks least, and what it lacks
}

// Span is what was found: bytes Start to End of a field's plain text.
type Span struct {
	Clause string `json:"clause"` // what the rule says
	Field  string `json:"field"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Text   string `json:"text"`
	Via    string `json:"via"`  // the entity, as in @iran
	Form   string `json:"form"` // how the text meets the clause
}

// Forms of a Span.
const (
	FormWord    = "word"
	FormPlural  = "plural"
	FormStem    = "stem"
	FormPrefix  = "prefix"
	FormPhrase  = "phrase"
	FormAlias   = "alias"
	FormName    = "name"
	FormCountry = "country"
	FormCase    = "case"
	FormRegexp  = "regexp"
)

// maxSpans is how many spans a Hit shows at most.
const maxSpans = 200

// noSpans and noMissing make JSON say [] for nothing.
var (
	noSpans   = []Span{}
	noMissing = []string{}
)

// Match gives the topics that the item hits, in their order, with what was
// found. The result is good until the next call. now is when the item was first
// seen: its age is counted to then.
func (m *Matcher) Match(it feeds.Item, now time.Time) []Hit {
	m.scan(it, now)
	m.run()
	n := len(m.found)
	m.out, m.spans = slices.Grow(m.out[:0], n)[:n], m.spans[:0]
	m.fetch()
	for i, t := range m.found {
		m.hit(&m.out[i], t)
		m.why(&m.out[i])
	}
	return m.out
}

// fetch looks once at what records need of the topics found. These lie far apart
// in memory: loops that do nothing else wait for many of them at once, and what
// follows finds them near.
func (m *Matcher) fetch() {
	n := len(m.found)
	m.more, m.leads = slices.Grow(m.more[:0], n)[:n], slices.Grow(m.leads[:0], n)[:n]
	for i, t := range m.found {
		m.more[i] = m.set.shown[t].more
	}
	for i, at := range m.more {
		m.leads[i] = m.set.leaves[at].ref
	}
}

// Topics gives the numbers of the topics that the item hits, in their order: as
// Match, without the why. The result is good until the next call.
func (m *Matcher) Topics(it feeds.Item, now time.Time) []uint32 {
	m.scan(it, now)
	m.run()
	return m.found
}

// hit starts the record of a topic that holds, in place: records are large, and
// used again.
func (m *Matcher) hit(h *Hit, t uint32) {
	h.ID, h.Topic, h.Match, h.Hits, h.Missing, h.Index = m.id, m.set.shown[t].id, true, noSpans, noMissing, int(t)
	h.Score, h.Threshold, h.Nearest, h.Truncated, h.Cut = 0, 0, "", m.truncated, false
}

// why completes the record of a topic that holds.
func (m *Matcher) why(h *Hit) {
	s, t := m.set, uint32(h.Index)
	if s.extra != nil && s.extra[t] != 0 {
		x := &s.extras[s.extra[t]]
		h.Score, h.Threshold = m.score(x), x.threshold
	}
	from := len(m.spans)
	m.leafSpans(t)
	if len(m.spans) > from {
		h.Hits = m.spans[from:len(m.spans):len(m.spans)]
	}
	h.Truncated, h.Cut = m.truncated, m.cut
}

// itemID names an item in a record: by its id, or else its link.
func itemID(it *feeds.Item) string {
	if it.GUID != "" {
		return it.GUID
	}
	return it.Link
}

// leafSpans appends what each clause of the topic's match found.
func (m *Matcher) leafSpans(t uint32) {
	s := m.set
	from := len(m.spans)
	text, most := s.shown[t].rule, from+maxSpans
	last, open, near := uint32(0), true, false // of the gate that was looked at last
	for i := range s.shown[t].count {
		l := s.leaf(t, i)
		if l.ref&isTerm != 0 && !m.stands(l.ref&^isTerm) {
			continue
		}
		if g := l.gate & gateMask; g != last {
			last = g
			open, near = m.open(g, s.root[t])
		}
		if !open {
			continue
		}
		var only []uint64
		if near {
			if only = m.beside[l.gate>>sideShift]; len(only) == 0 {
				continue
			}
		}
		clause, via := text, ""
		if l.len > 0 {
			clause = text[l.pos : l.pos+l.len]
		}
		if l.gate&isEntity != 0 {
			via = clause
		}
		at := len(m.spans)
		m.show(l.ref, clause, via, only, most)
		if l.gate&mayRepeat != 0 || len(m.joins) > 0 {
			m.fresh(from, at)
		}
	}
}

// fresh drops the spans from at on that stand between from and there already:
// what an entity ten times in a rule, or two of its aliases, found was found once.
func (m *Matcher) fresh(from, at int) {
	n := at
next:
	for _, sp := range m.spans[at:] {
		for i := from; i < n; i++ {
			if m.spans[i].Start == sp.Start && m.spans[i] == sp {
				continue next
			}
		}
		m.spans[n] = sp
		n++
	}
	m.spans = m.spans[:n]
}

// open tells whether all that a leaf stands behind holds, as the root of its
// topic does, and whether that is a NEAR, whose sides are in m.beside then.
func (m *Matcher) open(g, root uint32) (open, near bool) {
	if g == 0 {
		return true, false
	}
	s := m.set
	ref := s.gates[g].ref
	near = ref&isTerm == 0 && s.op(ref) == opNear
	if !near && ref != root && !m.eval(ref) {
		return false, false
	}
	for p := s.gates[g].parent; p != 0; p = s.gates[p].parent {
		if above := s.gates[p].ref; above != root && !m.eval(above) {
			return false, false
		}
	}
	if near {
		m.sides(ref) // of a NEAR that does not hold they are empty
	}
	return true, near
}

// show appends the hits of a leaf; with only, those among them.
func (m *Matcher) show(ref uint32, clause, via string, only []uint64, most int) {
	s := m.set
	if ref&isTerm != 0 {
		if id := ref &^ isTerm; only == nil && s.fields == 0 && len(m.joins) == 0 && m.stands(id) {
			for o := m.term[id].first; o != 0 && len(m.spans) < most; o = m.occ[o].next {
				pos := m.occ[o].pos
				m.span(ref, clause, via, pos, pos)
			}
			return
		}
	} else {
		switch s.op(ref) {
		case opOr:
			for _, k := range s.kids(ref) {
				m.show(k, clause, via, only, most)
			}
			return
		case opMeta:
			m.showMeta(s.metas[s.prog[ref+2]], clause)
			return
		}
	}
	from := len(m.stack)
	m.push(ref)
	for _, h := range m.stack[from:] {
		if len(m.spans) >= most {
			break
		}
		if only != nil {
			if _, ok := slices.BinarySearch(only, h); !ok {
				continue
			}
		}
		m.span(ref, clause, via, uint32(h>>32), uint32(h))
	}
	m.stack = m.stack[:from]
}

// span appends one span, from place a to place b.
func (m *Matcher) span(ref uint32, clause, via string, a, b uint32) {
	f := a >> fieldShift
	start, end := m.places[a&placeMask].start, m.places[b&placeMask].end
	if start == end {
		start, end = m.behind(f)
	}
	text := m.text[f][start:end]
	form := m.form(ref, text, via != "")
	if via != "" && form != FormName && form != FormCountry {
		form = FormAlias
	}
	n := len(m.spans)
	if n == cap(m.spans) {
		m.spans = slices.Grow(m.spans, 1)
	}
	m.spans = m.spans[:n+1]
	sp := &m.spans[n] // filled in place: spans are large, and many
	sp.Clause, sp.Field, sp.Start, sp.End, sp.Text, sp.Via, sp.Form = clause, fieldNames[f], int(start), int(end), text, via, form
}

// behind gives the bytes behind the last word of a field, a few, without the
// blanks round them: an expression may meet what no word follows.
func (m *Matcher) behind(f uint32) (start, end uint32) {
	text := m.text[f]
	if at := m.fieldEnd(int(f)) - 1; at > m.start[f] {
		start = m.places[at-1].end
	}
	for end = min(start+maxWord, uint32(len(text))); end < uint32(len(text)) && !utf8.RuneStart(text[end]); end++ {
	}
	rest := text[start:end]
	if shown := strings.TrimSpace(rest); shown != "" {
		start += uint32(strings.Index(rest, shown))
		end = start + uint32(len(shown))
	}
	return start, end
}

func (m *Matcher) showMeta(x meta, clause string) {
	if !m.metaHolds(x) {
		return
	}
	sp := Span{Clause: clause, Field: "source", Text: m.item.Source, Form: FormWord}
	if x.lang {
		sp.Field, sp.Text = "lang", m.item.Lang
	} else if !glob(x.pattern, m.item.Source) {
		sp.Text = m.item.Feed
	}
	sp.End = len(sp.Text)
	m.spans = append(m.spans, sp)
}

// form says how a text meets a leaf.
func (m *Matcher) form(ref uint32, text string, via bool) string {
	s := m.set
	id := ref &^ isTerm
	if via {
		if form, ok := s.label[ref]; ok {
			return form
		}
	}
	if ref&isTerm == 0 {
		switch s.op(ref) {
		case opPhrase:
			return FormPhrase
		case opRegexp:
			return FormRegexp
		}
		id = s.prog[ref+3]
	}
	switch s.kinds[id] {
	case byPlural:
		if !equalFolded(text, s.terms[id].text) {
			return FormPlural
		}
	case byCase:
		return FormCase
	case byPrefix, byCasePrefix:
		return FormPrefix
	case byStem:
		return FormStem
	case byName:
		return FormName
	case byCountry:
		return FormCountry
	}
	return FormWord
}

// equalFolded tells whether a text's folded form is the one given.
func equalFolded(text, form string) bool {
	var tmp [96]byte
	return string(fold(tmp[:0], text)) == form
}
