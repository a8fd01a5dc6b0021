package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"watcher/match/query"
)

// builder makes the program of a Set. Equal nodes get one place.
type builder struct {
	*Set
	parser   query.Parser
	errs     []*query.Error
	warnings []Warning

	known     map[termKey]uint32
	frequency func(string) (float64, bool)
	table     []uint32 // hash of a node -> its place in prog
	used      int
	contextOf map[context]uint32
	maskOf    map[string]uint32
	filterOf  map[string]uint32
	metaOf    map[meta]uint32
	reOf      map[string]uint32

	entity map[string]*entity
	source *query.Source          // of the rule being built
	keep   map[*query.Node]uint32 // where each node of the trees went; nil: not asked for
	rules  *[]readRule            // the rules that were read, with their trees; nil: not asked for
	in     *Entity                // whose aliases are being built

	noted  []leaf // of the topic being built
	gated  uint32 // the gate that new leaves stand behind, 0: none
	side   uint16
	mute   int // above 0: no leaves are recorded
	choice int // above 0: within an OR

	groups map[uint32]uint32 // shared OR -> its term
	flat   bool              // no group stands for an OR
	costs  map[uint32]float32
	found  []anchor
}

// entity is an Entity with its aliases read.
type entity struct {
	*Entity
	alias []alias
	built map[scope]uint32
	state int // 0 untouched, 1 being looked at, 2 good
}

type alias struct {
	node   *query.Node
	source *query.Source
}

// scope is what stands round a node: the fields, masks and prefixes that its
// words obey.
type scope struct {
	context
	field string // "": the usual ones
	exact bool
	cased bool
}

func (b *builder) fail(e *query.Error) { b.errs = append(b.errs, e) }

func (b *builder) failAt(n *query.Node, format string, args ...any) {
	e := &query.Error{Source: b.source, Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Offset, e.Len = n.Pos, n.Len
	}
	b.fail(e)
}

// emit gives the place of a node, new or known, and counts who holds it: the
// memo's word is the count until finish.
func (b *builder) emit(h uint32, args ...uint32) uint32 {
	hash := uint64(h) * 0x9E3779B97F4A7C15
	for _, a := range args {
		hash = (hash ^ uint64(a)) * 0x9FB21C651E98DF25
		hash ^= hash >> 29
	}
	if b.used*2 >= len(b.table) {
		b.grow()
	}
	for k := int(hash>>20) & (len(b.table) - 1); ; k = (k + 1) & (len(b.table) - 1) {
		at := b.table[k]
		if at == 0 {
			at = uint32(len(b.prog))
			b.prog = append(b.prog, h, 1)
			b.prog = append(b.prog, args...)
			b.table[k] = at
			b.used++
			return at
		}
		if b.prog[at] == h && slices.Equal(b.prog[at+2:at+size(h)], args) {
			b.prog[at+1]++
			return at
		}
	}
}

func (b *builder) grow() {
	b.table = make([]uint32, max(64, 2*len(b.table)))
	for at := uint32(1); at < uint32(len(b.prog)); at += size(b.prog[at]) {
		hash := uint64(b.prog[at]) * 0x9E3779B97F4A7C15
		for _, a := range b.prog[at+2 : at+size(b.prog[at])] {
			hash = (hash ^ uint64(a)) * 0x9FB21C651E98DF25
			hash ^= hash >> 29
		}
		k := int(hash>>20) & (len(b.table) - 1)
		for b.table[k] != 0 {
			k = (k + 1) & (len(b.table) - 1)
		}
		b.table[k] = at
	}
}

// build gives the reference of a tree's node.
func (b *builder) build(n *query.Node, c scope) uint32 {
	ref := b.node(n, c)
	if b.keep != nil {
		b.keep[n] = ref
	}
	return ref
}

