package match

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"watcher/match/query"
)

// names says which name terms a word of running text meets. Each entity with a
// name or a country has terms of its own; the dictionary asks once a distinct
// word, and the matcher keeps the answer.
type names struct{}

// byLang tells whether the answer depends on the item's language.
func (n *names) byLang() bool { return false }

// meets appends the name terms that a word meets; raw keeps its case, folded is
// its folded form.
func (n *names) meets(raw, folded, lang string, dst []uint32) []uint32 { return dst }

// nameRefs gives the nodes that stand for an entity's name and country: its OR
// is made of them and of the aliases.
func (b *builder) nameRefs(e *Entity, c scope) []uint32 {
	var refs []uint32
	if e.Name != "" {
		refs = append(refs, b.words(e.Name, 0, c, nil))
	}
	if e.Country != "" {
		if r, err := language.ParseRegion(e.Country); err == nil {
			refs = append(refs, b.words(display.English.Regions().Name(r), 0, c, nil))
		} else {
			b.fail(&query.Error{Source: &e.Source, Msg: "unknown country " + e.Country + ": two letters of ISO 3166 are needed, such as IR"})
		}
	}
	return refs
}
