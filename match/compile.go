package match

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"watcher/match/query"
)

// Compile makes a Set of all topics. Every mistake is given, each a
// *query.Error, and then there is no Set; warnings come with or without one.
func Compile(c Config) (*Set, []error, []Warning) {
	b := newBuilder(c)
	b.parser.Reuse = true
	b.readEntities(c.Entities)
	for i := range c.Topics {
		b.topic(&c.Topics[i])
	}
	b.lintTopics()
	if len(b.errs) > 0 {
		errs := make([]error, len(b.errs))
		for i, e := range b.errs {
			errs[i] = e
		}
		return nil, errs, b.warnings
	}
	b.post()
	b.finish()
	return b.Set, nil, b.warnings
}

// Join makes one error of what Compile gives.
func Join(errs []error) error { return errors.Join(errs...) }

func newBuilder(c Config) *builder {
	b := &builder{Set: &Set{topics: c.Topics, entities: c.Entities, config: c, feedIndex: map[string]int{}},
		known: map[termKey]uint32{}, contextOf: map[context]uint32{}, maskOf: map[string]uint32{}, filterOf: map[string]uint32{},
		metaOf: map[meta]uint32{}, reOf: map[string]uint32{}, groups: map[uint32]uint32{}, costs: map[uint32]float32{}}
	b.prog = []uint32{0}
	b.masks = [][]uint32{nil}
	b.gates, b.leaves = []gate{{}}, []leaf{{}}
	b.extras = []extra{{}}
	b.filters = []filter{{}}
	b.dictionary = dictionary{terms: []term{{}}, freq: []float32{0}, folded: map[string]uint32{}, cased: map[string]uint32{}, dots: map[string]uint32{},
		prefixes: map[string]uint32{}, casePrefixes: map[string]uint32{}, langs: &stemTables{by: map[string]map[string][]uint32{}},
		people: people{known: map[string]int{}, label: map[uint32]string{}, warned: map[string]bool{}}}
	b.contextID(usual.context)
	if b.frequency = c.Frequency; b.frequency == nil {
		b.frequency = newsFrequency
	}
	for i := range c.Feeds {
		b.feedIndex[c.Feeds[i].ID] = i
	}
	return b
}

// topic builds all parts of one topic. A topic with mistakes gets a root of 0.
func (b *builder) topic(t *Topic) {
	i := len(b.root)
	b.noted = b.noted[:0]
	before := len(b.errs)
	c := usual
	c.mask = b.ignored(t)
	root := b.rule("match", &t.Match, c, true)
	x := extra{threshold: t.Threshold}
	b.mute++
	if t.Unless.Text != "" {
		x.unless = b.rule("unless", &t.Unless, c, false)
	}
	for j := range t.Score {
		x.score = append(x.score, scorePart{t.Score[j].Add, b.rule(fmt.Sprintf("score[%d]", j), &t.Score[j].Query, c, false)})
		if b.rules != nil && len(*b.rules) > 0 {
			(*b.rules)[len(*b.rules)-1].add = t.Score[j].Add
		}
	}
	b.mute--
	b.label(t)
	if len(b.errs) > before {
		root = 0
	}
	b.root = append(b.root, root)
	if x.unless != 0 || x.threshold != 0 || x.score != nil {
		if b.extra == nil {
			b.extra = make([]uint32, len(b.topics))
		}
		b.extra[i] = uint32(len(b.extras))
		b.extras = append(b.extras, x)
	}
	if f := b.filterFor(t); f != 0 {
		if b.filter == nil {
			b.filter = make([]uint32, len(b.topics))
		}
		b.filter[i] = f
	}
}

// label keeps what records say of a topic.
func (b *builder) label(t *Topic) {
	x := label{id: t.ID, rule: t.Match.Text, count: uint32(len(b.noted))}
	if k := copy(x.few[:], b.noted); k < len(b.noted) {
		x.more = uint32(len(b.leaves))
		b.leaves = append(b.leaves, b.noted[k:]...)
	}
	b.shown = append(b.shown, x)
}

// ignored gives the mask of what a topic passes over.
func (b *builder) ignored(t *Topic) uint32 {
	if len(t.Ignore) == 0 {
		return 0
	}
	var refs []uint32
	for j := range t.Ignore {
		n, errs := b.parser.ParseList(&t.Ignore[j])
		b.errs = append(b.errs, errs...)
		if n == nil {
			continue
		}
		b.source = &t.Ignore[j]
		if bad := notAlias(n); bad != nil {
			b.failAt(bad, "what is ignored is a word, a phrase, an entity or an OR of them, not %s", bad.Op)
			continue
		}
		ref := b.quietly(n, usual)
		b.kept(fmt.Sprintf("ignore[%d]", j), &t.Ignore[j], n, ref)
		refs = append(refs, ref)
	}
	return b.mask(refs)
}

