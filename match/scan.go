package match

import (
	"strings"
	"time"
	"unicode/utf8"

	"watcher/feeds"
)

// Bounds of an item.
const (
	maxPlaces  = 1 << 16
	fieldShift = 18 // a place is field<<fieldShift | its number in the item
	placeMask  = 1<<fieldShift - 1
	isJoined   = 1 << 31 // of an occurrence: it takes more than one place
)

// Matcher works on a Set with memory of its own. It is for one goroutine.
type Matcher struct {
	set   *Set
	epoch uint32 // of the item; what bears another number is old

	item  feeds.Item
	now   time.Time
	text  [fieldCount]string // plain text
	start [fieldCount + 1]uint32

	places    []place
	joins     []joined
	term      []termState
	occ       []occurrence
	usualOcc  uint32   // occurrences from here on are not in the usual fields
	usualOnly bool     // there are none
	seen      []uint32 // terms of the item that have postings or groups
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
	leads  []leaf // by hit: its topic's first leaf
	spans  []Span

	explainers map[int]*explainer // by topic
}

// place is where a word stands.
type place struct {
	terms uint32 // in the cache; the highest bit: a block starts here
	start uint32 // bytes of the field
	end   uint32
}

const blockStart = 1 << 31

// termState is what is known of a term: all that a word needs at one place in
// memory.
type termState struct {
	epoch       uint32 // of the item in which it was seen last
	first, last uint32 // its occurrences there
	post        uint32 // as in postings.postAt
}

type occurrence struct{ pos, next uint32 }

// joined is a second reading of words: they are one from pos to end.
type joined struct{ pos, end, terms uint32 }

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
	m := &Matcher{set: s, term: make([]termState, len(s.terms)), caches: map[string]*wordCache{},
		checked: make([]uint32, len(s.topics)), filters: make([]uint32, len(s.filters)), memo: make([]uint32, s.memos+1),
		masks: make([]maskBits, len(s.masks)), usualOnly: s.fields == 0, kept: make([]keptHits, s.memos+1)}
	for id := range m.term {
		m.term[id].post = s.postAt[id]
	}
	return m
}