func (b *builder) node(n *query.Node, c scope) uint32 {
	switch n.Op {
	case query.Word, query.Phrase, query.Entity, query.Regexp:
		ref := b.operand(n, c)
		b.record(n, ref)
		return ref
	case query.Field:
		if c.field != "" {
			b.failAt(n, "%s: stands inside %s:, and no word is in both", n.Text, c.field)
		}
		c.field = n.Text
		if i := slices.Index(fieldNames[:], n.Text); i >= 0 {
			c.fields = 1 << i
			b.fields |= 1 << i &^ inText
		}
		return b.build(n.Kids[0], c)
	case query.Case:
		c.cased = true
		return b.build(n.Kids[0], c)
	case query.Exact:
		c.exact = true
		return b.build(n.Kids[0], c)
	case query.First:
		if c.first == 0 || uint32(n.N) < c.first {
			c.first = uint32(n.N)
		}
		return b.build(n.Kids[0], c)
	}
	return b.joint(n, c)
}

// joint builds a node that joins others.
func (b *builder) joint(n *query.Node, c scope) uint32 {
	switch n.Op {
	case query.Not:
		b.mute++
		ref := b.build(n.Kids[0], c)
		b.mute--
		return b.emit(head(opNot, 1, 0), ref)
	case query.And:
		if b.choice == 0 || b.mute > 0 {
			return b.and(b.kidsOf(n, c))
		}
		g := b.openGate()
		ref := b.and(b.kidsOf(n, c))
		b.closeGate(g, ref)
		return ref
	case query.Or:
		b.choice++
		ref := b.or(b.kidsOf(n, c))
		b.choice--
		return ref
	case query.Near:
		return b.near(n, c)
	case query.Of:
		b.choice++
		refs := b.counted(n, c)
		b.choice--
		if n.N > len(refs) {
			b.failAt(n, "%d of %d different members can never hold", n.N, len(refs))
			return refs[0]
		}
		return b.emit(head(opOf, len(refs), 0), append([]uint32{uint32(n.N)}, refs...)...)
	}
	g := b.openGate()
	kid := b.build(n.Kids[0], c)
	ref := b.emit(head(opAtLeast, 1, 0), uint32(n.N), kid)
	b.closeGate(g, ref)
	return ref
}

func (b *builder) near(n *query.Node, c scope) uint32 {
	g := b.openGate()
	args := make([]uint32, 0, 8)
	for i, k := range n.Kids {
		b.side = uint16(i)
		args = append(args, b.build(k, c))
	}
	for _, g := range n.Gaps {
		o := uint32(0)
		if g.Ordered {
			o = 1
		}
		args = append(args, uint32(g.N)<<1|o)
	}
	ref := b.emit(head(opNear, len(n.Kids), 0), args...)
	b.closeGate(g, ref)
	return ref
}

// gateState is what openGate leaves for closeGate.
type gateState struct {
	parent uint32
	side   uint16
}

// openGate starts a node without which the hits of its leaves do not count.
func (b *builder) openGate() gateState {
	g := gateState{b.gated, b.side}
	if b.mute == 0 {
		b.gated = uint32(len(b.gates))
		b.gates = append(b.gates, gate{parent: g.parent})
		b.side = 0
	}
	return g
}

func (b *builder) closeGate(g gateState, ref uint32) {
	if b.mute == 0 {
		b.gates[b.gated].ref = ref
		b.gated, b.side = g.parent, g.side
	}
}

// record keeps a leaf of a topic's match.
func (b *builder) record(n *query.Node, ref uint32) {
	if b.mute > 0 {
		return
	}
	l := leaf{ref: ref, gate: b.gated | uint32(min(b.side, 255))<<sideShift}
	if n.Op == query.Entity {
		l.gate |= isEntity
	}
	if n.Pos+n.Len < 1<<16 {
		l.pos, l.len = uint16(n.Pos), uint16(n.Len)
	}
	// It may find what its topic shows already when it has several parts, or when
	// its clause stands in the rule before.
	if l.ref&isTerm == 0 && b.op(l.ref) != opLeaf && b.op(l.ref) != opPhrase || l.len == 0 {
		l.gate |= mayRepeat
	}
	text := b.source.Text
	for _, before := range b.noted {
		if l.len == 0 || text[before.pos:before.pos+before.len] != text[l.pos:l.pos+l.len] {
			continue
		}
		if before.ref == l.ref && (before.gate^l.gate)&^mayRepeat == 0 {
			return // it finds what that one finds
		}
		l.gate |= mayRepeat
	}
	b.noted = append(b.noted, l)
}