// rule reads and builds one rule.
func (b *builder) rule(part string, s *query.Source, c scope, positive bool) uint32 {
	n, errs := b.parser.Parse(s)
	b.errs = append(b.errs, errs...)
	if n == nil {
		return 0
	}
	b.source = s
	if bad := blank(n); bad != nil && positive {
		if bad == n {
			b.failAt(bad, "no word must be there: a rule needs one that is not under NOT")
		} else {
			b.failAt(bad, "this alternative has no word that must be there, so it would meet nearly every item: write x AND NOT y")
		}
	}
	ref := b.build(n, c)
	b.kept(part, s, n, ref)
	b.lintRule(n)
	return ref
}

// kept notes a rule for who asked for the trees.
func (b *builder) kept(part string, s *query.Source, n *query.Node, ref uint32) {
	if b.rules != nil {
		*b.rules = append(*b.rules, readRule{part: part, source: s, tree: n, ref: ref})
	}
}

// blank gives a node through which a rule holds without any word of it, and nil
// when there is none.
func blank(n *query.Node) *query.Node {
	switch n.Op {
	case query.Not:
		return n
	case query.And:
		for _, k := range n.Kids {
			if blank(k) == nil {
				return nil
			}
		}
		if len(n.Kids) > 0 && n.Kids[0].Op != query.Not {
			return blank(n.Kids[0])
		}
		return n
	case query.Or:
		for _, k := range n.Kids {
			if bad := blank(k); bad != nil {
				return bad
			}
		}
	case query.Of:
		var bad *query.Node
		count := 0
		for _, k := range n.Kids {
			if x := blank(k); x != nil {
				bad = x
				count++
			}
		}
		if count >= n.N {
			return bad
		}
	case query.Field, query.Case, query.Exact, query.First, query.AtLeast:
		return blank(n.Kids[0])
	}
	return nil
}

// finish gives a slot to each node whose result is worth keeping during an
// item: those that several rules hold.
func (b *builder) finish() {
	b.finishPeople()
	b.seed = rand.Uint64()
	b.sieve = newSieve(&b.dictionary, b.seed)
	for at := uint32(1); at < uint32(len(b.prog)); at += size(b.prog[at]) {
		count := b.prog[at+1]
		b.prog[at+1] = 0
		if o := b.op(at); count > 1 && o != opLeaf && o != opMeta && o != opNot {
			b.memos++
			b.prog[at+1] = uint32(b.memos)
		}
	}
	b.prog = slices.Clip(b.prog)
	b.leaves = slices.Clip(b.leaves)
	b.gates = slices.Clip(b.gates)
	b.terms = slices.Clip(b.terms)
	b.kinds = make([]termKind, len(b.terms))
	for i, t := range b.terms {
		b.kinds[i] = t.kind
	}
	b.freq = nil
	b.byID = make([]uint32, len(b.topics))
	for i := range b.byID {
		b.byID[i] = uint32(i)
	}
	slices.SortStableFunc(b.byID, func(x, y uint32) int { return strings.Compare(b.topics[x].ID, b.topics[y].ID) })
}

// filterFor gives the number of a topic's filter, 0 for none.
func (b *builder) filterFor(t *Topic) uint32 {
	f := filter{age: t.Where.MaxAge}
	for _, l := range t.Where.Lang {
		if l == "*" {
			f.langs = nil
			break
		}
		f.langs = append(f.langs, strings.ToLower(l))
	}
	for _, s := range t.Where.Source {
		if s == "*" {
			f.sources = nil
			break
		}
		f.sources = append(f.sources, strings.ToLower(s))
	}
	if len(t.Feeds.IDs)+len(t.Feeds.Tags) > 0 {
		f.feeds = b.feedSet(t)
	}
	if f.age == 0 && f.langs == nil && f.sources == nil && f.feeds == nil {
		return 0
	}
	key := fmt.Sprint(f)
	id, ok := b.filterOf[key]
	if !ok {
		id = uint32(len(b.filters))
		b.filters = append(b.filters, f)
		b.filterOf[key] = id
	}
	return id
}

// feedSet gives the bits of the feeds that a topic reads.
func (b *builder) feedSet(t *Topic) []uint64 {
	set := make([]uint64, (len(b.config.Feeds)+63)/64+1)
	for i := range b.config.Feeds {
		f := &b.config.Feeds[i]
		ok := slices.Contains(t.Feeds.IDs, f.ID)
		for _, tag := range f.Tags {
			ok = ok || slices.Contains(t.Feeds.Tags, tag)
		}
		if ok {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}
