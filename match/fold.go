package match

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters of our own table: what compatibility decomposition leaves apart and
// readers do not. The other Persian and Arabic pairs fall together by
// decomposition, once the marks are off.
var letters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ı': "i", 'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t", 'ŋ': "n", 'Ŋ': "n", 'ə': "a", 'Ə': "a",
	'ς': "σ",
	'ي': "ی", 'ى': "ی", 'ۍ': "ی", 'ې': "ی", 'ے': "ی",
	'ك': "ک", 'ڪ': "ک", 'ٱ': "ا", 'ة': "ه", 'ە': "ه", 'ہ': "ه", 'ھ': "ه",
	'ـ': "", 0x200c: "", 0x200d: "",
}

// mark tells combining marks that are left off: accents, harakat, points. The
// vowel signs of Indic scripts and of Thai are marks too, but their words are
// others without them; so are the voicing marks of kana.
func mark(r rune) bool {
	switch {
	case r >= 0x300 && r <= 0x36f, r >= 0x483 && r <= 0x489, r >= 0x591 && r <= 0x5c7, r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f,
		r == 0x670, r >= 0x6d6 && r <= 0x6ed, r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff, r >= 0x20d0 && r <= 0x20ff, r >= 0xfe20 && r <= 0xfe2f:
		return unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r)
	}
	return r == 0x93c || r >= 0xfe00 && r <= 0xfe0f
}

// digit gives the value of a decimal digit of any script, or -1.
func digit(r rune) int {
	if r < 0x660 {
		return -1
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}

// fold appends the folded form of a word to dst: lower case, without accents,
// with one letter for each group of letters that are written for each other,
// and ASCII digits. Whatever is no letter, digit or mark falls out.
func fold(dst []byte, word string) []byte {
	ascii := true
	for i := 0; i < len(word); i++ {
		if word[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		for i := 0; i < len(word); i++ {
			if c := lower[word[i]]; c > 1 {
				dst = append(dst, c)
			}
		}
		return dst
	}
	var tmp [256]byte
	for wide := norm.NFKD.AppendString(tmp[:0], word); len(wide) > 0; {
		r, w := utf8.DecodeRune(wide)
		wide = wide[w:]
		if mark(r) {
			continue
		}
		if s, ok := letters[r]; ok {
			dst = append(dst, s...)
			continue
		}
		if d := digit(r); d >= 0 {
			dst = append(dst, byte('0'+d))
			continue
		}
		r = unicode.ToLower(r)
		if s, ok := letters[r]; ok {
			dst = append(dst, s...)
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// folded is fold as a string.
func folded(word string) string {
	var tmp [96]byte
	return string(fold(tmp[:0], word))
}
