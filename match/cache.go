package match

import (
	"math/rand/v2"
)

// wordCache keeps for each distinct word of running text, case and all, which
// terms it meets. Words are compared in full; the hash has a random seed, so
// that no feed can make words collide. It is bounded: reset empties it.
type wordCache struct {
	seed    uint64
	entries []cacheEntry // a power of two
	used    int
	bytes   []byte   // what words hold beyond their first 8 bytes
	terms   []uint32 // lists: a length, then the terms
}

// cacheEntry holds a word: its first bytes, its length and where the rest is.
type cacheEntry struct {
	head  uint64
	terms uint32 // in wordCache.terms
	rest  uint32 // length in the low 7 bits; offset in wordCache.bytes, in eights, above. 0: free
}

const (
	cacheLeast = 1 << 12
	cacheMost  = 1 << 17
)

func newWordCache() *wordCache {
	return &wordCache{seed: rand.Uint64(), entries: make([]cacheEntry, cacheLeast), terms: []uint32{0}}
}

// reset makes room before an item, which may bring as many words as an item can
// have.
func (c *wordCache) reset() {
	if c.used > cacheMost*3/4 {
		clear(c.entries)
		c.used, c.bytes, c.terms = 0, c.bytes[:0], c.terms[:1]
	}
}

// load8 reads up to 8 bytes of s from i on.
func load8(s string, i int) uint64 {
	if i+8 <= len(s) {
		s = s[i : i+8]
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	}
	v := uint64(0)
	for k := len(s) - 1; k >= i; k-- {
		v = v<<8 | uint64(s[k])
	}
	return v
}

// wordHead reads the first 8 bytes of text[start:end], and zeros beyond its end.
func wordHead(text string, start, end int) uint64 {
	if start+8 <= len(text) {
		v := load8(text, start)
		if n := end - start; n < 8 {
			v &= 1<<(8*n) - 1
		}
		return v
	}
	return load8(text[start:end], 0)
}

const (
	mix1 = 0x9FB21C651E98DF25
	mix2 = 0xD6E8FEB86659FD93
)

func (c *wordCache) hash(head uint64, rest string, n int) uint64 {
	h := (head ^ c.seed) * mix1
	h ^= h >> 32
	for i := 0; i < len(rest); i += 8 {
		h = (h ^ load8(rest, i)) * mix1
		h ^= h >> 32
	}
	h = (h ^ uint64(n)) * mix2
	return h ^ h>>29
}

// find gives the place of a word, or the free place where it belongs.
func (c *wordCache) find(head uint64, rest string, n int) *cacheEntry {
	mask := uint64(len(c.entries) - 1)
	for k := c.hash(head, rest, n) & mask; ; k = (k + 1) & mask {
		e := &c.entries[k]
		if e.rest == 0 {
			return e
		}
		if e.head == head && int(e.rest&127) == n && (n <= 8 || string(c.bytes[e.rest>>7<<3:][:n-8]) == rest) {
			return e
		}
	}
}

// add fills a free place.
func (c *wordCache) add(e *cacheEntry, head uint64, rest string, n int, terms uint32) {
	e.head, e.terms, e.rest = head, terms, uint32(n)
	if n > 8 {
		e.rest |= uint32(len(c.bytes)/8) << 7
		c.bytes = append(c.bytes, rest...)
		for len(c.bytes)%8 != 0 {
			c.bytes = append(c.bytes, 0)
		}
	}
	c.used++
	if c.used > len(c.entries)*6/10 && len(c.entries) < 2*cacheMost {
		c.grow()
	}
}

func (c *wordCache) grow() {
	old := c.entries
	c.entries = make([]cacheEntry, 2*len(old))
	for _, e := range old {
		if e.rest == 0 {
			continue
		}
		n, rest := int(e.rest&127), ""
		if n > 8 {
			rest = string(c.bytes[e.rest>>7<<3:][:n-8])
		}
		*c.find(e.head, rest, n) = e
	}
}
