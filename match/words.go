package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"watcher/match/query"
)

// operand builds a word, a phrase, an entity or a regular expression.
func (b *builder) operand(n *query.Node, c scope) uint32 {
	if query.Meta(c.field) {
		return b.metaRef(n, c)
	}
	switch n.Op {
	case query.Entity:
		return b.entityRef(n, c)
	case query.Regexp:
		return b.regexp(n, c)
	}
	return b.words(n.Text, n.Mark, c, n)
}

// words builds running text: one word, or a phrase of several. Within a phrase
// a word may have marks of its own: `"=gulf stat*"`.
func (b *builder) words(text string, mark byte, c scope, n *query.Node) uint32 {
	var tmp, apart [8]uint32
	terms, parted, split := tmp[:0], apart[:0], false
	for i := 0; i < len(text); {
		t := nextToken(text, i)
		if t.start >= len(text) {
			break
		}
		i = t.next
		k, m := c, byte(0)
		if t.start > 0 && text[t.start-1] == '=' {
			k.exact = true
		}
		if i < len(text) && (text[i] == query.Prefix || text[i] == query.Stem) {
			m = text[i]
		} else if i == len(text) {
			m = mark
		}
		id := b.wordTerm(text[t.start:t.end], t, m, k, n)
		terms = append(terms, id)
		if !t.split {
			parted = append(parted, id)
			continue
		}
		split = true
		for _, part := range parts(text[t.start:t.end]) {
			parted = append(parted, b.wordTerm(part, token{}, m, k, n))
		}
	}
	switch {
	case len(terms) == 0:
		b.failAt(n, "no letter or digit in %q", text)
		return b.leafRef(0, c)
	case len(parted) > maxPhrase:
		b.failAt(n, "a phrase has at most %d words", maxPhrase)
		return b.leafRef(terms[0], c)
	case split:
		return b.or([]uint32{b.phrase(terms, c), b.phrase(parted, c)})
	}
	return b.phrase(terms, c)
}

func (b *builder) phrase(terms []uint32, c scope) uint32 {
	if len(terms) == 1 {
		return b.leafRef(terms[0], c)
	}
	pivot := 0
	for i, id := range terms {
		if b.freq[id] < b.freq[terms[pivot]] {
			pivot = i
		}
	}
	var tmp [12]uint32
	return b.emit(head(opPhrase, len(terms), pivot), append(append(tmp[:0], b.contextID(c.context)), terms...)...)
}

func (b *builder) leafRef(id uint32, c scope) uint32 {
	if c.context == usual.context {
		return id | isTerm
	}
	return b.emit(head(opLeaf, 0, 0), b.contextID(c.context), id)
}

// wordTerm gives the term of one word of a rule.
func (b *builder) wordTerm(raw string, t token, mark byte, c scope, n *query.Node) uint32 {
	plain := true // lower-case ASCII: folded already
	for i := 0; i < len(raw); i++ {
		if l := lower[raw[i]]; l != raw[i] {
			plain = false
			break
		}
	}
	form := raw
	if !plain {
		form = folded(raw)
	}
	if r, _ := utf8.DecodeRuneInString(raw); mark == query.Prefix && classOf(r) == alone {
		mark = 0
	}
	switch {
	case mark == query.Prefix && c.cased:
		return b.addTerm(byCasePrefix, b.short(raw, n))
	case mark == query.Prefix:
		return b.addTerm(byPrefix, b.short(form, n))
	case mark == query.Stem:
		return b.addTerm(byStem, strings.ToLower(raw))
	case c.cased:
		return b.addTerm(byCase, raw)
	case t.dotted:
		return b.addTerm(byDotted, form)
	case c.exact || len(form) < 4 || !plain:
		return b.addTerm(byWord, form)
	}
	var tmp [2]string
	if len(forms(tmp[:0], form)) == 0 {
		return b.addTerm(byWord, form)
	}
	return b.addTerm(byPlural, form)
}

// short refuses prefixes that no word of a text can have.
func (b *builder) short(prefix string, n *query.Node) string {
	if len(prefix) < maxWord && prefix != "" {
		return prefix
	}
	b.failAt(n, "a prefix has at most %d letters", maxWord-1)
	return "x"
}

// Bounds of a regular expression: its text, its program, and how much of a
// field it reads.
const (
	maxRegexp  = 1000
	maxProgram = 5000
	regexpText = 64 << 10
)

func (b *builder) regexp(n *query.Node, c scope) uint32 {
	id, ok := b.reOf[n.Text]
	if !ok {
		e, err := compileRegexp(n.Text)
		if err != nil {
			b.failAt(n, "%s", err)
		} else if e.literal == "" {
			b.warn(n, "this expression has no text that every match must hold, so every item is searched in full: put a word beside it with AND, or a literal in it")
		}
		if i := strings.Index(n.Text, "(i?)"); i >= 0 {
			b.warn(n, "(i?) is an optional letter i: the flag that ignores case is (?i)")
		}
		id = uint32(len(b.regexps))
		b.regexps = append(b.regexps, e)
		b.reOf[n.Text] = id
	}
	return b.emit(head(opRegexp, 0, 0), b.contextID(c.context), id)
}

func compileRegexp(text string) (expression, error) {
	text = strings.ReplaceAll(text, `\/`, "/")
	if text == "" {
		return expression{}, errors.New("the regular expression is empty")
	}
	if len(text) > maxRegexp {
		return expression{}, fmt.Errorf("a regular expression has at most %d characters", maxRegexp)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		var e *syntax.Error
		if errors.As(err, &e) {
			if e.Expr != "" {
				return expression{}, fmt.Errorf("regular expression: %s in %s (the dialect is RE2: no look-around, no back-references)", e.Code, e.Expr)
			}
			return expression{}, fmt.Errorf("regular expression: %s", e.Code)
		}
		return expression{}, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return expression{}, errors.New("the regular expression is too large: use fewer or smaller repeats")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return expression{}, err
	}
	if re.MatchString("") {
		return expression{}, errors.New("the regular expression meets empty text, and so every item")
	}
	tree, _ = syntax.Parse(text, syntax.Perl)
	return expression{re, literal(tree)}, nil
}

// literal gives the longest text that stands in every match.
func literal(t *syntax.Regexp) string {
	switch t.Op {
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase != 0 {
			for _, r := range t.Rune {
				if unicode.IsLetter(r) {
					return ""
				}
			}
		}
		return string(t.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return literal(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			return literal(t.Sub[0])
		}
	case syntax.OpConcat:
		best := ""
		for _, s := range t.Sub {
			if l := literal(s); len(l) > len(best) {
				best = l
			}
		}
		return best
	}
	return ""
}
