package story

import (
	"fmt"
	"time"
)

// Params are the numbers that grouping turns on. Default gives the one set that
// is shipped; every measurement is made with it.
type Params struct {
	// The vector of an item.
	TitleWord  float64 // weight of a headline's word
	TitlePair  float64 // of two neighbouring words of a headline
	BodyWord   float64 // of a word of the text, times 1+ln of how often it stands
	BodyPair   float64
	LeadFactor float64 // what a word among the first 30 of the text counts more
	Rarity     float64 // exponent of the inverse document frequency: short texts are misled by rare words
	Adapt      float64 // items of the background that an active story counts for: what all of them say tells none apart
	BodyWords  int     // words of the text that count; news says first what happened
	ItemTerms  int
	StoryTerms int

	// How alike an item and a story are: from 0 to 1, by scoreWeights.
	Same    float64 // from here on: the same story
	Related float64 // from here on: a new story, linked

	// The review.
	Fade  time.Duration // likeness of two stories falls to 1/e over this silence
	Merge float64       // two stories as alike as this are one
	Split float64       // two halves of a story less alike than this are two

	// The active window.
	Silence    time.Duration // a story silent for so long leaves memory
	Reach      time.Duration // after this silence no words bring an item to a story, only copies
	Window     time.Duration // so long are texts remembered for copies
	MaxStories int           // at most so many stories are active
	Probes     int
	Posts      int
	Exact      int // best candidates that are scored exactly

	// Copies.
	Copy    float64 // share of the shorter text found in the other
	Shares  float64 // from here on, a shared text is evidence for the story
	MinHits int     // shingles in common that make a candidate
}

// Default gives the shipped parameters.
func Default() Params {
	return Params{
		TitleWord: 1.54, TitlePair: .84, BodyWord: 1.25, BodyPair: .3, LeadFactor: 1.3, Rarity: .363, Adapt: 50, BodyWords: 80, ItemTerms: 160, StoryTerms: 320,
		Same: .5, Related: .2, Fade: 7 * 24 * time.Hour, Merge: .55, Split: .1,
		Silence: 14 * 24 * time.Hour, Reach: 5 * 24 * time.Hour, Window: 30 * 24 * time.Hour, MaxStories: 15_000, Probes: 24, Posts: 48, Exact: 8,
		Copy: .5, Shares: .2, MinHits: 3,
	}
}

// Preset gives the parameters by the name of what matters most: "balanced" is
// Default; "fewer-alerts" puts more into one story, "miss-nothing" less.
func Preset(name string) (Params, error) {
	p := Default()
	switch name {
	case "", "balanced":
	case "fewer-alerts":
		p.Same = .35
	case "miss-nothing":
		p.Same = .7
	default:
		return p, fmt.Errorf("unknown preset %q: balanced, fewer-alerts or miss-nothing", name)
	}
	return p, nil
}
