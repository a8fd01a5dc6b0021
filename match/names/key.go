package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Key is how one part of a name, or one word of a text, may sound. Keys are
// small values: making one costs no allocation.
type Key struct {
	script  Script
	n       uint8
	reading reading
	doubles uint8 // how many letters stood twice
	heft    uint16
	sounds  [maxKey]sound
}

const maxKey = 30 // sounds; what is longer is cut

// Script tells which table read the key.
func (k *Key) Script() Script { return k.script }

// String shows the key by the likeliest phoneme of each sound.
func (k *Key) String() string {
	if k.n == 0 {
		return ""
	}
	var b strings.Builder
	a := alphabets[k.script]
	for _, s := range k.sounds[:k.n] {
		b.WriteByte(a.sounds[s&^final][0])
	}
	return b.String()
}

// A reading is what a key leaves out of the word as it stands.
type reading uint8

const (
	whole reading = iota
	withoutArticle
	withoutParticle
	withoutEnding
)

// Keys are the readings of one word: with its article, and without.
type Keys struct {
	n   int
	key [4]Key
}

// drop takes a reading out.
func (k *Keys) drop(r reading) {
	n := 0
	for i := range k.all() {
		if k.key[i].reading != r {
			k.key[n] = k.key[i]
			n++
		}
	}
	k.n = n
}

func (k *Keys) all() []Key { return k.key[:k.n] }

// letters is a word in lower case, composed, without what is not read.
type letters struct {
	script Script
	n      int
	r      [2 * maxKey]rune
}

// KeysOf reads a word, or several that are one (Al Bu Saidi). A word in a
// script that nobody reads here has no keys.
func KeysOf(word string) (k Keys) {
	var l letters
	l.read(word)
	if l.script == unread {
		return k
	}
	rs := l.r[:l.n]
	bare, glued, parts := rs, false, slices.Contains(rs, ' ')
	var room [2 * maxKey]rune
	if parts {
		bare = cutArticles(l.script, rs, room[:0])
	}
	if len(bare) == len(rs) {
		bare, glued = cutGlued(l.script, rs)
	}
	if len(bare) == len(rs) || glued {
		k.add(l.script, rs, whole)
	}
	if len(bare) < len(rs) {
		k.add(l.script, bare, withoutArticle)
	}
	if parts {
		if p := cutParticle(bare); len(p) < len(bare) {
			k.add(l.script, p, withoutParticle)
		}
	}
	if p := cutFeminine(bare); len(p) < len(bare) {
		k.add(l.script, p, withoutEnding)
	}
	return k
}

func (k *Keys) add(s Script, rs []rune, r reading) {
	key := &k.key[k.n]
	key.script, key.reading = s, r
	if key.speak(rs); key.n > 0 {
		k.n++
	}
}

// speak reads letters to sounds; doubled sounds count once, but not in an
// abjad, where an unwritten vowel stands between them.
func (k *Key) speak(rs []rune) {
	a := alphabets[k.script]
	last := sound(255)
	for start := true; len(rs) > 0; {
		out, n := a.next(rs, start)
		rs = rs[n:]
		for _, s := range out {
			if s == last && !k.script.abjad() {
				k.doubles++
				continue
			}
			if k.n == maxKey {
				break
			}
			k.sounds[k.n] = s
			k.n++
			last = s
		}
		if len(out) > 0 {
			start = false
		}
	}
	w := &weights[k.script]
	for _, s := range k.sounds[:k.n] {
		k.heft += uint16(w[s])
	}
	if k.n > 1 {
		k.sounds[k.n-1] |= final
	}
}

// read folds a word into l. Its script is that of its first letter.
func (l *letters) read(word string) {
	l.script = unread
	for i, r := range word {
		if r >= 0x300 && r < 0x370 { // a mark of its own: compose first
			word = norm.NFC.String(word)
			break
		}
		if i > 200 {
			break
		}
	}
	for _, r := range word {
		if l.n == len(l.r) {
			return
		}
		switch {
		case r >= 'a' && r <= 'z':
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == 'İ':
			r = 'i'
		case r < 0x80:
			r = l.punctuation(r)
		case r >= 0x5D0 && r <= 0x5EA, r >= 0x621 && r <= 0x64A, r == 'ی', r == 'ک':
		default:
			r = l.fold(r)
		}
		if r < 0 {
			continue
		}
		if l.script == unread && r != ' ' {
			l.script = scriptOf(r)
		}
		l.r[l.n] = r
		l.n++
	}
}

// punctuation keeps what parts words, as a blank, and the Hebrew geresh.
func (l *letters) punctuation(r rune) rune {
	switch {
	case r == '\'' && l.script == Hebrew:
		return '׳'
	case l.n > 0 && (r == ' ' || r == '-'):
		return ' '
	}
	return -1
}

