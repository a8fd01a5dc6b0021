// Package query owns the rule language: its lexer, parser, tree and printer,
// and errors that say where in the user's file they stand. It knows nothing of
// items and does not say what a word means: package match does.
package query

import (
	"sort"
	"unicode/utf8"
)

// Source is a rule's text and where it stands in its file.
type Source struct {
	Text string
	File string
	Name string // of the value, such as "topics[0].match"

	// Runs says where the text stands; empty: position unknown.
	Runs []Run
	// Exact is false for folded and escaped scalars, whose characters cannot be
	// told apart in the file: then the scalar's place is given and the rule's
	// own column.
	Exact bool
	Lines []string // raw lines of the file, for the caret; may be nil
}

// Run says that the text from byte Offset on stands at Line:Column, character
// by character, until the next run.
type Run struct{ Offset, Line, Column int }

// Place gives the line and the column, counted in characters from 1, of a byte
// of the text in its file; 0, 0 when that is unknown.
func (s *Source) Place(offset int) (line, column int) {
	if len(s.Runs) == 0 {
		return 0, 0
	}
	if !s.Exact {
		return s.Runs[0].Line, s.Runs[0].Column
	}
	i := sort.Search(len(s.Runs), func(i int) bool { return s.Runs[i].Offset > offset })
	if i > 0 {
		i--
	}
	r := s.Runs[i]
	end := min(max(offset, r.Offset), len(s.Text))
	return r.Line, r.Column + utf8.RuneCountInString(s.Text[min(r.Offset, end):end])
}

// Op says what a node is.
type Op uint8

// The kinds of node.
const (
	Word    Op = iota + 1 // Text, Mark
	Phrase                // Text: what stood between the quotes
	Entity                // Text: the name without @
	Regexp                // Text: what stood between the slashes
	And                   // Kids
	Or                    // Kids
	Not                   // one kid
	Near                  // Kids, with a Gap between each two
	Field                 // Text: the field's name; one kid
	Case                  // one kid
	Exact                 // one kid
	Of                    // N of Kids
	AtLeast               // N hits of one kid
	First                 // one kid within the first N words
)

var opNames = [...]string{"", "word", "phrase", "entity", "regexp", "AND", "OR", "NOT", "NEAR", "field", "case", "exact", "OF", "ATLEAST", "FIRST"}

func (o Op) String() string { return opNames[o] }

// Marks of a word.
const (
	Prefix byte = '*' // every word that starts so
	Stem   byte = '~' // every word of the same stem
)

// Gap is the distance that NEAR allows between two of its kids.
type Gap struct {
	N       int
	Ordered bool // ONEAR: the left one first
}

// Node is a node of a rule's tree.
type Node struct {
	Op       Op
	Mark     byte // of a Word
	Text     string
	N        int
	Kids     []*Node
	Gaps     []Gap
	Pos, Len int // where it stands in Source.Text
}

// fields are the names before a colon, in the order in which they are shown.
var fields = []string{"title", "summary", "body", "author", "tag", "url", "source", "lang"}

// others are names that people write for a field out of habit.
var others = map[string]string{"content": "body", "text": "body", "description": "summary", "headline": "title", "link": "url",
	"category": "tag", "tags": "tag", "by": "author", "feed": "source", "site": "source", "language": "lang", "intitle": "title", "inurl": "url"}

// Meta tells fields that are compared as a whole, with * and ? for any
// characters, and hold no running words.
func Meta(field string) bool { return field == "source" || field == "lang" }

// Equal tells whether two trees are the same but for their places.
func Equal(a, b *Node) bool {
	if a.Op != b.Op || a.Mark != b.Mark || a.Text != b.Text || a.N != b.N || len(a.Kids) != len(b.Kids) || len(a.Gaps) != len(b.Gaps) {
		return false
	}
	for i := range a.Kids {
		if !Equal(a.Kids[i], b.Kids[i]) {
			return false
		}
	}
	for i := range a.Gaps {
		if a.Gaps[i] != b.Gaps[i] {
			return false
		}
	}
	return true
}
