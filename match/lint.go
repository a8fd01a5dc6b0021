package match

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"watcher/match/query"
)

func (b *builder) warn(n *query.Node, format string, args ...any) {
	w := Warning{query.Error{Source: b.source, Msg: fmt.Sprintf(format, args...)}}
	if n != nil {
		w.Offset, w.Len = n.Pos, n.Len
	}
	b.warnings = append(b.warnings, w)
}

// short words that nearly every English text holds.
const shortWords = " am an are as at be by do go he if in is it me my no of on or so to up us we who "

// lintRule looks for what works but is seldom meant.
func (b *builder) lintRule(n *query.Node) { b.lintNode(n, false) }

func (b *builder) lintNode(n *query.Node, cased bool) {
	switch n.Op {
	case query.Near:
		for _, g := range n.Gaps {
			if g.N > 100 {
				b.warn(n, "NEAR/%d is wider than most items: the words hardly need to be near; AND says that", g.N)
				break
			}
		}
	case query.Word:
		b.lintWord(n, cased)
	case query.Case:
		cased = true
	case query.Field:
		if query.Meta(n.Text) {
			return
		}
	}
	for _, k := range n.Kids {
		b.lintNode(k, cased)
	}
}

func (b *builder) lintWord(n *query.Node, cased bool) {
	if n.Mark == query.Prefix {
		if r, _ := utf8.DecodeRuneInString(n.Text); utf8.RuneCountInString(n.Text) < 3 && classOf(r) == inWord {
			b.warn(n, "%s* meets very many words: a prefix has three letters or more", n.Text)
		}
		return
	}
	if cased || n.Mark != 0 || len(n.Text) > 8 || strings.IndexByte(n.Text, '.') >= 0 {
		return
	}
	w := strings.ToLower(n.Text)
	if len(w) == 2 && strings.Contains(shortWords, " "+w+" ") {
		up := strings.ToUpper(w)
		b.warn(n, "%s is a common word in any case: write case:%s for the capitals, or %c.%c.", n.Text, up, up[0], up[1])
		return
	}
	if f, ok := b.frequency(w); ok && f >= 0.2 {
		b.warn(n, "%s stands in about %.0f %% of news items", n.Text, f*100)
	}
}

// lintAliases looks for aliases that add nothing, as another of the same entity
// meets all that they meet.
func (b *builder) lintAliases(e *entity) {
	single := map[string]string{}
	var prefixes []string
	for _, a := range e.alias {
		if a.node.Op != query.Word {
			continue
		}
		if a.node.Mark == query.Prefix {
			prefixes = append(prefixes, folded(a.node.Text))
		} else if a.node.Mark == 0 {
			single[folded(a.node.Text)] = a.node.Text
		}
	}
	for _, a := range e.alias {
		if a.node.Op != query.Phrase && (a.node.Op != query.Word || a.node.Mark != 0) {
			continue
		}
		b.source = a.source
		for i := 0; i < len(a.node.Text); {
			t := nextToken(a.node.Text, i)
			if t.start >= len(a.node.Text) {
				break
			}
			i = t.next
			w := folded(a.node.Text[t.start:t.end])
			by := single[w]
			if a.node.Op == query.Word {
				by = ""
			}
			for _, p := range prefixes {
				if strings.HasPrefix(w, p) {
					by = p + "*"
				}
			}
			if by != "" {
				b.warn(a.node, "this alias of @%s adds nothing: %s meets it already", e.ID, by)
				break
			}
		}
	}
}

// lintTopics looks for topics that are the same.
func (b *builder) lintTopics() {
	type sameness struct{ root, filter uint32 }
	first := make(map[sameness]int, len(b.root))
	for i, root := range b.root {
		if root == 0 || b.extra != nil && b.extra[i] != 0 {
			continue
		}
		k := sameness{root: root}
		if b.filter != nil {
			k.filter = b.filter[i]
		}
		j, ok := first[k]
		if !ok {
			first[k] = i
			continue
		}
		b.source = &b.topics[i].Match
		b.warn(nil, "topic %s has the same rule as topic %s", b.topics[i].ID, b.topics[j].ID)
	}
}
