package match

import "encoding/binary"

// Nearly all words are ASCII letters, a few each. Bytes are read eight at a time,
// and words found in 64 of them by their bits: a loop over the bytes costs more in
// branches that no processor can foresee, as words end anywhere.

// load8 reads up to 8 bytes of s from i on, the first in the lowest byte, and
// zeros beyond its end.
func load8(s string, i int) uint64 {
	if i+8 <= len(s) {
		return binary.LittleEndian.Uint64([]byte(s[i : i+8])) // no copy is made
	}
	if n := len(s); n >= 8 && i < n {
		return binary.LittleEndian.Uint64([]byte(s[n-8:])) >> (8 * (8 - n + i))
	}
	v := uint64(0)
	for k := len(s) - 1; k >= i; k-- {
		v = v<<8 | uint64(s[k])
	}
	return v
}

// firstBytes keeps the n lowest bytes of x, all when there are no more.
func firstBytes(x uint64, n int) uint64 { return x &^ (^uint64(0) << (8 * uint(n))) }

// window tells of 64 bytes of a text, a bit each, the first lowest: which are of
// words (ASCII letters, digits and all that is not ASCII), which of them are not
// ASCII, and where lines end.
type window struct{ words, wide, lines uint64 }

// look gives the window from byte i on. Beyond the text's end stands nothing.
func look(s string, i int) (w window) {
	const each, high, gather = 0x0101010101010101, 0x8080808080808080, 0x0002040810204081
	for k := min(56, (len(s)-i-1)&^7); k >= 0; k -= 8 {
		x := load8(s, i+k)
		low := x &^ high
		letter := low | 0x20*each
		in := (letter + (0x80-'a')*each) &^ (letter + (0x7f-'z')*each)
		in |= (low + (0x80-'0')*each) &^ (low + (0x7f-'9')*each)
		line := ^((low ^ '\n'*each + 0x7f*each) | x)
		w.words = w.words<<8 | (in|x)&high*gather>>56
		w.wide = w.wide<<8 | x&high*gather>>56
		w.lines = w.lines<<8 | line&high*gather>>56
	}
	return w
}
