package story

import "time"

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
	BodyWords  int     // words of the text that count; news says first what happened
	ItemTerms  int
	StoryTerms int

	// How alike an item and a story are.
	TitleCos float64       // weight of headline against headlines
	Fade     time.Duration // likeness falls to 1/e over this silence
	Growth   float64       // taken off per ln of the story's size: large stories attract
	Short    float64       // added per ln of 40 over the item's terms: short texts share few words
	Crowd    float64       // taken off per ln of the stories at hand over 100: more chances of a false one
	Same     float64       // from here on: the same story
	Related  float64       // from here on: a new story, linked

	Merge float64 // two stories as alike as this are one
	Split float64 // two halves of a story less alike than this are two

	// The active window.
	Silence    time.Duration // a story silent for so long leaves memory
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
		TitleWord: 1.5, TitlePair: .75, BodyWord: 1.25, BodyPair: .3, LeadFactor: 1.1, Rarity: .4, BodyWords: 150, ItemTerms: 160, StoryTerms: 400,
		Fade: 7 * 24 * time.Hour, Growth: .017, Short: .12, Crowd: .02, Same: .32, Related: .22, Merge: .55, Split: .1,
		Silence: 14 * 24 * time.Hour, Window: 30 * 24 * time.Hour, MaxStories: 100_000, Probes: 40, Posts: 256, Exact: 14,
		Copy: .5, Shares: .2, MinHits: 3,
	}
}
