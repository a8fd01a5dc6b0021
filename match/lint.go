package match

import (
	"fmt"

	"watcher/match/query"
)

func (b *builder) warn(n *query.Node, format string, args ...any) {
	w := Warning{query.Error{Source: b.source, Msg: fmt.Sprintf(format, args...)}}
	if n != nil {
		w.Offset, w.Len = n.Pos, n.Len
	}
	b.warnings = append(b.warnings, w)
}

func (b *builder) lintRule(n *query.Node) {}

func (b *builder) lint() {}