// scan reads the item's text once and notes which terms stand where.
func (m *Matcher) scan(item feeds.Item, now time.Time) {
	m.item, m.now = item, now
	it := &m.item
	if m.epoch++; m.epoch >= 1<<31-1 {
		m.restart()
	}
	m.places, m.joins, m.occ, m.seen = m.places[:0], m.joins[:0], append(m.occ[:0], occurrence{}), m.seen[:0]
	m.hits, m.stack, m.truncated, m.cut = m.hits[:0], m.stack[:0], false, false
	m.pickCache(it)
	m.text[Title] = it.Title
	m.text[Summary] = feeds.PlainText(it.Summary)
	m.text[Body] = feeds.PlainText(it.Content)
	for f := Title; f <= Body; f++ {
		m.field(f)
	}
	m.usualOcc = uint32(len(m.occ))
	for f := Author; f < fieldCount; f++ {
		m.text[f] = ""
		if m.set.fields>>f&1 != 0 {
			m.text[f] = extraText(it, f)
		}
		m.field(f)
	}
	m.start[fieldCount] = uint32(len(m.places))
	if m.set.groupAt != nil {
		m.groups()
	}
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

// field reads the words of one field. A place of no word at its end keeps
// phrases within it.
func (m *Matcher) field(f int) {
	m.start[f] = uint32(len(m.places))
	text, block := m.text[f], false
	for i := 0; i < len(text); {
		// A word of ASCII letters without nextToken: the same is found.
		head := load8(text, i)
		if n := wordBytes(head); n > 0 {
			end := i + n
			if n == 8 {
				end = asciiEnd(text, end)
			}
			if (end == len(text) || lower[text[end]] == 0 && (text[end] != '.' || n > 1)) && end-i <= maxWord && len(m.places)-f < maxPlaces {
				head = firstBytes(head, n)
				terms, hash := uint32(0), hash8(head, m.set.seed)
				if !m.set.sieve.passes(head, hash) {
					terms = m.lookup(text[i:end], head, hash)
				}
				m.word(f, i, end, terms, block)
				block = false
				if i = end; i < len(text) && text[i] == ' ' {
					i++
				}
				continue
			}
		} else if c := text[i]; c < utf8.RuneSelf {
			block = block || c == '\n'
			i++
			continue
		}
		t := nextToken(text, i)
		t.block, block = t.block || block, false
		if t.start >= len(text) {
			break
		}
		if len(m.places)-f >= maxPlaces {
			m.truncated = true
			break
		}
		i = t.next
		if t.split {
			m.split(f, text, t)
			continue
		}
		m.word(f, t.start, t.end, m.termsOf(text[t.start:t.end]), t.block)
	}
	m.places = append(m.places, place{start: uint32(len(text)), end: uint32(len(text))})
}

// word notes one word at the next place, with the terms that it meets.
func (m *Matcher) word(f, start, end int, terms uint32, block bool) {
	pos := uint32(f<<fieldShift | len(m.places))
	p := place{terms, uint32(start), uint32(end)}
	if block {
		p.terms |= blockStart
	}
	m.places = append(m.places, p)
	if terms != 0 {
		m.note(terms, pos)
	}
}

// note adds an occurrence to each of the terms.
func (m *Matcher) note(terms, pos uint32) {
	n := m.cache.terms[terms]
	for _, id := range m.cache.terms[terms+1 : terms+1+n] {
		o := uint32(len(m.occ))
		m.occ = append(m.occ, occurrence{pos, 0})
		t := &m.term[id]
		if t.epoch == m.epoch {
			m.occ[t.last].next = o
		} else {
			t.epoch, t.first = m.epoch, o
			if t.post != noPosting {
				m.seen = append(m.seen, id)
			}
		}
		t.last = o
	}
}

// termsOf gives the list of terms that a word meets.
func (m *Matcher) termsOf(word string) uint32 {
	head := firstBytes(load8(word, 0), len(word))
	return m.lookup(word, head, hash8(head, m.set.seed))
}

// lookup is termsOf for a word whose first 8 bytes and their hash are known.
func (m *Matcher) lookup(word string, head, hash uint64) uint32 {
	rest := ""
	if len(word) > 8 {
		rest = word[8:]
	}
	e := m.cache.find(hash, head, rest, len(word))
	if e.rest == 0 {
		return m.miss(e, head, rest, word)
	}
	return e.terms
}

// miss resolves a word that the cache has not seen.
func (m *Matcher) miss(e *cacheEntry, head uint64, rest, word string) uint32 {
	m.terms = m.set.resolve(word, m.lang, m.terms[:0])
	c, at := m.cache, uint32(0)
	if len(m.terms) > 0 {
		at = uint32(len(c.terms))
		c.terms = append(append(c.terms, uint32(len(m.terms))), m.terms...)
	}
	c.add(e, head, rest, len(word), at)
	return at
}

// split notes a word with zero-width non-joiners: its parts, and the whole.
func (m *Matcher) split(f int, text string, t token) {
	first := len(m.places)
	at := t.start
	for i, part := range parts(text[t.start:t.end]) {
		if part != "" {
			m.word(f, at, at+len(part), m.termsOf(part), t.block && i == 0)
		}
		at += len(part) + len("\u200c")
	}
	if whole := m.termsOf(text[t.start:t.end]); whole != 0 {
		pos := uint32(f<<fieldShift | first)
		m.joins = append(m.joins, joined{pos, uint32(f<<fieldShift | len(m.places) - 1), whole})
		m.note(whole, pos|isJoined)
	}
}

// groups marks the shared alternatives of which a term was seen.
func (m *Matcher) groups() {
	s := m.set
	for i, n := 0, len(m.seen); i < n; i++ {
		id := m.seen[i]
		for _, g := range s.group[s.groupAt[id]:s.groupAt[id+1]] {
			if t := &m.term[g]; t.epoch != m.epoch {
				t.epoch = m.epoch
				if t.post != noPosting {
					m.seen = append(m.seen, g)
				}
			}
		}
	}
}
