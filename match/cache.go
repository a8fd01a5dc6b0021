package match

import (
	"encoding/binary"
	"math/bits"
)

// wordCache keeps for each distinct word of running text, case and all, which
// terms it meets. Words are compared in full; their hash has a random seed, the
// Set's, so that no feed can make words collide. It is bounded: reset empties it.
type wordCache struct {
	seed    uint64
	entries []cacheEntry // a power of two
	used    int
	bytes   []byte   // what words hold beyond their first 8 bytes; none at 0
	terms   []uint32 // lists of terms; the first and the last number are of none
}

// cacheEntry holds a word: its first bytes, its length and where the rest is.
type cacheEntry struct {
	head  uint64
	terms uint32 // in wordCache.terms
	rest  uint32 // length in the low 7 bits; offset in wordCache.bytes, in eights, above. 0: free
}

// A list of terms has of each its number, shifted, with marks; where topics are
// listed under it, their first posting follows.
const (
	listShift = 3
	inGroups  = 4
	leads     = 2
	isEnd     = 1 // of the list
)

const (
	cacheLeast = 1 << 12
	cacheMost  = 1 << 17
)

func newWordCache(seed uint64) *wordCache {
	return &wordCache{seed: seed, entries: make([]cacheEntry, cacheLeast), bytes: make([]byte, 8), terms: make([]uint32, 1)}
}

// reset makes room before an item, which may bring as many words as an item can
// have.
func (c *wordCache) reset() {
	if c.used > cacheMost*3/4 {
		clear(c.entries)
		c.used, c.bytes, c.terms = 0, c.bytes[:8], c.terms[:1]
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

// find gives the place of the word that is n bytes of s from i on, or the free
// place where it belongs. head are its first 8 bytes, hash is theirs.
func (c *wordCache) find(s string, i, n int, head, hash uint64) *cacheEntry {
	for k := 8; k < n; k += 8 {
		hash = mix(hash^firstBytes(load8(s, i+k), n-k), mix2)
	}
	mask := uint64(len(c.entries) - 1)
next:
	for k := hash & mask; ; k = (k + 1) & mask {
		e := &c.entries[k]
		if e.rest == 0 {
			return e
		}
		if e.head != head || int(e.rest&127) != n {
			continue
		}
		for k, at := 8, int(e.rest>>7<<3); k < n; k, at = k+8, at+8 {
			if binary.LittleEndian.Uint64(c.bytes[at:]) != firstBytes(load8(s, i+k), n-k) {
				continue next
			}
		}
		return e
	}
}

// add fills a free place.
func (c *wordCache) add(e *cacheEntry, word string, head uint64, terms uint32) {
	e.head, e.terms, e.rest = head, terms, uint32(len(word))
	if len(word) > 8 {
		e.rest |= uint32(len(c.bytes)/8) << 7
		c.bytes = append(c.bytes, word[8:]...)
		for len(c.bytes)%8 != 0 {
			c.bytes = append(c.bytes, 0)
		}
	}
	c.used++
	if c.used > len(c.entries)*6/10 && len(c.entries) < 2*cacheMost {
		c.grow()
	}
}

// list keeps a list of terms and gives its place, 0 for an empty one.
func (c *wordCache) list(ids []uint32, p *postings) uint32 {
	if len(ids) == 0 {
		return 0
	}
	end := len(c.terms) - 1
	if end == 0 {
		end = 1
	}
	at := end
	for i, id := range ids {
		l := id << listShift
		if i == len(ids)-1 {
			l |= isEnd
		}
		if p.groupAt != nil && p.groupAt[id] < p.groupAt[id+1] {
			l |= inGroups
		}
		post := p.postAt[id]
		if post != noPosting {
			l |= leads
		}
		if c.terms = append(c.terms[:end], l); post != noPosting {
			c.terms = append(c.terms, post)
		}
		end = len(c.terms)
	}
	c.terms = append(c.terms, 0)
	return uint32(at)
}

func (c *wordCache) grow() {
	old := c.entries
	c.entries = make([]cacheEntry, 2*len(old))
	var word []byte
	for _, e := range old {
		if e.rest == 0 {
			continue
		}
		n := int(e.rest & 127)
		word = append(binary.LittleEndian.AppendUint64(word[:0], e.head), c.bytes[e.rest>>7<<3:][:max(n-8, 0)]...)
		*c.find(string(word[:n]), 0, n, e.head, hash8(e.head, c.seed)) = e
	}
}
