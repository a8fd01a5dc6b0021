package story

import (
	"slices"
)

// A print is what is remembered of one item's text for the time in which
// copies of it may come, and what it brought to its story.
type print struct {
	number    int32 // in order of arrival
	gen       int32 // first number of its generation, 0 when not known
	at        int64 // seconds since 1970, 0 when unknown
	item      string
	story     string // as it was decided; a merge leaves an alias
	publisher string
	voice     string   // who speaks in it
	text      uint64   // hash of headline and text: the same again is the same item again
	shingles  []uint32 // sorted
	crowded   bitset   // of the shingles that it is not found by; let go as words are
	opening   []uint32 // stems of the first words, sorted
	figures   []figure
	vec       vector
	title     vector
	labels    []uint32 // of the headline, sorted
	days      weekdays
	before    int32 // the print of the same text before this one; not kept
}

const (
	openWords  = 100 // so many words keep all their shingles, those after them a sample
	sampleMask = 3   // one in four
	maxWords   = 2400
	shareNodes = 8 // prints of one story remembered for a shingle
	commonFrom = 5 // stories with a shingle from which on it is a manner of speaking, not a source
)

// pairStep sets the three pairs of a shingle apart in scripts without spaces:
// eight characters are about as much text as three words.
const pairStep = 3

// A bitset is a set of small numbers, nil when it is empty.
type bitset []byte

func (b bitset) has(i int) bool { return i>>3 < len(b) && b[i>>3]>>(i&7)&1 != 0 }

// set adds i, of n that may come.
func (b *bitset) set(i, n int) {
	if *b == nil {
		*b = make(bitset, (n+7)/8)
	}
	(*b)[i>>3] |= 1 << (i & 7)
}

func sampled(h uint32) bool { return h&sampleMask == 0 }

// shingle hashes three words in a row.
func shingle(a, b, c uint32) uint32 {
	return mix((a*0x9e3779b1+b)*0x85ebca6b + c)
}

// shinglesOf gives the shingle that starts at each word; a text of one or two
// words has none.
func shinglesOf(words []token) []uint32 {
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	if len(words) < 3 {
		return nil
	}
	out := make([]uint32, len(words)-2)
	for i := range out {
		step := 1
		if words[i].flags&isPair != 0 && i+2*pairStep < len(words) {
			step = pairStep
		}
		out[i] = shingle(words[i].raw, words[i+step].raw, words[i+2*step].raw)
	}
	return out
}

// sample keeps what a print keeps of the shingles of a text, sorted, each once.
func sample(all []uint32) []uint32 {
	out := make([]uint32, 0, min(len(all), openWords)+len(all)/4)
	for i, h := range all {
		if i < openWords || sampled(h) {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *print) has(h uint32) bool {
	_, ok := slices.BinarySearch(p.shingles, h)
	return ok
}

// without gives what of a sorted list is not in the other one.
func without(list, other []uint32) []uint32 {
	if len(other) == 0 {
		return list
	}
	slices.Sort(other)
	out := make([]uint32, 0, len(list))
	for _, h := range list {
		if _, ok := slices.BinarySearch(other, h); !ok {
			out = append(out, h)
		}
	}
	return out
}

// containment is the share of the smaller of two sorted sets found in the
// other. Where both are large enough only the sampled shingles are compared:
// they are kept wherever they stand.
func containment(a, b []uint32) float64 {
	var both, bothS, na, nb int
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			both++
			if sampled(a[i]) {
				bothS++
			}
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	for _, h := range a {
		if sampled(h) {
			na++
		}
	}
	for _, h := range b {
		if sampled(h) {
			nb++
		}
	}
	n := min(len(a), len(b))
	if n == 0 {
		return 0
	}
	share := float64(both) / float64(n)
	if s := min(na, nb); s >= 12 {
		share = max(share, float64(bothS)/float64(s))
	}
	return share
}
