// Package story puts items that tell the same news into one story: it knows
// copies by the text they share, other tellings by their words, and what a
// later item adds to a known story. It explains each decision, takes
// corrections by hand and keeps to them.
//
// It is pure: no clock, no store, no topics. Its caller hands it items in order
// of arrival and keeps the records that it gives back; the same items in the
// same order make the same stories, with a restart in the middle too.
package story

import (
	"container/heap"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
)

// Kind says what an item is to its story.
type Kind string

// The kinds of decision.
const (
	First   Kind = "new"     // starts a story
	Copy    Kind = "copy"    // the text of another item
	Same    Kind = "same"    // another telling of a known story
	Update  Kind = "update"  // known story, something new in it
	Related Kind = "related" // starts a story that stands near another one
)

// Decision says where an item went and why.
type Decision struct {
	Item    string
	Story   string
	Kind    Kind
	Of      string // item that it copies
	Score   float64
	Why     Why
	Related string // story near by, for Related
	// Wire says whose text this is when it is not the publisher's own: an agency
	// that it credits, or the publisher of the item that it copies.
	Wire string
}

// printTerms are what a story takes of an item's vector, and what its print
// keeps; the others bound what a story keeps of its headlines and names.
const (
	printTerms = 64
	titleTerms = 120
	maxNames   = 60
)

// Grouper holds the active stories and the prints of the window. It is not safe
// for concurrent use: one at a time decides, in order of arrival.
type Grouper struct {
	p       Params
	langs   *languages
	lex     *lexicon
	bg      *background
	index   *index
	probe   *probe
	room    [3][]token  // of the words of one item
	rare    vector      // of the rarities of these
	near    []candidate // of those of one item
	prints  *prints
	stories map[int32]*cluster
	byID    map[string]*cluster
	aliases map[string]string
	days    map[int64]int // day of last item -> active stories
	queue   queue         // of what falls silent next
	fading  queue         // of what leaves the index next
	indexed int           // stories in the index
	clock   int64         // latest item
	next    int32         // number of the next story
	journal *journal

	readBack func(items []string) ([]PrintRecord, error) // nil: prints keep their words
	lent     []*print                                    // that have words since the last Commit, borrowed
}

// cluster is one story in memory.
type cluster struct {
	number      int32
	id          string
	vec, title  vector
	norm, tnorm float64
	size        int
	first, last int64
	langs       uint32
	names       []uint32
	figures     []figure
	events      []string
	labels      []uint32 // of its headlines, sorted
	days        weekdays // that its items name
	byHand      bool     // a person merged or split it: a review leaves it whole
	apart       []string // stories that a person said are other ones
	from, upto  int32    // the prints that it is the sum of
	whole       bool     // it is more than that: its record holds its words

	indexed bool
	seat    int32   // of the index
	posts   []int32 // of the index: where the postings of its words stand
}

// New gives an empty Grouper.
func New(p Params) *Grouper {
	return &Grouper{p: p, langs: newLanguages(), lex: newLexicon(), bg: shipped(), index: newIndex(shipped()), probe: newProbe(), prints: newPrints(int64(p.Window / time.Second)),
		stories: map[int32]*cluster{}, byID: map[string]*cluster{}, aliases: map[string]string{}, days: map[int64]int{}, next: 1, journal: newJournal()}
}

// Add decides on an item.
func (g *Grouper) Add(it Item) Decision {
	d := g.read(it)
	d.print.number = g.prints.next
	g.tick(d.print.at)
	g.weigh(d)
	dec := g.decide(d)
	d.print.story = dec.Story
	if v := d.print.voice; v != "" && v != strings.ToLower(it.Publisher) && it.Kind != feeds.Aggregator {
		dec.Wire = v
	}
	g.journal.print(d.print)
	g.prints.add(d.print)
	return dec
}

// decide tries the three steps in order: the same text, a shared text, the same
// words.
func (g *Grouper) decide(d *document) Decision {
	dec := Decision{Item: d.item.ID}
	if p := g.identical(d); p != nil {
		s := g.storyOf(p, d)
		g.join(s, d)
		d.speaks(p)
		dec.Story, dec.Kind, dec.Of, dec.Score = s.id, Copy, p.item, 1
		dec.Why = Why{Step: "identity", Keys: []string{"text"}, Share: 1, Threshold: 1}
		return dec
	}
	m, common := g.prints.find(d.shingles, d.print, g.p.MinHits, g.p.Copy)
	d.common = common
	if m.print != nil && g.isCopy(d, m) && !apartByLabel(d.print.labels, m.print.labels) {
		s := g.storyOf(m.print, d)
		d.print.story = s.id
		dev := g.ofCopy(d, m, s)
		d.speaks(append(m.all, m.print)...)
		dec.Story, dec.Kind, dec.Of, dec.Score = s.id, Copy, m.print.item, m.share
		dec.Why = Why{Step: "shared text", Share: round(m.share), Threshold: g.p.Copy}
		if dev.any() {
			dec.Kind = Update
			dec.Why.develops(dev)
		}
		g.join(s, d)
		return dec
	}
	best, second := g.best(d, m)
	dec.Why = g.explain(d, best, second, m)
	dec.Score = round(best.score)
	if best.s != nil && best.score >= g.p.Same && (d.another(best.s) || m.share < g.p.Shares && d.thin(best.s)) {
		best.score = max(g.p.Related, g.p.Same-.01) // near it, and no more
		dec.Score, dec.Why.Score = round(best.score), round(best.score)
	}
	if best.s != nil && best.score >= g.p.Same {
		dec.Story, dec.Kind = best.s.id, Same
		if dev := g.ofStory(d, best.s); dev.any() {
			dec.Kind = Update
			dec.Why.develops(dev)
		}
		g.join(best.s, d)
		return dec
	}
	dec.Kind = First
	s := g.start(d)
	dec.Story = s.id
	if best.s != nil && best.score >= g.p.Related {
		dec.Kind, dec.Related = Related, best.s.id
	}
	return dec
}

