package match

import (
	"slices"
)

// postings lead from a term that stands in an item to the topics worth a look.
// A topic is listed under the rarest word that it needs, with one more word
// that must be there too; those of a term are sorted by that guard.
type postings struct {
	postAt  []uint32 // by term: its first posting, or noPosting
	post    []posting
	groupAt []uint32 // by term; nil: no groups
	group   []uint32 // the groups (terms of kind byGroup) that a term is in
	always  []uint32 // topics without such a word
}

type posting struct{ topic, guard, root uint32 }

const (
	isOnly = 1 << 31 // marks, in posting.topic, a topic that is listed nowhere else
	isLast = 1 << 31 // marks, in posting.guard, a term's last posting

	noPosting = 0 // in postAt: no topic is listed under the term
)

// anchor is a word of which, with the others of a list, one must be there.
type anchor struct{ term, guard uint32 }

// never is the cost of a node that no word leads to.
const never = 1e30

// cost guesses in which part of all items a node may hold, by the rarest words
// that must be there.
func (b *builder) cost(ref uint32) float32 {
	if ref&isTerm != 0 {
		return b.freq[ref&^isTerm]
	}
	switch b.op(ref) {
	case opLeaf:
		return b.freq[b.prog[ref+3]]
	case opPhrase:
		return b.freq[b.pivot(ref)]
	case opAtLeast:
		return b.cost(b.prog[ref+3])
	case opNot, opRegexp, opMeta:
		return never
	case opAnd, opNear, opBeside:
		best := float32(never)
		for _, k := range b.kids(ref) {
			best = min(best, b.cost(k))
		}
		return best
	}
	kids := b.kids(ref)
	if c, ok := b.costs[ref]; ok {
		return c
	}
	if b.op(ref) == opOf {
		kids = b.needed(ref)
	}
	sum := float32(0)
	for _, k := range kids {
		sum += b.cost(k)
	}
	if len(kids) > 8 {
		b.costs[ref] = sum
	}
	return sum
}

func (b *builder) pivot(ref uint32) uint32 { return b.prog[ref+3+b.prog[ref]>>24] }

// needed gives the cheapest members of an OF of which one must hold.
func (b *builder) needed(ref uint32) []uint32 {
	kids := slices.Clone(b.kids(ref))
	slices.SortStableFunc(kids, b.cheaper)
	return kids[:len(kids)-int(b.prog[ref+2])+1]
}

// anchors appends the words of a node of which one must be there, to b.found.
func (b *builder) anchors(ref, guard uint32) {
	if ref&isTerm != 0 {
		b.found = append(b.found, anchor{ref &^ isTerm, guard})
		return
	}
	switch b.op(ref) {
	case opLeaf:
		b.found = append(b.found, anchor{b.prog[ref+3], guard})
	case opPhrase:
		pivot := b.pivot(ref)
		for _, id := range b.prog[ref+3 : ref+size(b.prog[ref])] {
			if id != pivot {
				guard = b.rarer(guard, id)
			}
		}
		b.found = append(b.found, anchor{pivot, guard})
	case opAtLeast:
		b.anchors(b.prog[ref+3], guard)
	case opOr:
		if g := b.groupOf(ref); g != 0 {
			b.found = append(b.found, anchor{g, guard})
			return
		}
		for _, k := range b.kids(ref) {
			b.anchors(k, guard)
		}
	case opOf:
		for _, k := range b.needed(ref) {
			b.anchors(k, guard)
		}
	case opAnd, opNear, opBeside:
		best, at := float32(never), uint32(0)
		for _, k := range b.kids(ref) {
			if c := b.cost(k); c < best {
				best, at = c, k
			}
		}
		for _, k := range b.kids(ref) {
			if k != at {
				guard = b.rarer(guard, b.guardOf(k))
			}
		}
		b.anchors(at, guard)
	}
}