func (b *builder) kidsOf(n *query.Node, c scope) []uint32 {
	refs := make([]uint32, 0, len(n.Kids))
	for _, k := range n.Kids {
		refs = append(refs, b.build(k, c))
	}
	return refs
}

// counted builds the members of an OF. One that is written twice counts once.
func (b *builder) counted(n *query.Node, c scope) []uint32 {
	var refs []uint32
next:
	for i, k := range n.Kids {
		for _, before := range n.Kids[:i] {
			if query.Equal(before, k) {
				continue next
			}
		}
		refs = append(refs, b.build(k, c))
	}
	return refs
}

// distinct drops what stands twice.
func (b *builder) distinct(refs []uint32) []uint32 { return unique(refs, 0) }

// cheaper orders nodes by how seldom they hold, and else so that the same nodes
// always come in the same order.
func (b *builder) cheaper(x, y uint32) int {
	if c := cmp.Compare(b.cost(x), b.cost(y)); c != 0 {
		return c
	}
	return cmp.Compare(x, y)
}

// and joins nodes, the cheapest to fail first.
func (b *builder) and(refs []uint32) uint32 {
	refs = b.distinct(refs)
	if len(refs) == 1 {
		return refs[0]
	}
	slices.SortStableFunc(refs, b.cheaper)
	return b.emit(head(opAnd, len(refs), 0), refs...)
}

func (b *builder) or(refs []uint32) uint32 {
	refs = b.distinct(refs)
	if len(refs) == 1 {
		return refs[0]
	}
	if len(refs) > maxKids {
		b.failAt(nil, "more than %d alternatives", maxKids)
		refs = refs[:maxKids]
	}
	return b.emit(head(opOr, len(refs), 0), refs...)
}

// contextID gives the number of a context.
func (b *builder) contextID(c context) uint32 {
	id, ok := b.contextOf[c]
	if !ok {
		id = uint32(len(b.contexts))
		b.contexts = append(b.contexts, c)
		b.contextOf[c] = id
	}
	return id
}

// mask gives the number of a set of nodes whose hits count for nothing.
func (b *builder) mask(refs []uint32) uint32 {
	if len(refs) == 0 {
		return 0
	}
	refs = b.distinct(refs)
	slices.Sort(refs)
	key := fmt.Sprint(refs)
	id, ok := b.maskOf[key]
	if !ok {
		id = uint32(len(b.masks))
		b.masks = append(b.masks, refs)
		b.maskOf[key] = id
	}
	return id
}

// quietly builds without recording leaves.
func (b *builder) quietly(n *query.Node, c scope) uint32 {
	b.mute++
	defer func() { b.mute-- }()
	return b.build(n, c)
}

var usual = scope{context: context{fields: inText}}

// metaRef gives the node that compares an item's source or language.
func (b *builder) metaRef(n *query.Node, c scope) uint32 {
	text := n.Text
	if n.Op != query.Word && n.Op != query.Phrase {
		b.failAt(n, "%s: takes a name, in quotes where it has blanks, with * for any letters", c.field)
	}
	m := meta{c.field == "lang", strings.ToLower(text)}
	id, ok := b.metaOf[m]
	if !ok {
		id = uint32(len(b.metas))
		b.metas = append(b.metas, m)
		b.metaOf[m] = id
	}
	return b.emit(head(opMeta, 0, 0), id)
}