// speaks gives a copy the voice of the oldest of the texts that it copies, so
// that all of them count as one.
func (d *document) speaks(originals ...*print) {
	oldest := int32(math.MaxInt32)
	for _, p := range originals {
		if p.voice != "" && p.number < oldest {
			d.print.voice, oldest = p.voice, p.number
		}
	}
}

// identical finds an item with the same headline and text. A headline alone
// comes again ("Morning briefing"), so it is trusted for three days only.
func (g *Grouper) identical(d *document) *print {
	p := g.prints.get(g.prints.byText[d.print.text])
	if p == nil || len(d.title)+len(d.body) < 4 || abs(d.print.at-p.at) > g.prints.window {
		return nil
	}
	if len(d.body) < ownText && abs(d.print.at-p.at) > 3*24*3600 {
		return nil
	}
	return p
}

// isCopy tells a copy from a text that quotes another: a short text found
// somewhere inside a long one is a part of a round-up.
func (g *Grouper) isCopy(d *document, m match) bool {
	if m.share < g.p.Copy {
		return false
	}
	if len(d.shingles) < 6 { // a headline
		return m.share >= .8 && abs(d.print.at-m.print.at) <= 3*24*3600
	}
	if len(d.print.shingles) > 4*len(m.print.shingles) {
		for i := range d.shingles[:min(len(d.shingles), 60)] {
			if !d.common[i] && m.print.has(d.shingles[i]) {
				return true
			}
		}
		return false
	}
	return true
}

// storyOf gives the story of a print. One that left memory comes back under its
// old id.
func (g *Grouper) storyOf(p *print, d *document) *cluster {
	id := g.alias(p.story)
	if s := g.byID[id]; s != nil {
		return s
	}
	return g.create(id, d)
}

// start makes a new story of an item. Its id follows from the item, so that
// replicas and restarts agree.
func (g *Grouper) start(d *document) *cluster {
	key := d.item.Feed + "\x00" + d.item.ID
	id := storyID(hourOf(d.print.at), key)
	for g.byID[id] != nil || g.aliases[id] != "" {
		key += "\x00"
		id = storyID(hourOf(d.print.at), key)
	}
	s := g.create(id, d)
	g.join(s, d)
	return s
}

func (g *Grouper) create(id string, d *document) *cluster {
	s := &cluster{number: g.next, id: id, first: d.print.at, last: d.print.at, from: d.print.number}
	g.next++
	g.journal.story(g, s.id)
	g.insert(s)
	return s
}

// join adds an item to a story.
func (g *Grouper) join(s *cluster, d *document) {
	g.journal.story(g, s.id)
	g.take(s, d.print)
	s.upto = d.print.number
	s.whole = s.whole || s.last-s.first > int64(g.p.Window-g.p.Silence-2*feeds.Believed)/int64(time.Second) // its prints go before it does
	s.langs |= d.lang.bit
	s.names = union(s.names, d.names, maxNames)
	slices.Sort(s.names)
	for _, f := range d.heads {
		if f.noun != 0 && !s.knows(f) {
			s.figures = append(s.figures, f)
			if len(s.figures) > maxFigures {
				s.figures = s.figures[1:]
			}
		}
	}
	for _, v := range d.events {
		if !slices.Contains(s.events, v) {
			s.events = append(s.events, v)
		}
	}
}

// take adds the words and the time of a print to a story and its index.
func (g *Grouper) take(s *cluster, p *print) {
	before := s.vec
	g.add(s, p)
	s.size++
	s.days |= p.days
	s.labels = union(s.labels, p.labels, maxLabels)
	slices.Sort(s.labels)
	if s.indexed {
		g.index.change(s, before)
	}
	first, last := min(s.first, p.at), max(s.last, p.at)
	if last != s.last {
		g.days[day(s.last)]--
		g.days[day(last)]++
		heap.Push(&g.queue, due{last, s.number})
		if s.indexed {
			heap.Push(&g.fading, due{last, s.number})
		}
	}
	s.first, s.last = first, last
	g.reach(s)
}

// add adds the words of a print to those of a story.
func (g *Grouper) add(s *cluster, p *print) {
	s.vec = slices.Clone(sum(s.vec, p.vec, 1, g.p.StoryTerms)) // without the spare room
	s.title = slices.Clone(sum(s.title, p.title, 1, titleTerms))
	s.norm, s.tnorm = s.vec.norm(), s.title.norm()
}

func (s *cluster) knows(f figure) bool {
	for _, k := range s.figures {
		if k.noun == f.noun && k.value == f.value {
			return true
		}
	}
	return false
}

// alias follows merges to the id that a story has now.
func (g *Grouper) alias(id string) string {
	for range 100 {
		to, ok := g.aliases[id]
		if !ok {
			break
		}
		id = to
	}
	return id
}

// Active tells how many stories and prints are in memory.
func (g *Grouper) Active() (stories, prints int) { return len(g.stories), g.prints.count }

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// Stories lists the ids of the active stories, oldest first.
func (g *Grouper) Stories() []string {
	var ids []string
	for _, n := range slices.Sorted(maps.Keys(g.stories)) {
		ids = append(ids, g.stories[n].id)
	}
	return ids
}