// guardOf gives a term that must be there for the node to hold, 0 if none.
func (b *builder) guardOf(ref uint32) uint32 {
	if ref&isTerm != 0 {
		return ref &^ isTerm
	}
	switch b.op(ref) {
	case opLeaf:
		return b.prog[ref+3]
	case opPhrase:
		return b.pivot(ref)
	case opAtLeast:
		return b.guardOf(b.prog[ref+3])
	case opOr:
		return b.groupOf(ref)
	}
	return 0
}

func (b *builder) rarer(a, c uint32) uint32 {
	if a == 0 || c != 0 && b.freq[c] < b.freq[a] {
		return c
	}
	return a
}

// groupOf gives the term of an OR that several nodes hold: it counts as there
// when any of its words is. 0: the OR is used once.
func (b *builder) groupOf(ref uint32) uint32 {
	if b.flat {
		return 0
	}
	if g, ok := b.groups[ref]; ok {
		return g
	}
	g := uint32(0)
	if c := b.cost(ref); b.prog[ref+1] > 1 && c < never {
		g = uint32(len(b.terms))
		b.terms = append(b.terms, term{kind: byGroup})
		b.freq = append(b.freq, c)
	}
	b.groups[ref] = g
	return g
}

// members gives the terms of a group, and of the groups in it.
func (b *builder) members(ref uint32) []uint32 {
	b.flat = true
	defer func() { b.flat = false }()
	from := len(b.found)
	for _, k := range b.kids(ref) {
		b.anchors(k, 0)
	}
	var out []uint32
	for _, a := range b.found[from:] {
		out = append(out, a.term)
	}
	b.found = b.found[:from]
	return out
}

// post lists every topic under its anchors.
func (b *builder) post() {
	type entry struct {
		term uint32
		posting
	}
	all := make([]entry, 0, len(b.root)*3/2)
	for i, root := range b.root {
		if root == 0 {
			continue
		}
		if b.cost(root) >= never {
			b.always = append(b.always, uint32(i))
			continue
		}
		b.found = b.found[:0]
		b.anchors(root, 0)
		topic := uint32(i)
		if len(b.found) == 1 {
			topic |= isOnly
		}
		for _, a := range b.found {
			if a.guard == a.term {
				a.guard = 0
			}
			all = append(all, entry{a.term, posting{topic, a.guard, root}})
		}
	}
	slices.SortFunc(all, func(x, y entry) int {
		switch {
		case x.term != y.term:
			return int(x.term) - int(y.term)
		case x.guard != y.guard:
			return int(x.guard) - int(y.guard)
		}
		return int(x.topic&^isOnly) - int(y.topic&^isOnly)
	})
	b.postGroups()
	b.postAt = make([]uint32, len(b.terms))
	b.postings.post = make([]posting, 1, len(all)+1)
	for i, e := range all {
		switch {
		case i == 0 || all[i-1].term != e.term:
			b.postings.post[len(b.postings.post)-1].guard |= isLast
			b.postAt[e.term] = uint32(len(b.postings.post))
		case all[i-1] == e:
			continue
		}
		b.postings.post = append(b.postings.post, e.posting)
	}
	b.postings.post[len(b.postings.post)-1].guard |= isLast
}

// postGroups lists the groups under their words.
func (b *builder) postGroups() {
	type pair struct{ term, group uint32 }
	var all []pair
	var refs []uint32
	for ref, g := range b.groups {
		if g != 0 {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	for _, ref := range refs {
		for _, m := range b.members(ref) {
			all = append(all, pair{m, b.groups[ref]})
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(x, y pair) int {
		if x.term != y.term {
			return int(x.term) - int(y.term)
		}
		return int(x.group) - int(y.group)
	})
	b.groupAt = make([]uint32, len(b.terms)+1)
	for i, p := range all {
		if i > 0 && all[i-1] == p {
			continue
		}
		b.group = append(b.group, p.group)
		b.groupAt[p.term+1]++
	}
	for i := 1; i < len(b.groupAt); i++ {
		b.groupAt[i] += b.groupAt[i-1]
	}
}
