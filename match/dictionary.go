package match

import (
	"math/bits"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// termKind says how a term is met.
type termKind uint8

const (
	byWord   termKind = iota // this folded form only
	byPlural                 // its regular singular and plural too
	byCase                   // these very letters
	byDotted                 // letters with dots, or in capitals
	byPrefix
	byCasePrefix
	byStem
	byName    // a person's name, in whatever spelling
	byCountry // a country's name, in whatever language
	byGroup   // any of the terms of a shared OR
)

type term struct {
	kind termKind
	text string // folded, but for those by case and by stem
}

// dictionary says of a word of running text which terms it meets. It is asked
// once a distinct word; the matcher keeps the answer.
type dictionary struct {
	terms []term // 0 is none
	kinds []termKind
	freq  []float32

	folded map[string]uint32 // a term, or a list of them
	cased  map[string]uint32
	dots   map[string]uint32
	lists  [][]uint32

	prefixes     map[string]uint32
	casePrefixes map[string]uint32
	lengths      [2]uint64 // bit n: a prefix of n bytes exists
	heads        [256]bool // first bytes of prefixes

	stems []uint32 // terms by stem
	langs *stemTables
	people
}

// stemTables holds the stems of the query's words by language, each language
// made when an item first needs it.
type stemTables struct {
	sync.RWMutex
	by map[string]map[string][]uint32
}

const isList = 1 << 31

// put lets a form meet a term.
func (d *dictionary) put(m map[string]uint32, form string, id uint32) {
	old, ok := m[form]
	switch {
	case !ok:
		m[form] = id
	case old == id:
	case old&isList != 0:
		d.lists[old&^isList] = append(d.lists[old&^isList], id)
	default:
		m[form] = uint32(len(d.lists)) | isList
		d.lists = append(d.lists, []uint32{old, id})
	}
}

func (d *dictionary) get(m map[string]uint32, form []byte, dst []uint32) []uint32 {
	id, ok := m[string(form)]
	switch {
	case !ok:
		return dst
	case id&isList != 0:
		return append(dst, d.lists[id&^isList]...)
	}
	return append(dst, id)
}

// byLang tells whether words meet terms by the item's language.
func (d *dictionary) byLang() bool { return len(d.stems) > 0 }

// resolve appends the terms that a word of running text meets.
func (d *dictionary) resolve(raw, lang string, dst []uint32) []uint32 {
	from := len(dst)
	var tmp [96]byte
	f := fold(tmp[:0], raw)
	dst = d.get(d.folded, f, dst)
	if len(d.cased) > 0 {
		if id, ok := d.cased[raw]; ok {
			dst = d.get(d.cased, []byte(raw), dst)
			_ = id
		}
	}
	if len(d.dots) > 0 && (isDotted(raw) || capitals(raw)) {
		dst = d.get(d.dots, f, dst)
	}
	if len(f) > 0 && d.heads[f[0]] {
		for ls := d.lengths[0]; ls != 0; ls &= ls - 1 {
			n := bits.TrailingZeros64(ls)
			if n > len(f) {
				break
			}
			dst = d.get(d.prefixes, f[:n], dst)
		}
	}
	for ls := d.lengths[1]; ls != 0; ls &= ls - 1 {
		n := bits.TrailingZeros64(ls)
		if n > len(raw) {
			break
		}
		dst = d.get(d.casePrefixes, []byte(raw[:n]), dst)
	}
	if len(d.stems) > 0 && !isDotted(raw) {
		dst = append(dst, d.stemmed(lang)[stem(raw, lang)]...)
	}
	dst = d.meets(raw, dst)
	return unique(dst, from)
}

// unique drops terms that stand twice from dst[from:].
func unique(dst []uint32, from int) []uint32 {
	out := from
next:
	for _, id := range dst[from:] {
		for _, o := range dst[from:out] {
			if o == id {
				continue next
			}
		}
		dst[out] = id
		out++
	}
	return dst[:out]
}

func (d *dictionary) stemmed(lang string) map[string][]uint32 {
	if stemmers[lang] == nil {
		lang = "en"
	}
	d.langs.RLock()
	m := d.langs.by[lang]
	d.langs.RUnlock()
	if m != nil {
		return m
	}
	m = make(map[string][]uint32, len(d.stems))
	for _, id := range d.stems {
		s := stem(d.terms[id].text, lang)
		m[s] = append(m[s], id)
	}
	d.langs.Lock()
	d.langs.by[lang] = m
	d.langs.Unlock()
	return m
}

func isDotted(raw string) bool { return strings.IndexByte(raw, '.') > 0 }

// capitals tells a word of two or more letters that are all capitals.
func capitals(raw string) bool {
	n := 0
	for _, r := range raw {
		if !unicode.IsUpper(r) {
			return false
		}
		n++
	}
	return n > 1
}

// termKey is what makes two terms the same.
type termKey struct {
	kind termKind
	text string
}

// addTerm gives the number of a term, and makes it known where it is new.
func (b *builder) addTerm(kind termKind, text string) uint32 {
	key := termKey{kind, text}
	if id, ok := b.known[key]; ok {
		return id
	}
	id := uint32(len(b.terms))
	b.terms = append(b.terms, term{kind, text})
	b.known[key] = id
	b.freq = append(b.freq, b.guess(kind, text))
	switch kind {
	case byWord:
		b.put(b.folded, text, id)
	case byPlural:
		b.put(b.folded, text, id)
		var tmp [2]string
		for _, f := range forms(tmp[:0], text) {
			b.put(b.folded, f, id)
		}
	case byCase:
		b.put(b.cased, text, id)
	case byDotted:
		b.put(b.dots, text, id)
	case byPrefix:
		b.put(b.prefixes, text, id)
		b.lengths[0] |= 1 << len(text)
		b.heads[text[0]] = true
	case byCasePrefix:
		b.put(b.casePrefixes, text, id)
		b.lengths[1] |= 1 << len(text)
	case byStem:
		b.stems = append(b.stems, id)
	}
	return id
}

// guess tells in which part of items a term may stand. What no table knows is
// taken for rare, long words for rarer than short ones.
func (b *builder) guess(kind termKind, text string) float32 {
	if kind == byCase || kind == byStem || kind == byCasePrefix {
		text = folded(text)
	}
	f, ok := b.frequency(text)
	if !ok {
		f = 0.0001
		if r, w := utf8.DecodeRuneInString(text); w == len(text) && classOf(r) == alone {
			f = 0.02
		} else if len(text) < 6 {
			f = 0.0002
		}
	}
	switch kind {
	case byPlural:
		var tmp [2]string
		for _, s := range forms(tmp[:0], text) {
			if g, ok := b.frequency(s); ok {
				f += g
			}
		}
	case byPrefix, byCasePrefix, byStem:
		f = 4*f + 0.002/float64(max(1, len(text)-2))
	case byName, byCountry:
		f = 0.01
	}
	return float32(min(f, 1))
}
