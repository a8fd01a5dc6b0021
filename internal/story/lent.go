package story

import (
	"fmt"
	"slices"
)

// A print's words are half of what it takes, and only a split asks for them
// once they are in its story: where records can be read again, they are let go
// when they are kept.

// ReadBack has the words of kept prints let go, and read again where they are
// needed. read gives the records of items, in any order; it is called by Load,
// Review and Split. A record that is gone leaves a print without words.
func (g *Grouper) ReadBack(read func(items []string) ([]PrintRecord, error)) { g.readBack = read }

// borrow reads the words of prints that were let go; they are there until
// the next Commit or Rollback.
func (g *Grouper) borrow(ps []*print) error {
	away := map[string]*print{}
	var items []string
	for _, p := range ps {
		if p.vec == nil {
			away[p.item] = p
			items = append(items, p.item)
		}
	}
	if len(items) == 0 || g.readBack == nil {
		return nil
	}
	recs, err := g.readBack(items)
	if err != nil {
		return fmt.Errorf("read the words of %d items: %w", len(items), err)
	}
	for _, rec := range recs {
		p := away[rec.Item]
		if p == nil {
			continue
		}
		kept, err := decodePrint(rec)
		if err != nil {
			return err
		}
		p.vec, p.title, p.crowded = kept.vec, kept.title, kept.crowded
		g.lent = append(g.lent, p)
	}
	return nil
}

// giveBack lets go what was borrowed since there were n.
func (g *Grouper) giveBack(n int) {
	for _, p := range g.lent[n:] {
		g.letGo(p)
	}
	g.lent = slices.Delete(g.lent, n, len(g.lent))
}

func (g *Grouper) letGo(p *print) {
	if g.readBack != nil && p != nil {
		p.vec, p.title, p.crowded = nil, nil, nil
	}
}
