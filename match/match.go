// Package match owns topics: it compiles their rules into a Set and tells of an
// item which of them hold, where in the text, and why. The rule language is
// match/query's, the spellings of names match/names's. It reads no clock,
// configuration or store, and does not know who is told.
//
// A Set never changes; any number of Matchers, one a goroutine, work on it. The
// same Set and the same code serve the daemon, previews, explanations and
// back-tests.
package match

import (
	"slices"
	"strings"
	"time"

	"watcher/match/query"
)

// Entity is a named list of words, used in rules as @ID.
type Entity struct {
	ID       string
	Alias    []query.Source
	Name     string   // a person, met in every spelling
	Country  string   // ISO 3166 code, met in every language
	Not      []string // words that the entity is not
	Spelling string   // strict, normal, loose; empty: normal
	Alone    bool     // the family name alone counts
	Source   query.Source
}

// Score is one part of a topic's score: Add counts where Query holds.
type Score struct {
	Add   float64
	Query query.Source
}

// Where limits a topic to items by what is known of them. Empty lists take all.
type Where struct {
	Lang, Source []string
	MaxAge       time.Duration
}

// Filter limits a topic to feeds: those with one of the ids or tags. Empty takes
// all.
type Filter struct{ IDs, Tags []string }

// Test is an item that a topic must hit, or must not.
type Test struct {
	Title, Summary, Content, Lang, Feed, Source string

	Want bool
	Pos  query.Source
}

// Topic is a rule over items, as its owner configured it.
type Topic struct {
	ID, Name, Priority string
	Match, Unless      query.Source
	Ignore             []query.Source
	Score              []Score
	Threshold          float64
	Where              Where
	Feeds              Filter
	Tests              []Test
}

// Feed is what a topic's Filter sees of a feed.
type Feed struct {
	ID   string
	Tags []string
}

// Config is all that rules are compiled from. A Set keeps its slices: they must
// not be changed afterwards.
type Config struct {
	Topics   []Topic
	Entities []Entity
	Feeds    []Feed
	// Frequency tells in which part of all items a folded word stands, from 0
	// to 1, and nothing (false) for words it does not know. It changes speed,
	// never results. Nil: a table of news words.
	Frequency func(word string) (float64, bool)
}

// Warning is what a rule's owner should look at: the rule works, but may not do
// what was meant.
type Warning struct{ query.Error }

// Fields of an item, as rules and hits name them.
const (
	Title = iota
	Summary
	Body
	Author
	Tag
	URL
	fieldCount
)

var fieldNames = [fieldCount]string{"title", "summary", "body", "author", "tag", "url"}

// inText are the fields that words without a field stand in.
const inText = 1<<Title | 1<<Summary | 1<<Body

// Set is a compiled set of topics.
type Set struct {
	topics   []Topic
	entities []Entity
	byID     []uint32 // the topics' numbers in the order of their ids
	config   Config

	program
	dictionary
	postings
	sieve     sieve
	seed      uint64 // of the hashes of words: no feed can foresee it
	filters   []filter
	feedIndex map[string]int

	shown  []label  // by topic: what records say of it
	root   []uint32 // by topic: its match, or 0 for a topic that never hits
	filter []uint32 // by topic; nil: none has one
	extra  []uint32 // by topic: what comes after match, 0: nothing; nil: none has
	extras []extra
	leaves []leaf // those that topics have beyond the first few; one of none before
	gates  []gate
}

// label is what records say of a topic: 64 bytes, which memory gives at once.
// Topics that hit an item lie far apart, so each look at one of them waits.
type label struct {
	id, rule string
	few      [fewLeaves]leaf // its first leaves
	more     uint32          // where the others are in the set's
	count    uint32          // of all of them
}

const fewLeaves = 2

// leaf gives the leaf i of a topic, in the order of its rule.
func (s *Set) leaf(t, i uint32) *leaf {
	x := &s.shown[t]
	if i < fewLeaves {
		return &x.few[i]
	}
	return &s.leaves[x.more+i-fewLeaves]
}

// extra is what a topic asks beyond its match.
type extra struct {
	unless    uint32
	threshold float64
	score     []scorePart
}

type scorePart struct {
	add float64
	ref uint32
}

// leaf is a word, phrase, entity or expression of a topic's match that must be
// found, with its place in the rule's text.
type leaf struct {
	ref      uint32
	pos, len uint16 // 0, 0: beyond what they can say
	gate     uint32 // what must hold for the leaf's hits to count, 0: nothing; with it isEntity, mayRepeat and the side of a NEAR
}

const (
	sideShift = 24
	isEntity  = 1 << 23
	mayRepeat = 1 << 22 // what the leaf finds may be shown already
	gateMask  = mayRepeat - 1
)

type gate struct{ ref, parent uint32 }

// Topics gives the topics of the set, in their order.
func (s *Set) Topics() []Topic { return s.topics }

// Topic gives the number of a topic by its id.
func (s *Set) Topic(id string) (int, bool) {
	k, ok := slices.BinarySearchFunc(s.byID, id, func(i uint32, id string) int { return strings.Compare(s.topics[i].ID, id) })
	if !ok {
		return 0, false
	}
	return int(s.byID[k]), true
}
