package match

import (
	"strings"

	"watcher/match/names"
	"watcher/match/query"
)

// readEntities parses the aliases of every entity and refuses cycles.
func (b *builder) readEntities(list []Entity) {
	b.entity = make(map[string]*entity, len(list))
	var p query.Parser
	for i := range list {
		e := &entity{Entity: &list[i], built: map[scope]uint32{}}
		b.entity[e.ID] = e
		for j := range e.Alias {
			n, errs := p.ParseList(&e.Alias[j])
			b.errs = append(b.errs, errs...)
			if n == nil {
				continue
			}
			if bad := notAlias(n); bad != nil {
				b.source = &e.Alias[j]
				b.failAt(bad, "an alias is a word, a phrase, an entity or an OR of them, not %s", bad.Op)
				continue
			}
			e.alias = append(e.alias, alias{n, &e.Alias[j]})
			b.source = &e.Alias[j]
			b.lintRule(n)
		}
		b.lintAliases(e)
		if len(e.Alias) == 0 && e.Name == "" && e.Country == "" {
			b.fail(&query.Error{Source: &e.Source, Msg: "entity " + e.ID + " has no alias, name or country"})
		}
		if err := checkNames(e.Entity); err != nil {
			b.fail(&query.Error{Source: &e.Source, Msg: err.Error()})
		}
	}
	for i := range list {
		b.visit(b.entity[list[i].ID], nil)
	}
}

// checkNames tells what is wrong with an entity's name or country, whether or not
// a rule has use for it.
func checkNames(e *Entity) error {
	spelling, err := names.ParseSpelling(e.Spelling)
	if err == nil && e.Name != "" {
		_, err = names.Compile(e.Name, names.Options{Spelling: spelling})
	}
	if err == nil && e.Country != "" {
		_, err = names.Country(e.Country)
	}
	return err
}

// notAlias gives the first node that no alias may hold.
func notAlias(n *query.Node) *query.Node {
	switch n.Op {
	case query.Word, query.Phrase, query.Entity, query.Regexp:
		return nil
	case query.Or, query.Case, query.Exact, query.Field:
		if n.Op == query.Field && query.Meta(n.Text) {
			return n
		}
		for _, k := range n.Kids {
			if bad := notAlias(k); bad != nil {
				return bad
			}
		}
		return nil
	}
	return n
}

// visit looks for entities that reach themselves.
func (b *builder) visit(e *entity, path []string) {
	if e.state == 2 {
		return
	}
	e.state = 1
	path = append(path, "@"+e.ID)
	for _, a := range e.alias {
		for _, m := range entitiesIn(a.node, nil) {
			b.source = a.source
			next := b.entity[m.Text]
			switch {
			case next == nil:
				b.unknownEntity(m)
				m.Op, m.Text = query.Word, "unknown" // noted; go on without
			case next.state == 1:
				b.failAt(m, "entities in a circle: %s", strings.Join(circle(append(path, "@"+m.Text)), " → "))
				m.Op, m.Text = query.Word, "circle"
			default:
				b.visit(next, path)
			}
		}
	}
	e.state = 2
}

// circle cuts the way to the circle off.
func circle(path []string) []string {
	for i, p := range path {
		if p == path[len(path)-1] {
			return path[i:]
		}
	}
	return path
}

func entitiesIn(n *query.Node, dst []*query.Node) []*query.Node {
	if n.Op == query.Entity {
		return append(dst, n)
	}
	for _, k := range n.Kids {
		dst = entitiesIn(k, dst)
	}
	return dst
}

func (b *builder) unknownEntity(n *query.Node) {
	known := make([]string, 0, len(b.config.Entities))
	for i := range b.config.Entities {
		known = append(known, b.config.Entities[i].ID)
	}
	hint := ""
	if near := query.Nearest(n.Text, known); near != "" {
		hint = ", did you mean @" + near + "?"
	}
	b.failAt(n, "unknown entity @%s%s", n.Text, hint)
}

// entityRef builds an entity as the OR of what it stands for, once for each
// scope in which rules use it.
func (b *builder) entityRef(n *query.Node, c scope) uint32 {
	e := b.entity[n.Text]
	if e == nil {
		b.unknownEntity(n)
		return b.leafRef(0, c)
	}
	if ref, ok := e.built[c]; ok {
		if ref&isTerm == 0 {
			b.prog[ref+1]++
		}
		return ref
	}
	source, outer, keep := b.source, b.in, b.keep
	b.in, b.keep = e.Entity, nil
	b.mute++
	inner := c
	if len(e.Not) > 0 {
		refs := append([]uint32(nil), b.masks[c.mask]...)
		for _, w := range e.Not {
			refs = append(refs, b.words(w, 0, usual, nil))
		}
		inner.mask = b.mask(refs)
	}
	refs := b.nameRefs(e.Entity, inner)
	for _, a := range e.alias {
		b.source = a.source
		refs = append(refs, b.build(a.node, inner))
	}
	b.mute--
	b.source, b.in, b.keep = source, outer, keep
	if len(refs) == 0 {
		refs = append(refs, b.leafRef(0, c))
	}
	ref := b.or(refs)
	e.built[c] = ref
	return ref
}
