package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"net/url"
	"strings"
)

// entryInfo is what is known of an entry beside its elements.
type entryInfo struct {
	about string
	lang  string
	hash  uint64
}

// entry handles one entry: its end is sought first, so that nothing broken in
// it reaches beyond it, and so that its bytes can be told from yesterday's.
func (l *lean) entry(t tag, limit int, f frame) int {
	body, end, whole := l.entryEnd(t, limit)
	if !whole {
		l.cutoff = true
		l.ns = l.ns[:f.ns]
		return limit
	}
	if len(l.entries)+l.skipped >= maxEntries || l.total >= maxElements {
		if l.total < maxElements {
			l.faults.add("more than %d entries, the rest is left out", maxEntries)
		}
		l.full()
		l.ns = l.ns[:f.ns]
		return end
	}
	hash := l.hash(l.b[t.start:end], f)
	if l.known != nil && l.known(hash) {
		l.skipped++
		l.ns = l.ns[:f.ns]
		return end
	}
	info := entryInfo{lang: f.lang, hash: hash}
	for _, a := range l.attr {
		if string(a.local) == "about" {
			info.about = strings.TrimSpace(decodeEntities(string(a.value)))
		}
	}
	l.entries = append(l.entries, info)
	outer := l.children
	l.children = 0
	l.attr = l.attr[:0]
	floor := len(l.stack)
	l.push(f)
	if !t.empty {
		l.region(t.end, body, floor+1)
	}
	for len(l.stack) > floor {
		l.pop()
	}
	l.children = outer
	return end
}

// entryEnd finds where an entry ends: at its end tag, or where that is missing
// before the next entry or the end of what holds it. An entry may hold another,
// deep in an extension, as long as all of them end.
func (l *lean) entryEnd(t tag, limit int) (body, end int, whole bool) {
	if t.empty {
		return t.end, t.end, true
	}
	nested, depth := 0, 0
	for i := t.end; ; {
		i = l.open(i, limit)
		if i < 0 {
			break
		}
		at := i
		i++
		closing := l.b[i] == '/'
		if closing {
			i++
		}
		from := i
		for i < limit && isName(l.b[i]) {
			i++
		}
		name := l.b[from:i]
		switch {
		case bytes.EqualFold(name, t.name) && closing:
			if depth--; depth < 0 {
				e := l.tagEnd(i, limit)
				if e < limit && l.b[e] == '>' {
					e++
				}
				return at, e, true
			}
		case bytes.EqualFold(name, t.name):
			if e := l.tagEnd(i, limit); e < limit && l.b[e-1] == '/' {
				continue
			}
			if nested == 0 {
				nested = at
			}
			depth++
			if l.flat {
				l.unbalanced = true
				return nested, nested, true
			}
		case closing && l.holds(name):
			if nested == 0 {
				nested = at
			}
			limit = at
		}
	}
	if nested == 0 {
		return 0, 0, false
	}
	l.flat, l.unbalanced = true, true
	return nested, nested, true
}

func (l *lean) holds(name []byte) bool {
	for _, f := range l.stack {
		if bytes.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// hashVersion changes when the same bytes are to be read anew.
const hashVersion = 1

func hashSeed(base *url.URL) uint64 {
	if base == nil {
		return mix([]byte("watcher"), hashVersion)
	}
	dir := base.Path[:strings.LastIndexByte(base.Path, '/')+1]
	return mix([]byte(base.Host+dir), hashVersion)
}

// hash tells entries apart by their bytes and by what from outside changes
// their meaning. It is the same in every process.
func (l *lean) hash(b []byte, f frame) uint64 {
	seed := l.seed
	if f.base != nil {
		seed = mix([]byte(f.base.String()), seed)
	}
	if h := mix(b, mix([]byte(f.lang), seed)); h != 0 {
		return h
	}
	return 1
}

// mix is a fast 64-bit hash: eight bytes at a time through a wide product.
func mix(b []byte, seed uint64) uint64 {
	const k0, k1 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	h := seed ^ k0 ^ uint64(len(b))*k1
	fold := func(v uint64) {
		hi, lo := bits.Mul64(h^v^k1, k0|1)
		h = bits.RotateLeft64(h, 23) ^ hi ^ lo ^ v*k1
	}
	for len(b) >= 8 {
		fold(binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var last uint64
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	fold(last)
	fold(h >> 32)
	return h
}