func (l *letters) fold(r rune) rune {
	switch r {
	case '’', '‘', 'ʼ', 'ʻ', 'ʿ', 'ʾ', '′', '`', '´':
		return l.punctuation('\'')
	case '‐', '‑', '–', '־', '\u00a0':
		return l.punctuation('-')
	case '\u200c': // a joint in Persian, and what is before it ends like a word
		if l.script == Arabic {
			return '|'
		}
		return -1
	case 'ـ', '\u200d', '\u200e', '\u200f':
		return -1
	}
	switch {
	case r >= 0x591 && r <= 0x5C7, r >= 0x64B && r <= 0x65F, r == 0x670: // points and harakat
		return -1
	case r >= 0x900 && r < 0xB00: // Devanagari, Bengali, Gujarati in parallel
		return 0x900 + r&0x7F
	case r >= 0x1E00 && r <= 0x1EFF: // Latin letters with marks that the tables leave out
		for _, base := range norm.NFD.String(string(r)) {
			return unicode.ToLower(base)
		}
	case unicode.IsLetter(r):
		return unicode.ToLower(r)
	case unicode.IsSpace(r):
		return l.punctuation(' ')
	}
	return -1
}

func scriptOf(r rune) Script {
	switch {
	case r >= 'a' && r <= 'ʯ':
		return Latin
	case r >= 0x400 && r <= 0x52F:
		return Cyrillic
	case r >= 0x621 && r <= 0x6FF:
		return Arabic
	case r >= 0x5D0 && r <= 0x5EA:
		return Hebrew
	case r >= 0x370 && r <= 0x3FF:
		return Greek
	case r >= 0x900 && r < 0x980:
		return Indic
	}
	return unread
}

// articles that stand apart from the name, by a blank or a hyphen.
var articles = [scripts][]string{
	Latin:    {"al", "el", "ul", "ol", "as", "es", "ash", "esh", "an", "en", "ar", "er", "az", "ez", "ad", "ed", "at", "et", "l"},
	Cyrillic: {"аль", "эль", "уль", "ал", "ель", "ул", "аш", "эш", "ас", "эс", "ан", "эн", "ар", "эр", "аз", "эз", "ад", "эд", "ат", "эт"},
	Arabic:   {"ال", "آل"},
	Hebrew:   {"אל", "א"},
	Greek:    {"αλ", "ελ", "ουλ"},
}

// cutArticles leaves out the articles, before the name and within it, where
// something is left to be known by.
func cutArticles(s Script, rs, out []rune) []rune {
	for start := 0; start < len(rs); {
		end := start
		for end < len(rs) && rs[end] != ' ' {
			end++
		}
		word := rs[start:end]
		if s == Arabic && start > 0 {
			word, _ = cutGlued(s, word)
		}
		if end == len(rs) || !isOneOf(articles[s], word) {
			out = append(out, word...)
		}
		start = end + 1
	}
	if len(out) < 3 {
		return rs
	}
	if len(out) < letterCount(rs) {
		return out
	}
	return rs
}

func letterCount(rs []rune) (n int) {
	for _, r := range rs {
		if r != ' ' {
			n++
		}
	}
	return n
}

func isOneOf(list []string, word []rune) bool {
	if len(word) > 3 {
		return false
	}
	for _, a := range list {
		if rest, ok := cutRunes(word, a); ok && len(rest) == 0 {
			return true
		}
	}
	return false
}

// gluedArticles may be the head of a name written as one word: Albusaidi,
// Elbaradei, البرادعي. The name must go on for so many letters.
var gluedArticles = [scripts]struct {
	list []string
	rest int
}{
	Latin:    {[]string{"al", "el"}, 4},
	Cyrillic: {[]string{"аль", "эль"}, 4},
	Arabic:   {[]string{"ال", "آل"}, 3},
	Hebrew:   {[]string{"אל"}, 4},
	Greek:    {[]string{"αλ", "ελ"}, 4},
	Indic:    {[]string{"अल"}, 4},
}

func cutGlued(s Script, rs []rune) ([]rune, bool) {
	for _, a := range gluedArticles[s].list {
		if rest, ok := cutRunes(rs, a); ok && len(rest) >= gluedArticles[s].rest {
			return rest, true
		}
	}
	return rs, false
}

func cutRunes(rs []rune, prefix string) ([]rune, bool) {
	i := 0
	for _, p := range prefix {
		if i == len(rs) || rs[i] != p {
			return rs, false
		}
		i++
	}
	return rs[i:], true
}

// particles that some spellings of a family name leave out.
var particles = []string{"de ", "da ", "di ", "du ", "del ", "della ", "von ", "van ", "van der ", "van den ", "von der ", "zu ", "bin ", "ibn ", "ben ", "bint ", "де ", "ди ", "фон ", "ван ", "бин ", "ибн ", "ντε ", "φον ", "دي ", "دو ", "دی ", "فون ", "بن ", "דה ", "פון ", "בן "}

func cutParticle(rs []rune) []rune {
	best := rs
	for _, p := range particles {
		if rest, ok := cutRunes(rs, p); ok && len(rest) >= 3 && len(rest) < len(best) {
			best = rest
		}
	}
	return best
}

// cutFeminine takes the Czech and Slovak ending off a foreign woman's name.
func cutFeminine(rs []rune) []rune {
	if n := len(rs) - 3; n >= 3 && rs[n] == 'o' && rs[n+1] == 'v' && rs[n+2] == 'á' {
		return rs[:n]
	}
	return rs
}
