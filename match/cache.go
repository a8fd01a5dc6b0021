package match

import (
	"math/bits"
)

// wordCache keeps for each distinct word of running text, case and all, which
// terms it meets. Words are compared in full; their hash has a random seed, the
// Set's, so that no feed can make words collide. It is bounded: reset empties it.
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

func newWordCache(seed uint64) *wordCache {
	return &wordCache{seed: seed, entries: make([]cacheEntry, cacheLeast), terms: []uint32{0}}
}

// reset makes room before an item, which may bring as many words as an item can
// have.
func (c *wordCache) reset() {
	if c.used > cacheMost*3/4 {
		clear(c.entries)
		c.used, c.bytes, c.terms = 0, c.bytes[:0], c.terms[:1]
	}
}

// Odd numbers with bits everywhere, to multiply by.
const (
	mix1 = 0x9FB21C651E98DF25
	mix2 = 0xD6E8FEB86659FD93
)

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// hash8 is the hash of a word's first 8 bytes, the same for ASCII letters of
// either case: the sieve and the word cache share it.
func hash8(head, seed uint64) uint64 { return mix((head|0x2020202020202020)^seed, mix1) }

// find gives the place of a word, or the free place where it belongs. hash is
// that of its first 8 bytes, n its length.
func (c *wordCache) find(hash, head uint64, rest string, n int) *cacheEntry {
	for i := 0; i < len(rest); i += 8 {
		hash = mix(hash^load8(rest, i), mix2)
	}
	mask := uint64(len(c.entries) - 1)
	for k := hash & mask; ; k = (k + 1) & mask {
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
		*c.find(hash8(e.head, c.seed), e.head, rest, n) = e
	}
}
