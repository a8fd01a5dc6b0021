package story

import (
	"unicode"
	"unicode/utf8"
)

// A token is one word of a text, or in scripts without spaces a pair of
// characters. It keeps hashes, not strings: start and end find the word again
// when a decision is explained.
type token struct {
	start, end int32  // bytes of the source text
	raw        uint32 // hash of the folded word: shingles
	stem       uint32 // hash of the word's stem: vectors; 0 for a stop word
	flags      mark
}

type mark uint8

const (
	isNumber  mark = 1 << iota // begins with a digit
	isCapital                  // upper case inside a sentence
	isFirst                    // first of a sentence: its case tells nothing
	isLine                     // first of a line
	isPair                     // two characters of a script without spaces
	isClock                    // part of a clock time or a number glued to another by : or /
)

const (
	hashSeed  = 2166136261
	hashPrime = 16777619
)

// hashRune is one step of FNV-1a over a rune.
func hashRune(h uint32, r rune) uint32 {
	h = (h ^ uint32(r&0xff)) * hashPrime
	if r >= 0x80 {
		h = (h ^ uint32(r>>8)) * hashPrime
	}
	return h
}

// mix spreads a hash over all its bits, so that a few of them make a fair sample.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return h
}

// pairBit tells the hash of two words in a row from that of a word.
const pairBit = 1 << 31

// hashWord hashes a folded word as the tokeniser does.
func hashWord(w string) uint32 {
	h := uint32(hashSeed)
	for _, r := range w {
		h = hashRune(h, r)
	}
	return mix(h) &^ pairBit
}

// pairRune tells characters of scripts that put no space between words; their
// texts are cut into overlapping pairs. Hangul has spaces, but its endings hang
// on the word, so pairs serve it better too.
func pairRune(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	switch {
	case r <= 0x0eff: // Thai, Lao
		return unicode.IsLetter(r) || unicode.IsMark(r)
	case r >= 0x1000 && r <= 0x109f, r >= 0x1780 && r <= 0x17ff: // Burmese, Khmer
		return true
	case r >= 0x3040 && r <= 0x30ff, r >= 0x3400 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7af, r >= 0xf900 && r <= 0xfaff, r >= 0x20000 && r <= 0x3ffff:
		return true
	}
	return false
}

// tokenizer cuts texts into tokens. It keeps one word's bytes between calls and
// nothing else.
type tokenizer struct {
	lang *language // nil: no stems
	word []rune    // the folded word being read
}

// append reads s and appends its tokens to dst.
func (z *tokenizer) append(dst []token, s string) []token {
	first, line := true, true
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		var f mark
		if first {
			f |= isFirst
		}
		if line {
			f |= isLine
		}
		switch {
		case pairRune(r):
			before := len(dst)
			dst, i = z.pairs(dst, s, i, f)
			if len(dst) > before {
				first, line = false, false
			}
			continue
		case isWordRune(r):
			dst, i = z.one(dst, s, i, f)
			first, line = false, false
			continue
		case r == '\n':
			first, line = true, true
		case ends(r):
			first = true
		}
		i += n
	}
	return dst
}

func ends(r rune) bool {
	switch r {
	case '.', '!', '?', ':', ';', '"', '“', '‘', '«', '„', '。', '！', '？', '।', '؟', '|', '•', '–', '—', '(':
		return true
	}
	return false
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// one reads the word that starts at i.
func (z *tokenizer) one(dst []token, s string, i int, f mark) ([]token, int) {
	start := i
	z.word = z.word[:0]
	head, _ := utf8.DecodeRuneInString(s[i:])
	digit := unicode.IsDigit(head)
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if !isWordRune(r) {
			if !z.joins(s, i, n, r, digit) {
				break
			}
			if r == '.' {
				z.word = append(z.word, r)
			}
			i += n
			continue
		}
		if pairRune(r) {
			break
		}
		z.word = foldInto(z.word, r)
		i += n
	}
	t := token{start: int32(start), end: int32(i), flags: f}
	if digit {
		t.flags |= isNumber
		if clockAt(s, start, i) {
			t.flags |= isClock
		}
	} else if f&isFirst == 0 && unicode.IsUpper(head) {
		t.flags |= isCapital
	}
	w := z.word
	if n := len(w); n > 1 && w[n-1] == '.' {
		w = w[:n-1]
	}
	if n := len(w); n > 2 && !digit && w[n-1] == 's' && possessive(s[start:i]) {
		w = w[:n-1]
	}
	if len(w) == 0 {
		return dst, i
	}
	t.raw = hashRunes(w)
	switch {
	case z.lang == nil:
	case digit:
		t.stem = t.raw
	case len(w) > 1 && !z.lang.stops(t.raw):
		if s := z.lang.same[t.raw]; s != 0 {
			t.stem = s
			break
		}
		t.stem = hashRunes(z.lang.stem(w))
	}
	return append(dst, t), i
}

