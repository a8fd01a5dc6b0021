package match

import (
	"strings"
	"time"

	"watcher/feeds"
)

// Bounds of an item.
const (
	maxPlaces  = 1 << 16
	markWords  = 128
	fieldShift = 18 // a place is field<<fieldShift | its number in the item
	placeMask  = 1<<fieldShift - 1
	isJoined   = 1 << 31 // of an occurrence: it takes more than one place
)

// Matcher works on a Set with memory of its own. It is for one goroutine.
type Matcher struct {
	set   *Set
	epoch uint32 // of the item; what bears another number is old

	item  feeds.Item
	id    string // of the item, in records
	now   time.Time
	text  [fieldCount]string // plain text
	start [fieldCount + 1]uint32

	places    []place
	words     []word
	joins     []joined
	term      []termState
	occ       []occurrence
	usualOcc  uint32            // occurrences from here on are in the usual fields
	usualOnly bool              // there are none
	marks     [markWords]uint64 // bits by term of those in the item, and of others
	seen      []uint32          // first postings of the item's terms that have some
	grouped   []uint32          // its terms that are in groups
	truncated bool
	cut       bool // a regular expression read a field in part

	caches  map[string]*wordCache
	cache   *wordCache
	lang    string
	terms   []uint32
	checked []uint32 // by topic
	filters []uint32 // by filter: epoch<<1 | passes
	memo    []uint32 // by slot: epoch<<1 | result
	kept    []keptHits
	masks   []maskBits
	hits    []uint64 // lists kept during the item
	stack   []uint64 // lists in work

	found  []uint32
	beside [][]uint64 // by side of a NEAR
	out    []Hit
	more   []uint32 // by hit: where its topic's further leaves are
	leads  []uint32 // by hit: the first of those
	spans  []Span

	explainers map[int]*explainer // by topic
}

type keptHits struct {
	epoch uint32
	hits  []uint64
}

type maskBits struct {
	epoch uint32
	any   bool
	bits  []uint64
}

// NewMatcher gives a Matcher that works on the set.
func (s *Set) NewMatcher() *Matcher {
	return &Matcher{set: s, term: make([]termState, len(s.terms)), caches: map[string]*wordCache{},
		checked: make([]uint32, len(s.topics)), filters: make([]uint32, len(s.filters)), memo: make([]uint32, s.memos+1),
		masks: make([]maskBits, len(s.masks)), usualOnly: s.fields == 0, kept: make([]keptHits, s.memos+1)}
}

// scan reads the item's text once and notes which terms stand where.
func (m *Matcher) scan(item feeds.Item, now time.Time) {
	m.item, m.now, m.id = item, now, itemID(&item)
	it := &m.item
	if m.epoch++; m.epoch >= 1<<31-1 {
		m.restart()
	}
	m.places, m.words, m.joins, m.occ, m.seen, m.grouped = m.places[:0], m.words[:0], m.joins[:0], append(m.occ[:0], occurrence{}), m.seen[:0], m.grouped[:0]
	clear(m.marks[:])
	m.hits, m.stack, m.truncated, m.cut = m.hits[:0], m.stack[:0], false, false
	m.pickCache(it)
	m.text[Title] = it.Title
	m.text[Summary] = feeds.PlainText(it.Summary)
	m.text[Body] = feeds.PlainText(it.Content)
	for f := Title; f <= Body; f++ {
		m.field(f)
	}
	words, joins := len(m.words), len(m.joins)
	for f := Author; f < fieldCount; f++ {
		m.text[f] = ""
		if m.set.fields>>f&1 != 0 {
			m.text[f] = extraText(it, f)
		}
		m.field(f)
	}
	m.start[fieldCount] = uint32(len(m.places))
	// Backwards, the usual fields last: see notes.
	m.notes(m.words[words:], m.joins[joins:])
	m.usualOcc = uint32(len(m.occ))
	m.notes(m.words[:words], m.joins[:joins])
	m.groups()
}

// restart forgets all marks, as the numbers of items start again.
func (m *Matcher) restart() {
	for id := range m.term {
		m.term[id].epoch = 0
	}
	clear(m.checked)
	clear(m.filters)
	clear(m.memo)
	clear(m.kept)
	clear(m.masks)
	m.epoch = 1
}

func (m *Matcher) pickCache(it *feeds.Item) {
	lang := ""
	if m.set.byLang() {
		if lang = baseLang(it.Lang); len(lang) > 3 {
			lang = ""
		}
	}
	if m.cache == nil || lang != m.lang {
		c := m.caches[lang]
		if c == nil {
			if len(m.caches) >= 64 {
				clear(m.caches)
			}
			c = newWordCache(m.set.seed)
			m.caches[strings.Clone(lang)] = c
		}
		m.cache, m.lang = c, strings.Clone(lang)
	}
	m.cache.reset()
}

// extraText gives the text of a field that rules must name.
func extraText(it *feeds.Item, f int) string {
	switch f {
	case URL:
		return it.Link
	case Tag:
		if len(it.Categories) == 1 {
			return it.Categories[0]
		}
		return strings.Join(it.Categories, "\n")
	}
	if len(it.Authors) == 1 {
		return it.Authors[0].Name
	}
	names := make([]string, len(it.Authors))
	for i := range it.Authors {
		names[i] = it.Authors[i].Name
	}
	return strings.Join(names, "\n")
}

// field cuts the words of one field, leaves out those that the sieve lets pass
// and looks the others up. Each is a loop that does one thing, as the processor
// then waits for several looks into memory at once. A place of no word at its end
// keeps phrases within the field.
func (m *Matcher) field(f int) {
	from, text := len(m.places), m.text[f]
	m.start[f] = uint32(from)
	if text != "" {
		m.cutWords(f, text)
		m.sift(f, text, from)
	}
	m.places = append(m.places, place{start: uint32(len(text)), end: uint32(len(text))})
}
