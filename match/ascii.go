package match

import (
	"encoding/binary"
	"math/bits"
)

// Nearly all words are ASCII letters, a few each. They are read eight bytes at a
// time: a loop over the bytes costs more in branches that no processor can
// foresee, as words end anywhere.

// load8 reads up to 8 bytes of s from i on, the first in the lowest byte, and
// zeros beyond its end.
func load8(s string, i int) uint64 {
	if i+8 <= len(s) {
		return binary.LittleEndian.Uint64([]byte(s[i : i+8])) // no copy is made
	}
	v := uint64(0)
	for k := len(s) - 1; k >= i; k-- {
		v = v<<8 | uint64(s[k])
	}
	return v
}

// wordBytes tells how many of 8 bytes, from the lowest on, are ASCII letters or
// digits.
func wordBytes(x uint64) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	low := x &^ high
	letter := low | 0x20*each
	in := (letter + (0x80-'a')*each) &^ (letter + (0x7f-'z')*each)
	in |= (low + (0x80-'0')*each) &^ (low + (0x7f-'9')*each)
	return bits.TrailingZeros64((x|^in)&high) / 8
}

// asciiEnd gives the end of the ASCII letters and digits from i on.
func asciiEnd(s string, i int) int {
	for {
		n := wordBytes(load8(s, i))
		i += n
		if n < 8 {
			return i
		}
	}
}

// firstBytes keeps the n lowest bytes of x, at most 8.
func firstBytes(x uint64, n int) uint64 {
	if n < 8 {
		x &= 1<<(8*n) - 1
	}
	return x
}