// joins tells whether the mark at i stands inside a word: an apostrophe between
// letters, a point or comma between digits.
func (z *tokenizer) joins(s string, i, n int, r rune, digit bool) bool {
	next, _ := utf8.DecodeRuneInString(s[i+n:])
	switch r {
	case '\'', '’', '\u200c', '\u00ad', '\u2060':
		return unicode.IsLetter(next)
	case '.', ',', '٫', '٬':
		return digit && unicode.IsDigit(next)
	}
	return false
}

func possessive(w string) bool {
	n := len(w)
	return n > 2 && w[n-2] == '\'' || n > 4 && w[n-4:n-1] == "’"
}

// clockAt tells a number that is part of a clock time or a written date:
// 16:30, 12/03.
func clockAt(s string, start, end int) bool {
	glue := func(c byte) bool { return c == ':' || c == '/' }
	return end+1 < len(s) && glue(s[end]) && s[end+1] >= '0' && s[end+1] <= '9' ||
		start > 1 && glue(s[start-1]) && s[start-2] >= '0' && s[start-2] <= '9'
}

func hashRunes(w []rune) uint32 {
	h := uint32(hashSeed)
	for _, r := range w {
		h = hashRune(h, r)
	}
	return mix(h) &^ pairBit
}

// pairs reads a run of a script without spaces that starts at i.
func (z *tokenizer) pairs(dst []token, s string, i int, f mark) ([]token, int) {
	prev, at := rune(0), i
	alone := true
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !pairRune(r) {
			break
		}
		if prev != 0 {
			h := mix(hashRune(hashRune(hashSeed, prev), r)) &^ pairBit
			dst = append(dst, token{start: int32(at), end: int32(i + n), raw: h, stem: h, flags: f | isPair})
			f, alone = 0, false
		}
		prev, at = r, i
		i += n
	}
	if alone {
		h := mix(hashRune(hashSeed, prev)) &^ pairBit
		dst = append(dst, token{start: int32(at), end: int32(i), raw: h, flags: f | isPair})
	}
	return dst, i
}

// foldInto appends r without case, accents of Latin letters, vowel marks and
// variants of Arabic letters and of digits: what spellings of one word share.
func foldInto(w []rune, r rune) []rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(w, r)
	}
	r = unicode.ToLower(r)
	switch {
	case r >= 0xdf && r <= 0x17f:
		return append(w, latin(r)...)
	case r >= 0x300 && r <= 0x36f, r >= 0x64b && r <= 0x652, r == 0x640, r == 0x670:
		return w
	case r >= 0x660 && r <= 0x669:
		return append(w, r-0x660+'0')
	case r >= 0x6f0 && r <= 0x6f9:
		return append(w, r-0x6f0+'0')
	case r >= 0x966 && r <= 0x96f:
		return append(w, r-0x966+'0')
	case r >= 0x9e6 && r <= 0x9ef:
		return append(w, r-0x9e6+'0')
	case r >= 0xff10 && r <= 0xff19:
		return append(w, r-0xff10+'0')
	case r >= 0xff41 && r <= 0xff5a:
		return append(w, r-0xff41+'a')
	}
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		r = 'ا'
	case 'ى', 'ی':
		r = 'ي'
	case 'ک':
		r = 'ك'
	case 'ة', 'ۀ':
		r = 'ه'
	case 'ё':
		r = 'е'
	}
	return append(w, r)
}

// latinFold gives for U+00DF to U+017F the plain letters, one entry a rune.
const latinFold = "s a a a a a a ae c e e e e i i i i d n o o o o o . o u u u u y th y " +
	"a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h " +
	"i i i i i i i i i i ij ij j j k k k l l l l l l l l l l n n n n n n n n n o o o o o o oe oe " +
	"r r r r r r s s s s s s s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s"

var latinTable = splitFold(latinFold)

func splitFold(s string) [][]rune {
	var out [][]rune
	start := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == ' ' {
			out = append(out, []rune(s[start:i]))
			start = i + 1
		}
	}
	return out
}

func latin(r rune) []rune { return latinTable[r-0xdf] }
