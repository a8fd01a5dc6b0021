package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWord is how many bytes of a word count; what stands beyond is passed over.
const maxWord = 64

// lower gives for an ASCII byte its lower-case letter or its digit, 1 for the
// lead byte of another character and 0 for what cuts words.
var lower = func() (t [256]byte) {
	for i := range t {
		switch c := byte(i); {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			t[i] = c
		case c >= 'A' && c <= 'Z':
			t[i] = c + 'a' - 'A'
		case c >= utf8.RuneSelf:
			t[i] = 1
		}
	}
	return t
}()

type runeClass uint8

const (
	cuts    runeClass = iota
	inWord            // letters, marks and digits
	alone             // a letter of a script without blanks: a word by itself
	ignored           // joiners and soft hyphens between letters
)

func classOf(r rune) runeClass {
	switch {
	case r < utf8.RuneSelf:
		if lower[r] > 1 {
			return inWord
		}
		return cuts
	case r == 0xad, r == 0x200c, r == 0x200d, r == 0x200e, r == 0x200f, r == 0x2060:
		return ignored
	case r >= 0xe01 && r <= 0xeff, r >= 0x1000 && r <= 0x109f, r >= 0x1780 && r <= 0x17ff, r >= 0x3005 && r <= 0x30ff, r >= 0x3400 && r <= 0x9fff,
		r >= 0xf900 && r <= 0xfaff, r >= 0xff66 && r <= 0xff9f, r >= 0x20000 && r <= 0x3ffff:
		if unicode.IsLetter(r) {
			return alone
		}
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
		return inWord
	}
	return cuts
}

// token is a word of a text: letters, marks and digits. U.S. is one word.
type token struct {
	start, end int // bytes
	next       int // where to look for the next one
	block      bool
	dotted     bool // letters with a dot after each
	split      bool // holds a zero-width non-joiner: two readings
}

// nextToken finds the first word from byte i on; its start is len(s) when there is
// none.
func nextToken(s string, i int) (t token) {
	for i < len(s) {
		c := s[i]
		if l := lower[c]; l > 1 {
			break
		} else if l == 1 {
			r, w := utf8.DecodeRuneInString(s[i:])
			if k := classOf(r); k == inWord && !unicode.IsMark(r) || k == alone {
				return wideToken(s, i, t.block)
			}
			i += w
			continue
		}
		if c == '\n' {
			t.block = true
		}
		i++
	}
	t.start = i
	for i < len(s) && lower[s[i]] > 1 {
		i++
	}
	if i < len(s) {
		if lower[s[i]] == 1 {
			return wideToken(s, t.start, t.block)
		}
		if s[i] == '.' && i == t.start+1 {
			if end := dotted(s, t.start); end > 0 {
				t.end, t.next, t.dotted = end, end, true
				return t
			}
		}
	}
	t.end, t.next = i, i
	if i-t.start > maxWord {
		t.end = t.start + maxWord
	}
	return t
}

// wideToken reads a word that holds letters beyond ASCII.
func wideToken(s string, start int, block bool) token {
	t := token{start: start, end: start, block: block}
	letters := 0
	i := start
	for i < len(s) {
		r, w := utf8.DecodeRuneInString(s[i:])
		k := classOf(r)
		if k == ignored {
			n, _ := utf8.DecodeRuneInString(s[i+w:])
			if letters == 0 || classOf(n) != inWord {
				break
			}
			t.split = t.split || r == 0x200c
			i += w
			continue
		}
		if k == cuts || k == alone && letters > 0 {
			break
		}
		i += w
		letters++
		if i-start <= maxWord {
			t.end = i
		}
		if k == alone { // with the marks that follow it
			for i < len(s) {
				r, w := utf8.DecodeRuneInString(s[i:])
				if !unicode.IsMark(r) || i+w-start > maxWord {
					break
				}
				i += w
				t.end = i
			}
			break
		}
	}
	t.next = max(i, t.end)
	if letters == 1 && i < len(s) && s[i] == '.' {
		if end := dotted(s, start); end > 0 {
			t.end, t.next, t.dotted = end, end, true
		}
	}
	return t
}

// dotted gives the end of two or more single letters with dots between them,
// as in U.S. and U.N, the last dot with it; 0 when there are none.
func dotted(s string, start int) int {
	end, n := 0, 0
	for i := start; i < len(s) && i-start < maxWord-4; {
		r, w := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) || classOf(r) != inWord {
			break
		}
		i += w
		if i < len(s) && s[i] == '.' {
			i++
		} else {
			if c, _ := utf8.DecodeRuneInString(s[i:]); i < len(s) && classOf(c) != cuts {
				break
			}
			if n++; n > 1 {
				end = i
			}
			break
		}
		if n++; n > 1 {
			end = i
		}
	}
	return end
}

// parts cuts a word at its zero-width non-joiners.
func parts(word string) []string { return strings.Split(word, "\u200c") }
