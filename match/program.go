package match

import "regexp"

// The program is the rules' trees as one flat list of words. A node is a
// header, a memo and its operands; the same node is kept once, however many
// rules hold it. A reference is the node's place in the list, or, with its
// highest bit set, the number of a term that is looked for in the usual fields.
type op uint32

const (
	opLeaf    op = iota + 1 // context, term
	opPhrase                // context, terms: one for each place
	opAnd                   // refs
	opOr                    // refs
	opNot                   // ref
	opNear                  // refs, then a gap for each two of them: n<<1 | ordered
	opOf                    // n, refs
	opAtLeast               // n, ref
	opRegexp                // context, number
	opMeta                  // number
	opBeside                // refs: the hits of the first count where the second holds
)

const isTerm = 1 << 31

// head packs an operation, the number of its operands and, of a phrase, the
// place of its rarest word.
func head(o op, n, pivot int) uint32 { return uint32(o) | uint32(n)<<4 | uint32(pivot)<<24 }

const (
	maxKids   = 1<<20 - 1
	maxPhrase = 255
)

type program struct {
	prog     []uint32
	memos    int // slots of the nodes whose result is kept during an item
	contexts []context
	masks    [][]uint32 // nodes whose hits are masked; 0: none
	regexps  []expression
	metas    []meta
	fields   uint8 // beyond the usual ones that some rule reads
}

// context limits where a leaf's hits may stand.
type context struct {
	fields uint8
	mask   uint32
	first  uint32 // within the first words of a field; 0: anywhere
}

type expression struct {
	re      *regexp.Regexp
	literal string // stands in every match; may be empty
}

// meta is a pattern for an item's source or language.
type meta struct {
	lang    bool
	pattern string
}

func (p *program) op(ref uint32) op { return op(p.prog[ref] & 15) }

// kids gives the references of a node's operands.
func (p *program) kids(ref uint32) []uint32 {
	h := p.prog[ref]
	n := h >> 4 & maxKids
	switch op(h & 15) {
	case opAnd, opOr, opNear, opBeside:
		return p.prog[ref+2 : ref+2+n]
	case opOf:
		return p.prog[ref+3 : ref+3+n]
	case opNot:
		return p.prog[ref+2 : ref+3]
	case opAtLeast:
		return p.prog[ref+3 : ref+4]
	}
	return nil
}

// size is how many words of the list a node takes.
func size(h uint32) uint32 {
	n := h >> 4 & maxKids
	switch op(h & 15) {
	case opAnd, opOr, opBeside:
		return 2 + n
	case opPhrase, opOf:
		return 3 + n
	case opNear:
		return 1 + 2*n
	case opLeaf, opAtLeast, opRegexp:
		return 4
	}
	return 3
}
