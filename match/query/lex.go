package query

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	tEOF kind = iota
	tWord
	tPhrase
	tEntity
	tRegexp
	tField
	tCase
	tExact
	tOpen
	tClose
	tComma
	tAnd
	tOr
	tNot
	tNear
	tONear
	tOf
	tAtLeast
	tFirst
)

type token struct {
	kind     kind
	pos, end int
	text     string
	n        int
}

// operand tells tokens that start an operand.
func (t token) operand() bool {
	return t.kind >= tWord && t.kind <= tOpen || t.kind == tAtLeast || t.kind == tFirst
}

// MaxNear is the greatest distance that NEAR and FIRST take.
const MaxNear = 1 << 16

// lex reads one token. Mistakes are noted, and what comes closest is given.
func (p *Parser) lex() token {
	s := p.text
	for p.at < len(s) {
		c := s[p.at]
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' && p.phrases && p.list == 0 {
			p.at++
			continue
		}
		r, w := utf8.DecodeRuneInString(s[p.at:])
		if !unicode.IsSpace(r) {
			break
		}
		p.at += w
	}
	start := p.at
	if start >= len(s) {
		return token{kind: tEOF, pos: len(s), end: len(s)}
	}
	one := func(k kind) token {
		p.at++
		return token{kind: k, pos: start, end: p.at}
	}
	switch c := s[start]; {
	case c == '(':
		return one(tOpen)
	case c == ')':
		return one(tClose)
	case c == ',':
		return one(tComma)
	case c == '=':
		return one(tExact)
	case c == '"':
		return p.quoted(start, start+1, `"`)
	case strings.HasPrefix(s[start:], "“"), strings.HasPrefix(s[start:], "„"):
		return p.quoted(start, start+len("“"), `"”“`)
	case strings.HasPrefix(s[start:], "”"):
		p.at += len("”")
		p.fail(start, len("”"), "this quote closes nothing")
		return p.lex()
	case c == '/':
		return p.regexp(start)
	}
	return p.word(start)
}

// quoted reads a phrase up to one of the closing marks.
func (p *Parser) quoted(start, from int, closing string) token {
	i := strings.IndexAny(p.text[from:], closing)
	if i < 0 {
		p.at = len(p.text)
		p.fail(start, 1, `the quote is not closed: put " at the end of the phrase`)
		return token{kind: tPhrase, pos: start, end: p.at, text: squeeze(p.text[from:])}
	}
	_, w := utf8.DecodeRuneInString(p.text[from+i:])
	p.at = from + i + w
	return token{kind: tPhrase, pos: start, end: p.at, text: squeeze(p.text[from : from+i])}
}

// squeeze makes runs of white space one blank and takes quotes off.
func squeeze(s string) string {
	if !strings.ContainsAny(s, "\"\n\t\r\u00a0") && !strings.Contains(s, "  ") && s != "" && s[0] != ' ' && s[len(s)-1] != ' ' {
		return s
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(s, `"`, " ")), " ")
}

func (p *Parser) regexp(start int) token {
	for i := start + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '/':
			p.at = i + 1
			for p.at < len(p.text) && unicode.IsLetter(rune(p.text[p.at])) {
				p.at++
			}
			if p.at > i+1 {
				p.fail(i+1, p.at-i-1, fmt.Sprintf("letters after a regular expression: flags stand inside, as in /(?%s)…/", p.text[i+1:p.at]))
			}
			return token{kind: tRegexp, pos: start, end: p.at, text: p.text[start+1 : i]}
		}
	}
	p.at = len(p.text)
	p.fail(start, 1, "the regular expression is not closed: put / at its end")
	return token{kind: tRegexp, pos: start, end: p.at, text: p.text[start+1:]}
}

// stops ends a bare word.
func stops(r rune) bool {
	return r == '(' || r == ')' || r == '"' || r == ',' || r == '“' || r == '”' || r == '„' || unicode.IsSpace(r)
}

func (p *Parser) word(start int) token {
	s := p.text
	end, colon := start, -1
	for end < len(s) {
		c := s[end]
		if c >= utf8.RuneSelf {
			r, w := utf8.DecodeRuneInString(s[end:])
			if stops(r) {
				break
			}
			end += w
			continue
		}
		if stops(rune(c)) {
			break
		}
		if c == ':' && colon < 0 && end > start {
			if t, ok := p.prefix(start, end); ok {
				return t
			}
			colon = end
		}
		end++
	}
	p.at = end
	text := s[start:end]
	t := token{kind: tWord, pos: start, end: end, text: text}
	if text[0] == '@' {
		t.kind, t.text = tEntity, text[1:]
		if t.text == "" {
			p.fail(start, 1, "@ needs the name of an entity after it")
		}
		return t
	}
	p.operator(&t)
	return t
}

// prefix reads `title:` and `case:`. A word before a colon that is no field is
// a mistake; digits before a colon are a time of day.
func (p *Parser) prefix(start, colon int) (token, bool) {
	name := p.text[start:colon]
	for i := 0; i < len(name); i++ {
		if c := name[i] | 0x20; c < 'a' || c > 'z' {
			return token{}, false
		}
	}
	t := token{kind: tField, pos: start, end: colon + 1, text: name}
	p.at = colon + 1
	if name == "case" {
		t.kind = tCase
		return t, true
	}
	for _, f := range fields {
		if f == name {
			return t, true
		}
	}
	msg := fmt.Sprintf("unknown field %q", name)
	if o := others[strings.ToLower(name)]; o != "" {
		msg += fmt.Sprintf(", did you mean %q?", o)
	} else if near := DidYouMean(name, append([]string{"case"}, fields...)); near != "" {
		msg += near
	} else {
		msg += ": the fields are " + strings.Join(fields, ", ") + "; a colon in a word needs quotes"
	}
	p.fail(start, colon-start, msg)
	t.text = "title"
	return t, true
}

// operator makes a word that is an operator one.
func (p *Parser) operator(t *token) {
	name, number, slash := strings.Cut(t.text, "/")
	switch name {
	case "AND", "OR", "NOT", "OF":
		if slash {
			return
		}
		t.kind = map[string]kind{"AND": tAnd, "OR": tOr, "NOT": tNot, "OF": tOf}[name]
		return
	case "NEAR":
		t.kind = tNear
	case "ONEAR":
		t.kind = tONear
	case "ATLEAST":
		t.kind = tAtLeast
	case "FIRST":
		t.kind = tFirst
	default:
		return
	}
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 1:
		p.fail(t.pos, t.end-t.pos, fmt.Sprintf("%s needs a number, such as %s/%d", name, name, map[kind]int{tNear: 10, tONear: 10, tAtLeast: 3, tFirst: 60}[t.kind]))
		n = 1
	case n > MaxNear:
		p.fail(t.pos, t.end-t.pos, fmt.Sprintf("%s takes at most %d", name, MaxNear))
		n = MaxNear
	}
	t.n = n
}
